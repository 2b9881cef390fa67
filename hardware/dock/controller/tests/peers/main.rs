//! Modbus servers that nobody here wrote: the link reads, writes and drives every entry of both shipped maps against each.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod server;

use std::num::NonZeroU8;
use std::time::Duration;

use gate::{
    Alarm, Beam, Bit, Command, Evacuation, Image, Lamp, Leaf, LeafPoint, Link, LinkError, Mains,
    News, Number, Obstruction, Parity, RegisterMap, SerialPort, Sounder, Status, Timings, Value,
};
use server::Server;
use tokio::sync::mpsc::Receiver;

/// Generous: a loaded machine must not fail a test.
const PATIENCE: Duration = Duration::from_secs(30);
const PERSONS: u8 = 3;

struct Lane {
    link: Link,
    news: Receiver<News>,
    last: Option<Status>,
}

impl Lane {
    fn at(server: &Server, map: RegisterMap) -> Self {
        let port = SerialPort {
            path: server.line(),
            baud: 115_200,
            parity: Parity::Even,
        };
        let timings = Timings {
            poll: Duration::from_millis(10),
            acknowledge: PATIENCE,
            patience: PATIENCE,
            answer: Duration::from_secs(2),
            ..Timings::default()
        };
        let (link, news) = Link::spawn(port, map, timings);
        Self {
            link,
            news,
            last: None,
        }
    }

    async fn sees(&mut self, what: &str, test: impl Fn(&Status) -> bool) {
        loop {
            if self.last.as_ref().is_some_and(&test) {
                return;
            }
            match tokio::time::timeout(PATIENCE, self.news.recv()).await {
                Ok(Some(News::Connected(status) | News::Changed(status))) => {
                    self.last = Some(status);
                }
                Ok(Some(News::Lost(error))) => panic!("{what}: lost: {error}"),
                Ok(None) => panic!("{what}: the link has stopped"),
                Err(_) => panic!("{what}: never seen, last {:?}", self.last),
            }
        }
    }
}

type Test = fn(&Status) -> bool;
type Says = fn(&Status) -> u16;

/// Every yes or no of the status, with what the status says when it is yes.
fn bits(map: &RegisterMap) -> Vec<(&'static str, Option<Bit>, Test)> {
    let status = &map.status;
    vec![
        ("obstruction", status.obstruction, |s| {
            s.obstruction == Obstruction::Blocked
        }),
        ("entry_beam", status.entry_beam, |s| {
            s.entry_beam == Beam::Broken
        }),
        ("exit_beam", status.exit_beam, |s| {
            s.exit_beam == Beam::Broken
        }),
        ("tailgate", status.tailgate, |s| s.tailgate == Alarm::Raised),
        ("forced", status.forced, |s| s.forced == Alarm::Raised),
        ("wrong_way", status.wrong_way, |s| {
            s.wrong_way == Alarm::Raised
        }),
        ("evacuation", status.evacuation, |s| {
            s.evacuation == Evacuation::On
        }),
        ("mains", status.mains, |s| s.mains == Mains::Present),
    ]
}

fn put(server: &mut Server, image: &Image) {
    for ((table, address), value) in image {
        server.put(*table, *address, *value);
    }
}

/// Reads every entry of the status.
async fn reads_everything(server: &mut Server, lane: &mut Lane, map: &RegisterMap) {
    for (name, bit, says_yes) in bits(map) {
        let Some(bit) = bit else { continue };
        assert_eq!(bit.bit, None, "the shipped maps have whole bits only");
        let before = server.get(bit.table, bit.address);
        for yes in [true, false, true, false] {
            let mut image = Image::new();
            bit.put(yes, &mut image);
            put(server, &image);
            lane.sees(name, |status| says_yes(status) == yes).await;
        }
        server.put(bit.table, bit.address, before);
    }
    let numbers: [(&str, Option<Number>, Says); 4] = [
        ("passed", map.status.passed, |s| s.passed),
        ("fault", map.status.fault, |s| {
            s.fault.map_or(0, |fault| fault.0.get())
        }),
        ("firmware", map.status.firmware, |s| {
            s.firmware.map_or(0, |firmware| firmware.0)
        }),
        ("battery", map.status.battery, |s| {
            s.battery.map_or(0, |battery| u16::from(battery.0))
        }),
    ];
    for (name, number, says) in numbers {
        let Some(number) = number else { continue };
        let largest = if name == "battery" { 100 } else { 0xabcd };
        for value in [1, largest, 0] {
            let mut image = Image::new();
            number.put(value, &mut image);
            put(server, &image);
            lane.sees(name, |status| says(status) == value).await;
        }
    }
    let leaves: Vec<(Leaf, Image)> = match map.status.leaf {
        LeafPoint::Codes(codes) => [
            (Leaf::Opening, Some(codes.opening)),
            (Leaf::Open, Some(codes.open)),
            (Leaf::Closing, Some(codes.closing)),
            (Leaf::Between, codes.between),
            (Leaf::Closed, Some(codes.closed)),
        ]
        .into_iter()
        .filter_map(|(leaf, code)| {
            let mut image = Image::new();
            codes.number.put(code?, &mut image);
            Some((leaf, image))
        })
        .collect(),
        // Both at once would be a broken switch, so the one that is made is broken first.
        LeafPoint::Contacts(contacts) => [
            (Leaf::Between, false, false),
            (Leaf::Open, true, false),
            (Leaf::Between, false, false),
            (Leaf::Closed, false, true),
        ]
        .into_iter()
        .map(|(leaf, open, closed)| {
            let mut image = Image::new();
            contacts.open.put(open, &mut image);
            contacts.closed.put(closed, &mut image);
            (leaf, image)
        })
        .collect(),
    };
    for (leaf, image) in leaves {
        put(server, &image);
        lane.sees("leaf", |status| status.leaf == leaf).await;
    }
}

