//! Random and made-up cases for the tests of risk and office.
#![allow(dead_code, unreachable_pub)]

use evidence::{
    Airport, Answer, Answers, BirthDate, CodeId, Content, Date, Declaration, DocumentKind,
    DocumentNumber, Envelope, Flight, GoodsKind, GoodsLine, JourneyId, KeyId, Member, MemberIndex,
    Moment, Name, Question, QuestionId, Sensitive, Sex, StateCode, TravelDocument,
};
use proptest::prelude::*;
use risk::{Case, Draft, LaneName, Lists, Policy, Shown, Traveller};
use std::num::NonZeroU16;
use std::sync::LazyLock;
use time::macros::date;

pub const POLICY: &str = include_str!("../../policy.sample.toml");
pub const DAY: Date = date!(2026 - 11 - 23);

pub fn policy() -> &'static Policy {
    static ONCE: LazyLock<Policy> = LazyLock::new(|| Policy::parse(POLICY).unwrap());
    &ONCE
}

/// The sample policy without random selection.
pub fn policy_without_chance() -> &'static Policy {
    static ONCE: LazyLock<Policy> =
        LazyLock::new(|| Policy::parse(&POLICY.replace("per_mille = 5", "per_mille = 0")).unwrap());
    &ONCE
}

pub fn lane() -> LaneName {
    LaneName::parse("lane-3").unwrap()
}

pub fn draft() -> Draft {
    Draft {
        version: evidence::Version::parse("lists-1").unwrap(),
        issued: DAY,
        key: Some(Sensitive::new([7; 32])),
        documents: vec![(StateCode::parse("UTO").unwrap(), number("STOLEN1"))],
        names: vec![(name("WATCHED", "PERSON"), birth(date!(1970 - 01 - 01)))],
    }
}

pub fn lists() -> &'static Lists {
    static ONCE: LazyLock<Lists> = LazyLock::new(|| Lists::parse(&draft().to_toml()).unwrap());
    &ONCE
}

pub fn number(text: &str) -> Sensitive<DocumentNumber> {
    Sensitive::new(DocumentNumber::parse(text).unwrap())
}

pub fn name(primary: &str, secondary: &str) -> Sensitive<Name> {
    Sensitive::new(Name::new(primary, secondary).unwrap())
}

pub fn birth(date: Date) -> Sensitive<BirthDate> {
    Sensitive::new(
        BirthDate::new(
            u16::try_from(date.year()).unwrap(),
            Some(date.month().into()),
            Some(date.day()),
        )
        .unwrap(),
    )
}

/// A traveller of so many years on [`DAY`].
pub fn aged(years: i32) -> Traveller {
    Traveller {
        state: StateCode::parse("UTO").unwrap(),
        number: number("L898902C3"),
        name: name("ERIKSSON", "ANNA MARIA"),
        birth: birth(DAY.replace_year(DAY.year() - years).unwrap()),
        nationality: StateCode::parse("UTO").unwrap(),
        shown: Some(PASSPORT),
    }
}

/// What a passport of [`question`] says beside.
pub const PASSPORT: Shown = Shown {
    kind: DocumentKind::Passport,
    expiry: date!(2031 - 01 - 01),
    name_truncated: false,
};

pub fn case(ages: &[i32], goods: Vec<GoodsLine>) -> Case {
    Case {
        lane: lane(),
        id: QuestionId {
            journey: JourneyId::new(42),
            serial: 1,
        },
        on: DAY,
        travellers: ages.iter().map(|age| aged(*age)).collect(),
        answers: Answers::default(),
        goods,
        flight: Flight::parse("JL61").unwrap(),
        departure: Airport::parse("HEL").unwrap(),
    }
}

pub fn line(kind: GoodsKind, quantity: u32, value_yen: u32) -> GoodsLine {
    GoodsLine::new(kind, quantity, value_yen, "as declared")
}

pub fn owned(owner: u8, line: GoodsLine) -> GoodsLine {
    GoodsLine {
        owner: MemberIndex::new(owner),
        ..line
    }
}

/// The question that a lane would ask about a case.
pub fn question(case: &Case) -> Question {
    let documents: Vec<TravelDocument> = case
        .travellers
        .iter()
        .enumerate()
        .map(|(index, traveller)| {
            let mut number = traveller.number.expose().as_str().to_owned();
            number.truncate(20);
            let number = format!("{number}{index:02}");
            TravelDocument::passport(
                traveller.state,
                traveller.name.expose().clone(),
                DocumentNumber::parse(&number).unwrap(),
                *traveller.birth.expose(),
                Sex::Unspecified,
                date!(2031 - 01 - 01),
            )
        })
        .collect();
    let content = Content {
        flight: case.flight.clone(),
        arrival: case.on,
        departure: case.departure,
        party: documents.iter().map(Member::from_document).collect(),
        answers: case.answers,
        goods: case.goods.clone(),
    };
    let envelope = Envelope {
        issuer: "Sample".to_owned(),
        key_id: KeyId::new(&[1]).unwrap(),
        issued_at: Moment::new(0),
        expires_at: Moment::new(1),
        code_id: CodeId::new([0; 16]),
    };
    Question {
        id: case.id,
        on: case.on,
        declaration: Declaration::attested(envelope, content).unwrap(),
        documents,
    }
}

