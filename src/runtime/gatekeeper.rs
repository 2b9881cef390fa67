//! The gate's reports, turned into what happened; and the lane's orders, turned into commands.

use gate::{
    Alarm as Raised, Beam, Command, Evacuation, Leaf, Link, Mains, News, Obstruction, Status,
};
use journey::{Alarm, Device, Event, Lamp};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

/// What the gate said last, and what was made of it.
#[derive(Default)]
pub(crate) struct Reports {
    last: Option<Status>,
}

impl Reports {
    /// True while the gate itself reports an evacuation; it stands open then, whatever the bus says.
    pub(crate) fn evacuating(&self) -> bool {
        self.last
            .is_some_and(|status| status.evacuation == Evacuation::On)
    }

    /// True while the gate reports a fault.
    pub(crate) fn fault(&self) -> bool {
        self.last.is_some_and(|status| status.fault.is_some())
    }

    /// What the lane waits for after an order that found the leaf as it was wanted, so that nothing changes and nothing
    /// would be reported.
    pub(crate) fn found_so(&self, command: Command) -> Option<Event> {
        let leaf = self.last?.leaf;
        match command {
            Command::Close if leaf == Leaf::Closed => Some(Event::GateClosed),
            Command::Open { .. } if leaf == Leaf::Open => Some(Event::GateOpened),
            _ => None,
        }
    }

    /// What the gate says of itself, in a word for the office.
    pub(crate) fn word(&self) -> &'static str {
        let Some(status) = &self.last else {
            return "lost";
        };
        match (status.evacuation, status.fault, status.mains, status.leaf) {
            (Evacuation::On, ..) => "evacuating",
            (_, Some(_), ..) => "fault",
            (_, _, Mains::Lost, _) => "mains-lost",
            (.., Leaf::Open) => "open",
            (.., Leaf::Closed) => "closed",
            (.., Leaf::Opening | Leaf::Closing | Leaf::Between) => "moving",
        }
    }

    /// Everything as it stands, as if it had just happened.
    pub(crate) fn standing(&self) -> Vec<Event> {
        let Some(status) = &self.last else {
            return vec![Event::DeviceFailed(Device::Gate)];
        };
        let mut events = match status.evacuation {
            Evacuation::On => vec![Event::EvacuationSignalled],
            Evacuation::Off => vec![Event::EvacuationEnded],
        };
        events.push(if out_of_order(status) {
            Event::DeviceFailed(Device::Gate)
        } else {
            Event::DeviceRecovered(Device::Gate)
        });
        match status.leaf {
            Leaf::Open => events.push(Event::GateOpened),
            Leaf::Closed => events.push(Event::GateClosed),
            Leaf::Opening | Leaf::Closing | Leaf::Between => {}
        }
        events
    }

    /// What happened, in the order in which the lane should hear it.
    pub(crate) fn events(&mut self, news: &News) -> Vec<Event> {
        match news {
            News::Connected(status) => {
                self.last = None;
                self.changed(status)
            }
            News::Changed(status) => self.changed(status),
            News::Lost(_) => {
                self.last = None;
                vec![Event::DeviceFailed(Device::Gate)]
            }
        }
    }

    fn changed(&mut self, now: &Status) -> Vec<Event> {
        let before = self.last.replace(*now);
        let mut events = Vec::new();
        let is = |test: fn(&Status) -> bool| test(now) && !before.as_ref().is_some_and(test);
        if is(|status| status.evacuation == Evacuation::On) {
            events.push(Event::EvacuationSignalled);
        }
        if is(out_of_order) {
            events.push(Event::DeviceFailed(Device::Gate));
        }
        if is(|status| status.tailgate == Raised::Raised) {
            events.push(Event::GateAlarmed(Alarm::Tailgating));
        }
        if is(|status| status.forced == Raised::Raised) {
            events.push(Event::GateAlarmed(Alarm::ForcedEntry));
        }
        if is(|status| status.wrong_way == Raised::Raised) {
            events.push(Event::GateAlarmed(Alarm::WrongWay));
        }
        // The lane forgot where the leaf was when it ceased to believe the gate, and hears it again.
        let recovered = is(|status| !out_of_order(status));
        if recovered {
            events.push(Event::DeviceRecovered(Device::Gate));
        }
        if is(|status| status.leaf == Leaf::Open) || recovered && now.leaf == Leaf::Open {
            events.push(Event::GateOpened);
        }
        let counted_before = before.map_or(0, |status| status.passed);
        if now.passed > counted_before {
            events.push(Event::PersonPassed {
                total: u8::try_from(now.passed).unwrap_or(u8::MAX),
            });
        }
        if is_clear(now)
            && now.passed > 0
            && (now.passed != counted_before || before.is_some_and(|status| !is_clear(&status)))
        {
            events.push(Event::PassageCleared);
        }
        if is(|status| status.leaf == Leaf::Closed) || recovered && now.leaf == Leaf::Closed {
            events.push(Event::GateClosed);
        }
        if before.is_some_and(|status| status.evacuation == Evacuation::On)
            && now.evacuation == Evacuation::Off
        {
            events.push(Event::EvacuationEnded);
        }
        events
    }
}

