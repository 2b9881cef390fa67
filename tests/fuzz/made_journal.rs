//! The seeds that a lane's journal makes.

use evidence::{CodeId, DocumentNumber, JourneyId, Sensitive};
use journal::{Checkpoint, Digest, DigestKey, Journal, LaneKey, Privacy, Reader, Stamp, export};
use journey::{Ending, Record};

pub(crate) fn made(lane: &LaneKey) -> Vec<(&'static str, Vec<u8>)> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let now = Stamp::new(1_795_435_200_000);
    let key = || DigestKey::new([7; 32]);
    let (mut journal, recovery) = Journal::open(&path, key(), now).unwrap();
    let journey: JourneyId = recovery.next;
    let number = DocumentNumber::parse("L898902C3").unwrap();
    let records = [
        Record::Began { journey },
        Record::Gathered {
            journey,
            code: CodeId::new([0x5e; 16]),
            documents: vec![Sensitive::new(number)],
        },
        Record::Ended {
            journey,
            ending: Ending::Abandoned,
        },
    ];
    journal.commit(&records, now).unwrap();
    let signed = journal.outbox(lane, 3).unwrap();
    let note = journal.checkpoint(lane).unwrap();
    let witness = format!("{note}\u{2014} witness.example/1 {}", "AAAA".repeat(25));
    let reader = Reader::open(&path, key()).unwrap();
    let exported = |after, privacy| {
        let mut lines = Vec::new();
        export(&reader, lane, after, privacy, &mut lines).unwrap();
        lines
    };
    vec![
        ("signed_record/began", signed.records[0].as_bytes().to_vec()),
        (
            "signed_record/gathered",
            signed.records[1].as_bytes().to_vec(),
        ),
        ("checkpoint_note/three", note.into_bytes()),
        (
            "checkpoint_note/none",
            Checkpoint::sign(0, Digest::new([0; 32]), lane).into_bytes(),
        ),
        (
            "checkpoint_note/witnessed",
            format!("{witness}\n").into_bytes(),
        ),
        ("export_lines/told", exported(0, Privacy::Told)),
        ("export_lines/withheld", exported(1, Privacy::Withheld)),
    ]
}
