//! Who walks up to the desk: specimen travellers with their passports, and what they declare.

use anyhow::{Context, Result};
use evidence::{
    Airport, Answer, Answers, BirthDate, Content, Date, DocumentNumber, Flight, GoodsKind,
    GoodsLine, Member, Name, Sex, StateCode, TravelDocument, mrz,
};
use pictures::{PassportPage, Portrait, Scene};

/// One specimen traveller.
#[derive(Clone)]
pub struct Traveller {
    /// The passport.
    pub document: TravelDocument,
    /// Whose portrait the passport bears, and who stands before the camera.
    pub portrait: Portrait,
}

/// State, surname, given names, document number, sex, and birth date as year, month and day.
type Specimen = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    Sex,
    (i32, u8, u8),
);

/// Specimen names, birth dates and passport numbers; no such people exist.
const SPECIMENS: [Specimen; 6] = [
    (
        "UTO",
        "ERIKSSON",
        "ANNA MARIA",
        "L898902C3",
        Sex::Female,
        (1974, 8, 12),
    ),
    (
        "UTO",
        "ERIKSSON",
        "LARS",
        "L898902C4",
        Sex::Male,
        (1972, 2, 3),
    ),
    (
        "UTO",
        "ERIKSSON",
        "MAJA",
        "L898902C5",
        Sex::Female,
        (2012, 5, 30),
    ),
    (
        "UTO",
        "ERIKSSON",
        "OLLE",
        "L898902C6",
        Sex::Male,
        (2015, 11, 1),
    ),
    (
        "D",
        "MUSTERMANN",
        "ERIKA",
        "C01X00T47",
        Sex::Female,
        (1964, 8, 12),
    ),
    (
        "JPN",
        "SAKURA",
        "HANAKO",
        "TZ1000000",
        Sex::Female,
        (1988, 4, 1),
    ),
];

impl Traveller {
    /// Specimen number `n` of six: 0 to 3 are one family, 4 is German, 5 Japanese.
    ///
    /// # Errors
    /// When there is no such specimen.
    pub fn specimen(n: usize) -> Result<Self> {
        let (state, surname, given, number, sex, (year, month, day)) =
            *SPECIMENS.get(n).context("no such specimen")?;
        let birth = Date::from_calendar_date(year, month.try_into()?, day)?;
        let document = TravelDocument::passport(
            StateCode::parse(state).context("a state")?,
            Name::new(surname, given)?,
            DocumentNumber::parse(number)?,
            BirthDate::try_from(birth)?,
            sex,
            Date::from_calendar_date(2032, time::Month::April, 15)?,
        );
        Ok(Self {
            document,
            portrait: Portrait::variant(u32::try_from(n)?),
        })
    }

    /// The passport's page before the camera.
    ///
    /// # Errors
    /// When a font or the portrait's picture is missing.
    pub fn page(&self) -> Result<Scene> {
        self.page_with(|lines| lines)
    }

    /// The page with its machine-readable lines changed.
    ///
    /// # Errors
    /// When a font or the portrait's picture is missing.
    pub fn page_with(&self, change: impl FnOnce(Vec<String>) -> Vec<String>) -> Result<Scene> {
        let document = &self.document;
        let birth = document.birth.expose();
        let page = PassportPage {
            state: document.issuing_state.name().to_uppercase(),
            state_code: document.issuing_state.as_str().to_owned(),
            surname: document.name.expose().primary().to_owned(),
            given: document.name.expose().secondary().to_owned(),
            number: document.number.expose().as_str().to_owned(),
            nationality: document.nationality.name().to_uppercase(),
            birth: format!(
                "{} / {} / {}",
                birth.day().unwrap_or(0),
                birth.month().unwrap_or(0),
                birth.year()
            ),
            sex: match document.sex {
                Sex::Female => "F",
                Sex::Male => "M",
                Sex::Unspecified => "X",
            }
            .to_owned(),
            expiry: document.expiry.to_string(),
            ..PassportPage::specimen(change(mrz::compose(document)?), self.portrait)
        };
        Ok(Scene::passport(&page)?)
    }

    /// The traveller before the camera.
    ///
    /// # Errors
    /// When the portrait's picture is missing.
    pub fn face(&self) -> Result<Scene> {
        Ok(Scene::person(&self.portrait)?)
    }
}

/// What a party declares: nothing of note, from Los Angeles, today.
///
/// # Errors
/// None in a build that passed its tests.
pub fn declared_by(party: &[&Traveller], arrival: Date) -> Result<Content> {
    Ok(Content {
        flight: Flight::new("NH", 105).context("a flight")?,
        arrival,
        departure: Airport::parse("LAX").context("an airport")?,
        party: party
            .iter()
            .map(|traveller| Member::from_document(&traveller.document))
            .collect(),
        answers: Answers::default(),
        goods: vec![
            GoodsLine {
                packages: 1,
                ..GoodsLine::new(GoodsKind::WineOrBeer, 750, 4_000, "Wine")
            },
            GoodsLine::new(GoodsKind::Other, 1, 38_000, "Jacket"),
        ],
    })
}

/// The same with something carried for somebody else, which an officer wants to see.
pub fn carrying_for_others(content: Content) -> Content {
    Content {
        answers: Answers {
            for_others: Answer::Yes,
            ..content.answers
        },
        ..content
    }
}
