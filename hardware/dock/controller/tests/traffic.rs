//! Twenty-four hours of traffic without a pause, on a cable that spoils one message in a hundred.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

use std::num::NonZeroU8;
use std::time::Duration;

use controller::{
    Bus, Cause, Deed, Dice, Faulty, Snapshot, TROUBLES, Travel, Trouble, Verdict, Walker,
};
use gate::{Beam, Command, Leaf, Link, LinkError, News, Obstruction, RegisterMap, Status, Timings};
use tokio::sync::mpsc::Receiver;
use tokio::time::{Instant, timeout};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Longer than any walker takes, with every disturbance that the cable has.
const PATIENCE: Duration = Duration::from_secs(60);
/// What the allocator may hold more at the day's end than after its first hour.
const SLACK: u64 = 1 << 20;

struct Lane {
    link: Link,
    news: Receiver<News>,
    last: Option<Status>,
    lost: u64,
    unconfirmed: u64,
}

impl Lane {
    fn hear(&mut self, news: News) {
        match news {
            News::Connected(status) | News::Changed(status) => self.last = Some(status),
            News::Lost(_) => {
                self.last = None;
                self.lost += 1;
            }
        }
    }

    async fn sees(&mut self, what: &str, test: impl Fn(&Status) -> bool) -> Status {
        while let Ok(news) = self.news.try_recv() {
            self.hear(news);
        }
        loop {
            if let Some(status) = self.last.filter(&test) {
                return status;
            }
            match timeout(PATIENCE, self.news.recv()).await {
                Ok(Some(news)) => self.hear(news),
                other => panic!("{what}: {other:?}, last {:?}", self.last),
            }
        }
    }

    async fn command(&mut self, command: Command) -> bool {
        match self.link.command(command).await {
            Ok(()) => true,
            Err(LinkError::NotConfirmed { .. } | LinkError::OutOfReach { .. }) => {
                self.unconfirmed += 1;
                false
            }
            Err(error) => panic!("{command:?}: {error}"),
        }
    }
}

fn clear(status: &Status) -> bool {
    (status.obstruction, status.entry_beam, status.exit_beam)
        == (Obstruction::Clear, Beam::Clear, Beam::Clear)
}

/// Bytes of this process in memory (proc(5): the second number of `statm`, in pages of 4 KiB).
fn resident() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4096
}

fn never_closes_on_anybody(before: &Snapshot, after: &Snapshot, _: &[Deed]) {
    let blocked =
        (before.obstruction, after.obstruction) == (Obstruction::Blocked, Obstruction::Blocked);
    assert!(!blocked || after.position >= before.position, "{after:?}");
}

#[tokio::test(start_paused = true)]
async fn a_day_and_a_night_on_a_bad_cable_lose_nobody_and_double_nobody() {
    let mut dice = Dice::new(24);
    let bus = Bus::new(
        RegisterMap::controller().unwrap(),
        Travel::default(),
        19_200,
    );
    bus.watch(never_closes_on_anybody);
    let line = Faulty::new(bus.clone(), 1)
        .drop(2)
        .flip(2)
        .double(1)
        .truncate(2)
        .noise(1)
        .foreign(1)
        .delay(1, Duration::from_millis(700));
    let cabling = line.cabling();
    let (link, news) = Link::spawn(line, RegisterMap::controller().unwrap(), Timings::default());
    let mut lane = Lane {
        link,
        news,
        last: None,
        lost: 0,
        unconfirmed: 0,
    };
    lane.sees("connected", |_| true).await;

    let begun = Instant::now();
    let (mut sent, mut ordered, mut opened, mut passed) = (0_u64, 0_u64, 0_u64, 0_u64);
    let mut settled = None;
    while begun.elapsed() < DAY {
        let party: Vec<Walker> = (0..=dice.below(3))
            .map(|_| {
                dice.pick(&[
                    Walker::Adult,
                    Walker::Adult,
                    Walker::Child,
                    Walker::Trolley,
                    Walker::Wheelchair,
                ])
            })
            .collect();
        let persons = NonZeroU8::new(u8::try_from(party.len()).unwrap()).unwrap();
        ordered += 1;
        if lane.command(Command::Open { persons }).await {
            sent += u64::from(persons.get());
            bus.touch(|machine| machine.walk(party));
            let all = u16::from(persons.get());
            let status = lane
                .sees("all through", |now| now.passed >= all && clear(now))
                .await;
            assert_eq!(status.passed, all, "doubled");
        }
        while !lane.command(Command::Close).await {
            lane.sees("an answer", |_| true).await;
        }
        lane.sees("closed", |now| now.leaf == Leaf::Closed).await;
        for (_, deed) in bus.deeds() {
            match deed {
                Deed::Opened {
                    cause: Cause::Command,
                } => opened += 1,
                Deed::Passed { .. } => passed += 1,
                Deed::Commanded { verdict, .. } => assert_eq!(verdict, Verdict::Accepted),
                other => panic!("without any reason: {other:?}"),
            }
        }
        if settled.is_none() && begun.elapsed() > DAY / 24 {
            settled = Some(resident());
        }
    }
    let now = bus.snapshot();
    assert_eq!(
        (now.through, now.walked, passed),
        (sent, sent, sent),
        "lost or doubled"
    );
    // An order whose confirmation was lost may or may not have been obeyed; none is obeyed twice.
    assert!(
        opened <= ordered && opened + lane.unconfirmed >= ordered,
        "{opened} of {ordered}"
    );
    let spoilt: u64 = TROUBLES.map(|trouble| cabling.met(trouble)).iter().sum();
    let untouched = [Trouble::WrongBaud];
    for trouble in TROUBLES.iter().filter(|one| !untouched.contains(one)) {
        assert!(cabling.met(*trouble) > 100, "{trouble:?}");
    }
    let (early, late) = (settled.unwrap(), resident());
    assert!(
        late <= early + SLACK,
        "{early} bytes after an hour, {late} after a day"
    );
    println!(
        "{sent} persons in {ordered} parties, {spoilt} messages spoilt, told lost {} times, {} commands unconfirmed, \
         {} KiB more after a day than after an hour",
        lane.lost,
        lane.unconfirmed,
        (late.saturating_sub(early)) / 1024
    );
}
