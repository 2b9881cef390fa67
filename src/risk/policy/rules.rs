//! Rules of the customs house's own: about the party, a member's document, and the flight. All that a rule names has to
//! hold at once.

use super::PolicyError;
use crate::case::{Case, Traveller};
use evidence::{Airport, DocumentKind, Fact, Flight, Reason, StateCode, Told};
use serde::Deserialize;

/// The conditions of one rule, as the file has them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    #[serde(default)]
    pub(super) silent: bool,
    travellers_at_least: Option<u8>,
    everybody_younger_than: Option<u8>,
    without_document: Option<bool>,
    document_kinds: Option<Vec<KindWord>>,
    issuing_states: Option<Vec<String>>,
    nationalities: Option<Vec<String>>,
    expires_within_days: Option<u16>,
    flights: Option<Vec<String>>,
    carriers: Option<Vec<String>>,
    departures: Option<Vec<String>>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum KindWord {
    Passport,
    IdentityCard,
    Visa,
    Other,
}

/// The conditions of one rule.
#[derive(Clone, Debug)]
pub(crate) struct Conditions {
    silent: bool,
    travellers_at_least: Option<u8>,
    everybody_younger_than: Option<u8>,
    without_document: bool,
    kinds: Option<Vec<DocumentKind>>,
    issuing_states: Option<Vec<StateCode>>,
    nationalities: Option<Vec<StateCode>>,
    expires_within_days: Option<u16>,
    flights: Option<Vec<Flight>>,
    carriers: Option<Vec<String>>,
    departures: Option<Vec<Airport>>,
}

/// A rule that spoke: its reason, what it saw, what the traveller may hear.
pub(crate) type Spoken = (Reason, Vec<Fact>, Option<Told>);

impl Words {
    pub(super) fn read(self, rule: usize) -> Result<Conditions, PolicyError> {
        let refuse = |cure| PolicyError::Condition { rule, cure };
        let read = Conditions {
            silent: self.silent,
            travellers_at_least: self.travellers_at_least,
            everybody_younger_than: self.everybody_younger_than,
            without_document: self.without_document.unwrap_or(false),
            kinds: self
                .document_kinds
                .map(|kinds| kinds.into_iter().map(KindWord::kind).collect()),
            issuing_states: all(self.issuing_states, StateCode::parse).map_err(|()| {
                refuse("`issuing_states` are three-letter codes of ICAO Doc 9303-3, at least one")
            })?,
            nationalities: all(self.nationalities, StateCode::parse).map_err(|()| {
                refuse("`nationalities` are three-letter codes of ICAO Doc 9303-3, at least one")
            })?,
            expires_within_days: self.expires_within_days,
            flights: all(self.flights, Flight::parse)
                .map_err(|()| refuse("`flights` are flights such as JL61, at least one"))?,
            carriers: all(self.carriers, |text| {
                Flight::new(text, 1).map(|flight| flight.carrier().to_owned())
            })
            .map_err(|()| refuse("`carriers` are designators such as JL, at least one"))?,
            departures: all(self.departures, Airport::parse)
                .map_err(|()| refuse("`departures` are airports such as HEL, at least one"))?,
        };
        if read.kinds.as_ref().is_some_and(Vec::is_empty) {
            return Err(refuse("`document_kinds` names at least one"));
        }
        if read.without_document
            && (read.kinds.is_some()
                || read.issuing_states.is_some()
                || read.expires_within_days.is_some())
        {
            return Err(refuse(
                "`without_document` and a condition on the document cannot both hold",
            ));
        }
        if !(read.about_document() || read.about_flight() || read.about_party()) {
            return Err(refuse(
                "name at least one condition, or every party is referred",
            ));
        }
        Ok(read)
    }
}

impl KindWord {
    const fn kind(self) -> DocumentKind {
        match self {
            Self::Passport => DocumentKind::Passport,
            Self::IdentityCard => DocumentKind::IdentityCard,
            Self::Visa => DocumentKind::Visa,
            Self::Other => DocumentKind::Other,
        }
    }
}

