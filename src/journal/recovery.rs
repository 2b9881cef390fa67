//! What an interruption left open, and how it is closed.

use evidence::{JourneyId, QuestionId};
use journey::{Decision, Ending, Record, StageName};
use serde_json::Value;

use crate::{Journal, JournalError, Operation, Stamp, TreeError, body};

/// What was found at start-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovery {
    /// The number of the next journey: one more than the highest that ever began.
    pub next: JourneyId,
    /// The journeys that were open and are closed now, each with a record of how: by the officer who had taken over, or
    /// interrupted at the stage that its last record tells of.
    pub interrupted: Vec<JourneyId>,
    /// A referral that no officer has decided. It stays open: only an officer ends it. Should there be several, which no
    /// lane leaves behind, this is the latest, and the others come up at later starts.
    pub unfinished: Option<QuestionId>,
}

/// Where an open journey stood when its last record was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// At this stage, or at one after it that leaves no record of its own.
    At(StageName),
    /// With an officer who has not decided.
    Referred(QuestionId),
    /// An officer took over so, and the gate was still to close.
    TakenOver(Decision),
}

/// Closes what is open, in one transaction, and says what was found.
pub(crate) fn recover(journal: &mut Journal, now: Stamp) -> Result<Recovery, JournalError> {
    let mut unfinished = None;
    let mut endings = Vec::new();
    for journey in open_journeys(journal)? {
        match standing(journal, journey)? {
            Standing::At(stage) => endings.push((journey, Ending::Interrupted(stage))),
            Standing::TakenOver(decision) => endings.push((journey, Ending::Decided(decision))),
            Standing::Referred(referral) => unfinished = Some(referral),
        }
    }
    let records: Vec<Record> = endings
        .iter()
        .map(|(journey, ending)| Record::Ended {
            journey: *journey,
            ending: *ending,
        })
        .collect();
    if !records.is_empty() {
        journal.append(&records, now, Operation::Recover)?;
    }
    Ok(Recovery {
        next: journal.next()?,
        interrupted: endings.into_iter().map(|(journey, _)| journey).collect(),
        unfinished,
    })
}

/// The journeys that began and have not ended, in the order of their numbers.
fn open_journeys(journal: &Journal) -> Result<Vec<JourneyId>, JournalError> {
    let of_sqlite = |source| JournalError::sqlite(Operation::Recover, journal.path(), source);
    let mut statement = journal
        .connection()
        .prepare(
            "SELECT journey FROM record AS first WHERE kind = 'began' AND NOT EXISTS
                 (SELECT 1 FROM record AS last WHERE last.kind = 'ended' AND last.journey = first.journey)
             ORDER BY journey",
        )
        .map_err(of_sqlite)?;
    let journeys = statement
        .query_map([], |row| {
            row.get(0)
                .map(|number: i64| JourneyId::new(number.unsigned_abs()))
        })
        .and_then(Iterator::collect);
    journeys.map_err(of_sqlite)
}

fn standing(journal: &Journal, journey: JourneyId) -> Result<Standing, JournalError> {
    let of_sqlite = |source| JournalError::sqlite(Operation::Recover, journal.path(), source);
    let mut statement = journal
        .connection()
        .prepare_cached("SELECT seq, kind, body FROM record WHERE journey = ?1 ORDER BY seq")
        .map_err(of_sqlite)?;
    let mut rows = statement
        .query([journey.get().cast_signed()])
        .map_err(of_sqlite)?;
    let mut standing = Standing::At(StageName::Gathering);
    while let Some(row) = rows.next().map_err(of_sqlite)? {
        let read = || {
            Ok((
                row.get::<_, i64>(0)?,
                row.get::<_, String>(1)?,
                row.get::<_, String>(2)?,
            ))
        };
        let (seq, kind, body) = read().map_err(of_sqlite)?;
        let changed = || {
            JournalError::altered(
                journal.path(),
                TreeError::Changed {
                    seq: seq.unsigned_abs(),
                },
            )
        };
        let body: Value = serde_json::from_str(&body).map_err(|_| changed())?;
        standing = match kind.as_str() {
            body::BEGAN | body::CODE_REFUSED | body::ALARMED => standing,
            body::GATHERED => Standing::At(StageName::Reviewing),
            body::CLEARED => Standing::At(StageName::Releasing),
            body::REFERRED => {
                let serial = body["referral"]
                    .as_u64()
                    .and_then(|serial| u32::try_from(serial).ok());
                Standing::Referred(QuestionId {
                    journey,
                    serial: serial.ok_or_else(changed)?,
                })
            }
            body::DECIDED if body["persons"].is_null() => {
                let decision = Decision::ALL
                    .into_iter()
                    .find(|decision| body["decision"] == decision.code());
                Standing::TakenOver(decision.ok_or_else(changed)?)
            }
            body::DECIDED => Standing::At(StageName::Releasing),
            // A later release may add kinds; they do not move a journey as far as this release knows.
            _ => standing,
        };
    }
    Ok(standing)
}
