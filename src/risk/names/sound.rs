//! Spellings of one sound brought to one letter, so that romanisations of a name meet: Aleksandr and Alexander, Hussein and
//! Husayn, Qin and Chin. This finds candidates and softens a distance; it never decides alone.

/// Spellings, longest first, and what they sound like. `^` binds a spelling to the beginning of a word.
const SPELLINGS: &[(&str, &str)] = &[
    ("SCHTSCH", "S"),
    ("SHTCH", "S"),
    ("CHTCH", "S"),
    ("SZCZ", "S"),
    ("SHCH", "S"),
    ("TSCH", "C"),
    ("DSCH", "J"),
    ("DZH", "J"),
    ("TCH", "C"),
    ("SCH", "S"),
    ("CHR", "KR"),
    ("EIGH", "I"),
    ("OUGH", "O"),
    ("EAU", "O"),
    ("YEO", "O"),
    ("YOU", "U"),
    ("IIA", "A"),
    ("IYA", "A"),
    ("IJA", "A"),
    ("IYE", "E"),
    ("IIE", "E"),
    ("^HS", "S"),
    ("^OU", "V"),
    ("^X", "S"),
    ("^TS", "TS"),
    ("SH", "S"),
    ("SZ", "S"),
    ("CH", "C"),
    ("CZ", "C"),
    ("ZH", "J"),
    ("DJ", "J"),
    ("KH", "K"),
    ("GH", "G"),
    ("DH", "D"),
    ("TH", "T"),
    ("PH", "F"),
    ("BH", "B"),
    ("CK", "K"),
    ("QU", "K"),
    ("^QI", "CI"),
    ("TZ", "TS"),
    ("RH", "R"),
    ("CE", "SE"),
    ("CI", "SI"),
    ("CY", "SI"),
    ("AA", "A"),
    ("AE", "A"),
    ("OE", "O"),
    ("UE", "U"),
    ("EE", "I"),
    ("OO", "U"),
    ("OU", "U"),
    ("EO", "O"),
    ("EU", "U"),
    ("AY", "AI"),
    ("EY", "AI"),
    ("EI", "AI"),
    ("IY", "I"),
    ("YI", "I"),
    ("IJ", "I"),
    ("II", "I"),
    ("IA", "A"),
    ("YA", "A"),
    ("IE", "E"),
    ("YE", "E"),
    ("IU", "U"),
    ("YU", "U"),
    ("IO", "O"),
    ("YO", "O"),
    ("X", "KS"),
    ("Q", "K"),
    ("C", "K"),
    ("W", "V"),
    ("Y", "I"),
];

const fn is_vowel(letter: u8) -> bool {
    matches!(letter, b'A' | b'E' | b'I' | b'O' | b'U' | b'Y')
}

/// Kana as Kunrei and Nihon spell them, and as Hepburn does.
const KANA: &[(&str, &str)] = &[
    ("SY", "SH"),
    ("TY", "CH"),
    ("ZY", "J"),
    ("DZU", "ZU"),
    ("DU", "ZU"),
    ("SI", "SHI"),
    ("TI", "CHI"),
    ("TU", "TSU"),
    ("HU", "FU"),
    ("ZI", "JI"),
    ("DI", "JI"),
    ("OO", "O"),
    ("OU", "O"),
    ("UU", "U"),
];

/// Whether a word can be read as kana: syllables of at most one sound and a vowel, and N.
fn is_kana(word: &[u8]) -> bool {
    const BEGINNINGS: &[&str] = &[
        "KY", "GY", "SY", "SH", "ZY", "TY", "TS", "CH", "NY", "HY", "BY", "PY", "MY", "RY", "DZ",
        "K", "G", "S", "Z", "T", "D", "N", "H", "F", "B", "P", "M", "Y", "R", "W", "J", "",
    ];
    let mut at = 0;
    while at < word.len() {
        let rest = &word[at..];
        let syllable = BEGINNINGS.iter().find(|beginning| {
            rest.starts_with(beginning.as_bytes())
                && rest
                    .get(beginning.len())
                    .is_some_and(|vowel| matches!(vowel, b'A' | b'I' | b'U' | b'E' | b'O'))
        });
        let doubled = rest.len() > 1 && rest[0] == rest[1];
        match (syllable, rest[0]) {
            (Some(beginning), _) => at += beginning.len() + 1,
            // N before another syllable, written M before lips; a long O written with H; a doubled consonant.
            (None, b'N' | b'M' | b'H') => at += 1,
            (None, letter) if doubled && !is_vowel(letter) => at += 1,
            (None, _) => return false,
        }
    }
    true
}

