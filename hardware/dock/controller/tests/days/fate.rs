//! What befalls a gate.

use std::time::Duration;

use controller::{Bus, Cabling, Dice, Plug, TROUBLES};
use gate::Leaf;
use tokio::time::sleep;

use crate::book::{Book, Rare};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Blow {
    Fire,
    MainsLost,
    Jam,
    Suitcase,
    Reboot,
    Forced,
    Unplugged,
    Cut,
    BadCable,
    WrongBaud,
    WrongWay,
}

/// When it strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// So long after the day's beginning.
    At,
    /// So long after this party's opening was ordered.
    Opening(usize),
    /// So long after the closing behind this party was ordered.
    Closing(usize),
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Fate {
    pub(crate) blow: Blow,
    pub(crate) when: When,
    pub(crate) after: Duration,
    pub(crate) lasts: Duration,
    seed: u64,
}

impl Fate {
    pub(crate) fn draw(dice: &mut Dice, parties: usize) -> Self {
        let blow = dice.pick(&[
            Blow::Fire,
            Blow::MainsLost,
            Blow::Jam,
            Blow::Suitcase,
            Blow::Reboot,
            Blow::Forced,
            Blow::Unplugged,
            Blow::Cut,
            Blow::BadCable,
            Blow::BadCable,
            Blow::WrongBaud,
            Blow::WrongWay,
        ]);
        let party = dice.below(parties);
        let when = dice.pick(&[When::At, When::Opening(party), When::Closing(party)]);
        let longest = if when == When::At { 15_000 } else { 900 };
        let lasts = if dice.in_a_thousand(500) { 800 } else { 4_500 };
        Self {
            blow,
            when,
            after: milliseconds(dice, longest),
            lasts: milliseconds(dice, lasts) + Duration::from_millis(20),
            seed: dice.roll(),
        }
    }

    /// Strikes now, and ends after its time.
    pub(crate) async fn strike(self, bus: Bus, cabling: Cabling, book: Book) {
        sleep(self.after).await;
        let leaf = bus.snapshot().leaf;
        book.tell(|| format!("fate: {:?} for {:?}, leaf {leaf:?}", self.blow, self.lasts));
        match self.blow {
            Blow::Fire => bus.touch(|machine| machine.fire(true)),
            Blow::MainsLost => bus.touch(|machine| machine.mains(false)),
            Blow::Jam => bus.touch(|machine| machine.jam(true)),
            Blow::Suitcase => bus.touch(|machine| machine.stand(true)),
            Blow::Forced => bus.touch(|machine| machine.force()),
            Blow::WrongWay => bus.touch(controller::Machine::walk_wrong_way),
            Blow::Reboot => {
                {
                    let now = bus.snapshot();
                    let mut book = book.entries();
                    book.erased = now.walked.saturating_sub(book.seen);
                }
                bus.reboot();
            }
            Blow::Unplugged | Blow::Cut => {
                let rare = match (self.blow, leaf) {
                    (Blow::Unplugged, Leaf::Opening) => Some(Rare::UnpluggedWhileOpening),
                    (Blow::Unplugged, Leaf::Closing) => Some(Rare::UnpluggedWhileClosing),
                    (_, Leaf::Opening) => Some(Rare::CutWhileOpening),
                    _ => None,
                };
                if let Some(rare) = rare {
                    book.met(rare);
                }
                bus.plug(if self.blow == Blow::Cut {
                    Plug::Cut
                } else {
                    Plug::Out
                });
            }
            Blow::BadCable => {
                let mut dice = Dice::new(self.seed);
                for trouble in TROUBLES {
                    let rate = dice.below(200);
                    cabling.set(trouble, u64::try_from(rate).unwrap());
                }
                cabling.set(controller::Trouble::WrongBaud, 0);
            }
            Blow::WrongBaud => cabling.set(controller::Trouble::WrongBaud, 1000),
        }
        sleep(self.lasts).await;
        match self.blow {
            Blow::Fire => bus.touch(|machine| machine.fire(false)),
            Blow::MainsLost => bus.touch(|machine| machine.mains(true)),
            Blow::Jam => bus.touch(|machine| machine.jam(false)),
            Blow::Suitcase => bus.touch(|machine| machine.stand(false)),
            Blow::Unplugged | Blow::Cut => bus.plug(Plug::In),
            Blow::BadCable | Blow::WrongBaud => cabling.mend(),
            Blow::Reboot | Blow::Forced | Blow::WrongWay => {}
        }
        book.tell(|| format!("fate: {:?} has ended", self.blow));
    }
}

/// Any number of milliseconds below this.
pub(crate) fn milliseconds(dice: &mut Dice, below: usize) -> Duration {
    Duration::from_millis(u64::try_from(dice.below(below)).unwrap())
}
