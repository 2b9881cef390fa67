//! The map as it stands in a file, and the checks on its way in.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{
    Acknowledge, Bit, Contacts, LeafCodes, LeafPoint, MapError, Number, ORDERS, RegisterMap,
    StatusMap, Table, Value, Write,
};
use crate::words::Order;

/// The longest write of registers that one message carries (Modbus application protocol V1.1b3, section 6.12).
const LONGEST_WRITE: usize = 123;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    unit: u8,
    #[serde(default)]
    gap: u16,
    heartbeat: Option<Point>,
    commands: BTreeMap<String, Vec<RawWrite>>,
    acknowledge: Option<RawAcknowledge>,
    status: RawStatus,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Point {
    table: Table,
    address: u16,
    bit: Option<u8>,
    #[serde(default)]
    inverted: bool,
    divide: Option<u16>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawWrite {
    table: Table,
    address: u16,
    values: Vec<RawValue>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum RawValue {
    Number(i64),
    Word(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAcknowledge {
    ticket: Point,
    verdict: Point,
    accepted: u16,
    #[serde(default)]
    refused: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLeaf {
    table: Table,
    address: u16,
    closed: u16,
    opening: u16,
    open: u16,
    closing: u16,
    between: Option<u16>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawStatus {
    leaf: Option<RawLeaf>,
    leaf_open: Option<Point>,
    leaf_closed: Option<Point>,
    passed: Option<Point>,
    battery: Option<Point>,
    fault: Option<Point>,
    firmware: Option<Point>,
    obstruction: Option<Point>,
    entry_beam: Option<Point>,
    exit_beam: Option<Point>,
    tailgate: Option<Point>,
    forced: Option<Point>,
    wrong_way: Option<Point>,
    evacuation: Option<Point>,
    mains: Option<Point>,
}

fn invalid(
    key: impl Into<String>,
    problem: impl Into<String>,
    cure: impl Into<String>,
) -> MapError {
    MapError::Invalid {
        key: key.into(),
        problem: problem.into(),
        cure: cure.into(),
    }
}

pub(super) fn parse(text: &str) -> Result<RegisterMap, MapError> {
    let file: File = toml::from_str(text).map_err(Box::new)?;
    if !(1..=247).contains(&file.unit) {
        return Err(invalid(
            "unit",
            format!("is {}", file.unit),
            "a Modbus unit address is 1 to 247",
        ));
    }
    let map = RegisterMap {
        name: file.name,
        unit: file.unit,
        gap: file.gap,
        heartbeat: file.heartbeat.map(heartbeat).transpose()?,
        commands: commands(file.commands)?,
        acknowledge: file.acknowledge.map(acknowledge).transpose()?,
        status: status(file.status)?,
    };
    together(&map)?;
    Ok(map)
}

fn heartbeat(point: Point) -> Result<u16, MapError> {
    if point.table != Table::Holding {
        return Err(invalid(
            "heartbeat.table",
            format!("is \"{}\"", point.table),
            "the heartbeat is a number that is written: use a \"holding\" register, or leave heartbeat out",
        ));
    }
    Ok(number("heartbeat", point)?.address)
}

fn commands(raw: BTreeMap<String, Vec<RawWrite>>) -> Result<BTreeMap<Order, Vec<Write>>, MapError> {
    let mut commands = BTreeMap::new();
    for (name, writes) in raw {
        let key = format!("commands.{name}");
        let Some(order) = ORDERS.into_iter().find(|order| order.key() == name) else {
            let known: Vec<_> = ORDERS.iter().map(|order| order.key()).collect();
            return Err(invalid(
                key,
                "is not a command",
                format!("the commands are {}", known.join(", ")),
            ));
        };
        if writes.is_empty() {
            return Err(invalid(
                key,
                "writes nothing",
                "leave the command out where the device does not know it",
            ));
        }
        let writes = writes
            .into_iter()
            .map(|raw| write(&key, raw))
            .collect::<Result<_, _>>()?;
        commands.insert(order, writes);
    }
    for needed in [Order::Open, Order::Close] {
        if !commands.contains_key(&needed) {
            return Err(invalid(
                format!("commands.{needed}"),
                "is missing",
                "say what to write, for instance [{ table = \"coil\", address = 0, values = [1] }]",
            ));
        }
    }
    Ok(commands)
}

fn write(key: &str, raw: RawWrite) -> Result<Write, MapError> {
    if !raw.table.is_writable() {
        return Err(invalid(
            format!("{key}.table"),
            format!("is \"{}\", which cannot be written", raw.table),
            "use \"coil\" or \"holding\"",
        ));
    }
    let key = format!("{key}.values");
    if raw.values.is_empty() || raw.values.len() > LONGEST_WRITE {
        return Err(invalid(
            key,
            format!("has {} entries", raw.values.len()),
            format!("one message carries 1 to {LONGEST_WRITE}; write several messages for more"),
        ));
    }
    if usize::from(raw.address) + raw.values.len() > 1 << 16 {
        return Err(invalid(
            key,
            "runs past address 65535",
            "start lower or write fewer values",
        ));
    }
    let largest = if raw.table == Table::Coil {
        1
    } else {
        u16::MAX
    };
    let value = |raw_value: &RawValue| match raw_value {
        RawValue::Number(number) => match u16::try_from(*number) {
            Ok(number) if number <= largest => Ok(Value::Number(number)),
            Ok(_) | Err(_) => Err(invalid(
                key.clone(),
                format!("holds {number}"),
                format!("a {} takes 0 to {largest}", raw.table),
            )),
        },
        RawValue::Word(word) if word == "persons" && raw.table == Table::Holding => {
            Ok(Value::Persons)
        }
        RawValue::Word(word) if word == "ticket" && raw.table == Table::Holding => {
            Ok(Value::Ticket)
        }
        RawValue::Word(word) => Err(invalid(
            key.clone(),
            format!("holds \"{word}\""),
            "the words are \"persons\" and \"ticket\", and they go into holding registers only",
        )),
    };
    let values = raw.values.iter().map(value).collect::<Result<_, _>>()?;
    Ok(Write {
        table: raw.table,
        address: raw.address,
        values,
    })
}

fn acknowledge(raw: RawAcknowledge) -> Result<Acknowledge, MapError> {
    let mut refused = BTreeMap::new();
    for (code, meaning) in raw.refused {
        let key = format!("acknowledge.refused.{code}");
        let code: u16 = code
            .parse()
            .map_err(|_| invalid(key.clone(), "is not a number", "a verdict is 0 to 65535"))?;
        if code == raw.accepted {
            return Err(invalid(
                key,
                "is also the accepted verdict",
                "leave it out or change acknowledge.accepted",
            ));
        }
        refused.insert(code, meaning);
    }
    Ok(Acknowledge {
        ticket: number("acknowledge.ticket", raw.ticket)?,
        verdict: number("acknowledge.verdict", raw.verdict)?,
        accepted: raw.accepted,
        refused,
    })
}

fn status(raw: RawStatus) -> Result<StatusMap, MapError> {
    let leaf = match (raw.leaf, raw.leaf_open, raw.leaf_closed) {
        (Some(codes), None, None) => LeafPoint::Codes(leaf_codes(&codes)?),
        (None, Some(open), Some(closed)) => LeafPoint::Contacts(Contacts {
            open: bit("status.leaf_open", open)?,
            closed: bit("status.leaf_closed", closed)?,
        }),
        _ => {
            return Err(invalid(
                "status.leaf",
                "is not said, or said twice",
                "give either leaf (a register of codes) or both leaf_open and leaf_closed (end switches)",
            ));
        }
    };
    let numbers = |key: &str, point: Option<Point>| {
        point
            .map(|p| number(&format!("status.{key}"), p))
            .transpose()
    };
    let bits = |key: &str, point: Option<Point>| {
        point.map(|p| bit(&format!("status.{key}"), p)).transpose()
    };
    Ok(StatusMap {
        leaf,
        passed: numbers("passed", raw.passed)?,
        battery: numbers("battery", raw.battery)?,
        fault: numbers("fault", raw.fault)?,
        firmware: numbers("firmware", raw.firmware)?,
        obstruction: bits("obstruction", raw.obstruction)?,
        entry_beam: bits("entry_beam", raw.entry_beam)?,
        exit_beam: bits("exit_beam", raw.exit_beam)?,
        tailgate: bits("tailgate", raw.tailgate)?,
        forced: bits("forced", raw.forced)?,
        wrong_way: bits("wrong_way", raw.wrong_way)?,
        evacuation: bits("evacuation", raw.evacuation)?,
        mains: bits("mains", raw.mains)?,
    })
}

fn leaf_codes(raw: &RawLeaf) -> Result<LeafCodes, MapError> {
    let point = Point {
        table: raw.table,
        address: raw.address,
        bit: None,
        inverted: false,
        divide: None,
    };
    let mut codes = vec![raw.closed, raw.opening, raw.open, raw.closing];
    codes.extend(raw.between);
    codes.sort_unstable();
    if codes.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(invalid(
            "status.leaf",
            "gives one code to two positions",
            "give each position its own code",
        ));
    }
    Ok(LeafCodes {
        number: number("status.leaf", point)?,
        closed: raw.closed,
        opening: raw.opening,
        open: raw.open,
        closing: raw.closing,
        between: raw.between,
    })
}

fn number(key: &str, point: Point) -> Result<Number, MapError> {
    if point.table.is_bits() {
        return Err(invalid(
            format!("{key}.table"),
            format!("is \"{}\", which holds single bits", point.table),
            "a number stands in an \"input\" or \"holding\" register",
        ));
    }
    if point.bit.is_some() || point.inverted {
        return Err(invalid(key, "is a number", "take `bit` and `inverted` out"));
    }
    match point.divide {
        Some(0) => Err(invalid(
            format!("{key}.divide"),
            "is 0",
            "use 1 or more, or leave it out",
        )),
        divide => Ok(Number {
            table: point.table,
            address: point.address,
            divide: divide.unwrap_or(1),
        }),
    }
}

fn bit(key: &str, point: Point) -> Result<Bit, MapError> {
    if point.divide.is_some() {
        return Err(invalid(
            format!("{key}.divide"),
            "belongs to numbers",
            "take it out: this is a yes or no",
        ));
    }
    match (point.table.is_bits(), point.bit) {
        (true, Some(_)) => Err(invalid(
            format!("{key}.bit"),
            format!("makes no sense in \"{}\"", point.table),
            "take it out: each address is one bit already",
        )),
        (false, None) => Err(invalid(
            format!("{key}.bit"),
            "is missing",
            "say which bit of the register it is, 0 to 15",
        )),
        (false, Some(bit)) if bit > 15 => Err(invalid(
            format!("{key}.bit"),
            format!("is {bit}"),
            "a register has the bits 0 to 15",
        )),
        (_, bit) => Ok(Bit {
            table: point.table,
            address: point.address,
            bit,
            inverted: point.inverted,
        }),
    }
}

/// Checks that concern several keys at once.
fn together(map: &RegisterMap) -> Result<(), MapError> {
    let mut tickets = false;
    for (order, writes) in &map.commands {
        for write in writes {
            tickets |= write.values.contains(&Value::Ticket);
            let end = usize::from(write.address) + write.values.len();
            let beaten = map
                .heartbeat
                .map(usize::from)
                .filter(|_| write.table == Table::Holding);
            if beaten.is_some_and(|beat| (usize::from(write.address)..end).contains(&beat)) {
                return Err(invalid(
                    format!("commands.{order}"),
                    "writes the heartbeat register",
                    "give the heartbeat a register of its own",
                ));
            }
        }
    }
    match (tickets, &map.acknowledge) {
        (true, None) => Err(invalid(
            "acknowledge",
            "is missing, but a command writes \"ticket\"",
            "say where the controller reports the ticket it dealt with, or write a number instead",
        )),
        (false, Some(_)) => Err(invalid(
            "acknowledge",
            "is there, but no command writes \"ticket\"",
            "write \"ticket\" with the commands, or take acknowledge out",
        )),
        (true, Some(_)) | (false, None) => Ok(()),
    }
}
