//! Spellings of one sound brought to one letter, so that romanisations of a name meet: Aleksandr and Alexander, Hussein and
//! Husayn, Qin and Chin. This finds candidates and softens a distance; it never decides alone.

/// Spellings, longest first, and what they sound like. `^` binds a spelling to the beginning of a word.
const SPELLINGS: &[(&str, &str)] = &[
    ("SHTCH", "S"),
    ("SCHTSCH", "S"),
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
    ("AW", "AU"),
    ("OW", "OU"),
    ("X", "KS"),
    ("Q", "K"),
    ("C", "K"),
    ("W", "V"),
    ("Y", "I"),
];

const fn is_vowel(letter: u8) -> bool {
    matches!(letter, b'A' | b'E' | b'I' | b'O' | b'U' | b'Y')
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
            b'J' => b'C',
            b'Z' => b'S',
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
    fn bones_are_what_vowels_leave() {
        for (one, other) in [("MOHAMMED", "MUHAMAD"), ("GADDAFI", "KADDAFI")] {
            let bones = |word: &str| skeleton(&folded(word.as_bytes()));
            assert_eq!(bones(one), bones(other));
        }
    }
}
