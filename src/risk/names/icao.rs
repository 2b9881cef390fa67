//! Transliteration of national letters into those of the machine-readable zone: the recommendations of ICAO Doc 9303-3
//! (8th edition) section 6, tables A (Latin), B (Cyrillic) and C (Arabic). It is not a folding to ASCII: `Müller` becomes
//! `MUELLER`.
//!
//! Where table A offers a choice (Ä: AE or A; Ö: OE or O; Ü: UE, UXX or U; Ñ: N or NXX; Å: AA) the first is taken; the
//! likeness of names knows the others.

/// A letter that no table has; the text itself is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("letter {position} is in none of the tables of ICAO Doc 9303-3 section 6")]
pub struct UnknownLetter {
    /// Position of the letter, from 1.
    pub position: usize,
}

/// Languages for which table B makes exceptions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// None of the others.
    Other,
    /// Г is H, Ё is IO.
    Belarusian,
    /// Щ is SHT.
    Bulgarian,
    /// Х is H, Ц is C, Ѓ is GJ, Ќ is KJ, Џ is DJ.
    Macedonian,
    /// Г is H, Ж is Z, Х is H, Ц and Ч are C, Ш is S.
    Serbian,
    /// Г is H, И is Y; Є, Ї, Й, Ю and Я are YE, YI, Y, YU and YA where a word begins.
    Ukrainian,
}

/// Result, and the capital letters that give it. Table A.
const LATIN: &[(&str, &str)] = &[
    ("A", "ÁÀÂĂĀĄÃ"),
    ("AA", "Å"),
    ("AE", "ÄÆ"),
    ("C", "ĆĈČĊÇ"),
    ("D", "ĐĎÐ"),
    ("E", "ÉÈÊËĚĖĒĘĔ"),
    ("G", "ĜĞĠĢ"),
    ("H", "ĦĤ"),
    ("I", "ÍÌÎÏĨİĪĮĬI"),
    ("IJ", "Ĳ"),
    ("J", "Ĵ"),
    ("K", "Ķ"),
    ("L", "ŁĽĹĻĿ"),
    ("N", "ŃŇŅŊÑ"),
    ("O", "ÓÒÔÕŐŌŎ"),
    ("OE", "ÖØŒ"),
    ("R", "ŔŘŖ"),
    ("S", "ŚŜŠŞȘ"),
    ("SS", "ẞ"),
    ("T", "ŦŤŢȚ"),
    ("TH", "Þ"),
    ("U", "ÚÙÛŨŬŰŮŪŲ"),
    ("UE", "Ü"),
    ("W", "Ŵ"),
    ("Y", "ÝŶŸ"),
    ("Z", "ŹŽŻ"),
];

/// Table B, without its exceptions.
const CYRILLIC: &[(&str, &str)] = &[
    ("", "Ь"),
    ("A", "А"),
    ("B", "Б"),
    ("C", "ЋҺ"),
    ("CH", "Ч"),
    ("D", "ДЂ"),
    ("DZ", "ЅЏ"),
    ("E", "ЕЁЭ"),
    ("F", "ФѲ"),
    ("G", "ГҐЃҒ"),
    ("I", "ИІЇЙ"),
    ("IA", "Я"),
    ("IE", "ЪЄ"),
    ("IU", "Ю"),
    ("J", "Ј"),
    ("K", "КЌ"),
    ("KH", "Х"),
    ("L", "Л"),
    ("LJ", "Љ"),
    ("M", "М"),
    ("N", "Н"),
    ("NJ", "Њ"),
    ("O", "О"),
    ("P", "П"),
    ("R", "Р"),
    ("S", "С"),
    ("SH", "Ш"),
    ("SHCH", "Щ"),
    ("T", "Т"),
    ("TS", "Ц"),
    ("U", "УЎѪ"),
    ("V", "В"),
    ("Y", "ЫѴ"),
    ("Z", "З"),
    ("ZH", "Ж"),
];

