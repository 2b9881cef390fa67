//! `kiosk gate open`: a manual opening, on record before the gate moves.

use std::time::Duration;

use gate::{Alarm, Command, Leaf, LinkError, News, Status};
use journey::Record;
use officers::Action;
use serde_json::json;
use tokio::time::{Instant, sleep_until, timeout};

use super::arguments::Open as Arguments;
use super::hand::Hand;
use super::line::Line;
use super::session::Session;
use super::watch::Teller;
use super::words::{Weight, attention, cure};
use super::{Outcome, Stop, Trouble, now};
use crate::chain;

/// For the leaf to close, a reversal or two included.
const CLOSING: Duration = Duration::from_secs(15);

pub(super) async fn open(arguments: Arguments) -> anyhow::Result<Outcome> {
    let gate = Line::of(&arguments.line)?;
    let Some(config) = &gate.config else {
        return Err(Trouble::new(
            Outcome::NotTried,
            "an opening has to be on record, and a bare controller has no journal",
            "give --config instead of --port: a configuration names journal and roster",
        )
        .into());
    };
    let may = [Action::TestDevices, Action::OpenGateByHand];
    let mut hand = Hand::sign_in(config, &arguments.badge, &may)?;
    // From here on, and not while the PIN is asked for: there Ctrl-C ends everything.
    let mut stop = Stop::heed()?;
    let (mut session, status) = Session::connect(&gate, arguments.tape.as_deref()).await?;
    let mut teller = Teller::new(arguments.line.form());
    teller.news(
        session.elapsed(),
        Some(now()),
        &News::Connected(status),
        &gate.map,
    )?;
    able(&status)?;
    hand.record(Record::OpenedByHand {
        officer: hand.officer.id.clone(),
        persons: arguments.persons,
        reason: arguments.reason.0,
    })?;
    let persons = arguments.persons;
    teller.told(
        session.elapsed(),
        &format!(
            "on record: badge {} opens for {persons} ({})",
            hand.officer.id.as_str(),
            arguments.reason.0.word()
        ),
        json!({
            "event": "recorded",
            "officer": hand.officer.id.as_str(),
            "persons": persons,
            "reason": arguments.reason.0.code(),
        }),
    )?;
    if let Err(error) = commanded(&session, &teller, Command::Open { persons }).await {
        // What was not confirmed may have been obeyed all the same. If this cannot be said either, the watchdog closes.
        let _ = session.command(Command::Close).await;
        return Err(error);
    }
    let mut watcher = Watcher {
        teller,
        hand,
        map: gate.map,
        alarms: Alarms::default(),
    };
    let passed = match watcher.catch_up(&mut session) {
        Ok(()) => {
            let persons = persons.get();
            pass(
                &mut session,
                &mut watcher,
                &mut stop,
                persons,
                arguments.within,
            )
            .await
        }
        Err(error) => Err(error),
    };
    // Whatever happened, the gate is told to close.
    let closed = close(&mut session, &mut watcher).await;
    if let Some(failure) = session.tape_failure() {
        return Err(failure.into());
    }
    let (passed, closed) = (passed?, closed?);
    let well = passed == u16::from(persons.get()) && closed && !watcher.alarms.any();
    watcher.teller.told(
        session.elapsed(),
        &format!(
            "{passed} of {persons} passed; the gate is {}",
            if closed { "closed" } else { "not closed" }
        ),
        json!({ "event": "ended", "passed": passed, "persons": persons, "closed": closed }),
    )?;
    if !closed {
        return Err(Trouble::new(
            Outcome::AtFault,
            "the gate is not closed",
            "clear the leaf's way; a controller with a watchdog closes by itself",
        )
        .into());
    }
    Ok(if well {
        Outcome::Well
    } else {
        Outcome::AtFault
    })
}

/// An opening that cannot be is not put on record.
pub(super) fn able(status: &Status) -> Result<(), Trouble> {
    let standing = attention(status)
        .into_iter()
        .find(|attention| attention.weight == Weight::Fault);
    match standing {
        Some(attention) => Err(Trouble::new(
            Outcome::AtFault,
            format!("nothing was moved: {}", attention.what),
            attention.cure,
        )),
        None if status.evacuation == gate::Evacuation::On => Err(Trouble::new(
            Outcome::AtFault,
            "nothing was moved: evacuation is on",
            "put the fire input to rest",
        )),
        None => Ok(()),
    }
}

