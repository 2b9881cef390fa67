//! `kiosk gate selftest`: every actuator walked, every sensor asked for, and a commissioning report.

use std::fs;
use std::io::{self, BufRead as _, Write as _};
use std::num::NonZeroU8;
use std::thread;
use std::time::Duration;

use anyhow::Context as _;
use gate::{Command, Lamp, Leaf, LinkError, Order, Sounder, Status};
use journey::Record;
use officers::Action;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::{Instant, sleep_until};

use super::arguments::Selftest as Arguments;
use super::hand::Hand;
use super::line::Line;
use super::open::{able, failed};
use super::report::{Actuator, Report, Sensed, Sensor, Verdict};
use super::session::Session;
use super::status::milliseconds;
use super::trials::{CLOSED, OPEN, Trial};
use super::words::cure;
use super::{Form, Outcome, Stop, Trouble, line, now, say};
use crate::chain;

pub(super) async fn walk(arguments: Arguments) -> anyhow::Result<Outcome> {
    let gate = Line::of(&arguments.line)?;
    let hand = match (&gate.config, &arguments.badge) {
        (Some(config), Some(badge)) => Some(Hand::sign_in(config, badge, &[Action::TestDevices])?),
        (Some(_), None) => {
            return Err(Trouble::new(
                Outcome::NotTried,
                "a test opens the gate, and openings are on record",
                "say who you are: --badge, and your PIN when you are asked",
            )
            .into());
        }
        (None, _) => None,
    };
    let mut stop = Stop::heed()?;
    let (session, status) = Session::connect(&gate, arguments.tape.as_deref()).await?;
    able(&status)?;
    let mut test = Test {
        answers: if arguments.unattended {
            None
        } else {
            Some(answers()?)
        },
        session,
        hand,
        arguments: &arguments,
        gate: &gate,
        actuators: Vec::new(),
        sensors: Vec::new(),
    };
    let walked = tokio::select! {
        biased;
        () = stop.asked() => None,
        walked = test.all() => Some(walked),
    };
    if !matches!(walked, Some(Ok(()))) {
        // No gate is left open. If this cannot be said either, its watchdog closes it.
        let _ = test.session.command(Command::Close).await;
    }
    let firmware = status.firmware.map(|firmware| firmware.to_string());
    let cut = match walked {
        None => Some(Trouble::new(Outcome::NotTried, "stopped", "run it again").into()),
        // A line that is lost has its own code and cure.
        Some(Err(error)) => Some(match error.downcast::<LinkError>() {
            Ok(lost) => failed(&lost).into(),
            Err(other) => other,
        }),
        Some(Ok(())) => None,
    };
    if let Some(error) = cut {
        // What was walked before is worth its paper: the report says where it ends, and why.
        told(
            test.report(firmware, Some(format!("{error:#}"))),
            &arguments,
        )?;
        return Err(error);
    }
    if let Some(failure) = test.session.tape_failure() {
        return Err(failure.into());
    }
    told(test.report(firmware, None), &arguments)
}

fn told(report: Report, arguments: &Arguments) -> anyhow::Result<Outcome> {
    let text = match arguments.line.form() {
        Form::Json => {
            let value = serde_json::to_value(&report)?;
            say(&value)?;
            format!("{value}\n")
        }
        Form::Text => {
            let text = report.to_string();
            line(text.trim_end())?;
            text
        }
    };
    if let Some(path) = &arguments.report {
        fs::write(path, text)
            .with_context(|| format!("the report cannot be written to {}", path.display()))?;
    }
    Ok(match report.verdict {
        Verdict::Passed | Verdict::Incomplete => Outcome::Well,
        Verdict::Failed => Outcome::AtFault,
    })
}

/// Lines from standard input; the channel ends where they do.
fn answers() -> io::Result<UnboundedReceiver<String>> {
    let (typed, answers) = unbounded_channel();
    thread::Builder::new()
        .name("answers".to_owned())
        .spawn(move || {
            for line in io::stdin().lock().lines() {
                let Ok(line) = line else { return };
                if typed.send(line.trim().to_lowercase()).is_err() {
                    return;
                }
            }
        })?;
    Ok(answers)
}

struct Test<'a> {
    session: Session,
    hand: Option<Hand>,
    answers: Option<UnboundedReceiver<String>>,
    arguments: &'a Arguments,
    gate: &'a Line,
    actuators: Vec<Actuator>,
    sensors: Vec<Sensor>,
}

