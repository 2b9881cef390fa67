//! From a map to the reads of one poll, and from what was read to a status.

use std::num::NonZeroU16;

use thiserror::Error;

use crate::map::{Bit, Image, LeafPoint, Number, RegisterMap, Table};
use crate::words::{
    Alarm, Battery, Beam, Evacuation, FaultCode, Firmware, Leaf, Mains, Obstruction, Status,
};

/// The longest reads that one message carries (Modbus application protocol V1.1b3, sections 6.1 and 6.3).
const LONGEST_BITS: u32 = 2000;
const LONGEST_REGISTERS: u32 = 125;

/// One read of consecutive addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Which table.
    pub table: Table,
    /// The first address.
    pub address: u16,
    /// How many, at least one.
    pub count: u16,
}

/// What was read means nothing: wiring or map is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{field}` reads {value}, which means nothing; check the register map and the wiring")]
pub struct Unreadable {
    /// The key in the map.
    pub field: &'static str,
    /// What was read.
    pub value: String,
}

impl RegisterMap {
    /// The reads that fetch every point of the status, as few as the map's gap allows.
    #[must_use]
    pub fn readings(&self) -> Vec<Reading> {
        let mut points = self.points();
        points.sort_unstable();
        points.dedup();
        let mut readings: Vec<Reading> = Vec::new();
        for (table, address) in points {
            let longest = if table.is_bits() {
                LONGEST_BITS
            } else {
                LONGEST_REGISTERS
            };
            if let Some(last) = readings.last_mut().filter(|last| last.table == table) {
                let end = u32::from(last.address) + u32::from(last.count);
                let count = u32::from(address) + 1 - u32::from(last.address);
                if u32::from(address) <= end + u32::from(self.gap) && count <= longest {
                    last.count = u16::try_from(count).unwrap_or(last.count);
                    continue;
                }
            }
            readings.push(Reading {
                table,
                address,
                count: 1,
            });
        }
        readings
    }

    fn points(&self) -> Vec<(Table, u16)> {
        let status = &self.status;
        let (codes, contacts) = match status.leaf {
            LeafPoint::Codes(codes) => (Some(codes.number), [None, None]),
            LeafPoint::Contacts(contacts) => (None, [Some(contacts.open), Some(contacts.closed)]),
        };
        let acknowledge = self.acknowledge.as_ref();
        let numbers = [
            codes,
            status.passed,
            status.battery,
            status.fault,
            status.firmware,
            acknowledge.map(|a| a.ticket),
            acknowledge.map(|a| a.verdict),
        ];
        let bits = [
            status.obstruction,
            status.entry_beam,
            status.exit_beam,
            status.tailgate,
            status.forced,
            status.wrong_way,
            status.evacuation,
            status.mains,
        ];
        let numbers = numbers
            .into_iter()
            .flatten()
            .map(|n: Number| (n.table, n.address));
        let bits = bits
            .into_iter()
            .chain(contacts)
            .flatten()
            .map(|b: Bit| (b.table, b.address));
        numbers.chain(bits).collect()
    }

    /// What the registers say about the gate.
    ///
    /// # Errors
    /// When the leaf's position makes no sense: an unknown code, or both end switches made at once.
    pub fn status(&self, image: &Image) -> Result<Status, Unreadable> {
        let points = &self.status;
        let bit = |point: Option<Bit>| point.and_then(|point| point.of(image));
        let number = |point: Option<Number>| point.and_then(|point| point.of(image));
        let beam = |point| {
            if bit(point) == Some(true) {
                Beam::Broken
            } else {
                Beam::Clear
            }
        };
        let alarm = |point| {
            if bit(point) == Some(true) {
                Alarm::Raised
            } else {
                Alarm::Quiet
            }
        };
        Ok(Status {
            leaf: leaf(points.leaf, image)?,
            obstruction: if bit(points.obstruction) == Some(true) {
                Obstruction::Blocked
            } else {
                Obstruction::Clear
            },
            entry_beam: beam(points.entry_beam),
            exit_beam: beam(points.exit_beam),
            passed: number(points.passed).unwrap_or(0),
            tailgate: alarm(points.tailgate),
            forced: alarm(points.forced),
            wrong_way: alarm(points.wrong_way),
            evacuation: if bit(points.evacuation) == Some(true) {
                Evacuation::On
            } else {
                Evacuation::Off
            },
            mains: if bit(points.mains) == Some(false) {
                Mains::Lost
            } else {
                Mains::Present
            },
            battery: number(points.battery)
                .map(|per_cent| Battery(u8::try_from(per_cent.min(100)).unwrap_or(100))),
            fault: number(points.fault)
                .and_then(NonZeroU16::new)
                .map(FaultCode),
            firmware: number(points.firmware).map(Firmware),
        })
    }
}

fn leaf(point: LeafPoint, image: &Image) -> Result<Leaf, Unreadable> {
    match point {
        LeafPoint::Codes(codes) => match codes.number.of(image) {
            Some(code) if code == codes.closed => Ok(Leaf::Closed),
            Some(code) if code == codes.opening => Ok(Leaf::Opening),
            Some(code) if code == codes.open => Ok(Leaf::Open),
            Some(code) if code == codes.closing => Ok(Leaf::Closing),
            Some(code) if Some(code) == codes.between => Ok(Leaf::Between),
            code => Err(Unreadable {
                field: "status.leaf",
                value: code.map_or_else(|| "nothing".to_owned(), |code| code.to_string()),
            }),
        },
        LeafPoint::Contacts(contacts) => match (contacts.open.of(image), contacts.closed.of(image))
        {
            (Some(true), Some(false)) => Ok(Leaf::Open),
            (Some(false), Some(true)) => Ok(Leaf::Closed),
            (Some(false), Some(false)) => Ok(Leaf::Between),
            (Some(true), Some(true)) => Err(Unreadable {
                field: "status.leaf_open",
                value: "on together with leaf_closed".to_owned(),
            }),
            (None, _) | (_, None) => Err(Unreadable {
                field: "status.leaf_open",
                value: "nothing".to_owned(),
            }),
        },
    }
}
