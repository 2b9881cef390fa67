use std::num::NonZeroU16;

use evidence::{
    Answer, Answers, BirthDate, CodeId, Content, Date, DocumentNumber, Envelope, Flight, GoodsKind,
    GoodsLine, Likeness, Member, MemberIndex, Moment, Name, Sex, StateCode, TravelDocument,
    UtcOffset,
    declaration::{Airport, Declaration, KeyId, Spirits, Verified},
};

use super::sound;

/// The likeness from which faces are taken for alike, in the samples.
pub(crate) const ALIKE: Likeness = match Likeness::new(460) {
    Some(likeness) => likeness,
    None => panic!("460 is at most 1000"),
};

/// A party with everything read.
pub(crate) struct Party {
    pub(crate) declaration: Declaration<Verified>,
    pub(crate) documents: Vec<TravelDocument>,
}

/// The last comparison of a member's face.
pub(crate) fn alike(member: MemberIndex) -> Option<Likeness> {
    match member.get() {
        0 => Likeness::new(712),
        1 => Likeness::new(311),
        _ => None,
    }
}

/// One traveller with some goods.
pub(crate) fn single() -> Party {
    let answers = Answers {
        over_allowance: Answer::Yes,
        ..Answers::default()
    };
    let goods = vec![
        GoodsLine::new(
            GoodsKind::Spirits(Spirits::WhiskyOrBrandy),
            3_000,
            24_000,
            "Whisky, 4 bottles",
        ),
        GoodsLine::new(GoodsKind::Watch, 1, 180_000, "Wrist watch"),
    ];
    party(vec![specimen()], answers, goods)
}

/// Four travellers with as much as a family brings.
pub(crate) fn family() -> Party {
    let documents = vec![
        specimen(),
        document(
            "UTO",
            "ERIKSSON",
            "LARS ERIK MAGNUS",
            "L898903D7",
            (1976, 2, 9),
            Sex::Male,
            20_100,
        ),
        document(
            "UTO",
            "ERIKSSON",
            "ELSA MARIA",
            "L898904E5",
            (2015, 11, 30),
            Sex::Female,
            19_500,
        ),
        document(
            "D",
            "MUSTERMANN",
            "ERIKA",
            "C01X00T47",
            (1964, 8, 12),
            Sex::Female,
            20_330,
        ),
    ];
    let answers = Answers {
        over_allowance: Answer::Yes,
        for_others: Answer::Yes,
        unaccompanied: NonZeroU16::new(2),
        ..Answers::default()
    };
    let goods = vec![
        GoodsLine::new(GoodsKind::WineOrBeer, 2_250, 9_000, "Red wine"),
        GoodsLine::new(
            GoodsKind::Spirits(Spirits::WhiskyOrBrandy),
            750,
            6_800,
            "Single malt",
        ),
        GoodsLine::new(GoodsKind::Cigarettes, 200, 6_000, "Cigarettes, one carton"),
        GoodsLine::new(GoodsKind::Perfume, 10, 12_000, "Perfume"),
        GoodsLine::new(GoodsKind::Other, 1, 100_000, "Handbag"),
        GoodsLine::new(GoodsKind::Other, 1, 120_000, "Ring"),
        GoodsLine::new(GoodsKind::Watch, 1, 50_000, "Watch"),
        GoodsLine::new(
            GoodsKind::Other,
            12,
            200_000,
            "Children's clothes for the coming year",
        ),
        GoodsLine::new(GoodsKind::OtherTobacco, 50, 2_500, "Pipe tobacco"),
        GoodsLine::new(
            GoodsKind::Spirits(Spirits::Liqueur),
            500,
            3_100,
            "Cherry liqueur",
        ),
    ];
    party(documents, answers, goods)
}

/// The holder of the specimen passport of ICAO Doc 9303-4 appendix B.
fn specimen() -> TravelDocument {
    document(
        "UTO",
        "ERIKSSON",
        "ANNA MARIA",
        "L898902C3",
        (1974, 8, 12),
        Sex::Female,
        22_000,
    )
}

fn document(
    state: &str,
    primary: &str,
    secondary: &str,
    number: &str,
    (year, month, day): (u16, u8, u8),
    sex: Sex,
    expires_on_day: i64,
) -> TravelDocument {
    TravelDocument::passport(
        sound(StateCode::parse(state)),
        sound(Name::new(primary, secondary).ok()),
        sound(DocumentNumber::parse(number).ok()),
        sound(BirthDate::new(year, Some(month), Some(day)).ok()),
        sex,
        on_day(expires_on_day),
    )
}

/// The date so many days after 1970-01-01.
pub(super) fn on_day(day: i64) -> Date {
    Moment::new(day * 86_400).date_at(UtcOffset::UTC)
}

fn party(documents: Vec<TravelDocument>, answers: Answers, goods: Vec<GoodsLine>) -> Party {
    let content = Content {
        flight: sound(Flight::parse("JL61")),
        arrival: on_day(20_780),
        departure: sound(Airport::parse("HEL")),
        party: documents.iter().map(Member::from_document).collect(),
        answers,
        goods,
    };
    let envelope = Envelope {
        issuer: "Specimen".to_owned(),
        key_id: sound(KeyId::new(&[1])),
        issued_at: Moment::new(20_779 * 86_400),
        expires_at: Moment::new(20_786 * 86_400),
        code_id: CodeId::new([42; 16]),
    };
    Party {
        declaration: sound(Declaration::attested(envelope, content).ok()),
        documents,
    }
}