/// A gate with a fault, or one whose leaf its spring has opened, cannot be trusted with a party.
fn out_of_order(status: &Status) -> bool {
    status.fault.is_some() || status.mains == Mains::Lost
}

fn is_clear(status: &Status) -> bool {
    status.entry_beam == Beam::Clear
        && status.exit_beam == Beam::Clear
        && status.obstruction == Obstruction::Clear
}

/// Gives the gate its commands, one after the other.
pub(crate) struct Commands {
    link: Link,
    queue: UnboundedSender<Command>,
}

impl Commands {
    /// `obeyed` hears of each command that the gate has confirmed.
    pub(crate) fn start(link: Link, obeyed: impl Fn(Command) + Send + 'static) -> Self {
        let (queue, mut commands) = unbounded_channel();
        let errands = link.clone();
        tokio::spawn(async move {
            while let Some(command) = commands.recv().await {
                if carry_out(&errands, command).await {
                    obeyed(command);
                }
            }
        });
        Self { link, queue }
    }

    pub(crate) fn give(&self, command: Command) {
        // The other end goes only with the whole runtime.
        let _ = self.queue.send(command);
    }

    /// Gives an order that not every gate can take, where this one can.
    pub(crate) fn give_if_mapped(&self, command: Command) {
        if self.link.takes(command.order()) {
            self.give(command);
        }
    }

    /// Does not wait behind any other command.
    pub(crate) fn evacuate(&self) {
        let link = self.link.clone();
        tokio::spawn(async move { carry_out(&link, Command::Evacuate).await });
    }
}

/// A command that fails needs no answer: the lane waits for what the gate reports, and its deadline for that passes.
async fn carry_out(link: &Link, command: Command) -> bool {
    match link.command(command).await {
        Ok(()) => {
            tracing::debug!(?command, "the gate has it");
            true
        }
        Err(error) => {
            tracing::warn!(
                ?command,
                error = &error as &dyn std::error::Error,
                "the gate does not obey"
            );
            false
        }
    }
}

