//! What is personal goes when its time is over, and a record in the tree says so.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension as _};
use serde_json::{Value, json};

use crate::{
    Journal, JournalError, Operation, Stamp,
    body::{CODE, DOCUMENTS, ERASED, OFFICER, canonical},
    store::Step,
    verify::erasures,
};

/// How many fields of one kind go in one call, about: the lane commits nothing meanwhile, and on a slow computer each takes
/// a fifth of a millisecond.
const STEP: u32 = 1_000;

/// How long what is personal is kept. Which law sets it is the office's affair; `None` keeps for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Of travellers: the keyed digests of their documents, and the declaration's id.
    pub travellers: Option<Duration>,
    /// Of officers: their badges.
    pub officers: Option<Duration>,
}

/// What [`Journal::retain`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Erasure {
    /// How many fields were erased.
    pub fields: u64,
    /// Whether there is more to erase: call again.
    pub more: bool,
    /// Whether what was erased still stands in SQLite's log, because somebody was reading meanwhile. The next call sees to it.
    pub lingers: bool,
}

/// What an `erased` record says: these fields are gone from every record up to this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Erased {
    pub(crate) fields: Vec<String>,
    pub(crate) through: u64,
    /// Unix milliseconds: whatever was committed before.
    pub(crate) before: i64,
    /// How many fields went.
    pub(crate) count: u64,
}

impl Erased {
    pub(crate) fn read(body: &str) -> Option<Self> {
        let body: Value = serde_json::from_str(body).ok()?;
        let field = |field: &Value| field.as_str().map(str::to_owned);
        Some(Self {
            fields: body["fields"]
                .as_array()?
                .iter()
                .map(field)
                .collect::<Option<_>>()?,
            through: body["through"].as_u64()?,
            before: body["before"].as_i64()?,
            count: body["count"].as_u64()?,
        })
    }

    fn body(&self) -> String {
        canonical(&json!({
            "fields": self.fields,
            "through": self.through,
            "before": self.before,
            "count": self.count,
        }))
    }
}

impl Journal {
    /// Erases what is personal in records older than `retention` says, and records that it did, in one transaction: the
    /// fields and their salts are overwritten, and the commitments that stay say nothing any more.
    ///
    /// A record is as old as the latest time, not after `now`, that it or a record before it was stamped with: a clock that
    /// fell back does not make records old, and one that ran ahead does not keep them. A clock that runs ahead *now* erases
    /// too early; call this only while the clock is known to be set.
    ///
    /// One call erases some thousand fields at most, so that a lane does not wait long for it; [`Erasure::more`] says whether
    /// another has to follow.
    ///
    /// # Errors
    /// [`JournalError::ClockBehind`] if `now` is before the last record; and what the disk refuses. Nothing is erased then.
    pub fn retain(&mut self, now: Stamp, retention: Retention) -> Result<Erasure, JournalError> {
        let (connection, path, key) = self.parts();
        let mut step = Step::begin(connection, path, key, Operation::Erase)?;
        let last: Option<i64> = step
            .transaction
            .query_row(
                "SELECT at FROM record WHERE seq = ?1",
                [step.head.seq.cast_signed()],
                |row| row.get(0),
            )
            .optional()
            .map_err(|source| step.sqlite(source))?;
        if last.is_some_and(|last| last > now.unix_milliseconds()) {
            return Err(JournalError::ClockBehind {
                path: path.to_owned(),
            });
        }
        let (mut fields, mut more) = (0, false);
        let kept: [(&[&str], Option<Duration>); 2] = [
            (&[CODE, DOCUMENTS], retention.travellers),
            (&[OFFICER], retention.officers),
        ];
        let records = step.head.seq;
        let reach = erasures(&step.transaction).map_err(|source| step.sqlite(source))?;
        for (names, keep) in kept {
            let Some(keep) = keep else { continue };
            let keep = i64::try_from(keep.as_millis()).unwrap_or(i64::MAX);
            let before = now.unix_milliseconds().saturating_sub(keep);
            // The fields of one kind go together, so they have gone equally far.
            let from = names.iter().filter_map(|name| reach.get(*name)).min();
            let from = from.copied().unwrap_or(0);
            let time = (before, now.unix_milliseconds());
            let (erased, rest) = due(&step.transaction, (from, records), names, time)
                .map_err(|source| step.sqlite(source))?;
            if erased.count == 0 {
                continue;
            }
            fields += erased.count;
            more |= rest;
            step.add((now, None), ERASED, erased.body(), Vec::new())?;
            for name in names {
                step.transaction
                    .execute(
                        // Of the same length, so that it is written over what was there.
                        "UPDATE personal SET salt = zeroblob(32), value = printf('%-*s', length(value), '\"\"')
                         WHERE field = ?1 AND seq > ?2 AND seq <= ?3",
                        (name, from.cast_signed(), erased.through.cast_signed()),
                    )
                    .map_err(|source| step.sqlite(source))?;
            }
        }
        if fields > 0 {
            step.commit()?;
        } else {
            drop(step);
        }
        // The log holds former pages until it is written over.
        let busy: i64 = connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
            .map_err(|source| JournalError::sqlite(Operation::Erase, path, source))?;
        Ok(Erasure {
            fields,
            more,
            lingers: busy != 0,
        })
    }
}

/// What is to go of these fields after the record `from`: everything up to the last record before the first that is young
/// enough, or up to where a step ends; then there is a rest.
fn due(
    connection: &Connection,
    (from, records): (u64, u64),
    names: &[&str],
    (before, now): (i64, i64),
) -> rusqlite::Result<(Erased, bool)> {
    let young: Option<i64> = connection
        .query_row(
            "SELECT seq FROM record WHERE seq > ?1 AND at BETWEEN ?2 AND ?3 ORDER BY seq LIMIT 1",
            (from.cast_signed(), before, now),
            |row| row.get(0),
        )
        .optional()?;
    let old = young.map_or(records, |young| young.unsigned_abs() - 1);
    let [one, other] = [names.first(), names.last()];
    let step: Option<i64> = connection.query_row(
        "SELECT max(seq) FROM (SELECT seq FROM personal
             WHERE field IN (?1, ?2) AND seq > ?3 AND seq <= ?4 ORDER BY seq LIMIT ?5)",
        (one, other, from.cast_signed(), old.cast_signed(), STEP),
        |row| row.get(0),
    )?;
    let last: Option<i64> = connection.query_row(
        "SELECT max(seq) FROM personal WHERE field IN (?1, ?2) AND seq > ?3 AND seq <= ?4",
        (one, other, from.cast_signed(), old.cast_signed()),
        |row| row.get(0),
    )?;
    let rest = step != last;
    let through = match step {
        Some(step) if rest => step.unsigned_abs(),
        _ => old,
    };
    let mut count = 0;
    for name in names {
        count += connection
            .query_row(
                "SELECT count(*) FROM personal WHERE field = ?1 AND seq > ?2 AND seq <= ?3",
                (name, from.cast_signed(), through.cast_signed()),
                |row| row.get::<_, i64>(0),
            )?
            .unsigned_abs();
    }
    let erased = Erased {
        fields: names.iter().map(|name| (*name).to_owned()).collect(),
        through,
        before,
        count,
    };
    Ok((erased, rest))
}
