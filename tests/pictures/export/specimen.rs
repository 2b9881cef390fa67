//! Documents, codes and people that exist nowhere, drawn by lot.

use evidence::{
    BirthDate, DocumentCode, DocumentNumber, MrzFormat, Name, Sensitive, Sex, StateCode,
    TravelDocument,
};
use pictures::{PassportPage, Portrait};
use qrcodegen::{QrCode, QrCodeEcc};
use time::{Date, Month};

use crate::chance::Chance;

/// Transliterated as Doc 9303-3 section 6 does, from short to longer than a line holds.
const SURNAMES: [&str; 24] = [
    "ERIKSSON",
    "OE",
    "NG",
    "TANAKA",
    "MUELLER",
    "NGUYEN",
    "SMITH JONES",
    "OCONNOR",
    "SILVA SANTOS",
    "AL RASHID",
    "KOWALSKI",
    "YILMAZ",
    "PAPADOPOULOS",
    "IVANOVA",
    "VAN DER BERG",
    "WANG",
    "KIM",
    "DSOUZA",
    "QUISPE",
    "XHAKA",
    "ZWICKY",
    "FUJIWARA",
    "RATTANAKOSIN PHROMMAYOTHI",
    "WOLFESCHLEGELSTEINHAUSEN",
];
const GIVEN: [&str; 22] = [
    "ANNA MARIA",
    "HANAKO",
    "JOHN",
    "LI",
    "MOHAMMED ALI",
    "JEAN PIERRE",
    "SOFIA",
    "A",
    "KENJI",
    "PRIYA",
    "OLUWASEUN",
    "INGRID",
    "XUAN",
    "BJOERN",
    "FATIMA ZAHRA",
    "THI MINH KHAI",
    "GUADALUPE",
    "ZOE",
    "QUENTIN",
    "YUKIHIRO",
    "MARIA DE LOS ANGELES",
    "",
];
const CAPITALS_AND_DIGITS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/// Letters that few states mix with the digits they look like.
const PLAIN: &[u8] = b"0123456789ABCDEFGHJKLMNPRTUVWXYZ";
const DIGITS: &[u8] = b"0123456789";
/// RFC 9285.
const BASE45: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/// Characters of the alphanumeric mode that versions 4 to 25 hold at level M (ISO/IEC 18004, table 7).
const HELD: [usize; 22] = [
    90, 122, 154, 178, 221, 262, 311, 366, 419, 483, 528, 600, 656, 734, 816, 909, 970, 1035, 1134,
    1248, 1326, 1451,
];

/// What a phone shows.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Code {
    pub(crate) text: String,
    /// As it is drawn, at level M.
    pub(crate) version: u8,
}

/// A declaration's code, of any version from 5 to 25 alike.
pub(crate) fn code(chance: &mut Chance) -> Code {
    let at = chance.between(1, HELD.len() - 1);
    let prefix = "SKD1:";
    let length = chance.between(HELD[at - 1] + 1, HELD[at]) - prefix.len();
    let text = format!("{prefix}{}", chance.text(BASE45, length));
    // Zero, which no code has, would show that a text is too long.
    let version =
        QrCode::encode_text(&text, QrCodeEcc::Medium).map_or(0, |code| code.version().value());
    Code { text, version }
}

/// Somebody: a number of [`Portrait::variant`].
pub(crate) fn person(chance: &mut Chance) -> u32 {
    chance.below(60) as u32
}

/// A page, and its machine readable lines.
pub(crate) fn page(chance: &mut Chance, format: MrzFormat) -> PassportPage {
    let document = document(chance, format);
    let portrait = Portrait::variant(person(chance));
    let printed = |date: Date| {
        let month = date.month().to_string().to_uppercase();
        format!("{:02} {} {}", date.day(), &month[..3], date.year())
    };
    let (name, birth) = (document.name.expose(), document.birth.expose());
    #[expect(clippy::expect_used, reason = "every field was made to fit its format")]
    let lines = evidence::mrz::compose(&document).expect("a document of its own format");
    PassportPage {
        state: document.issuing_state.name().to_uppercase(),
        state_code: document.issuing_state.to_string(),
        surname: name.primary().to_owned(),
        given: name.secondary().to_owned(),
        number: document.number.expose().as_str().to_owned(),
        nationality: document.nationality.name().to_uppercase(),
        birth: day_of(birth).map(printed).unwrap_or_default(),
        sex: match document.sex {
            Sex::Female => "F",
            Sex::Male => "M",
            Sex::Unspecified => "X",
        }
        .to_owned(),
        issue: document
            .expiry
            .replace_year(document.expiry.year() - 10)
            .map(printed)
            .unwrap_or_default(),
        expiry: printed(document.expiry),
        ..PassportPage::specimen(lines, portrait)
    }
}

