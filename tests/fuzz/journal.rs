//! What the office and an auditor take from a lane: signed records, signed checkpoints, exports.

use journal::{Checkpoint, LaneKey, SignedRecord, verify_export};

use super::text;

/// The key of the lane that signs the seeds. It is public and signs nothing else.
///
/// # Panics
/// Never.
pub fn lane() -> LaneKey {
    LaneKey::new("lane-3", &[7; 32]).expect("a lane's name")
}

/// A signed record. What is taken is what the lane signs, byte for byte: there is one way to write it.
pub fn signed_record(input: &[u8]) -> bool {
    let Ok(entry) = SignedRecord::verify(input, &lane().verifying_key()) else {
        return false;
    };
    let again = SignedRecord::sign(&entry.leaf, &lane());
    assert_eq!(again.as_bytes(), input, "taken, and written differently");
    assert_eq!(entry.lane, "lane-3", "no other lane has this key");
    true
}

/// A signed checkpoint. What is taken begins with what the lane signs, and follows itself.
pub fn checkpoint_note(input: &[u8]) -> bool {
    let Some(Ok(checkpoint)) =
        text(input).map(|note| Checkpoint::verify(note, &lane().verifying_key()))
    else {
        return false;
    };
    let again = Checkpoint::sign(checkpoint.records, checkpoint.root, &lane());
    let said = again.split("\n\n").next().unwrap_or_default();
    assert!(input.starts_with(said.as_bytes()), "taken, and not signed");
    assert!(checkpoint.records == 0 || checkpoint.follows(&checkpoint, &[]).is_ok());
    true
}

/// An export's lines. What is taken has a line for each record, one before them and one after.
pub fn export_lines(input: &[u8]) -> bool {
    let Ok(audit) = verify_export(input, &lane().verifying_key()) else {
        return false;
    };
    let lines = input.iter().filter(|byte| **byte == b'\n').count() as u64;
    assert_eq!(audit.extent.records - audit.after + 2, lines);
    assert_eq!(audit.lane, "lane-3", "no other lane has this key");
    true
}
