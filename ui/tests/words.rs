//! Words and colours: every text is translated, every character has a glyph, every colour stands apart from its ground.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use ab_glyph::{Font, FontRef};

fn slint_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            slint_files(&path, files);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "slint")
        {
            files.push(path);
        }
    }
}

fn sources() -> Vec<String> {
    let mut files = Vec::new();
    slint_files(Path::new(env!("CARGO_MANIFEST_DIR")), &mut files);
    files.sort();
    files
        .into_iter()
        .map(|file| fs::read_to_string(file).unwrap())
        .collect()
}

/// The texts between quotation marks that follow this opening.
fn quoted_after(source: &str, opening: &str) -> Vec<String> {
    source
        .split(opening)
        .skip(1)
        .filter_map(|rest| rest.split_once('"'))
        .map(|(text, _)| text.to_owned())
        .collect()
}

fn said() -> BTreeSet<String> {
    sources()
        .iter()
        .flat_map(|source| quoted_after(source, "@tr(\""))
        .collect()
}

fn japanese() -> BTreeMap<String, String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("lang/ja/LC_MESSAGES/ui.po");
    let text = fs::read_to_string(path).unwrap();
    let text = text.replace("\\n", "");
    let pairs = quoted_after(&text, "msgid \"")
        .into_iter()
        .zip(quoted_after(&text, "msgstr \""));
    pairs.filter(|(said, _)| !said.is_empty()).collect()
}

#[test]
fn every_text_is_translated_and_no_translation_is_left_over() {
    let japanese = japanese();
    let (said, translated): (BTreeSet<_>, BTreeSet<_>) =
        (said(), japanese.keys().cloned().collect());
    assert!(said.len() > 150);
    assert_eq!(said, translated);
    for (said, translation) in &japanese {
        assert!(!translation.is_empty(), "{said:?}");
        assert_eq!(
            said.matches("{}").count(),
            translation.matches("{}").count(),
            "{said:?}"
        );
    }
}

/// A headline has eight words at the most.
#[test]
fn headlines_are_short() {
    for source in sources() {
        for line in source
            .lines()
            .filter(|line| line.trim_start().starts_with("headline:"))
        {
            for headline in quoted_after(line, "@tr(\"") {
                assert!(headline.split_whitespace().count() <= 8, "{headline:?}");
            }
        }
    }
}

/// Slint draws nothing at all for a character that the font lacks.
#[test]
fn every_character_has_a_glyph() {
    let regular = fs::read("/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf")
        .expect("fonts-noto-core is installed");
    let bold = fs::read("/usr/share/fonts/truetype/noto/NotoSans-Bold.ttf")
        .expect("fonts-noto-core is installed");
    let cjk = fs::read("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
        .expect("fonts-noto-cjk is installed");
    let cjk_bold = fs::read("/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc")
        .expect("fonts-noto-cjk is installed");
    let latin = [&regular, &bold].map(|bytes| FontRef::try_from_slice(bytes).unwrap());
    // The first face of the collection is the Japanese one.
    let eastern =
        [&cjk, &cjk_bold].map(|bytes| FontRef::try_from_slice_and_index(bytes, 0).unwrap());
    let covered = |fonts: &[FontRef<'_>], text: &str| {
        for character in text.chars() {
            assert!(
                fonts.iter().all(|font| font.glyph_id(character).0 != 0),
                "{character:?} of {text:?}"
            );
        }
    };
    for text in said() {
        covered(&latin, &text);
        covered(&eastern, &text);
    }
    for text in japanese().values() {
        covered(&eastern, text);
    }
    for text in ["日本語", "避難してください", "ゲートは開いています"] {
        covered(&eastern, text);
    }
    for text in ["English", "Leave now", "×"] {
        covered(&latin, text);
        covered(&eastern, text);
    }
    // What hides a PIN is drawn by whichever face the language has, or by its fallback.
    covered(&eastern, "●");
}

/// Colours as the theme states them: high contrast first.
fn colours() -> BTreeMap<String, [[u8; 3]; 2]> {
    let theme =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("theme.slint")).unwrap();
    let hex = |text: &str| {
        let number = u32::from_str_radix(
            text.trim().trim_start_matches('#').trim_end_matches(';'),
            16,
        )
        .unwrap();
        [(number >> 16) as u8, (number >> 8) as u8, number as u8]
    };
    let lines = theme
        .lines()
        .filter_map(|line| line.trim().strip_prefix("out property <color> "));
    lines
        .map(|line| {
            let (name, rest) = line.split_once(": root.high ? ").unwrap();
            let (high, normal) = rest.split_once(" : ").unwrap();
            (name.to_owned(), [hex(high), hex(normal)])
        })
        .collect()
}

/// Contrast ratio of WCAG 2.2.
fn contrast(one: [u8; 3], other: [u8; 3]) -> f64 {
    let luminance = |colour: [u8; 3]| {
        let [red, green, blue] = colour.map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.040_45 {
                part / 12.92
            } else {
                ((part + 0.055) / 1.055).powf(2.4)
            }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    };
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn colours_stand_apart() {
    let colours = colours();
    let grounds = ["ground", "raised", "sunken"];
    let texts = ["paper", "soft", "officer"];
    let mut pairs: Vec<(&str, &str)> = texts
        .iter()
        .flat_map(|text| grounds.map(|ground| (*text, ground)))
        .collect();
    pairs.extend([
        ("ink", "paper"),
        ("ink", "go"),
        ("ink", "officer"),
        ("go-deep", "paper"),
    ]);
    for (text, ground) in pairs {
        for (theme, least) in [(0, 7.0), (1, 4.5)] {
            let ratio = contrast(colours[text][theme], colours[ground][theme]);
            assert!(
                ratio >= least,
                "{text} on {ground}: {ratio:.2} is less than {least}"
            );
        }
    }
    // Shapes and borders need 3:1 (EN 301 549, 9.1.4.11).
    for (shape, ground) in [("go", "ground"), ("go", "raised"), ("go-deep", "go")] {
        for theme in [0, 1] {
            let ratio = contrast(colours[shape][theme], colours[ground][theme]);
            assert!(ratio >= 3.0, "{shape} on {ground}: {ratio:.2}");
        }
    }
}