#[expect(
    clippy::expect_used,
    reason = "the words above are in the alphabet, and the days in every month"
)]
fn document(chance: &mut Chance, format: MrzFormat) -> TravelDocument {
    let states: Vec<StateCode> = StateCode::all().collect();
    let issuing = states[chance.below(states.len())];
    // One in eight holds another state's document: a refugee, a resident, a visa's holder.
    let nationality = if format.is_visa() || chance.below(8) == 0 {
        states[chance.below(states.len())]
    } else {
        issuing
    };
    let first: &[&str] = match format {
        MrzFormat::Td3 => &["P<", "P<", "P<", "PD", "PS"],
        MrzFormat::Td1 | MrzFormat::Td2 => &["I<", "I<", "ID", "AR", "C<"],
        MrzFormat::MrvA | MrzFormat::MrvB => &["V<", "V<", "VC"],
    };
    let code = DocumentCode::parse(chance.one_of(first)).expect("two characters");
    let number = match chance.below(4) {
        0 => chance.text(DIGITS, 9),
        1 => format!(
            "{}{}",
            chance.text(b"ABCDEFGHJKLMNPRSTUVWXYZ", 2),
            chance.text(DIGITS, 7)
        ),
        2 => chance.text(PLAIN, 9),
        // Nine characters are usual; some states use fewer.
        _ => {
            let length = chance.between(6, 9);
            chance.text(CAPITALS_AND_DIGITS, length)
        }
    };
    let optional = match (format, chance.below(3)) {
        (MrzFormat::Td3, 0) => chance.text(CAPITALS_AND_DIGITS, 14),
        (MrzFormat::Td1, 0) => chance.text(CAPITALS_AND_DIGITS, 15),
        (MrzFormat::Td2, 0) => chance.text(CAPITALS_AND_DIGITS, 7),
        (MrzFormat::MrvA, 0) => chance.text(CAPITALS_AND_DIGITS, 16),
        (MrzFormat::MrvB, 0) => chance.text(CAPITALS_AND_DIGITS, 8),
        _ => String::new(),
    };
    let month = |chance: &mut Chance| chance.between(1, 12) as u8;
    let birth = BirthDate::new(
        chance.between(1930, 2024) as u16,
        Some(month(chance)),
        Some(chance.between(1, 28) as u8),
    );
    let expiry = Date::from_calendar_date(
        chance.between(2027, 2036) as i32,
        Month::try_from(month(chance)).expect("1 to 12"),
        chance.between(1, 28) as u8,
    );
    TravelDocument {
        format,
        kind: code.kind(),
        code,
        issuing_state: issuing,
        nationality,
        name: Sensitive::new(
            Name::new(chance.one_of(&SURNAMES), chance.one_of(&GIVEN)).expect("words of A to Z"),
        ),
        name_truncated: false,
        number: Sensitive::new(DocumentNumber::parse(&number).expect("1 to 9 characters")),
        birth: Sensitive::new(birth.expect("a day of every month")),
        sex: [Sex::Female, Sex::Male, Sex::Unspecified][chance.below(3)],
        expiry: expiry.expect("a day of every month"),
        optional: [Sensitive::new(optional), Sensitive::new(String::new())],
    }
}

fn day_of(birth: &BirthDate) -> Option<Date> {
    let month = Month::try_from(birth.month()?).ok()?;
    Date::from_calendar_date(birth.year().into(), month, birth.day()?).ok()
}
