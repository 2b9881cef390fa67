//! Records as they stand in the file.

use std::collections::BTreeMap;

use rusqlite::{Connection, Row as SqlRow, types::Type};
use serde_json::{Map, Value};

use crate::{
    Digest, Stamp,
    body::Personal,
    leaf::{Leaf, commitment},
};

/// A personal field, in the open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Opened {
    pub(crate) salt: [u8; 32],
    /// Canonical JSON.
    pub(crate) value: String,
}

impl Opened {
    pub(crate) fn commitment(&self, field: &str) -> Digest {
        commitment(field, &self.salt, &self.value)
    }

    /// Whether this is what stands where a field was erased.
    fn is_erased(&self) -> bool {
        self.salt == [0; 32] && self.value.trim_end_matches(' ') == "\"\""
    }
}

/// One record with its personal fields, as far as they are still there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) leaf: Leaf,
    /// What stands beside the record. Whether it is the leaf's digest is for whoever verifies.
    pub(crate) digest: Digest,
    pub(crate) personal: BTreeMap<String, Opened>,
}

const COLUMNS: &str = "seq, at, journey, kind, body, commitments, leaf";

impl Row {
    fn of_record(row: &SqlRow<'_>) -> rusqlite::Result<Self> {
        let commitments: Option<String> = row.get(5)?;
        let commitments = match commitments {
            Some(text) => named(&text).ok_or_else(|| strange(5, Type::Text))?,
            None => BTreeMap::new(),
        };
        let count = |column| {
            row.get::<_, Option<i64>>(column)?
                .map(|number| u64::try_from(number).map_err(|_| strange(column, Type::Integer)))
                .transpose()
        };
        Ok(Self {
            leaf: Leaf {
                seq: count(0)?.ok_or_else(|| strange(0, Type::Null))?,
                at: row.get(1).map(Stamp::new)?,
                journey: count(2)?,
                kind: row.get(3)?,
                body: row.get(4)?,
                commitments,
            },
            digest: row.get(6).map(Digest::new)?,
            personal: BTreeMap::new(),
        })
    }

    /// At most `limit` records after `after`, in order.
    pub(crate) fn page(
        connection: &Connection,
        after: u64,
        limit: u32,
    ) -> rusqlite::Result<Vec<Self>> {
        let after = i64::try_from(after).unwrap_or(i64::MAX);
        let mut rows: Vec<Self> = connection
            .prepare_cached(&format!(
                "SELECT {COLUMNS} FROM record WHERE seq > ?1 ORDER BY seq LIMIT ?2"
            ))?
            .query_map((after, limit), Self::of_record)?
            .collect::<rusqlite::Result<_>>()?;
        let Some(last) = rows.last().map(|row| row.leaf.seq) else {
            return Ok(rows);
        };
        let mut statement = connection.prepare_cached(
            "SELECT seq, field, salt, value FROM personal WHERE seq > ?1 AND seq <= ?2 ORDER BY seq",
        )?;
        let mut fields = statement.query((after, last.cast_signed()))?;
        let mut owners = rows.iter_mut().peekable();
        while let Some(field) = fields.next()? {
            let seq = field.get::<_, i64>(0)?.unsigned_abs();
            while owners.next_if(|row| row.leaf.seq < seq).is_some() {}
            // A field without a record is found by the foreign key's check.
            if let Some(row) = owners.peek_mut().filter(|row| row.leaf.seq == seq) {
                let opened = Opened {
                    salt: field.get(2)?,
                    value: field.get(3)?,
                };
                if !opened.is_erased() {
                    row.personal.insert(field.get(1)?, opened);
                }
            }
        }
        Ok(rows)
    }

    /// Puts a record and its personal fields into the file.
    pub(crate) fn insert(&self, connection: &Connection) -> rusqlite::Result<()> {
        let leaf = &self.leaf;
        connection
            .prepare_cached(&format!(
                "INSERT INTO record ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
            ))?
            .execute((
                leaf.seq.cast_signed(),
                leaf.at.unix_milliseconds(),
                leaf.journey.map(u64::cast_signed),
                &leaf.kind,
                &leaf.body,
                unnamed(&leaf.commitments),
                self.digest.as_bytes(),
            ))?;
        let mut insert = connection.prepare_cached(
            "INSERT INTO personal (seq, field, salt, value) VALUES (?1, ?2, ?3, ?4)",
        )?;
        for (field, opened) in &self.personal {
            insert.execute((leaf.seq.cast_signed(), field, opened.salt, &opened.value))?;
        }
        Ok(())
    }

    /// A record that is still to be written. The salts are fresh.
    pub(crate) fn new(
        (seq, at, journey): (u64, Stamp, Option<u64>),
        kind: &str,
        body: String,
        personal: Vec<Personal>,
    ) -> Result<Self, getrandom::Error> {
        let mut opened = BTreeMap::new();
        for Personal { field, value } in personal {
            let mut salt = [0; 32];
            getrandom::fill(&mut salt)?;
            opened.insert(field.to_owned(), Opened { salt, value });
        }
        let leaf = Leaf {
            seq,
            at,
            journey,
            kind: kind.to_owned(),
            body,
            commitments: opened
                .iter()
                .map(|(field, opened)| (field.clone(), opened.commitment(field)))
                .collect(),
        };
        Ok(Self {
            digest: leaf.digest(),
            leaf,
            personal: opened,
        })
    }

    /// The particulars, with what is personal where it is still there. None if they are no JSON objects, which nobody writes.
    pub(crate) fn body(&self) -> Option<Value> {
        let mut body: Map<String, Value> = serde_json::from_str(&self.leaf.body).ok()?;
        for (field, opened) in &self.personal {
            body.insert(field.clone(), serde_json::from_str(&opened.value).ok()?);
        }
        Some(Value::Object(body))
    }
}

/// `{"field": "64 hexadecimal digits"}`, as the column holds it.
pub(crate) fn named(text: &str) -> Option<BTreeMap<String, Digest>> {
    let map: BTreeMap<String, String> = serde_json::from_str(text).ok()?;
    map.into_iter()
        .map(|(field, digest)| Some((field, Digest::parse(&digest)?)))
        .collect()
}

fn unnamed(commitments: &BTreeMap<String, Digest>) -> Option<String> {
    let map: Map<String, Value> = commitments
        .iter()
        .map(|(field, digest)| (field.clone(), digest.to_string().into()))
        .collect();
    (!map.is_empty()).then(|| Value::Object(map).to_string())
}

/// The columns are strict: whatever cannot be read in them was put there by somebody else.
fn strange(column: usize, found: Type) -> rusqlite::Error {
    rusqlite::Error::InvalidColumnType(column, COLUMNS.to_owned(), found)
}