fn day() -> impl Strategy<Value = Date> {
    (2_450_000_i32..2_470_000).prop_map(|day| Date::from_julian_day(day).unwrap())
}

fn any_birth() -> impl Strategy<Value = Sensitive<BirthDate>> {
    (
        1920_u16..2027,
        prop::option::weighted(0.9, 1_u8..=12),
        prop::option::weighted(0.9, 1_u8..=28),
    )
        .prop_map(|(year, month, day)| {
            Sensitive::new(BirthDate::new(year, month, month.and(day)).unwrap())
        })
}

prop_compose! {
    fn traveller()(
        number_text in prop_oneof![Just("STOLEN1".to_owned()), "[A-Z0-9]{1,20}"],
        watched in prop::bool::weighted(0.1),
        primary in "[A-Z]{1,12}( [A-Z]{1,8})?",
        secondary in "([A-Z]{1,8}( [A-Z]{1,8})?)?",
        born in any_birth(),
        nationality in state(),
        shown in prop::option::weighted(0.9, shown()),
    ) -> Traveller {
        let state = StateCode::parse("UTO").unwrap();
        let (name, birth) = if watched {
            (name("WATCHED", "PERSON"), birth(date!(1970 - 01 - 01)))
        } else {
            (name(&primary, &secondary), born)
        };
        Traveller { state, number: number(&number_text), name, birth, nationality, shown }
    }
}

fn state() -> impl Strategy<Value = StateCode> {
    prop::sample::select(vec!["UTO", "D", "JPN", "XXA"])
        .prop_map(|code| StateCode::parse(code).unwrap())
}

fn shown() -> impl Strategy<Value = Shown> {
    (
        prop::sample::select(vec![
            DocumentKind::Passport,
            DocumentKind::IdentityCard,
            DocumentKind::Visa,
            DocumentKind::Other,
        ]),
        2_461_000_i32..2_465_000,
        any::<bool>(),
    )
        .prop_map(|(kind, expiry, name_truncated)| Shown {
            kind,
            expiry: Date::from_julian_day(expiry).unwrap(),
            name_truncated,
        })
}

pub fn goods_line(party: u8) -> impl Strategy<Value = GoodsLine> {
    let quantity = prop_oneof![4 => 1_u32..6, 4 => 1_u32..400, 1 => 1_u32..5_000, 1 => 1_u32..];
    let value = prop_oneof![4 => 0_u32..20_000, 4 => 0_u32..250_000, 1 => any::<u32>()];
    (
        prop::sample::select(GoodsKind::ALL.to_vec()),
        quantity,
        1_u16..10,
        value,
        "[a-z日本 \"\\\\]{1,40}",
        prop::option::weighted(0.3, 0..party),
    )
        .prop_map(
            |(kind, quantity, packages, value_yen, name, owner)| GoodsLine {
                kind,
                quantity,
                packages,
                value_yen,
                name: Sensitive::new(name),
                owner: owner.and_then(MemberIndex::new),
            },
        )
}

fn answers() -> impl Strategy<Value = Answers> {
    let answer = || prop_oneof![9 => Just(Answer::No), 1 => Just(Answer::Yes)];
    (
        answer(),
        answer(),
        answer(),
        answer(),
        answer(),
        answer(),
        prop::option::weighted(0.1, 1_u16..),
    )
        .prop_map(
            |(
                prohibited,
                gold,
                over_allowance,
                commercial,
                for_others,
                cash_over_limit,
                pieces,
            )| Answers {
                prohibited,
                gold,
                over_allowance,
                commercial,
                for_others,
                cash_over_limit,
                unaccompanied: pieces.and_then(NonZeroU16::new),
            },
        )
}

/// Any case that a lane could ask about.
pub fn any_case() -> impl Strategy<Value = Case> {
    prop::collection::vec(traveller(), 1..=10).prop_flat_map(|travellers| {
        let party = u8::try_from(travellers.len()).unwrap();
        (
            Just(travellers),
            prop::collection::vec(goods_line(party), 0..=20),
            answers(),
            prop_oneof![Just(DAY), day()],
            any::<u64>(),
            any::<u32>(),
            prop::sample::select(vec![("JL61", "HEL"), ("5J5054", "MNL")]),
        )
            .prop_map(
                |(travellers, goods, answers, on, journey, serial, (flight, from))| Case {
                    flight: Flight::parse(flight).unwrap(),
                    departure: Airport::parse(from).unwrap(),
                    lane: lane(),
                    id: QuestionId {
                        journey: JourneyId::new(journey),
                        serial,
                    },
                    on,
                    travellers,
                    answers,
                    goods,
                },
            )
    })
}
