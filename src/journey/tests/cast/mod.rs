//! Who walks through the tests: a family of two under one code, and somebody on their own.

use evidence::{
    BirthDate, CodeId, Date, Decider, Decision, DocumentNumber, KeyId, Moment, Name, Sealed, Sex,
    StateCode, TravelDocument, Verdict, Version,
    declaration::{
        Airport, Algorithm, Answers, Content, Declaration, Envelope, Flight, Issuers, Member,
        SigningKey, Verified, seal,
    },
};
use time::macros::date;

pub const TODAY: Date = date!(2026 - 11 - 23);

pub struct Party {
    pub sealed: Declaration<Sealed>,
    pub opened: Declaration<Verified>,
}

pub struct Cast {
    /// Travellers 0 and 1 are the family, 2 is alone.
    pub documents: Vec<TravelDocument>,
    pub parties: Vec<Party>,
}

impl Cast {
    pub fn assemble() -> Self {
        let documents: Vec<_> = ["L898902C3", "L898902C4", "X00000001"].map(passport).into();
        let parties = vec![party(1, &documents[..2]), party(2, &documents[2..])];
        Self { documents, parties }
    }
}

pub fn passport(number: &str) -> TravelDocument {
    TravelDocument::passport(
        StateCode::UTOPIA,
        Name::new("ERIKSSON", "ANNA").unwrap(),
        DocumentNumber::parse(number).unwrap(),
        BirthDate::try_from(date!(1974 - 08 - 12)).unwrap(),
        Sex::Female,
        date!(2032 - 04 - 15),
    )
}

pub fn party(id: u8, documents: &[TravelDocument]) -> Party {
    let key = SigningKey::from_bytes(Algorithm::EdDsa, &[7; 32]).unwrap();
    let issuers = Issuers::parse(&format!(
        "[[issuer]]\nid = \"01\"\nname = \"UTO\"\nalgorithm = \"EdDSA\"\npublic_key = '''{}'''\n\
         valid_from = 2026-01-01T00:00:00Z\nvalid_to = 2027-01-01T00:00:00Z\n",
        key.public().unwrap()
    ))
    .unwrap();
    let envelope = Envelope {
        issuer: "UTO".to_owned(),
        key_id: KeyId::new(&[1]).unwrap(),
        issued_at: Moment::new(1_790_000_000),
        expires_at: Moment::new(1_798_000_000),
        code_id: CodeId::new([id; 16]),
    };
    let content = Content {
        flight: Flight::new("NH", 106).unwrap(),
        arrival: TODAY,
        departure: Airport::parse("LAX").unwrap(),
        party: documents.iter().map(Member::from_document).collect(),
        answers: Answers::default(),
        goods: Vec::new(),
    };
    let text = seal(&content, &envelope, [0; 12], &key).unwrap();
    Party {
        sealed: evidence::declaration::read(&text, &issuers, Moment::new(1_795_000_000)).unwrap(),
        opened: Declaration::attested(envelope, content).unwrap(),
    }
}

pub fn verdict(decision: Decision) -> Verdict {
    Verdict {
        decision,
        reasons: match decision {
            Decision::Clear => Vec::new(),
            Decision::Refer => vec![evidence::Reason::RandomSelection],
        },
        decided_by: Decider::Lane,
        policy: Version::parse("1").unwrap(),
        lists: Version::parse("1").unwrap(),
        grounds: Vec::new(),
        draw: None,
    }
}
