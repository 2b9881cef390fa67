//! Whole documents of invented people, drawn by `pictures` and photographed: how many are read right, and none wrong.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use evidence::mrz::{MrzFormat, check_digit, is_valid};
use image::DynamicImage;
use pictures::{Conditions, PassportPage, Portrait};

use super::*;

const NAMES: [&str; 8] = [
    "GUDMUNDSSON<<SIGRIDUR<ANNA",
    "OKONKWO<<CHIMAMANDA",
    "VAN<DER<BERG<<PIETER<HENDRIK<MARIA",
    "QUISPE<MAMANI<<WILMER",
    "ZHANG<<WEI",
    "MUELLER<<HEINZ<GUENTER",
    "HWANG<<MINHO",
    "BJOERKLUND<<VIVIANNE",
];
const STATES: [(&str, &str); 4] = [
    ("UTO", "UTOPIA"),
    ("ISL", "ICELAND"),
    ("D<<", "GERMANY"),
    ("PER", "PERU"),
];

fn checked(field: &str) -> String {
    let digit = check_digit(field.as_bytes()).expect("letters, digits and fillers");
    format!("{field}{digit}")
}

fn filled(text: &str, length: usize) -> String {
    text.chars()
        .chain(std::iter::repeat('<'))
        .take(length)
        .collect()
}

/// A document's lines; `n` chooses whose.
fn lines(format: MrzFormat, n: usize) -> Vec<String> {
    let name = NAMES[n % NAMES.len()];
    let (code, _) = STATES[n % STATES.len()];
    let number = checked(&filled(
        &format!("{:X}", 0x1A_B7C3_D5E9_u64 * (n as u64 + 3)),
        9,
    ));
    let birth = checked(["740812", "010228", "990630"][n % 3]);
    let expiry = checked(["310415", "290101", "331231"][n % 3]);
    let sex = ["F", "M", "<"][n % 3];
    let first = |kind: &str| filled(&format!("{kind}{code}{name}"), format.columns());
    let middle = format!("{number}{code}{birth}{sex}{expiry}");
    let composite = |text: &str, covered: String| {
        let digit = check_digit(covered.as_bytes()).expect("letters, digits and fillers");
        format!("{text}{digit}")
    };
    match format {
        MrzFormat::Td3 => {
            let text = format!("{middle}{}", checked(&filled("ZE184226B", 14)));
            let covered = format!("{}{}{}", &text[..10], &text[13..20], &text[21..43]);
            vec![first("P<"), composite(&text, covered)]
        }
        MrzFormat::Td2 => {
            let text = format!("{middle}{}", filled("", 7));
            let covered = format!("{}{}{}", &text[..10], &text[13..20], &text[21..35]);
            vec![first("I<"), composite(&text, covered)]
        }
        MrzFormat::MrvA | MrzFormat::MrvB => {
            vec![first("V<"), filled(&middle, format.columns())]
        }
        MrzFormat::Td1 => {
            let upper = filled(&format!("I<{code}{number}"), 30);
            let text = filled(&format!("{birth}{sex}{expiry}{code}"), 29);
            let covered = format!(
                "{}{}{}{}",
                &upper[5..30],
                &text[..7],
                &text[8..15],
                &text[18..29]
            );
            vec![upper, composite(&text, covered), filled(name, 30)]
        }
    }
}

type Preset = fn(seed: u64) -> Conditions;
/// Conditions, and how many of thirty frames must be read at least. Measured: 30, 30, 29.
const PRESETS: [(&str, Preset, usize); 3] = [
    ("good", Conditions::good, 30),
    ("ordinary", Conditions::ordinary, 29),
    ("hard", Conditions::hard, 26),
];

#[test]
fn documents_of_every_format_are_read_and_none_wrong() {
    let mut reader = MrzReader::new().unwrap();
    let mut right = [0; PRESETS.len()];
    for n in 0..15 {
        let lines = lines(MrzFormat::ALL[n % 5], n);
        let valid =
            |lines: &[String]| is_valid(&lines.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(valid(&lines));
        let mut page = PassportPage::specimen(lines.clone(), Portrait::variant(n as u32 % 4));
        STATES[n % STATES.len()].1.clone_into(&mut page.state);
        page.number = format!("{n}");
        for ((name, preset, _), right) in PRESETS.iter().zip(&mut right) {
            for turn in [0.0, 180.0] {
                let mut conditions = preset(7_000 + n as u64 * 10 + u64::from(turn > 0.0));
                conditions.roll += turn;
                let frame = pictures::passport_frame(&page, (1920, 1080), &conditions).unwrap();
                let grey = DynamicImage::ImageRgb8(frame).into_luma8();
                if let Some(seen) = reader.read_still(Luma::from(&grey)) {
                    let same = seen.lines == lines;
                    assert!(same || !valid(&seen.lines), "document {n}, {name}: misread");
                    *right += usize::from(same);
                }
            }
        }
    }
    for ((name, _, least), right) in PRESETS.iter().zip(right) {
        assert!(right >= *least, "{name}: {right} of 30");
    }
}