impl Test<'_> {
    async fn all(&mut self) -> anyhow::Result<()> {
        if self.answers.is_some() {
            self.tell("Keep clear of the leaf until you are asked. Type \"skip\" for what cannot be tried.")?;
        }
        let orders: Vec<Order> = self.gate.map.commands.keys().copied().collect();
        for order in &orders {
            match order {
                Order::Lamp(lamp) => {
                    let shows = match lamp {
                        Lamp::Off => "no lamp",
                        Lamp::Wait => "\"wait\"",
                        Lamp::Go => "\"go\"",
                        Lamp::SeeOfficer => "\"see an officer\"",
                    };
                    self.sign(
                        Command::Lamp(*lamp),
                        &format!("Does the gate show {shows}?"),
                    )
                    .await?;
                }
                Order::Sounder(sounder) => {
                    let sounds = match sounder {
                        Sounder::Silent => "Is the sounder silent?",
                        Sounder::Chime => "Does it chime?",
                        Sounder::Alarm => "Does the alarm sound?",
                    };
                    self.sign(Command::Sounder(*sounder), sounds).await?;
                }
                Order::Open | Order::Close | Order::Lock | Order::Evacuate | Order::ClearFault => {}
            }
        }
        if orders.contains(&Order::Sounder(Sounder::Silent)) {
            // Whatever it was told last: the test goes on for minutes.
            self.session
                .command(Command::Sounder(Sounder::Silent))
                .await?;
        }
        self.leaf(Command::Close, Leaf::Closed).await?;
        let open = self.open().await?;
        for trial in &OPEN {
            let needs_open = ["passed", "tailgate", "wrong_way"].contains(&trial.name);
            if open || !needs_open {
                self.sense(trial).await?;
            } else if (trial.wired)(&self.gate.map.status) {
                self.sensed(
                    trial.name,
                    Sensed::NotAsked,
                    None,
                    "the gate was not opened",
                );
            }
        }
        if open {
            self.leaf(Command::Close, Leaf::Closed).await?;
        }
        for trial in &CLOSED {
            self.sense(trial).await?;
        }
        let last = if orders.contains(&Order::Lock) {
            Command::Lock
        } else {
            Command::Close
        };
        self.leaf(last, Leaf::Closed).await?;
        for order in orders {
            let note = match order {
                Order::Evacuate => "evacuation is tried by the fire input",
                Order::ClearFault => "it takes a fault to clear one",
                _ => continue,
            };
            self.actuators.push(Actuator::apart(order.key(), note));
        }
        Ok(())
    }

    /// A lamp or a tone, which only a person can perceive.
    async fn sign(&mut self, command: Command, question: &str) -> anyhow::Result<()> {
        let name = command.order().key();
        let actuator = match self.session.command(command).await {
            Err(error) => Actuator::failed(name, None, chain(&error)),
            Ok(took) => match self.eyes(&format!("{question} yes, no or skip")).await? {
                Some(false) => Actuator::failed(name, Some(took), "not seen or heard".to_owned()),
                Some(true) => Actuator::done(name, took, None),
                None => Actuator {
                    note: "acknowledged; nobody looked".to_owned(),
                    ..Actuator::done(name, took, None)
                },
            },
        };
        self.actuators.push(actuator);
        Ok(())
    }

    /// What the engineer sees; none where nobody looks.
    async fn eyes(&mut self, question: &str) -> anyhow::Result<Option<bool>> {
        if self.answers.is_none() {
            return Ok(None);
        }
        self.tell(question)?;
        let over = Instant::now() + self.arguments.limit;
        loop {
            let Some(answers) = &mut self.answers else {
                return Ok(None);
            };
            tokio::select! {
                biased;
                // The status is taken meanwhile, so that the box does not fill.
                _ = self.session.next() => {}
                answer = answers.recv() => match answer.as_deref() {
                    Some("yes" | "y") => return Ok(Some(true)),
                    Some("no" | "n") => return Ok(Some(false)),
                    Some("skip" | "s") | None => return Ok(None),
                    Some(_) => self.tell("yes, no or skip?")?,
                },
                () = sleep_until(over) => return Ok(None),
            }
        }
    }

    /// Opens for one person, on record; says whether it is open.
    async fn open(&mut self) -> anyhow::Result<bool> {
        let persons = NonZeroU8::MIN;
        let Some(hand) = &mut self.hand else {
            let note = "no journal to put it on record: give --config and --badge";
            self.actuators
                .push(Actuator::left_out(Order::Open.key(), note));
            return Ok(false);
        };
        hand.record(Record::OpenedByHand {
            officer: hand.officer.id.clone(),
            persons,
            reason: self.arguments.reason.0,
        })?;
        self.leaf(Command::Open { persons }, Leaf::Open).await?;
        Ok(self
            .session
            .status
            .is_some_and(|status| status.leaf == Leaf::Open))
    }

    /// Moves the leaf and waits until it has arrived.
    async fn leaf(&mut self, command: Command, to: Leaf) -> anyhow::Result<()> {
        let name = command.order().key();
        let begun = Instant::now();
        drop(self.session.heard());
        let there = self.session.status.is_some_and(|status| status.leaf == to);
        let actuator = match self.session.command(command).await {
            Err(error) => {
                Actuator::failed(name, None, format!("{} -> {}", chain(&error), cure(&error)))
            }
            Ok(took) => {
                // What was heard before the answer is old.
                drop(self.session.heard());
                let arrived = self
                    .session
                    .until(self.arguments.limit, |status| status.leaf == to)
                    .await?;
                match arrived {
                    Some(_) if there => Actuator {
                        note: "the leaf was there already".to_owned(),
                        ..Actuator::done(name, took, None)
                    },
                    Some(_) => Actuator::done(name, took, Some(begun.elapsed())),
                    None => Actuator::failed(
                        name,
                        Some(took),
                        format!(
                            "the leaf is {} after {} s",
                            self.session
                                .status
                                .map_or("unknown", |status| super::words::leaf(status.leaf)),
                            self.arguments.limit.as_secs()
                        ),
                    ),
                }
            }
        };
        self.actuators.push(actuator);
        Ok(())
    }

    fn sensed(&mut self, name: &'static str, state: Sensed, after: Option<Duration>, note: &str) {
        self.sensors.push(Sensor {
            name,
            state,
            after_ms: after.map(milliseconds),
            note: note.to_owned(),
        });
    }

    async fn sense(&mut self, trial: &Trial) -> anyhow::Result<()> {
        let name = trial.name;
        if !(trial.wired)(&self.gate.map.status) {
            return Ok(());
        }
        if self.answers.is_none() {
            self.sensed(name, Sensed::NotAsked, None, "unattended");
            return Ok(());
        }
        drop(self.session.heard());
        if self.session.status.as_ref().is_some_and(trial.on) {
            let note = "it is on before it was triggered: look at `inverted` in the register map, and at the sensor";
            self.sensed(name, Sensed::Stuck, None, note);
            return Ok(());
        }
        let (state, after) = self.wait(trial.ask, trial.on).await?;
        if state != Sensed::Seen {
            self.sensed(name, state, None, "");
            return Ok(());
        }
        if let Some(release) = trial.release {
            let on = trial.on;
            match self.wait(release, move |status| !on(status)).await? {
                (Sensed::Seen, _) => {}
                (Sensed::Skipped, _) => {
                    self.sensed(
                        name,
                        Sensed::Skipped,
                        after,
                        "it came; nobody waited for it to go",
                    );
                    return Ok(());
                }
                _ => {
                    self.sensed(name, Sensed::Stuck, after, "it came and did not go");
                    return Ok(());
                }
            }
        }
        self.sensed(name, Sensed::Seen, after, "");
        Ok(())
    }

    /// Asks for something, and waits until the status shows it.
    async fn wait(
        &mut self,
        ask: &str,
        shown: impl Fn(&Status) -> bool,
    ) -> anyhow::Result<(Sensed, Option<Duration>)> {
        let limit = self.arguments.limit;
        self.tell(&format!(
            "Please {ask} ({} s, or \"skip\").",
            limit.as_secs()
        ))?;
        let begun = Instant::now();
        loop {
            if self.session.status.as_ref().is_some_and(&shown) {
                return Ok((Sensed::Seen, Some(begun.elapsed())));
            }
            let Some(answers) = &mut self.answers else {
                return Ok((Sensed::NotAsked, None));
            };
            tokio::select! {
                biased;
                news = self.session.next() => {
                    if let gate::News::Lost(error) = news {
                        return Err(self.session.lost(&error).into());
                    }
                }
                answer = answers.recv() => match answer.as_deref() {
                    Some("skip" | "s") | None => return Ok((Sensed::Skipped, None)),
                    Some(_) => self.tell("I watch the gate for it; \"skip\" leaves it out.")?,
                },
                () = sleep_until(begun + limit) => return Ok((Sensed::NotSeen, None)),
            }
        }
    }

    /// To the engineer, apart from the report.
    fn tell(&self, words: &str) -> io::Result<()> {
        writeln!(io::stderr(), "{words}")
    }

    fn report(&self, firmware: Option<String>, cut: Option<String>) -> Report {
        Report {
            event: "commissioning",
            at: now(),
            software: env!("CARGO_PKG_VERSION"),
            officer: self
                .hand
                .as_ref()
                .map(|hand| hand.officer.id.as_str().to_owned()),
            port: self.gate.port.path.clone(),
            baud: self.gate.port.baud,
            map: self.gate.map.name.clone(),
            unit: self.gate.map.unit,
            fresh: self.gate.map.heartbeat.is_some(),
            firmware,
            round_trip_ms: self
                .session
                .round_trip()
                .map(|(median, _)| milliseconds(median)),
            actuators: self.actuators.clone(),
            sensors: self.sensors.clone(),
            verdict: match Report::judge(&self.actuators, &self.sensors) {
                Verdict::Passed if cut.is_some() => Verdict::Incomplete,
                verdict => verdict,
            },
            cut,
        }
    }
}