pub(crate) const fn lamp(lamp: Lamp) -> gate::Lamp {
    match lamp {
        Lamp::Wait => gate::Lamp::Wait,
        Lamp::Go => gate::Lamp::Go,
        Lamp::SeeOfficer => gate::Lamp::SeeOfficer,
        Lamp::Off => gate::Lamp::Off,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use gate::FaultCode;

    fn closed() -> Status {
        Status {
            leaf: Leaf::Closed,
            obstruction: Obstruction::Clear,
            entry_beam: Beam::Clear,
            exit_beam: Beam::Clear,
            passed: 0,
            tailgate: Raised::Quiet,
            forced: Raised::Quiet,
            wrong_way: Raised::Quiet,
            evacuation: Evacuation::Off,
            mains: Mains::Present,
            battery: None,
            fault: None,
            firmware: None,
        }
    }

    #[test]
    fn two_people_walk_through() {
        let mut reports = Reports::default();
        let open = Status {
            leaf: Leaf::Open,
            ..closed()
        };
        for (status, expected) in [
            (
                closed(),
                vec![Event::DeviceRecovered(Device::Gate), Event::GateClosed],
            ),
            (
                Status {
                    leaf: Leaf::Opening,
                    ..closed()
                },
                vec![],
            ),
            (open, vec![Event::GateOpened]),
            (
                Status {
                    entry_beam: Beam::Broken,
                    ..open
                },
                vec![],
            ),
            (
                Status {
                    exit_beam: Beam::Broken,
                    passed: 1,
                    ..open
                },
                vec![Event::PersonPassed { total: 1 }],
            ),
            (Status { passed: 1, ..open }, vec![Event::PassageCleared]),
            (
                Status { passed: 2, ..open },
                vec![Event::PersonPassed { total: 2 }, Event::PassageCleared],
            ),
            (
                Status {
                    leaf: Leaf::Closing,
                    passed: 2,
                    ..open
                },
                vec![],
            ),
            (
                Status {
                    passed: 2,
                    ..closed()
                },
                vec![Event::GateClosed],
            ),
            (open, vec![Event::GateOpened]),
        ] {
            assert_eq!(reports.events(&News::Changed(status)), expected);
        }
    }

    #[test]
    fn faults_fire_and_mains() {
        let mut reports = Reports::default();
        let fault = Some(FaultCode(std::num::NonZeroU16::MIN));
        for (status, expected) in [
            (
                Status { fault, ..closed() },
                vec![Event::DeviceFailed(Device::Gate), Event::GateClosed],
            ),
            (
                closed(),
                vec![Event::DeviceRecovered(Device::Gate), Event::GateClosed],
            ),
            (
                Status {
                    evacuation: Evacuation::On,
                    leaf: Leaf::Open,
                    ..closed()
                },
                vec![Event::EvacuationSignalled, Event::GateOpened],
            ),
            (
                Status {
                    leaf: Leaf::Open,
                    ..closed()
                },
                vec![Event::EvacuationEnded],
            ),
            (
                Status {
                    mains: Mains::Lost,
                    leaf: Leaf::Open,
                    ..closed()
                },
                vec![Event::DeviceFailed(Device::Gate)],
            ),
            (
                Status {
                    tailgate: Raised::Raised,
                    leaf: Leaf::Open,
                    ..closed()
                },
                vec![
                    Event::GateAlarmed(Alarm::Tailgating),
                    Event::DeviceRecovered(Device::Gate),
                    Event::GateOpened,
                ],
            ),
        ] {
            assert_eq!(reports.events(&News::Changed(status)), expected);
        }
    }

    #[test]
    fn an_order_that_changes_nothing_is_answered_all_the_same() {
        let mut reports = Reports::default();
        let open = Command::Open {
            persons: std::num::NonZeroU8::MIN,
        };
        assert_eq!(reports.found_so(Command::Close), None);
        reports.events(&News::Changed(closed()));
        assert_eq!(reports.found_so(Command::Close), Some(Event::GateClosed));
        assert_eq!(reports.found_so(open), None);
        reports.events(&News::Changed(Status {
            leaf: Leaf::Open,
            ..closed()
        }));
        assert_eq!(reports.found_so(Command::Close), None);
        assert_eq!(reports.found_so(open), Some(Event::GateOpened));
    }

    #[test]
    fn everything_can_be_told_again() {
        let mut reports = Reports::default();
        assert_eq!(reports.standing(), [Event::DeviceFailed(Device::Gate)]);
        reports.events(&News::Changed(closed()));
        let standing = [
            Event::EvacuationEnded,
            Event::DeviceRecovered(Device::Gate),
            Event::GateClosed,
        ];
        assert_eq!(reports.standing(), standing);
    }

    #[test]
    fn a_gate_that_comes_back_tells_everything_again() {
        let mut reports = Reports::default();
        assert_eq!(reports.events(&News::Connected(closed())).len(), 2);
        assert_eq!(reports.events(&News::Changed(closed())), vec![]);
        let lost = News::Lost(std::sync::Arc::new(gate::LinkError::Stopped));
        assert_eq!(
            reports.events(&lost),
            vec![Event::DeviceFailed(Device::Gate)]
        );
        assert_eq!(
            reports.events(&News::Connected(closed())),
            vec![Event::DeviceRecovered(Device::Gate), Event::GateClosed]
        );
    }
}
