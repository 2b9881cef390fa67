//! A second opinion: the file opened and its tree recomputed from the rows as the README tells it, slowly, without the crate.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use aes::{
    Aes256,
    cipher::{BlockCipherDecrypt, KeyInit as _},
};
use hmac::{Hmac, Mac};
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

/// SQLite with the file's key: what whoever has the key and no respect may do.
pub(crate) fn connect(path: &Path, key: [u8; 32], access: OpenFlags) -> Connection {
    let connection = Connection::open_with_flags(path, access).unwrap();
    let raw = hex::encode(keyed(key, "file", b""));
    let salt = hex::encode([b"SKJ2", &keyed(key, "file head", b"")[..12]].concat());
    connection
        .execute_batch(&format!("PRAGMA key = \"x'{raw}{salt}'\""))
        .unwrap();
    connection
}

/// Every page that stands in the file and its log, deciphered: also those that nothing refers to any more. SQLCipher 4: AES-256
/// in CBC, each page with its vector and its tag in the last 80 bytes.
pub(crate) fn pages(path: &Path, key: [u8; 32]) -> Vec<u8> {
    const PAGE: usize = 4096;
    let cipher = Aes256::new_from_slice(&keyed(key, "file", b"")).unwrap();
    let mut plain = Vec::new();
    let mut decipher = |page: &[u8], first: bool| {
        let skip = if first { 16 } else { 0 };
        let (content, vector) = (&page[skip..PAGE - 80], &page[PAGE - 80..PAGE - 64]);
        let mut before = vector;
        for block in content.as_chunks::<16>().0 {
            let mut clear = (*block).into();
            cipher.decrypt_block(&mut clear);
            plain.extend(
                clear
                    .iter()
                    .zip(before)
                    .map(|(clear, before)| clear ^ before),
            );
            before = block;
        }
    };
    let file = fs::read(path).unwrap();
    assert!(file.len().is_multiple_of(PAGE) && file.starts_with(b"SKJ2"));
    for (number, page) in file.chunks(PAGE).enumerate() {
        decipher(page, number == 0);
    }
    let log = fs::read(crate::specimens::beside(path, "-wal")).unwrap_or_default();
    for frame in log.get(32..).unwrap_or_default().chunks_exact(24 + PAGE) {
        decipher(&frame[24..], frame[..4] == [0, 0, 0, 1]);
    }
    plain
}

fn leaf_hash(leaf: &[u8]) -> [u8; 32] {
    Sha256::digest([&[0], leaf].concat()).into()
}

/// MTH of RFC 6962, section 2.1, in its own recursive words, over the leaves' hashes.
pub(crate) fn root(leaves: &[[u8; 32]]) -> [u8; 32] {
    match leaves {
        [] => Sha256::digest([]).into(),
        [leaf] => *leaf,
        _ => {
            let left = leaves.len().next_power_of_two() / 2;
            let (left, right) = leaves.split_at(left);
            Sha256::digest([&[1], &root(left)[..], &root(right)[..]].concat()).into()
        }
    }
}

/// CBOR's head of a major type (RFC 8949, section 3).
fn head(major: u8, count: u64) -> Vec<u8> {
    let major = major << 5;
    match count {
        0..24 => vec![major | count as u8],
        24..0x100 => vec![major | 24, count as u8],
        0x100..0x1_0000 => [&[major | 25], &(count as u16).to_be_bytes()[..]].concat(),
        0x1_0000..0x1_0000_0000 => [&[major | 26], &(count as u32).to_be_bytes()[..]].concat(),
        _ => [&[major | 27], &count.to_be_bytes()[..]].concat(),
    }
}

fn text(text: &str) -> Vec<u8> {
    [head(3, text.len() as u64), text.as_bytes().to_vec()].concat()
}

