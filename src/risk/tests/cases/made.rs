//! Cases by the ten thousand, each made by its number: quicker than a property test's, and as mixed.
#![allow(dead_code, unreachable_pub)]

use super::cases::{PASSPORT, line, name, number, owned};
use evidence::{
    Airport, Answer, Answers, BirthDate, Date, DocumentKind, Flight, GoodsKind, GoodsLine,
    JourneyId, QuestionId, Sensitive, StateCode,
};
use risk::{Case, LaneName, Shown, Traveller};
use std::num::NonZeroU16;
use time::Duration;

/// splitmix64.
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x2545_f491_4f6c_dd1d) ^ 0x5e41)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }

    pub fn one_in(&mut self, of: u64) -> bool {
        self.below(of) == 0
    }

    pub fn among<T: Copy>(&mut self, things: &[T]) -> T {
        things[usize::try_from(self.below(things.len() as u64)).unwrap()]
    }

    fn part<T: TryFrom<u64, Error: std::fmt::Debug>>(&mut self, bound: u64) -> T {
        T::try_from(self.below(bound)).unwrap()
    }
}

const SURNAMES: &[&str] = &[
    "ERIKSSON",
    "SHCHERBAKOV",
    "SCHERBAKOV",
    "NGUYEN",
    "MUELLER",
    "MULLER",
    "HUSSEIN",
    "HUSAYN",
    "TANAKA",
    "LEE",
    "YI",
    "VON DER LEYEN",
    "ABDUL RAHMAN",
    "ABDULRAHMAN",
    "OEZDEMIR",
    "WATCHED",
];
const GIVEN: &[&str] = &[
    "ANNA MARIA",
    "ANNA",
    "YURII",
    "IURI",
    "VAN ANH",
    "JUERGEN",
    "JURGEN",
    "MOHAMMED ALI",
    "MUHAMMAD",
    "YUKO",
    "JAE YONG",
    "PERSON",
    "",
];
const STATES: &[&str] = &["UTO", "D", "JPN", "RUS", "XXA", "KOR"];
const KINDS: &[DocumentKind] = &[
    DocumentKind::Passport,
    DocumentKind::Passport,
    DocumentKind::Passport,
    DocumentKind::IdentityCard,
    DocumentKind::Visa,
    DocumentKind::Other,
];

/// The case of this number, at a lane and on a day that its caller names.
pub fn case(chance: &mut Chance, lane: &LaneName, journey: u64, on: Date) -> Case {
    let party = if chance.one_in(3) {
        1 + chance.below(6)
    } else {
        1
    };
    let travellers = (0..party).map(|_| traveller(chance, on)).collect();
    let lines = if chance.one_in(2) { chance.below(5) } else { 0 };
    Case {
        lane: lane.clone(),
        id: QuestionId {
            journey: JourneyId::new(journey),
            serial: chance.part(4),
        },
        on,
        travellers,
        answers: answers(chance),
        goods: (0..lines).map(|_| goods(chance, party)).collect(),
        flight: Flight::parse(chance.among(&["JL61", "NH0211", "5J5054"])).unwrap(),
        departure: Airport::parse(chance.among(&["HEL", "MNL", "ICN"])).unwrap(),
    }
}

fn traveller(chance: &mut Chance, on: Date) -> Traveller {
    let state = StateCode::parse(chance.among(STATES)).unwrap();
    let number_text = match chance.below(40) {
        0 => format!("LOST{}", chance.below(6_000)),
        1 => "NEW1".to_owned(),
        2 => "STOLEN1".to_owned(),
        _ => format!(
            "{}{:07}",
            chance.among(&["A", "TK", "XS"]),
            chance.below(10_000_000)
        ),
    };
    let year: u16 = 1930 + chance.part::<u16>(97);
    let month = (!chance.one_in(12)).then(|| 1 + chance.part::<u8>(12));
    let day = month.and((!chance.one_in(12)).then(|| 1 + chance.part::<u8>(28)));
    let shown = (!chance.one_in(15)).then(|| Shown {
        kind: chance.among(KINDS),
        expiry: if chance.one_in(5) {
            on + Duration::days(i64::try_from(chance.below(80)).unwrap() - 10)
        } else {
            PASSPORT.expiry
        },
        name_truncated: chance.one_in(30),
    });
    Traveller {
        state: if chance.one_in(2) {
            StateCode::UTOPIA
        } else {
            state
        },
        number: number(&number_text),
        name: name(chance.among(SURNAMES), chance.among(GIVEN)),
        birth: Sensitive::new(BirthDate::new(year, month, day).unwrap()),
        nationality: state,
        shown,
    }
}

fn answers(chance: &mut Chance) -> Answers {
    let mut answer = || {
        if chance.one_in(25) {
            Answer::Yes
        } else {
            Answer::No
        }
    };
    let (prohibited, gold, over_allowance) = (answer(), answer(), answer());
    let (commercial, for_others, cash_over_limit) = (answer(), answer(), answer());
    Answers {
        prohibited,
        gold,
        over_allowance,
        commercial,
        for_others,
        cash_over_limit,
        unaccompanied: chance
            .one_in(25)
            .then(|| NonZeroU16::new(1 + chance.part::<u16>(9)).unwrap()),
    }
}

fn goods(chance: &mut Chance, party: u64) -> GoodsLine {
    let kind = chance.among(&GoodsKind::ALL);
    let most = chance.among(&[6, 60, 400, 5_000]);
    let line = line(kind, 1 + chance.part::<u32>(most), chance.part(150_000));
    if chance.one_in(3) {
        owned(chance.part(party), line)
    } else {
        line
    }
}
