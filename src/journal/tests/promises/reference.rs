//! A second opinion: the chain recomputed from the rows as the README tells it, slowly, without the crate.

use std::{collections::BTreeSet, path::Path};

use hmac::{Hmac, KeyInit, Mac};
use rusqlite::{Connection, OpenFlags, types::Value};
use sha2::{Digest, Sha256};

/// HMAC-SHA-256 under a key for one purpose.
pub(crate) fn keyed(key: [u8; 32], purpose: &str, message: &[u8]) -> Vec<u8> {
    let mut text = format!("sekisho journal {purpose}\0").into_bytes();
    text.extend_from_slice(message);
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    mac.update(&text);
    mac.finalize().into_bytes().to_vec()
}

/// The number of records, if everything holds.
pub(crate) fn check(path: &Path, key: [u8; 32]) -> Result<i64, String> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let mut rows: Vec<Vec<Value>> = connection
        .prepare("SELECT seq, at, journey, kind, body, previous, digest FROM record NOT INDEXED")
        .unwrap()
        .query_map([], |row| (0..7).map(|column| row.get(column)).collect())
        .unwrap()
        .collect::<Result<_, _>>()
        .map_err(|error| error.to_string())?;
    rows.sort_by_key(|row| whole(&row[0]));

    let mut previous = vec![0; 32];
    let (mut begun, mut ended) = (BTreeSet::new(), BTreeSet::new());
    for (index, row) in rows.iter().enumerate() {
        if whole(&row[0]) != i64::try_from(index).unwrap() + 1 {
            return Err(format!("gap before {}", whole(&row[0])));
        }
        if row[5] != Value::Blob(previous.clone()) {
            return Err(format!("{} does not follow", whole(&row[0])));
        }
        let mut text = Vec::new();
        for field in [&Value::Text("sekisho record 1".into())]
            .into_iter()
            .chain(&row[..6])
        {
            let bytes = match field {
                Value::Null => Vec::new(),
                Value::Integer(number) => number.to_be_bytes().to_vec(),
                Value::Text(text) => text.clone().into_bytes(),
                Value::Blob(bytes) => bytes.clone(),
                Value::Real(_) => return Err("a fraction".to_owned()),
            };
            text.extend((bytes.len() as u32).to_be_bytes());
            text.extend(bytes);
        }
        previous = Sha256::digest(&text).to_vec();
        if row[6] != Value::Blob(previous.clone()) {
            return Err(format!("{} was changed", whole(&row[0])));
        }
        let once = match &row[3] {
            Value::Text(kind) if kind == "began" => begun.insert(whole(&row[2])),
            Value::Text(kind) if kind == "ended" => ended.insert(whole(&row[2])),
            _ => true,
        };
        if !once {
            return Err(format!("journey {} began or ended twice", whole(&row[2])));
        }
    }

    let (seq, digest, next, seal): (i64, Vec<u8>, i64, Vec<u8>) = connection
        .query_row(
            "SELECT seq, digest, next_journey, seal FROM head",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
        )
        .map_err(|error| error.to_string())?;
    let named: Vec<u8> = [&seq.to_be_bytes(), digest.as_slice(), &next.to_be_bytes()].concat();
    if (seq, digest) != (i64::try_from(rows.len()).unwrap(), previous)
        || seal != keyed(key, "head", &named)
        || begun.last().is_some_and(|last| *last >= next)
    {
        return Err("the head does not hold".to_owned());
    }
    Ok(seq)
}

fn whole(value: &Value) -> i64 {
    match value {
        Value::Integer(number) => *number,
        other => panic!("not a whole number: {other:?}"),
    }
}
