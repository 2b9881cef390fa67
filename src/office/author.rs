//! Making a list file, or a whole edition, out of what an author of lists has in clear.

pub mod edition;

use evidence::{BirthDate, Date, DocumentNumber, Name, Sensitive, StateCode, Version};
use risk::Draft;
use time::macros::format_description;

/// What cannot be put on a list. Names the line, never its content.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {cure}")]
pub struct EntryError {
    /// Line in the file, from 1.
    pub line: usize,
    /// What belongs there.
    pub cure: &'static str,
}

/// A part of the file's head that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeadError {
    /// No name of an edition.
    #[error("the version has to be 1 to 40 visible characters without spaces")]
    Version,
    /// No day.
    #[error("the day of issue has to be a day such as 2026-11-23")]
    Issued,
    /// No key.
    #[error("the key has to be 64 hexadecimal digits (32 bytes)")]
    Key,
}

/// An empty draft of this edition; the key is 64 hexadecimal digits.
///
/// # Errors
/// [`HeadError`] tells which of the three cannot be used.
pub fn draft(version: &str, issued: &str, key: Option<&str>) -> Result<Draft, HeadError> {
    Ok(Draft {
        version: Version::parse(version).ok_or(HeadError::Version)?,
        issued: day(issued).ok_or(HeadError::Issued)?,
        key: key.map(key_of).transpose()?,
        documents: Vec::new(),
        names: Vec::new(),
    })
}

/// A document: issuing state and number.
pub type Document = (StateCode, Sensitive<DocumentNumber>);

/// A person: name and birth date.
pub type Person = (Sensitive<Name>, Sensitive<BirthDate>);

/// Documents, one a line: issuing state and number, as in `UTO,L898902C3`. Empty lines and lines that begin with `#` are
/// passed over.
///
/// # Errors
/// [`EntryError`] names the first line that is none.
pub fn documents(text: &str) -> Result<Vec<Document>, EntryError> {
    entries(text, document)
}

fn document(fields: &[&str]) -> Result<Document, &'static str> {
    let [state, number] = fields else {
        return Err("a line is the issuing state and the number, as in UTO,L898902C3");
    };
    let state = StateCode::parse(state)
        .ok_or("the state has to be a three-letter code of ICAO Doc 9303-3")?;
    let number = DocumentNumber::parse(number)
        .map_err(|_| "the number has to be 1 to 24 characters of A to Z and 0 to 9")?;
    Ok((state, Sensitive::new(number)))
}

/// Names, one a line, as the machine-readable zone spells them, with the birth date: `ERIKSSON,ANNA MARIA,1974-08-12`.
/// The second field may be empty.
///
/// # Errors
/// [`EntryError`] names the first line that is none.
pub fn names(text: &str) -> Result<Vec<Person>, EntryError> {
    entries(text, |fields| {
        let [primary, secondary, birth] = fields else {
            return Err(
                "a line is both parts of the name and the birth date, as in ERIKSSON,ANNA MARIA,1974-08-12",
            );
        };
        let name = Name::new(primary, secondary)
            .map_err(|_| "the name has to be words of A to Z, as in the machine-readable zone")?;
        let birth = birth_day(birth).ok_or("the birth date has to be a day such as 1974-08-12")?;
        Ok((Sensitive::new(name), Sensitive::new(birth)))
    })
}

fn entries<T>(
    text: &str,
    entry: impl Fn(&[&str]) -> Result<T, &'static str>,
) -> Result<Vec<T>, EntryError> {
    text.lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line.trim()))
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .map(|(line, text)| {
            let fields: Vec<&str> = text.split(',').map(str::trim).collect();
            entry(&fields).map_err(|cure| EntryError { line, cure })
        })
        .collect()
}

fn birth_day(text: &str) -> Option<BirthDate> {
    BirthDate::try_from(day(text)?).ok()
}

/// A day such as 2026-11-23.
#[must_use]
pub fn day(text: &str) -> Option<Date> {
    Date::parse(text, format_description!("[year]-[month]-[day]")).ok()
}

/// A key of 64 hexadecimal digits.
///
/// # Errors
/// [`HeadError::Key`] when it is none.
pub fn key_of(digits: &str) -> Result<Sensitive<[u8; 32]>, HeadError> {
    let mut key = [0; 32];
    hex::decode_to_slice(digits.trim(), &mut key).map_err(|_| HeadError::Key)?;
    Ok(Sensitive::new(key))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn entries_are_read_and_wrong_ones_named_by_their_line() {
        assert_eq!(documents("\n# note\nUTO, L898902C3\r\n").unwrap().len(), 1);
        assert_eq!(
            names("ERIKSSON,,1974-08-12\nERIKSSON,ANNA MARIA,1974-08-12")
                .unwrap()
                .len(),
            2
        );
        for bad in ["UTO", "UTO,L898902C3,", "ZZZ,L898902C3", "UTO,l898902c3"] {
            assert_eq!(
                documents(&format!("# note\n{bad}")).unwrap_err().line,
                2,
                "{bad}"
            );
        }
        for bad in [
            "ERIKSSON,1974-08-12",
            "Eriksson,,1974-08-12",
            "ERIKSSON,,1974-02-30",
            "ERIKSSON,,12.8.1974",
        ] {
            assert_eq!(names(bad).unwrap_err().line, 1, "{bad}");
        }
        assert_eq!(
            draft("two words", "2026-11-23", None).unwrap_err(),
            HeadError::Version
        );
        assert_eq!(draft("1", "today", None).unwrap_err(), HeadError::Issued);
        assert_eq!(
            draft("1", "2026-11-23", Some("07")).unwrap_err(),
            HeadError::Key
        );
    }
}
