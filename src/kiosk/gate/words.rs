//! What the gate says, in words.

use gate::{Alarm, Beam, Evacuation, Leaf, LinkError, Mains, Obstruction, RegisterMap, Status};
use serde_json::{Map, Value};

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    /// The gate serves, and it is to be seen to.
    Warning,
    /// The gate does not serve.
    Fault,
}

/// Something about a gate that is to be seen to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Attention {
    pub(crate) weight: Weight,
    pub(crate) what: String,
    pub(crate) cure: &'static str,
}

/// What is to be seen to, the gravest first.
pub(crate) fn attention(status: &Status) -> Vec<Attention> {
    let fault = status
        .fault
        .map_or_else(String::new, |fault| format!("fault {fault}"));
    let raised = [
        (
            status.fault.is_some(),
            fault.as_str(),
            "look it up in the controller's manual, mend its cause and clear it",
        ),
        (
            status.mains == Mains::Lost,
            "it runs on its battery",
            "bring the mains back",
        ),
        (
            status.evacuation == Evacuation::On,
            "evacuation is on",
            "put the fire input to rest",
        ),
        (
            status.obstruction == Obstruction::Blocked,
            "something is in the leaf's way",
            "clear the passage",
        ),
        (
            status.entry_beam == Beam::Broken,
            "the entry beam is broken",
            "clear the passage, clean the sensor",
        ),
        (
            status.exit_beam == Beam::Broken,
            "the exit beam is broken",
            "clear the passage, clean the sensor",
        ),
        (
            status.forced == Alarm::Raised,
            "the leaf was forced",
            "look at the leaf; the next opening ends the alarm",
        ),
        (
            status.tailgate == Alarm::Raised,
            "tailgating alarm",
            "the next opening ends it",
        ),
        (
            status.wrong_way == Alarm::Raised,
            "wrong-way alarm",
            "the next opening ends it",
        ),
    ];
    raised
        .into_iter()
        .enumerate()
        .filter(|(_, (raised, ..))| *raised)
        .map(|(rank, (_, what, cure))| Attention {
            weight: if rank < 2 {
                Weight::Fault
            } else {
                Weight::Warning
            },
            what: what.to_owned(),
            cure,
        })
        .collect()
}

/// What to do about a link that fails.
pub(crate) fn cure(error: &LinkError) -> &'static str {
    match error {
        // The serial library's only word for a port that another program has locked.
        LinkError::Open { source, .. } if source.to_string().contains("exclusive lock") => {
            "another program has the port: end it (a lane, or another `kiosk gate`)"
        }
        LinkError::Open { .. } => {
            "plug the adapter in, compare its udev name with `gate.port`, and see that its udev rule gives it to the lane's user"
        }
        LinkError::Babbling { .. } => {
            "look for a second master on the bus, and compare baud rate and parity"
        }
        LinkError::Silent { .. } => {
            "check the controller's power, wires A and B, baud rate, parity, and the map's unit number"
        }
        LinkError::Line { .. } | LinkError::Stranger { .. } => {
            "check cable, terminators, baud rate and parity"
        }
        LinkError::Exception { .. } | LinkError::Unreadable(_) | LinkError::ReadBack { .. } => {
            "compare the register map with the controller's manual"
        }
        LinkError::Refused { .. } => "see `kiosk gate status` for what stands in its way",
        LinkError::Unsupported { .. } => {
            "write the command into the register map, if the gate knows it"
        }
        LinkError::NotConfirmed { .. } | LinkError::OutOfReach { .. } | LinkError::Stopped => {
            "check the wiring and the controller's power"
        }
    }
}

pub(crate) fn leaf(leaf: Leaf) -> &'static str {
    match leaf {
        Leaf::Closed => "closed",
        Leaf::Opening => "opening",
        Leaf::Open => "open",
        Leaf::Closing => "closing",
        Leaf::Between => "neither open nor closed",
    }
}

/// One field of the status.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Field {
    /// As the register map calls it.
    pub(super) key: &'static str,
    /// As a person calls it.
    pub(super) name: &'static str,
    /// Null where the register map has no such point.
    pub(super) value: Value,
}

impl Field {
    /// For a change from one to the other.
    pub(super) fn short(&self) -> String {
        match &self.value {
            Value::Number(count) => count.to_string(),
            _ => self.words(),
        }
    }

    pub(super) fn words(&self) -> String {
        match &self.value {
            Value::Null => "not in the register map".to_owned(),
            Value::String(words) => words.clone(),
            Value::Number(count) if self.key == "passed" => {
                format!("{count} since the last opening")
            }
            other => other.to_string(),
        }
    }
}

/// Every field of the status, in the order in which it is shown.
pub(super) fn fields(status: &Status, map: &RegisterMap) -> Vec<Field> {
    let points = &map.status;
    let beam = |beam| match beam {
        Beam::Clear => "clear",
        Beam::Broken => "broken",
    };
    let alarm = |alarm| match alarm {
        Alarm::Quiet => "quiet",
        Alarm::Raised => "raised",
    };
    let word = |key, name, wired: bool, word: &str| Field {
        key,
        name,
        value: if wired { word.into() } else { Value::Null },
    };
    let fault = status
        .fault
        .map_or_else(|| "none".to_owned(), |fault| fault.to_string());
    let battery = status
        .battery
        .map_or_else(String::new, |battery| battery.to_string());
    let firmware = status
        .firmware
        .map(|firmware| firmware.to_string())
        .unwrap_or_default();
    let obstruction = match status.obstruction {
        Obstruction::Clear => "clear",
        Obstruction::Blocked => "blocked",
    };
    let evacuation = match status.evacuation {
        Evacuation::Off => "off",
        Evacuation::On => "on",
    };
    let mains = match status.mains {
        Mains::Present => "present",
        Mains::Lost => "lost: on battery",
    };
    // Where the controller does not count, the link counts by the exit beam.
    let counted = points.passed.is_some() || points.exit_beam.is_some();
    vec![
        word("leaf", "leaf", true, leaf(status.leaf)),
        word(
            "obstruction",
            "leaf's way",
            points.obstruction.is_some(),
            obstruction,
        ),
        word(
            "entry_beam",
            "entry beam",
            points.entry_beam.is_some(),
            beam(status.entry_beam),
        ),
        word(
            "exit_beam",
            "exit beam",
            points.exit_beam.is_some(),
            beam(status.exit_beam),
        ),
        Field {
            key: "passed",
            name: "persons passed",
            value: if counted {
                status.passed.into()
            } else {
                Value::Null
            },
        },
        word(
            "tailgate",
            "tailgating",
            points.tailgate.is_some(),
            alarm(status.tailgate),
        ),
        word(
            "forced",
            "forced entry",
            points.forced.is_some(),
            alarm(status.forced),
        ),
        word(
            "wrong_way",
            "wrong way",
            points.wrong_way.is_some(),
            alarm(status.wrong_way),
        ),
        word(
            "evacuation",
            "evacuation",
            points.evacuation.is_some(),
            evacuation,
        ),
        word("mains", "mains", points.mains.is_some(), mains),
        word("battery", "battery", points.battery.is_some(), &battery),
        word("fault", "fault", points.fault.is_some(), &fault),
        word("firmware", "firmware", points.firmware.is_some(), &firmware),
    ]
}

/// The fields as a JSON object.
pub(super) fn object(fields: &[Field]) -> Value {
    let entries = fields
        .iter()
        .map(|field| (field.key.to_owned(), field.value.clone()));
    Value::Object(entries.collect::<Map<_, _>>())
}