/// The number of records, if everything holds.
pub(crate) fn check(path: &Path, key: [u8; 32]) -> Result<i64, String> {
    let connection = connect(path, key, OpenFlags::SQLITE_OPEN_READ_ONLY);
    let mut rows: Vec<Vec<Value>> = connection
        .prepare("SELECT seq, at, journey, kind, body, commitments, leaf FROM record NOT INDEXED")
        .unwrap()
        .query_map([], |row| (0..7).map(|column| row.get(column)).collect())
        .unwrap()
        .collect::<Result<_, _>>()
        .map_err(|error| error.to_string())?;
    rows.sort_by_key(|row| whole(&row[0]));
    let personal: BTreeMap<(i64, String), (Vec<u8>, String)> = connection
        .prepare("SELECT seq, field, salt, value FROM personal WHERE salt <> zeroblob(32) OR rtrim(value) <> '\"\"'")
        .unwrap()
        .query_map([], |row| {
            Ok(((row.get(0)?, row.get(1)?), (row.get(2)?, row.get(3)?)))
        })
        .unwrap()
        .collect::<Result<_, _>>()
        .map_err(|error| error.to_string())?;

    let (mut begun, mut ended) = (BTreeSet::new(), BTreeSet::new());
    let mut leaves = Vec::new();
    let mut erased: BTreeMap<String, i64> = BTreeMap::new();
    let mut missing = Vec::new();
    let mut met = 0;
    for (index, row) in rows.iter().enumerate() {
        let seq = whole(&row[0]);
        if seq != i64::try_from(index).unwrap() + 1 {
            return Err(format!("gap before {seq}"));
        }
        let [Value::Text(kind), Value::Text(body)] = &row[3..5] else {
            return Err(format!("{seq} is strange"));
        };
        let at = match whole(&row[1]) {
            at @ 0.. => head(0, at.unsigned_abs()),
            at => head(1, (-1 - at).unsigned_abs()),
        };
        let mut entries = vec![
            [head(0, 2), head(0, seq as u64)].concat(),
            [head(0, 3), at].concat(),
        ];
        if let Value::Integer(journey) = row[2] {
            entries.push([head(0, 4), head(0, journey as u64)].concat());
        }
        entries.push([head(0, 5), text(kind)].concat());
        entries.push([head(0, 6), text(body)].concat());
        if let Value::Text(commitments) = &row[5] {
            let commitments: BTreeMap<String, String> = serde_json::from_str(commitments).unwrap();
            let mut written: Vec<Vec<u8>> = Vec::new();
            for (field, digest) in commitments {
                let digest = hex::decode(digest).unwrap();
                match personal.get(&(seq, field.clone())) {
                    None => missing.push((seq, field.clone())),
                    Some((salt, value)) => {
                        let content = [
                            b"sekisho personal field 1\0",
                            salt.as_slice(),
                            field.as_bytes(),
                            &[0],
                            value.as_bytes(),
                        ]
                        .concat();
                        if Sha256::digest(content)[..] != digest {
                            return Err(format!("{field} of {seq} was changed"));
                        }
                        met += 1;
                    }
                }
                written.push([text(&field), head(2, 32), digest].concat());
            }
            written.sort();
            entries.push([head(0, 7), head(5, written.len() as u64), written.concat()].concat());
        }
        let leaf = leaf_hash(&[head(5, entries.len() as u64), entries.concat()].concat());
        if row[6] != Value::Blob(leaf.to_vec()) {
            return Err(format!("{seq} was changed"));
        }
        leaves.push(leaf);
        let once = match kind.as_str() {
            "began" => begun.insert(whole(&row[2])),
            "ended" => ended.insert(whole(&row[2])),
            "erased" => {
                let body: serde_json::Value = serde_json::from_str(body).unwrap();
                for field in body["fields"].as_array().unwrap() {
                    erased.insert(
                        field.as_str().unwrap().to_owned(),
                        body["through"].as_i64().unwrap(),
                    );
                }
                true
            }
            _ => true,
        };
        if !once {
            return Err(format!("journey {} began or ended twice", whole(&row[2])));
        }
    }
    if let Some((seq, field)) = missing
        .iter()
        .find(|(seq, field)| erased.get(field).is_none_or(|through| through < seq))
    {
        return Err(format!("{field} of {seq} is gone"));
    }
    if personal
        .keys()
        .any(|(seq, field)| erased.get(field).is_some_and(|through| through >= seq))
        || met != personal.len()
    {
        return Err("a personal field is where it should not be".to_owned());
    }

    // Leaves and nodes are numbered together, a node after the leaf that completes it.
    let (mut at, mut expected) = (0, Vec::new());
    for number in 1..=leaves.len() {
        for level in 1..=number.trailing_zeros() {
            let below = number - (1 << level);
            expected.push((at + i64::from(level), root(&leaves[below..number])));
        }
        at += 1 + i64::from(number.trailing_zeros());
    }
    let nodes: Vec<(i64, [u8; 32])> = connection
        .prepare("SELECT at, digest FROM node ORDER BY at")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .map_err(|error| error.to_string())?;
    if nodes != expected {
        return Err("the tree's nodes do not hold".to_owned());
    }

    let (seq, found, next, acknowledged, seal): (i64, Vec<u8>, i64, i64, Vec<u8>) = connection
        .query_row(
            "SELECT seq, root, next_journey, acknowledged, seal FROM head",
            [],
            |row| {
                Ok((
                    row.get(0)?,
                    row.get(1)?,
                    row.get(2)?,
                    row.get(3)?,
                    row.get(4)?,
                ))
            },
        )
        .map_err(|error| error.to_string())?;
    let named: Vec<u8> = [
        &seq.to_be_bytes(),
        found.as_slice(),
        &next.to_be_bytes(),
        &acknowledged.to_be_bytes(),
    ]
    .concat();
    if (seq, found) != (i64::try_from(rows.len()).unwrap(), root(&leaves).to_vec())
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