fn spelt_as_hepburn(word: &[u8]) -> Vec<u8> {
    let mut spelt = Vec::with_capacity(word.len() + 2);
    let mut at = 0;
    while at < word.len() {
        let rest = &word[at..];
        let shi = |spelling: &str| rest.starts_with(spelling.as_bytes());
        match KANA.iter().find(|(spelling, _)| shi(spelling)) {
            // The S of TSU is no SU of its own, nor the H of SHI a HI.
            Some((spelling, hepburn)) if !matches!(spelt.last(), Some(b'T' | b'S' | b'C')) => {
                spelt.extend_from_slice(hepburn.as_bytes());
                at += spelling.len();
            }
            _ => {
                spelt.push(rest[0]);
                at += 1;
            }
        }
    }
    spelt
}

/// A word that can be kana, as it sounds when it is.
pub(super) fn as_kana(word: &[u8]) -> Option<Vec<u8>> {
    is_kana(word).then(|| folded(&spelt_as_hepburn(word)))
}

/// The word as it sounds, vowels included.
pub(super) fn folded(word: &[u8]) -> Vec<u8> {
    let mut sounds: Vec<u8> = Vec::with_capacity(word.len() + 2);
    let mut at = 0;
    while at < word.len() {
        let rest = &word[at..];
        // A silent H lengthens the vowel before it: Ohno, Sarah.
        let silent = rest[0] == b'H'
            && at > 0
            && is_vowel(word[at - 1])
            && rest.get(1).is_none_or(|next| !is_vowel(*next));
        if silent {
            at += 1;
            continue;
        }
        let spelt = SPELLINGS.iter().find(|(spelling, _)| {
            spelling.strip_prefix('^').map_or_else(
                || rest.starts_with(spelling.as_bytes()),
                |first| at == 0 && rest.starts_with(first.as_bytes()),
            )
        });
        let (sound, length): (&[u8], usize) = match spelt {
            Some((spelling, sound)) => (sound.as_bytes(), spelling.trim_start_matches('^').len()),
            None => (&rest[..1], 1),
        };
        for letter in sound {
            if sounds.last() != Some(letter) {
                sounds.push(*letter);
            }
        }
        at += length;
    }
    sounds
}

/// The consonants of a folded word, voiced and voiceless alike; a vowel counts only where the word begins with it.
pub(super) fn skeleton(folded: &[u8]) -> Vec<u8> {
    let mut bones: Vec<u8> = Vec::with_capacity(folded.len());
    for (at, letter) in folded.iter().enumerate() {
        let bone = match letter {
            letter if is_vowel(*letter) && at > 0 => continue,
            letter if is_vowel(*letter) => b'A',
            b'G' => b'K',
            b'D' => b'T',
            b'B' => b'P',
            b'V' => b'F',
            b'J' | b'Z' | b'C' => b'S',
            letter => *letter,
        };
        if bones.last() != Some(&bone) {
            bones.push(bone);
        }
    }
    bones
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sounds_like(word: &str) -> String {
        String::from_utf8(folded(word.as_bytes())).unwrap_or_default()
    }

    #[test]
    fn spellings_of_one_name_meet() {
        for spellings in [
            &["ALEKSANDR", "ALEXANDR"][..],
            &["SHCHERBAKOV", "SCHERBAKOV", "SHTCHERBAKOV"],
            &["YULIA", "IULIIA", "YULIYA"],
            &["MUELLER", "MULLER"],
            &["ONO", "OHNO"],
            &["SARA", "SARAH"],
            &["CHRISTOS", "KHRISTOS"],
            &["HUSAYN", "HUSSAIN", "HUSAIN"],
        ] {
            for spelling in spellings {
                assert_eq!(
                    sounds_like(spelling),
                    sounds_like(spellings[0]),
                    "{spelling}"
                );
            }
        }
    }

    #[test]
    fn kana_meet_however_they_are_romanised() {
        for spellings in [
            &["ONO", "OHNO", "OONO"][..],
            &["SHUICHI", "SYUITI", "SHUUICHI"],
            &["TSUCHIYA", "TUTIYA"],
            &["FUMIKO", "HUMIKO"],
        ] {
            for spelling in spellings {
                let sounds = as_kana(spelling.as_bytes());
                assert!(sounds.is_some());
                assert_eq!(sounds, as_kana(spellings[0].as_bytes()), "{spelling}");
            }
        }
        assert_eq!(as_kana(b"ERIKSSON"), None);
    }

    #[test]
    fn bones_are_what_vowels_leave() {
        for (one, other) in [("MOHAMMED", "MUHAMAD"), ("GADDAFI", "KADDAFI")] {
            let bones = |word: &str| skeleton(&folded(word.as_bytes()));
            assert_eq!(bones(one), bones(other));
        }
    }
}