/// Gives every command, and looks up in the peer what was written.
async fn writes_everything(server: &mut Server, lane: &mut Lane, map: &RegisterMap) {
    let commands = [
        Command::Open {
            persons: NonZeroU8::new(PERSONS).unwrap(),
        },
        Command::Close,
        Command::Lock,
        Command::Evacuate,
        Command::Lamp(Lamp::Wait),
        Command::Lamp(Lamp::Go),
        Command::Lamp(Lamp::SeeOfficer),
        Command::Lamp(Lamp::Off),
        Command::Sounder(Sounder::Chime),
        Command::Sounder(Sounder::Alarm),
        Command::Sounder(Sounder::Silent),
        Command::ClearFault,
    ];
    let mut tickets = Vec::new();
    for command in commands {
        let Some(writes) = map.commands.get(&command.order()) else {
            let refused = lane.link.command(command).await;
            assert!(
                matches!(refused, Err(LinkError::Unsupported { .. })),
                "{refused:?}"
            );
            continue;
        };
        lane.link.command(command).await.unwrap();
        for write in writes {
            for (address, value) in (write.address..).zip(&write.values) {
                let stands = server.get(write.table, address);
                match value {
                    Value::Number(number) => assert_eq!(stands, *number, "{command:?}"),
                    Value::Persons => {
                        let opens = matches!(command, Command::Open { .. });
                        assert_eq!(stands, if opens { PERSONS.into() } else { 0 });
                    }
                    Value::Ticket => {
                        assert!(!tickets.contains(&stands), "{command:?} in an old ticket");
                        tickets.push(stands);
                    }
                }
            }
        }
        match command {
            Command::Open { .. } | Command::Evacuate => {
                lane.sees("opens", |status| status.leaf == Leaf::Open).await;
            }
            Command::Close | Command::Lock => {
                lane.sees("closes", |status| status.leaf == Leaf::Closed)
                    .await;
            }
            Command::Lamp(_) | Command::Sounder(_) | Command::ClearFault => {}
        }
    }
    assert_eq!(tickets.is_empty(), map.acknowledge.is_none());
}

async fn refusals_are_understood(server: &mut Server, lane: &mut Lane, map: &RegisterMap) {
    let Some(acknowledge) = &map.acknowledge else {
        return;
    };
    for (verdict, expected) in &acknowledge.refused {
        server.verdict(*verdict);
        match lane.link.command(Command::Close).await {
            Err(LinkError::Refused { meaning, .. }) => assert_eq!(meaning, *expected),
            other => panic!("{other:?}"),
        }
    }
    server.verdict(acknowledge.accepted);
    lane.link.command(Command::Close).await.unwrap();
}

async fn the_heart_beats(server: &mut Server, lane: &mut Lane, map: &RegisterMap) {
    let Some(address) = map.heartbeat else { return };
    let mut beats = vec![server.get(gate::Table::Holding, address)];
    while beats.len() < 4 {
        // A command takes at least one beat.
        lane.link.command(Command::Lamp(Lamp::Off)).await.unwrap();
        beats.push(server.get(gate::Table::Holding, address));
    }
    assert!(beats.windows(2).all(|pair| pair[0] != pair[1]), "{beats:?}");
}

async fn the_whole_map(peer: fn() -> std::process::Command) {
    let maps = [
        ("controller", RegisterMap::controller().unwrap()),
        ("relay-box", RegisterMap::relay_box().unwrap()),
    ];
    for (kind, map) in maps {
        let mut server = Server::start(peer(), kind);
        let mut lane = Lane::at(&server, map.clone());
        lane.sees("connected", |_| true).await;
        reads_everything(&mut server, &mut lane, &map).await;
        writes_everything(&mut server, &mut lane, &map).await;
        refusals_are_understood(&mut server, &mut lane, &map).await;
        the_heart_beats(&mut server, &mut lane, &map).await;
        drop(lane);
        let mut server = Server::start(peer(), kind);
        asks_for_what_is_not_there(&mut server, map).await;
    }
}

/// A map that names a register that the device does not have ends in the device's own exception.
async fn asks_for_what_is_not_there(server: &mut Server, mut map: RegisterMap) {
    map.status.fault = Some(Number {
        table: gate::Table::Input,
        address: 900,
        divide: 1,
    });
    let port = SerialPort {
        path: server.line(),
        baud: 115_200,
        parity: Parity::Even,
    };
    let (_link, mut news) = Link::spawn(port, map, Timings::default());
    match tokio::time::timeout(PATIENCE, news.recv()).await {
        Ok(Some(News::Lost(error))) => {
            assert!(matches!(*error, LinkError::Exception { .. }), "{error}");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn pymodbus_is_read_written_and_driven_over_the_whole_map() {
    the_whole_map(server::pymodbus).await;
}

#[tokio::test]
async fn libmodbus_is_read_written_and_driven_over_the_whole_map() {
    the_whole_map(server::libmodbus).await;
}
