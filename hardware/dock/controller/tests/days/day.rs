//! A day at the gate: parties, whatever befalls them, and a lane that keeps its book.

use std::num::NonZeroU8;
use std::time::Duration;

use controller::{Bus, Cabling, Dice, Faulty, Travel, Trouble, Walker};
use gate::{
    Beam, Command, Evacuation, Leaf, Link, LinkError, Mains, News, Obstruction, RegisterMap,
    Status, Timings,
};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use crate::book::{Book, OnRecord, Rare};
use crate::fate::{Blow, Fate, When, milliseconds};

/// The gate answers again, or has said that it is out of service, within this time after the trouble has ended: a
/// controller's boot, or one attempt at a dead line with its drain and its pause, whichever is longer, and the poll that follows.
pub(crate) const BACK: Duration = Duration::from_secs(3);
/// A gate that is out of reach is told lost within this time: the patience and one more attempt.
const TOLD: Duration = Duration::from_secs(2);
/// How long the lane waits for the next person to enter before it closes.
const ENTER: Duration = Duration::from_secs(3);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    /// All who may, one after the other.
    Orderly,
    /// One more, right behind.
    Tailgated,
    /// The last turns back under the leaf.
    OneTurnsBack,
    /// Nobody enters.
    NobodyComes,
    /// The lane closes while somebody stands under the leaf.
    HastyLane,
    /// The lane orders an evacuation.
    Evacuated,
}

#[derive(Clone, Debug)]
struct Party {
    manner: Manner,
    walkers: Vec<Walker>,
    pause: Duration,
}

impl Party {
    fn draw(dice: &mut Dice) -> Self {
        let kinds = [
            Walker::Adult,
            Walker::Adult,
            Walker::Adult,
            Walker::Child,
            Walker::Trolley,
            Walker::Wheelchair,
        ];
        let manner = match dice.below(14) {
            0..=6 => Manner::Orderly,
            7..=8 => Manner::Tailgated,
            9 => Manner::OneTurnsBack,
            10 => Manner::NobodyComes,
            11..=12 => Manner::HastyLane,
            _ => Manner::Evacuated,
        };
        let count = 1 + dice.below(3);
        Self {
            manner,
            walkers: (0..count).map(|_| dice.pick(&kinds)).collect(),
            pause: milliseconds(dice, 700),
        }
    }

    fn persons(&self) -> u8 {
        u8::try_from(self.walkers.len()).unwrap()
    }

    fn coming(&self) -> Vec<Walker> {
        let mut coming = self.walkers.clone();
        match self.manner {
            Manner::Tailgated => coming.push(Walker::Tailgater),
            Manner::OneTurnsBack => {
                coming.pop();
                coming.push(Walker::TurnsBack);
            }
            Manner::NobodyComes => coming.clear(),
            Manner::Orderly | Manner::HastyLane | Manner::Evacuated => {}
        }
        coming
    }
}

/// What the lane has heard.
#[derive(Clone, Copy, Debug, Default)]
struct Heard {
    status: Option<Status>,
    told: u64,
}

struct Lane {
    link: Link,
    heard: watch::Receiver<Heard>,
    bus: Bus,
    cabling: Cabling,
    book: Book,
    fates: Vec<Fate>,
    striking: JoinSet<()>,
}

/// Lives one day of this seed, and gives its book.
pub(crate) async fn live(seed: u64) -> Book {
    let mut dice = Dice::new(seed);
    let book = Book::new();
    let bus = Bus::new(
        RegisterMap::controller().unwrap(),
        Travel::default(),
        19_200,
    );
    let watcher = book.clone();
    bus.watch(move |before, after, deeds| watcher.look(before, after, deeds));
    let lateness = Duration::from_millis(700);
    let line = Faulty::new(bus.clone(), dice.roll())
        .delay(0, lateness)
        .misread(0, 19_200, dice.pick(&[9_600, 38_400, 115_200]));
    let cabling = line.cabling();
    let (link, news) = Link::spawn(line, RegisterMap::controller().unwrap(), Timings::default());
    let (tell, heard) = watch::channel(Heard::default());
    let ear = tokio::spawn(listen(news, tell, book.clone()));

    let parties: Vec<Party> = (0..2 + dice.below(4))
        .map(|_| Party::draw(&mut dice))
        .collect();
    let fates = (0..dice.below(4))
        .map(|_| Fate::draw(&mut dice, parties.len()))
        .collect();
    let mut lane = Lane {
        link,
        heard,
        bus,
        cabling,
        book: book.clone(),
        fates,
        striking: JoinSet::new(),
    };
    let day = async {
        lane.strike(When::At);
        for (number, party) in parties.iter().enumerate() {
            lane.serve(number, party).await;
        }
        lane.evening().await;
    };
    if timeout(Duration::from_secs(600), day).await.is_err() {
        book.broken("the lane hangs".to_owned());
    }
    let now = lane.bus.snapshot();
    drop(lane);
    ear.await.unwrap();
    count(&book, now.walked);
    book
}