/// Table C. A letter that is told apart by X has no Latin letter of its own.
const ARABIC: &[(&str, &str)] = &[
    ("A", "\u{627}"),
    ("B", "\u{628}"),
    ("D", "\u{62f}"),
    ("E", "\u{639}"),
    ("F", "\u{641}"),
    ("G", "\u{63a}"),
    ("H", "\u{647}"),
    ("I", "\u{625}"),
    ("J", "\u{62c}"),
    ("K", "\u{643}"),
    ("L", "\u{644}"),
    ("M", "\u{645}"),
    ("N", "\u{646}"),
    ("P", "\u{67e}"),
    ("Q", "\u{642}"),
    ("R", "\u{631}"),
    ("S", "\u{633}"),
    ("T", "\u{62a}"),
    ("U", "\u{624}"),
    ("W", "\u{648}"),
    ("XAA", "\u{622}"),
    ("XAE", "\u{623}"),
    ("XAY", "\u{649}"),
    ("XBE", "\u{6d3}"),
    ("XC", "\u{686}"),
    ("XDH", "\u{630}"),
    ("XDO", "\u{6be}"),
    ("XDR", "\u{689}"),
    ("XDZ", "\u{636}"),
    ("XE", "\u{621}"),
    ("XGE", "\u{6c2}"),
    ("XGG", "\u{6af}"),
    ("XH", "\u{62d}"),
    ("XI", "\u{626}"),
    ("XJ", "\u{698}"),
    ("XKE", "\u{681}"),
    ("XKH", "\u{62e}"),
    ("XKK", "\u{6a9}"),
    ("XNG", "\u{6ad}"),
    ("XNN", "\u{6ba}"),
    ("XRR", "\u{693}"),
    ("XRT", "\u{67c}"),
    ("XRX", "\u{696}"),
    ("XSH", "\u{634}"),
    ("XSS", "\u{635}"),
    ("XTG", "\u{6c3}"),
    ("XTH", "\u{62b}"),
    ("XTT", "\u{637}"),
    ("XXA", "\u{671}"),
    ("XXD", "\u{688}"),
    ("XXG", "\u{6c1}"),
    ("XXH", "\u{685}"),
    ("XXK", "\u{6ab}"),
    ("XXN", "\u{6bc}"),
    ("XXR", "\u{691}"),
    ("XXS", "\u{69a}"),
    ("XXT", "\u{679}"),
    ("XXY", "\u{6cd}"),
    ("XYA", "\u{6cc}"),
    ("XYB", "\u{6d2}"),
    ("XYH", "\u{6c0}"),
    ("XZZ", "\u{638}"),
    ("Y", "\u{64a}\u{6d0}"),
    ("Z", "\u{632}"),
];

const TEH_MARBUTA: char = '\u{629}';
const SHADDA: char = '\u{651}';

/// A name in the letters of the machine-readable zone: words of A to Z parted by single spaces. Apostrophes vanish, hyphens,
/// commas and other spaces part words (Doc 9303-3 section 4.6).
///
/// # Errors
/// [`UnknownLetter`] when a letter stands in none of the tables (Greek, Hebrew, Chinese and others have none: their names
/// come into documents as the issuing state romanises them).
pub fn transliterate(text: &str, language: Language) -> Result<String, UnknownLetter> {
    let letters: Vec<char> = text.chars().flat_map(capitals).collect();
    let mut words = String::with_capacity(text.len() + 4);
    let mut last = "";
    for (index, letter) in letters.iter().enumerate() {
        let follows = letters
            .get(index + 1)
            .is_some_and(|next| next.is_alphabetic());
        let begins = index == 0 || letters.get(index - 1).is_some_and(|c| parts(*c));
        match *letter {
            'A'..='Z' => words.push(*letter),
            letter if parts(letter) => {
                if !words.is_empty() && !words.ends_with(' ') {
                    words.push(' ');
                }
            }
            '\'' | '’' | 'ʼ' | '`' | '\u{640}' => {}
            // Vowel signs of Arabic and marks that a decomposed text leaves over a letter it shares with others.
            '\u{64b}'..='\u{650}' | '\u{652}' | '\u{670}' => {}
            // A doubled consonant.
            SHADDA => words.push_str(last),
            TEH_MARBUTA => words.push_str(if follows { "XTA" } else { "XAH" }),
            letter => {
                last = exception(letter, language, begins)
                    .or_else(|| in_tables(letter))
                    .ok_or(UnknownLetter {
                        position: index + 1,
                    })?;
                words.push_str(last);
            }
        }
    }
    Ok(words.trim_end().to_owned())
}

