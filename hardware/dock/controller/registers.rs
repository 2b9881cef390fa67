//! The pretend controller's registers, laid out by the same map that the link reads.

use gate::{Image, LeafPoint, Order, RegisterMap, Table, Value};

use super::machine::{Heard, Machine};
use super::seen::{Snapshot, Verdict};

/// A Modbus exception (Modbus application protocol V1.1b3, section 7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exception {
    Function = 1,
    Address = 2,
    Value = 3,
}

/// The registers.
#[derive(Clone, Debug)]
pub(super) struct Registers {
    map: RegisterMap,
    image: Image,
    /// The orders whose pattern stood in the registers after the last write.
    standing: Vec<Order>,
    handled: (u16, u16),
}

impl Registers {
    pub(super) fn new(map: RegisterMap) -> Self {
        let mut image = Image::new();
        for reading in map.readings() {
            image.extend(
                (reading.address..)
                    .take(reading.count.into())
                    .map(|at| ((reading.table, at), 0)),
            );
        }
        for write in map.commands.values().flatten() {
            image.extend(
                (write.address..)
                    .take(write.values.len())
                    .map(|at| ((write.table, at), 0)),
            );
        }
        image.extend(map.heartbeat.map(|at| ((Table::Holding, at), 0)));
        Self {
            map,
            image,
            standing: Vec::new(),
            handled: (0, 0),
        }
    }

    /// Forgets everything, as a reboot does.
    pub(super) fn reset(&mut self) {
        *self = Self::new(self.map.clone());
    }

    pub(super) fn unit(&self) -> u8 {
        self.map.unit
    }

    pub(super) fn read(
        &self,
        table: Table,
        address: u16,
        count: u16,
    ) -> Result<Vec<u16>, Exception> {
        (0..count)
            .map(|offset| {
                let at = address.checked_add(offset).ok_or(Exception::Address)?;
                self.image
                    .get(&(table, at))
                    .copied()
                    .ok_or(Exception::Address)
            })
            .collect()
    }

    /// Takes a write, and gives the machine whatever command it completes.
    pub(super) fn write(
        &mut self,
        table: Table,
        address: u16,
        values: &[u16],
        machine: &mut Machine,
    ) -> Result<(), Exception> {
        self.read(
            table,
            address,
            u16::try_from(values.len()).map_err(|_| Exception::Value)?,
        )?;
        self.image.extend(
            (address..)
                .zip(values)
                .map(|(at, value)| ((table, at), *value)),
        );
        if let Some(beat) = self.map.heartbeat
            && table == Table::Holding
            && (address..).zip(values).any(|(at, _)| at == beat)
        {
            machine.beat();
        }
        let patterns: Vec<(Order, bool, Heard)> = self
            .map
            .commands
            .keys()
            .filter_map(|order| self.pattern(*order))
            .collect();
        for (order, ticketed, heard) in &patterns {
            let fresh = if *ticketed {
                heard.ticket != 0 && heard.ticket != self.handled.0
            } else {
                !self.standing.contains(order)
            };
            if fresh {
                let verdict = machine.obey(*heard);
                if *ticketed {
                    self.handled = (heard.ticket, verdict as u16);
                }
            }
        }
        self.unknown_ticket(&patterns);
        self.standing = patterns.into_iter().map(|(order, ..)| order).collect();
        self.show(&machine.snapshot());
        Ok(())
    }

    /// A new ticket under a command word that nobody knows is answered, and not obeyed.
    fn unknown_ticket(&mut self, patterns: &[(Order, bool, Heard)]) {
        let ticket = self.map.commands.values().flatten().find_map(|write| {
            let offset = write
                .values
                .iter()
                .position(|value| *value == Value::Ticket)?;
            self.image
                .get(&(
                    write.table,
                    write.address.checked_add(u16::try_from(offset).ok()?)?,
                ))
                .copied()
        });
        match ticket {
            Some(ticket)
                if ticket != 0 && ticket != self.handled.0 && !patterns.iter().any(|p| p.1) =>
            {
                self.handled = (ticket, Verdict::Unknown as u16);
            }
            _ => {}
        }
    }

    /// Whether everything that an order writes stands in the registers now.
    fn pattern(&self, order: Order) -> Option<(Order, bool, Heard)> {
        let mut heard = Heard {
            order,
            persons: 1,
            ticket: 0,
        };
        let mut ticketed = false;
        for write in self.map.commands.get(&order)? {
            for (at, value) in (write.address..).zip(&write.values) {
                let stands = *self.image.get(&(write.table, at))?;
                match value {
                    Value::Number(number) if *number == stands => {}
                    Value::Number(_) => return None,
                    Value::Persons => heard.persons = stands,
                    Value::Ticket => {
                        heard.ticket = stands;
                        ticketed = true;
                    }
                }
            }
        }
        Some((order, ticketed, heard))
    }

    /// Shows the machine's state in the registers that the map reads.
    pub(super) fn show(&mut self, now: &Snapshot) {
        use gate::{Alarm, Beam, Evacuation, Leaf, Mains, Obstruction};
        let status = &self.map.status;
        let image = &mut self.image;
        match status.leaf {
            LeafPoint::Codes(codes) => {
                let code = match now.leaf {
                    Leaf::Closed => codes.closed,
                    Leaf::Opening => codes.opening,
                    Leaf::Open => codes.open,
                    Leaf::Closing => codes.closing,
                    Leaf::Between => codes.between.unwrap_or(codes.closing),
                };
                codes.number.put(code, image);
            }
            LeafPoint::Contacts(contacts) => {
                contacts.open.put(now.leaf == Leaf::Open, image);
                contacts.closed.put(now.leaf == Leaf::Closed, image);
            }
        }
        let bits = [
            (status.obstruction, now.obstruction == Obstruction::Blocked),
            (status.entry_beam, now.entry_beam == Beam::Broken),
            (status.exit_beam, now.exit_beam == Beam::Broken),
            (status.tailgate, now.tailgate == Alarm::Raised),
            (status.forced, now.forced == Alarm::Raised),
            (status.wrong_way, now.wrong_way == Alarm::Raised),
            (status.evacuation, now.evacuation == Evacuation::On),
            (status.mains, now.mains == Mains::Present),
        ];
        for (bit, on) in bits {
            if let Some(bit) = bit {
                bit.put(on, image);
            }
        }
        let acknowledge = self.map.acknowledge.as_ref();
        let numbers = [
            (status.passed, now.passed),
            (status.battery, now.battery),
            (status.fault, now.fault),
            (status.firmware, FIRMWARE),
            (acknowledge.map(|a| a.ticket), self.handled.0),
            (acknowledge.map(|a| a.verdict), self.handled.1),
        ];
        for (number, value) in numbers {
            if let Some(number) = number {
                number.put(value, image);
            }
        }
    }
}

/// 1.4
const FIRMWARE: u16 = 0x0104;
