//! Effects, each carried out.

use std::time::Duration;

use gate::{Command, Sounder};
use journal::Stamp;
use journey::{Effect, Look, Record};
use tokio::time::Instant;

use crate::{
    Surface,
    conduct::{Answer, Armed, Conductor, unix_milliseconds},
    eyes::Looking,
    gatekeeper,
};

impl<S: Surface> Conductor<S> {
    pub(crate) fn evacuate(&mut self) {
        // A gate that reports an evacuation by itself is open already and closes when its own input is at rest;
        // a command on top would have to be taken back by hand.
        if !self.reports.evacuating() {
            self.gate.evacuate();
        }
    }

    pub(crate) fn commit(&mut self, effects: &[Effect]) -> Result<Option<Duration>, ()> {
        let records: Vec<Record> = effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::Record(record) => Some(record.clone()),
                _ => None,
            })
            .collect();
        if records.is_empty() {
            return Ok(None);
        }
        let begun = Instant::now();
        let stamp = Stamp::new(unix_milliseconds());
        match tokio::task::block_in_place(|| self.journal.commit(&records, stamp)) {
            Ok(()) => {
                self.correspondence.written.notify_one();
                Ok(Some(begun.elapsed()))
            }
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the journal refuses"
                );
                Err(())
            }
        }
    }

    pub(crate) fn perform(&mut self, effect: &Effect) {
        match effect {
            // Done before the others.
            Effect::Record(_) | Effect::Evacuate => {}
            Effect::OpenGate(warrant) => self.gate.give(Command::Open {
                persons: warrant.persons(),
            }),
            Effect::CloseGate => self.gate.give(Command::Close),
            Effect::Light(lamp) => self.gate.give(Command::Lamp(gatekeeper::lamp(*lamp))),
            Effect::Look(look) => self.look(*look),
            Effect::OpenDeclaration {
                question,
                declaration,
                document,
            } => {
                let (declaration, document) = (declaration.clone(), document.clone());
                let (answers, to) = (self.answers.clone(), *question);
                tokio::task::spawn_blocking(move || {
                    let outcome = Box::new(declaration.open(&document));
                    // The loop may have ended meanwhile.
                    let _ = answers.send(Answer::Opened { to, outcome });
                });
            }
            Effect::AskRisk(question) => {
                let (assessor, answers) = (self.assessor.clone(), self.answers.clone());
                let question = question.clone();
                tokio::spawn(async move {
                    let verdict = assessor.verdict(&question).await.verdict;
                    let _ = answers.send(Answer::Verdict {
                        to: question.id,
                        verdict,
                    });
                });
            }
            Effect::Arm(deadline) => {
                let (now, deadline) = (Instant::now(), *deadline);
                self.armed = Some(Armed {
                    deadline,
                    near: Some(now + self.timings.near(deadline.timer)),
                    at: now + self.timings.of(deadline.timer),
                });
            }
            Effect::Disarm => self.armed = None,
            Effect::SummonOfficer(referral) => {
                tracing::info!(referral = %referral.id, causes = ?referral.causes, "officer wanted");
                self.surface.evidence(self.album.evidence(&self.lane));
            }
            Effect::RaiseAlarm(alarm) => {
                tracing::warn!(?alarm, "officer wanted at the gate");
                self.panel.alarm(*alarm);
                self.sound(Sounder::Alarm);
                self.sounding_until = Some(Instant::now() + self.timings.alarm);
            }
            Effect::Forget(_) => {
                self.album.forget();
                self.eyes.forget();
                self.surface.forget();
            }
        }
    }

    /// Ends the alarm that is heard; what is read on the panel stays.
    pub(crate) fn silence(&mut self) {
        if self.sounding_until.take().is_some() {
            self.sound(Sounder::Silent);
        }
    }

    /// Not every gate has a sounder.
    fn sound(&self, sounder: Sounder) {
        self.gate.give_if_mapped(Command::Sounder(sounder));
    }

    fn look(&mut self, look: Look) {
        self.eyes.look(match look {
            Look::Nothing => Looking::Nothing,
            Look::Documents => Looking::Documents,
            Look::Face { question, member } => Looking::Face {
                question,
                member,
                portrait: self.album.embedding(&self.lane, member),
            },
        });
    }
}
