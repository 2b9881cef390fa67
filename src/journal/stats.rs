//! The journal in numbers.

use std::{collections::BTreeMap, fs, path::PathBuf};

use crate::{
    Extent, JournalError, Operation, Reader, Stamp,
    body::{BEGAN, ENDED},
    head::Head,
};

/// What a journal holds, in numbers. None of them is personal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stats {
    /// How far it reaches.
    pub extent: Extent,
    /// The last record that the office has acknowledged; 0 when it has none.
    pub acknowledged: u64,
    /// The first record's and the last record's time, where there is a record.
    pub times: Option<(Stamp, Stamp)>,
    /// How often a record's time is before that of the record before it: the clock was set back, or fell back.
    pub clock_fell_back: u64,
    /// How many records there are of each kind.
    pub kinds: BTreeMap<String, u64>,
    /// How many journeys began and have not ended.
    pub open: u64,
    /// How many personal fields are held.
    pub held: u64,
    /// How many personal fields were erased.
    pub erased: u64,
    /// The size of the file and its log, in bytes.
    pub bytes: u64,
}

impl Reader {
    /// The journal in numbers. Every record is counted: its time grows with the journal.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn stats(&self) -> Result<Stats, JournalError> {
        let of_sqlite = |source| JournalError::sqlite(Operation::Read, self.path(), source);
        let look = self
            .connection()
            .unchecked_transaction()
            .map_err(of_sqlite)?;
        let count = |sql: &str| {
            look.query_one(sql, [], |row| row.get::<_, i64>(0))
                .map(i64::unsigned_abs)
                .map_err(of_sqlite)
        };
        let head = Head::read(&look).map_err(of_sqlite)?;
        let time = |sql: &str| look.query_one(sql, [], |row| row.get::<_, i64>(0).map(Stamp::new));
        let times = match head.seq {
            0 => None,
            _ => Some((
                time("SELECT at FROM record ORDER BY seq LIMIT 1").map_err(of_sqlite)?,
                time("SELECT at FROM record ORDER BY seq DESC LIMIT 1").map_err(of_sqlite)?,
            )),
        };
        let kinds: BTreeMap<String, u64> = look
            .prepare("SELECT kind, count(*) FROM record GROUP BY kind")
            .and_then(|mut statement| {
                statement
                    .query_map([], |row| {
                        Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs()))
                    })?
                    .collect()
            })
            .map_err(of_sqlite)?;
        let of = |kind: &str| kinds.get(kind).copied().unwrap_or_default();
        let fields = count("SELECT count(*) FROM personal")?;
        let erased = count("SELECT count(*) FROM personal WHERE salt = zeroblob(32)")?;
        Ok(Stats {
            extent: head.extent(),
            acknowledged: head.acknowledged,
            times,
            clock_fell_back: count(
                "SELECT count(*) FROM (SELECT at < lag(at) OVER (ORDER BY seq) AS back FROM record) WHERE back",
            )?,
            open: of(BEGAN).saturating_sub(of(ENDED)),
            kinds,
            held: fields - erased,
            erased,
            bytes: self.bytes(),
        })
    }

    fn bytes(&self) -> u64 {
        let mut log = self.path().as_os_str().to_owned();
        log.push("-wal");
        [self.path().to_owned(), PathBuf::from(log)]
            .iter()
            .filter_map(|path| fs::metadata(path).ok())
            .map(|about| about.len())
            .sum()
    }
}