fn all<T>(
    words: Option<Vec<String>>,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Option<Vec<T>>, ()> {
    let Some(words) = words else { return Ok(None) };
    let read: Option<Vec<T>> = words.iter().map(|word| read(word)).collect();
    match read {
        Some(read) if !read.is_empty() => Ok(Some(read)),
        _ => Err(()),
    }
}

impl Conditions {
    const fn about_document(&self) -> bool {
        self.without_document
            || self.kinds.is_some()
            || self.issuing_states.is_some()
            || self.nationalities.is_some()
            || self.expires_within_days.is_some()
    }

    const fn about_flight(&self) -> bool {
        self.flights.is_some() || self.carriers.is_some() || self.departures.is_some()
    }

    const fn about_party(&self) -> bool {
        self.travellers_at_least.is_some() || self.everybody_younger_than.is_some()
    }

    /// What this rule says of a case: nothing, one thing about party or flight, or one for every member whose document meets
    /// it.
    pub(crate) fn spoken(&self, case: &Case) -> Vec<Spoken> {
        let mut seen = Vec::new();
        if !self.of_party(case, &mut seen) || !self.of_flight(case, &mut seen) {
            return Vec::new();
        }
        if !self.about_document() {
            let (reason, told) = if self.about_flight() {
                (Reason::FlightRule, Told::Flight)
            } else {
                (Reason::PartyRule, Told::Party)
            };
            return vec![(reason, seen, self.word(told))];
        }
        case.members()
            .filter_map(|(member, traveller)| {
                let mut seen = seen.clone();
                self.of_document(case, traveller, &mut seen)?;
                Some((
                    Reason::DocumentRule(member),
                    seen,
                    self.word(Told::Document(member)),
                ))
            })
            .collect()
    }

    const fn word(&self, told: Told) -> Option<Told> {
        if self.silent { None } else { Some(told) }
    }

    fn of_party(&self, case: &Case, seen: &mut Vec<Fact>) -> bool {
        let count = |travellers: usize| u8::try_from(travellers).unwrap_or(u8::MAX);
        let size = count(case.travellers.len());
        if let Some(least) = self.travellers_at_least {
            seen.push(Fact::Travellers(size));
            if size < least {
                return false;
            }
        }
        if let Some(years) = self.everybody_younger_than {
            let younger = case
                .travellers
                .iter()
                .filter(|traveller| traveller.birth.expose().age_on(case.on) < years)
                .count();
            seen.push(Fact::YoungerThan {
                years,
                travellers: count(younger),
            });
            return younger == case.travellers.len();
        }
        true
    }

    fn of_flight(&self, case: &Case, seen: &mut Vec<Fact>) -> bool {
        if self.flights.is_some() || self.carriers.is_some() {
            seen.push(Fact::Flight(case.flight.clone()));
        }
        if self.departures.is_some() {
            seen.push(Fact::Departure(case.departure));
        }
        named(self.flights.as_deref(), |flight| *flight == case.flight)
            && named(self.carriers.as_deref(), |carrier| {
                carrier == case.flight.carrier()
            })
            && named(self.departures.as_deref(), |from| *from == case.departure)
    }

    fn of_document(&self, case: &Case, traveller: &Traveller, seen: &mut Vec<Fact>) -> Option<()> {
        let holds = |condition: bool| condition.then_some(());
        if let Some(nationalities) = &self.nationalities {
            holds(nationalities.contains(&traveller.nationality))?;
            seen.push(Fact::Nationality(traveller.nationality));
        }
        if self.without_document {
            holds(traveller.shown.is_none())?;
            seen.push(Fact::NoDocument);
        }
        if self.kinds.is_none()
            && self.issuing_states.is_none()
            && self.expires_within_days.is_none()
        {
            return Some(());
        }
        let shown = traveller.shown.as_ref()?;
        if let Some(kinds) = &self.kinds {
            holds(kinds.contains(&shown.kind))?;
            seen.push(Fact::Kind(shown.kind));
        }
        if let Some(states) = &self.issuing_states {
            holds(states.contains(&traveller.state))?;
            seen.push(Fact::IssuedBy(traveller.state));
        }
        if let Some(days) = self.expires_within_days {
            let left = shown.expiry.to_julian_day() - case.on.to_julian_day();
            holds(left <= i32::from(days))?;
            seen.push(Fact::ExpiresIn(left));
        }
        Some(())
    }
}

fn named<T>(among: Option<&[T]>, is: impl Fn(&T) -> bool) -> bool {
    among.is_none_or(|among| among.iter().any(is))
}