async fn commanded(
    session: &Session,
    teller: &Teller,
    command: Command,
) -> anyhow::Result<Duration> {
    let order = command.order();
    match session.command(command).await {
        Ok(took) => {
            teller.told(
                session.elapsed(),
                &format!("{order}: acknowledged after {} ms", took.as_millis()),
                json!({ "event": "command", "command": order.key(), "acknowledged_ms": super::status::milliseconds(took) }),
            )?;
            Ok(took)
        }
        Err(error) => Err(failed(&error).into()),
    }
}

pub(super) fn failed(error: &LinkError) -> Trouble {
    let outcome = match error {
        LinkError::NotConfirmed { .. } | LinkError::OutOfReach { .. } | LinkError::Stopped => {
            Outcome::OutOfReach
        }
        _ => Outcome::AtFault,
    };
    Trouble::new(outcome, chain(error), cure(error))
}

/// Alarms that were raised while the gate was open.
#[derive(Default)]
struct Alarms(Vec<journey::Alarm>);

impl Alarms {
    fn any(&self) -> bool {
        !self.0.is_empty()
    }

    /// Those that are new in this status.
    fn fresh(&mut self, status: &Status) -> Vec<journey::Alarm> {
        let fresh: Vec<_> = [
            (status.tailgate, journey::Alarm::Tailgating),
            (status.wrong_way, journey::Alarm::WrongWay),
            (status.forced, journey::Alarm::ForcedEntry),
        ]
        .into_iter()
        .filter(|(raised, alarm)| *raised == Alarm::Raised && !self.0.contains(alarm))
        .map(|(_, alarm)| alarm)
        .collect();
        self.0.extend(&fresh);
        fresh
    }
}

/// Tells what happens, and puts alarms on record.
struct Watcher {
    teller: Teller,
    hand: Hand,
    map: gate::RegisterMap,
    alarms: Alarms,
}

impl Watcher {
    /// Tells what was heard before the opening was acknowledged. Alarms among it are of the time before, unless they still
    /// stand.
    fn catch_up(&mut self, session: &mut Session) -> anyhow::Result<()> {
        for news in session.heard() {
            self.teller
                .news(session.elapsed(), Some(now()), &news, &self.map)?;
        }
        match session.status {
            Some(status) => self.alarmed(&status),
            None => Ok(()),
        }
    }

    fn alarmed(&mut self, status: &Status) -> anyhow::Result<()> {
        for alarm in self.alarms.fresh(status) {
            self.hand.record(Record::Alarmed {
                journey: None,
                alarm,
            })?;
        }
        Ok(())
    }

    fn heard(&mut self, at: Duration, news: &News) -> anyhow::Result<()> {
        self.teller.news(at, Some(now()), news, &self.map)?;
        if let News::Connected(status) | News::Changed(status) = news {
            self.alarmed(status)?;
        }
        Ok(())
    }
}

/// Until that many have passed, the time is over, or Ctrl-C; gives how many have.
async fn pass(
    session: &mut Session,
    watcher: &mut Watcher,
    stop: &mut Stop,
    persons: u8,
    within: Duration,
) -> anyhow::Result<u16> {
    let over = Instant::now() + within;
    let mut passed = session.status.map_or(0, |status| status.passed);
    while passed < u16::from(persons) {
        tokio::select! {
            biased;
            news = session.next() => {
                watcher.heard(session.elapsed(), &news)?;
                match news {
                    News::Connected(status) | News::Changed(status) => passed = status.passed,
                    News::Lost(error) => return Err(session.lost(&error).into()),
                }
            }
            () = sleep_until(over) => break,
            () = stop.asked() => break,
        }
    }
    Ok(passed)
}

/// Whether it is closed now.
async fn close(session: &mut Session, watcher: &mut Watcher) -> anyhow::Result<bool> {
    commanded(session, &watcher.teller, Command::Close).await?;
    let over = Instant::now() + CLOSING;
    while session
        .status
        .is_none_or(|status| status.leaf != Leaf::Closed)
    {
        match timeout(
            over.saturating_duration_since(Instant::now()),
            session.next(),
        )
        .await
        {
            Ok(news) => {
                watcher.heard(session.elapsed(), &news)?;
                if let News::Lost(error) = news {
                    return Err(session.lost(&error).into());
                }
            }
            Err(_) => return Ok(false),
        }
    }
    Ok(true)
}
