//! A delivery's signatures: nothing is taken in that the lane's own key did not sign.

use crate::store::{Delivery, Incoming, Root};
use journal::VerifyingKey;
use journal::signed::of_text;
use journal::{Checkpoint, SignedError, SignedRecord};
use risk::LaneName;

/// Why a delivery is refused. What it is about is said by its place, since the rest cannot be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not what a lane writes.
    #[error("{0} is not what a lane writes")]
    Malformed(Place),
    /// Signed by another key, or by none.
    #[error("{0} is not signed with a key of this lane")]
    Unsigned(Place),
    /// Another lane's, though signed with this one's key.
    #[error("{0} is another lane's")]
    OtherLane(Place),
}

/// Which part of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A record, counted from 0.
    Record(usize),
    /// The checkpoint.
    Checkpoint,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Record(index) => write!(f, "`records[{index}]`"),
            Self::Checkpoint => f.write_str("`checkpoint`"),
        }
    }
}

/// Checks a delivery as it came in JSON: records and checkpoint in base64url, each under one of the lane's keys.
///
/// # Errors
/// [`Refusal`] names the first part that is not taken.
pub fn delivery(
    lane: &LaneName,
    keys: &[VerifyingKey],
    records: &[String],
    checkpoint: Option<&str>,
) -> Result<Delivery, Refusal> {
    let records = records
        .iter()
        .enumerate()
        .map(|(index, text)| record(lane, keys, text, Place::Record(index)))
        .collect::<Result<_, _>>()?;
    let checkpoint = checkpoint.map(|text| root(lane, keys, text)).transpose()?;
    Ok(Delivery {
        records,
        checkpoint,
    })
}

fn record(
    lane: &LaneName,
    keys: &[VerifyingKey],
    text: &str,
    place: Place,
) -> Result<Incoming, Refusal> {
    let signed = of_text(text).ok_or(Refusal::Malformed(place))?;
    let entry = by_any(keys, place, |key| SignedRecord::verify(&signed, key))?;
    if entry.lane != lane.as_str() {
        return Err(Refusal::OtherLane(place));
    }
    Ok(Incoming {
        seq: entry.leaf.seq,
        leaf: *entry.leaf.digest().as_bytes(),
        signed,
    })
}

fn root(lane: &LaneName, keys: &[VerifyingKey], text: &str) -> Result<Root, Refusal> {
    let place = Place::Checkpoint;
    let signed = of_text(text).ok_or(Refusal::Malformed(place))?;
    let note = std::str::from_utf8(&signed).map_err(|_| Refusal::Malformed(place))?;
    let said = by_any(keys, place, |key| Checkpoint::verify(note, key))?;
    if said.lane != lane.as_str() {
        return Err(Refusal::OtherLane(place));
    }
    Ok(Root {
        size: said.records,
        root: *said.root.as_bytes(),
        signed,
    })
}

/// What one of the keys says of it; where none is right, what the last said.
fn by_any<T>(
    keys: &[VerifyingKey],
    place: Place,
    check: impl Fn(&VerifyingKey) -> Result<T, SignedError>,
) -> Result<T, Refusal> {
    let mut refusal = Refusal::Unsigned(place);
    for key in keys {
        match check(key) {
            Ok(said) => return Ok(said),
            Err(SignedError::Malformed(_)) => return Err(Refusal::Malformed(place)),
            Err(SignedError::OtherLane) => refusal = Refusal::OtherLane(place),
            Err(
                SignedError::BadSignature | SignedError::NotConsistent | SignedError::NotIncluded,
            ) => {}
        }
    }
    Err(refusal)
}
