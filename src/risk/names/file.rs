//! The file of names: in clear, because a digest has no likeness. Who can read it can read the list, so it is kept for the
//! lane's own user, and the edition's signatures guard what is in it.

use super::index::{Arena, NameIndex};
use super::packed;
use crate::lists::file::{FileError, HEAD, Head, long, number, words};
use evidence::{BirthDate, Name, StateCode};
use std::collections::BTreeMap;
use std::io::{self, Read, Write};

const KIND: [u8; 8] = *b"SKDNAME1";

/// Marks a word of the primary identifier.
pub(super) const PRIMARY: u32 = 1 << 31;

/// Most words of one name.
const MOST_WORDS: usize = 16;

/// Names as their author collects them.
#[derive(Default)]
pub struct NameList {
    known: BTreeMap<Box<[u8]>, u32>,
    counts: Vec<u8>,
    words: Vec<u32>,
    births: Vec<u32>,
    states: Vec<[u8; 3]>,
}

impl std::fmt::Debug for NameList {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NameList")
            .field("entries", &self.counts.len())
            .finish_non_exhaustive()
    }
}

impl NameList {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a name, with birth date and nationality where they are known. Entries are counted from 1 in the order of adding.
    pub fn add(&mut self, name: &Name, birth: Option<&BirthDate>, nationality: Option<StateCode>) {
        let parts = [(name.primary(), PRIMARY), (name.secondary(), 0)];
        let all = parts.into_iter().flat_map(|(part, mark)| {
            part.split(' ')
                .filter(|word| !word.is_empty())
                .map(move |word| (word, mark))
        });
        let mut count = 0_u8;
        for (word, mark) in all.take(MOST_WORDS) {
            let next = u32::try_from(self.known.len()).unwrap_or(u32::MAX);
            let id = *self.known.entry(word.as_bytes().into()).or_insert(next);
            self.words.push(id | mark);
            count += 1;
        }
        self.counts.push(count);
        self.births.push(birth.map_or(0, packed));
        self.states.push(nationality.map_or([0; 3], StateCode::mrz));
    }

    /// Names added so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.counts.len()
    }

    /// Whether none was added.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// Writes the file.
    ///
    /// # Errors
    /// What the writer says.
    pub fn write(&self, into: &mut impl Write) -> io::Result<()> {
        // The words in order, and where each stands now.
        let mut places = vec![0_u32; self.known.len()];
        for (place, id) in (0_u32..).zip(self.known.values()) {
            if let Some(slot) = usize::try_from(*id).ok().and_then(|id| places.get_mut(id)) {
                *slot = place;
            }
        }
        let bytes: usize = self.known.keys().map(|word| word.len()).sum();
        Head::write(into, &KIND, self.counts.len() as u64, 0)?;
        for count in [self.known.len(), bytes, self.words.len()] {
            into.write_all(&(count as u64).to_le_bytes())?;
        }
        let lengths: Vec<u8> = self
            .known
            .keys()
            .map(|word| u8::try_from(word.len()).unwrap_or(u8::MAX))
            .collect();
        into.write_all(&lengths)?;
        for word in self.known.keys() {
            into.write_all(word)?;
        }
        into.write_all(&self.counts)?;
        for word in &self.words {
            let place = usize::try_from(word & !PRIMARY)
                .ok()
                .and_then(|id| places.get(id))
                .copied()
                .unwrap_or_default();
            into.write_all(&(place | word & PRIMARY).to_le_bytes())?;
        }
        for birth in &self.births {
            into.write_all(&birth.to_le_bytes())?;
        }
        self.states
            .iter()
            .try_for_each(|state| into.write_all(state))
    }
}

impl NameIndex {
    /// Reads a file of so many bytes, and makes the index of it.
    pub(crate) fn read(from: &mut dyn Read, length: u64) -> Result<Self, FileError> {
        const SPOILT: FileError = FileError::Shape("its head is spoilt");
        let head = Head::read(from, &KIND, 0).map_err(|error| match error {
            FileError::Key => SPOILT,
            other => other,
        })?;
        let (known, bytes, total) = (number(from)?, number(from)?, number(from)?);
        // 1 byte a known word and its letters; 1 + 4 + 3 an entry, and 4 a word of it.
        let stated = head
            .count
            .checked_mul(8)
            .and_then(|sum| sum.checked_add(total.checked_mul(4)?))
            .and_then(|sum| sum.checked_add(known)?.checked_add(bytes))
            .and_then(|sum| sum.checked_add(HEAD + 24));
        long(length, stated)?;
        let fits = |count: u64| {
            u32::try_from(count)
                .ok()
                .filter(|count| count & PRIMARY == 0)
                .and_then(|count| usize::try_from(count).ok())
                .ok_or(FileError::Shape("it has more than it can count"))
        };
        let (entries, known, bytes, total) =
            (fits(head.count)?, fits(known)?, fits(bytes)?, fits(total)?);
        let lengths = words(from, known, |[byte]: [u8; 1]| byte)?;
        let letters = words(from, bytes, |[byte]: [u8; 1]| byte)?;
        let raw = Arena::of(&lengths, letters)
            .ok_or(FileError::Shape("its words do not fill their place"))?;
        let plain = raw.iter().all(|word| {
            (1..=Name::LONGEST).contains(&word.len()) && word.iter().all(u8::is_ascii_uppercase)
        });
        if !plain || !raw.iter().is_sorted_by(|one, other| one < other) {
            return Err(FileError::Shape("its words are not A to Z in their order"));
        }
        let counts = words(from, entries, |[byte]: [u8; 1]| byte)?;
        let filled: usize = counts.iter().map(|count| usize::from(*count)).sum();
        let counted = |count: &u8| (1..=MOST_WORDS).contains(&usize::from(*count));
        if filled != total || !counts.iter().all(counted) {
            return Err(FileError::Shape("its names do not have their words"));
        }
        let spelt = words(from, total, u32::from_le_bytes)?;
        let known = |word: &u32| usize::try_from(word & !PRIMARY).is_ok_and(|id| id < known);
        if !spelt.iter().all(known) {
            return Err(FileError::Shape("a name has a word that is not there"));
        }
        let births = words(from, entries, u32::from_le_bytes)?;
        if !births.iter().all(|birth| is_birth(*birth)) {
            return Err(FileError::Shape("a birth date is no day"));
        }
        let states = words(from, entries, |state: [u8; 3]| state)?;
        if !states.iter().all(is_state) {
            return Err(FileError::Shape("a nationality is no code"));
        }
        Ok(Self::build(raw, &counts, spelt, births, states))
    }
}

fn is_birth(birth: u32) -> bool {
    let part = |part: u32| u8::try_from(part & 0xff).ok().filter(|part| *part > 0);
    let year = u16::try_from(birth >> 16).unwrap_or_default();
    birth == 0
        || BirthDate::new(year, part(birth >> 8), part(birth))
            .is_ok_and(|date| packed(&date) == birth)
}

fn is_state(state: &[u8; 3]) -> bool {
    *state == [0; 3]
        || std::str::from_utf8(state)
            .ok()
            .and_then(StateCode::parse)
            .is_some_and(|code| code.mrz() == *state)
}