/// Passages counted are passages walked; but what a reboot wipes out before it could be read nobody can count.
fn count(book: &Book, walked: u64) {
    let (seen, erased) = {
        let book = book.entries();
        (book.seen, book.erased)
    };
    if seen > walked || seen + erased < walked {
        book.broken(format!(
            "{walked} walked, the lane counted {seen}, reboots wiped out {erased}"
        ));
    }
}

async fn listen(mut news: mpsc::Receiver<News>, tell: watch::Sender<Heard>, book: Book) {
    let mut lost = false;
    while let Some(news) = news.recv().await {
        book.tell(|| format!("link: {news:?}"));
        let status = match news {
            News::Connected(status) | News::Changed(status) => Some(status),
            News::Lost(_) => None,
        };
        if let Some(status) = status {
            let mut book = book.entries();
            let fresh = if status.passed < book.counted {
                status.passed
            } else {
                status.passed - book.counted
            };
            book.seen += u64::from(fresh);
            book.counted = status.passed;
            if lost {
                book.met.insert(Rare::LostAndFound);
            }
        }
        lost = status.is_none();
        tell.send_modify(|heard| {
            heard.status = status;
            heard.told += 1;
        });
    }
}

fn serves(status: &Status) -> bool {
    status.evacuation == Evacuation::Off && status.mains == Mains::Present && status.fault.is_none()
}

fn clear(status: &Status) -> bool {
    status.obstruction == Obstruction::Clear
        && status.entry_beam == Beam::Clear
        && status.exit_beam == Beam::Clear
}

impl Lane {
    fn strike(&mut self, when: When) {
        for fate in self.fates.iter().filter(|fate| fate.when == when) {
            let (bus, cabling, book) = (self.bus.clone(), self.cabling.clone(), self.book.clone());
            self.striking.spawn(fate.strike(bus, cabling, book));
            if matches!(fate.blow, Blow::Unplugged | Blow::Cut) && fate.lasts > TOLD {
                self.striking.spawn(must_be_told(
                    fate.after,
                    self.heard.clone(),
                    self.bus.clone(),
                    self.book.clone(),
                ));
            }
        }
    }

    async fn sees(&mut self, time: Duration, what: impl Fn(&Status) -> bool) -> bool {
        let seen = self
            .heard
            .wait_for(|heard| heard.status.as_ref().is_some_and(&what));
        matches!(timeout(time, seen).await, Ok(Ok(_)))
    }

    async fn command(&mut self, command: Command) -> bool {
        self.book.tell(|| format!("lane: {command:?}"));
        let begun = self.heard.borrow().told;
        let opens = matches!(command, Command::Open { .. });
        let result = self.link.command(command).await;
        let unused = matches!(self.book.entries().warrant, OnRecord::Recorded { .. });
        self.book
            .tell(|| format!("lane: {command:?} -> {result:?}"));
        match &result {
            Ok(()) => {
                if opens && unused {
                    self.book
                        .broken("an opening is confirmed that the gate has not done".to_owned());
                }
                let shaken = self.cabling.met(Trouble::Dropped) > 0;
                if shaken && self.heard.borrow().told == begun {
                    self.book.met(Rare::MendedInSilence);
                }
            }
            Err(LinkError::OutOfReach { .. }) => self.book.met(Rare::CommandOutOfReach),
            Err(LinkError::NotConfirmed { .. }) => {
                self.book.met(Rare::CommandUnconfirmed);
                if opens && !unused {
                    self.book.met(Rare::UnconfirmedAndYetObeyed);
                }
            }
            Err(LinkError::Refused { .. }) => {}
            Err(error) => self.book.broken(format!("{command:?}: {error}")),
        }
        result.is_ok()
    }

    /// Brings the gate to where a party can be let in: in service, closed, nobody in it. What an officer would do is done.
    async fn ready(&mut self, time: Duration) -> bool {
        let deadline = Instant::now() + time;
        while Instant::now() < deadline {
            let now = self.heard.borrow().status;
            match now {
                None => {
                    self.sees(Duration::from_millis(500), |_| true).await;
                }
                Some(status) if status.fault.is_some() => {
                    if !self.command(Command::ClearFault).await {
                        sleep(Duration::from_millis(300)).await;
                    }
                    self.sees(Duration::from_millis(300), |s| s.fault.is_none())
                        .await;
                }
                Some(status)
                    if serves(&status) && status.leaf == Leaf::Closed && clear(&status) =>
                {
                    return true;
                }
                Some(status) if status.leaf == Leaf::Closed => {
                    // An officer sends away whoever stands about.
                    self.bus.touch(controller::Machine::leave);
                    self.sees(Duration::from_millis(1500), |s| serves(s) && clear(s))
                        .await;
                }
                Some(_) => {
                    self.bus.touch(controller::Machine::leave);
                    self.command(Command::Close).await;
                    self.sees(Duration::from_millis(2500), |s| s.leaf == Leaf::Closed)
                        .await;
                }
            }
        }
        false
    }