fn capitals(letter: char) -> impl Iterator<Item = char> {
    // ß has no single capital in Unicode's mapping; table A writes SS, as it does.
    letter.to_uppercase()
}

fn parts(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '-' | ',' | '.' | '‐' | '–' | '<' | '/')
}

fn in_tables(letter: char) -> Option<&'static str> {
    [LATIN, CYRILLIC, ARABIC]
        .into_iter()
        .flatten()
        .find(|(_, letters)| letters.contains(letter))
        .map(|(result, _)| *result)
}

fn exception(letter: char, language: Language, begins: bool) -> Option<&'static str> {
    let result = match (language, letter) {
        (Language::Belarusian | Language::Serbian | Language::Ukrainian, 'Г') => "H",
        (Language::Belarusian, 'Ё') => "IO",
        (Language::Bulgarian, 'Щ') => "SHT",
        (Language::Macedonian | Language::Serbian, 'Х') => "H",
        (Language::Macedonian | Language::Serbian, 'Ц') => "C",
        (Language::Macedonian, 'Ѓ') => "GJ",
        (Language::Macedonian, 'Ќ') => "KJ",
        (Language::Macedonian, 'Џ') => "DJ",
        (Language::Serbian, 'Ж') => "Z",
        (Language::Serbian, 'Ч') => "C",
        (Language::Serbian, 'Ш') => "S",
        (Language::Ukrainian, 'И') => "Y",
        (Language::Ukrainian, 'Є') if begins => "YE",
        (Language::Ukrainian, 'Ї') if begins => "YI",
        (Language::Ukrainian, 'Й') if begins => "Y",
        (Language::Ukrainian, 'Ю') if begins => "YU",
        (Language::Ukrainian, 'Я') if begins => "YA",
        _ => return None,
    };
    Some(result)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn names_become_what_their_passports_say() {
        use Language::{Belarusian, Bulgarian, Macedonian, Other, Serbian, Ukrainian};
        for (name, language, expected) in [
            ("Müller", Other, "MUELLER"),
            ("Straße", Other, "STRASSE"),
            ("Åström-Øvergård", Other, "AASTROEM OEVERGAARD"),
            ("Þór Ægisson", Other, "THOR AEGISSON"),
            ("Nuñez", Other, "NUNEZ"),
            ("D'Artagnan, Chloé", Other, "DARTAGNAN CHLOE"),
            ("Iğdır Şahin Çelik", Other, "IGDIR SAHIN CELIK"),
            ("Łukasz Żółć", Other, "LUKASZ ZOLC"),
            ("Ștefan Țepeș", Other, "STEFAN TEPES"),
            ("Щербакова Юлия", Other, "SHCHERBAKOVA IULIIA"),
            ("Подъячев", Other, "PODIEIACHEV"),
            ("Григорій Їжак", Ukrainian, "HRYHORII YIZHAK"),
            ("Юлія", Ukrainian, "YULIIA"),
            ("Гомель Алёна", Belarusian, "HOMEL ALIONA"),
            ("Щерев", Bulgarian, "SHTEREV"),
            ("Ђорђе Живковић", Serbian, "DORDE ZIVKOVIC"),
            ("Ќосев", Macedonian, "KJOSEV"),
            ("محمد", Other, "MXHMD"),
            ("مدّرس", Other, "MDDRS"),
            ("فاطمة", Other, "FAXTTMXAH"),
            ("خالد بن الوليد", Other, "XKHALD BN ALWLYD"),
        ] {
            assert_eq!(transliterate(name, language).unwrap(), expected, "{name}");
        }
    }

    #[test]
    fn a_letter_without_a_row_is_refused_by_its_place() {
        for (name, position) in [("Γεώργιος", 1), ("Lee 李", 5), ("A1", 2)] {
            assert_eq!(
                transliterate(name, Language::Other),
                Err(UnknownLetter { position })
            );
        }
    }

    #[test]
    fn every_letter_stands_in_one_row() {
        let mut seen = std::collections::BTreeSet::new();
        for (result, letters) in [LATIN, CYRILLIC, ARABIC].into_iter().flatten() {
            assert!(result.bytes().all(|byte| byte.is_ascii_uppercase()));
            for letter in letters.chars() {
                assert!(seen.insert(letter), "{letter}");
            }
        }
    }
}