    async fn serve(&mut self, number: usize, party: &Party) {
        if !self.ready(Duration::from_secs(8)).await {
            self.strike(When::Opening(number));
            self.strike(When::Closing(number));
            return;
        }
        sleep(party.pause).await;
        if party.manner == Manner::Evacuated {
            self.book.entries().evacuation_ordered = true;
            self.command(Command::Evacuate).await;
            self.bus.touch(|machine| machine.walk(party.coming()));
            self.strike(When::Opening(number));
            sleep(Duration::from_secs(2)).await;
            self.close(number, party).await;
            self.book.entries().evacuation_ordered = false;
            return;
        }
        let persons = party.persons();
        self.book.entries().warrant = OnRecord::Recorded {
            persons: persons.into(),
        };
        self.strike(When::Opening(number));
        let persons = NonZeroU8::new(persons).unwrap();
        if self.command(Command::Open { persons }).await {
            self.let_through(party).await;
        }
        self.close(number, party).await;
        self.book.entries().warrant = OnRecord::None;
    }

    async fn let_through(&mut self, party: &Party) {
        let due = u16::from(party.persons());
        self.bus.touch(|machine| machine.walk(party.coming()));
        if party.manner == Manner::HastyLane {
            self.sees(ENTER, |s| s.obstruction == Obstruction::Blocked)
                .await;
            return;
        }
        let mut passed = 0;
        while passed < due {
            let next = self.sees(ENTER, |s| s.passed > passed || !serves(s)).await;
            match self.heard.borrow().status {
                Some(status) if next && status.passed > passed => passed = status.passed,
                _ => break,
            }
        }
        if passed == 0 && party.manner == Manner::NobodyComes {
            self.book.met(Rare::NobodyEntered);
        }
        if party.manner == Manner::Tailgated {
            // He is right behind.
            sleep(Duration::from_millis(400)).await;
        }
        self.sees(Duration::from_secs(6), clear).await;
    }

    async fn close(&mut self, number: usize, party: &Party) {
        if party.manner == Manner::OneTurnsBack && self.bus.snapshot().inside == 0 {
            let now = self.bus.snapshot();
            if now.waiting == 0 && now.passed < party.persons().into() {
                self.book.met(Rare::TurnedBack);
            }
        }
        self.strike(When::Closing(number));
        let under = self.bus.snapshot().obstruction == Obstruction::Blocked;
        if self.command(Command::Close).await && under && party.manner == Manner::HastyLane {
            self.book.met(match party.walkers[0] {
                Walker::Trolley => Rare::CloseWithTrolleyUnderTheLeaf,
                Walker::Wheelchair => Rare::CloseWithWheelchairUnderTheLeaf,
                _ => Rare::CloseWithChildUnderTheLeaf,
            });
        }
        self.sees(Duration::from_secs(4), |s| s.leaf == Leaf::Closed)
            .await;
        // Who has not come in by now goes back to the waiting line.
        self.bus.touch(controller::Machine::leave);
    }

    /// All troubles end; the gate must come back, and serve one more party from beginning to end.
    async fn evening(&mut self) {
        while self.striking.join_next().await.is_some() {}
        self.cabling.mend();
        self.book.tell(|| "evening".to_owned());
        if !self.sees(BACK, |_| true).await {
            self.book
                .broken(format!("not back {BACK:?} after the trouble's end"));
        }
        sleep(BACK).await;
        if self.heard.borrow().status.is_none() {
            self.book.broken("gone again without trouble".to_owned());
        }
        if !self.ready(Duration::from_secs(15)).await {
            let status = self.heard.borrow().status;
            self.book
                .broken(format!("cannot be made ready: {status:?}"));
        }
        self.book.entries().warrant = OnRecord::Recorded { persons: 1 };
        let one = NonZeroU8::MIN;
        let opened = self.command(Command::Open { persons: one }).await;
        self.bus.touch(|machine| machine.walk([Walker::Adult]));
        let passed = opened && self.sees(ENTER, |s| s.passed == 1 && clear(s)).await;
        let closes = self.command(Command::Close).await;
        let closed = closes && self.sees(ENTER, |s| s.leaf == Leaf::Closed).await;
        if !(passed && closed) {
            self.book.broken(format!(
                "does not serve in the evening: opened {opened}, passed {passed}, closed {closed}"
            ));
        }
        let met = [
            (Trouble::Dropped, Rare::MessageDropped),
            (Trouble::Flipped, Rare::BitFlipped),
            (Trouble::Doubled, Rare::AnswerDoubled),
            (Trouble::Delayed, Rare::AnswerLate),
            (Trouble::Truncated, Rare::AnswerCutShort),
            (Trouble::Foreign, Rare::ForeignAnswer),
            (Trouble::Noise, Rare::Noise),
            (Trouble::WrongBaud, Rare::WrongBaud),
        ];
        for (trouble, rare) in met {
            if self.cabling.met(trouble) > 0 {
                self.book.met(rare);
            }
        }
    }
}

/// A line that stays dead is told lost.
async fn must_be_told(after: Duration, heard: watch::Receiver<Heard>, bus: Bus, book: Book) {
    sleep(after + TOLD).await;
    // Another trouble's end may have plugged it in again meanwhile.
    if bus.plugged() == controller::Plug::In {
        return;
    }
    if heard.borrow().status.is_some() {
        book.broken(format!("not told lost within {TOLD:?}"));
    }
}
