use crate::chance::Chance;
use crate::conditions::Polarity;

/// What a code is shown on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Carrier {
    /// A phone of 6.1 inches.
    Phone,
    /// A watch on a wrist: a code about 29 mm across.
    Watch,
    /// A sheet from an office printer.
    Paper,
}

/// A code and everything about how it is shown. Take [`CodeShown::on`] and change what matters, or a
/// [`CodeShown::varied`] one.
#[derive(Clone, Debug, PartialEq)]
pub struct CodeShown {
    /// What the code says; its length chooses the version, at level M.
    pub text: String,
    /// Chooses hands, cracks, creases and specks.
    pub seed: u64,
    /// What it is shown on.
    pub carrier: Carrier,
    /// The screen's colours; paper is always dark on light.
    pub polarity: Polarity,
    /// Modules of ground about the code before anything else is seen: 4 by the standard, often less.
    pub quiet: u8,
    /// Glass broken from a corner: 0 whole, 1 shattered.
    pub cracks: f32,
    /// A screen protector's haze, scratches and bubbles: 0 none, 1 milky.
    pub protector: f32,
    /// How far a finger reaches over the code's right edge, as a share of its side.
    pub covered: f32,
    /// Folds in paper: 0 flat, 1 from a pocket.
    pub creases: f32,
    /// Missing toner on paper: 0 none, 1 a cartridge at its end.
    pub worn: f32,
    /// How far paper bulges, in millimetres along the sheet.
    pub curl: f32,
    /// Another code's text shown beside, such as a boarding pass's.
    pub beside: Option<String>,
}

impl CodeShown {
    /// A whole, clean carrier.
    #[must_use]
    pub fn on(carrier: Carrier, text: &str, polarity: Polarity) -> Self {
        let seed = text.bytes().fold(5_u64, |sum, byte| {
            sum.wrapping_mul(131).wrapping_add(u64::from(byte))
        });
        Self {
            text: text.to_owned(),
            seed,
            carrier,
            polarity,
            quiet: 4,
            cracks: 0.0,
            protector: 0.0,
            covered: 0.0,
            creases: 0.0,
            worn: 0.0,
            curl: 0.0,
            beside: None,
        }
    }

    /// What travellers bring: mostly phones, some broken, some behind a protector, some with a finger in the way.
    #[must_use]
    pub fn varied(text: &str, seed: u64) -> Self {
        let mut chance = Chance::new(seed, 61);
        let carrier = match chance.next() % 10 {
            0 => Carrier::Watch,
            1 => Carrier::Paper,
            _ => Carrier::Phone,
        };
        let polarity = if chance.one_in(3) {
            Polarity::LightOnDark
        } else {
            Polarity::DarkOnLight
        };
        let mut sometimes = |one_in: u64, low: f32, high: f32| {
            let value = chance.between(low, high);
            if chance.one_in(one_in) { value } else { 0.0 }
        };
        let (cracks, protector, covered) = (
            sometimes(6, 0.2, 1.0),
            sometimes(3, 0.2, 1.0),
            sometimes(8, 0.02, 0.08),
        );
        let (creases, worn, curl) = (
            sometimes(2, 0.2, 1.0),
            sometimes(2, 0.1, 0.7),
            sometimes(2, 0.3, 1.5),
        );
        let quiet = [4, 4, 4, 3, 2, 1][(chance.next() % 6) as usize];
        let beside = chance
            .one_in(8)
            .then(|| "M1SPECIMEN/ANNA       EABC123 UTOXYZUT 0271 226Y012A0034 100".to_owned());
        Self {
            seed,
            quiet,
            cracks,
            protector,
            covered,
            creases,
            worn,
            curl,
            beside,
            ..Self::on(carrier, text, polarity)
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;
    use crate::{Conditions, Scene};

    const SIZE: (u32, u32) = (640, 360);

    #[test]
    fn every_carrier_and_every_trouble_is_drawn_the_same_twice_and_changes_the_picture() {
        let plain = CodeShown::on(Carrier::Phone, "SKD1:ABCDEFGH12345", Polarity::DarkOnLight);
        let paper = CodeShown {
            carrier: Carrier::Paper,
            ..plain.clone()
        };
        let table = [
            (plain.clone(), plain.clone()),
            (
                plain.clone(),
                CodeShown {
                    cracks: 0.8,
                    ..plain.clone()
                },
            ),
            (
                plain.clone(),
                CodeShown {
                    protector: 0.8,
                    ..plain.clone()
                },
            ),
            (
                plain.clone(),
                CodeShown {
                    covered: 0.06,
                    ..plain.clone()
                },
            ),
            (
                plain.clone(),
                CodeShown {
                    quiet: 1,
                    ..plain.clone()
                },
            ),
            (
                plain.clone(),
                CodeShown {
                    beside: Some("M1OTHER".to_owned()),
                    ..plain.clone()
                },
            ),
            (
                plain.clone(),
                CodeShown {
                    carrier: Carrier::Watch,
                    ..plain.clone()
                },
            ),
            (
                paper.clone(),
                CodeShown {
                    creases: 0.9,
                    ..paper.clone()
                },
            ),
            (
                paper.clone(),
                CodeShown {
                    worn: 0.6,
                    ..paper.clone()
                },
            ),
            (
                paper.clone(),
                CodeShown {
                    curl: 1.5,
                    ..paper.clone()
                },
            ),
        ];
        let conditions = Conditions::good(3);
        let draw = |shown: &CodeShown| {
            Scene::code(shown)
                .unwrap()
                .frame(SIZE, &conditions)
                .unwrap()
        };
        for (without, with) in table {
            let picture = draw(&with);
            assert!(picture == draw(&with), "{with:?} differs between two runs");
            assert_eq!(
                without == with,
                picture == draw(&without),
                "{with:?} shows nothing"
            );
        }
    }

    #[test]
    fn a_close_code_fills_the_frame_and_stays_in_it() {
        for seed in 0..40 {
            let shown = CodeShown::on(Carrier::Phone, &"7".repeat(300), Polarity::DarkOnLight);
            let scene = Scene::code(&shown).unwrap();
            let corners = scene.corners(SIZE, &Conditions::close(seed))[0];
            let high = corners
                .iter()
                .map(|c| c.1)
                .fold(f32::NEG_INFINITY, f32::max);
            let low = corners.iter().map(|c| c.1).fold(f32::INFINITY, f32::min);
            // With its quiet zone of four modules a side, of 61 in all.
            let whole = high - low;
            assert!(whole > 0.88 * SIZE.1 as f32, "{seed}: {whole} pixels");
            assert!(
                whole * 53.0 / 61.0 < 1.03 * SIZE.1 as f32,
                "{seed}: {whole} pixels"
            );
        }
    }

    #[test]
    fn moire_stripes_a_screen_and_leaves_paper_alone() {
        let c = Conditions::good(5);
        let striped = Conditions {
            moire: 0.2,
            ..c.clone()
        };
        for (carrier, changes) in [(Carrier::Phone, true), (Carrier::Paper, false)] {
            let shown = CodeShown::on(carrier, "SKD1:X", Polarity::DarkOnLight);
            let scene = Scene::code(&shown).unwrap();
            let same = scene.frame(SIZE, &c).unwrap() == scene.frame(SIZE, &striped).unwrap();
            assert_eq!(!same, changes, "{carrier:?}");
        }
    }

    #[test]
    fn what_travellers_bring_varies() {
        let many: Vec<CodeShown> = (0..200)
            .map(|seed| CodeShown::varied("SKD1:X", seed))
            .collect();
        let share = |pick: fn(&CodeShown) -> bool| many.iter().filter(|s| pick(s)).count();
        for (name, count) in [
            ("watch", share(|s| s.carrier == Carrier::Watch)),
            ("paper", share(|s| s.carrier == Carrier::Paper)),
            ("dark mode", share(|s| s.polarity == Polarity::LightOnDark)),
            ("cracks", share(|s| s.cracks > 0.0)),
            ("protector", share(|s| s.protector > 0.0)),
            ("finger", share(|s| s.covered > 0.0)),
            ("beside", share(|s| s.beside.is_some())),
            ("narrow quiet zone", share(|s| s.quiet < 4)),
        ] {
            assert!((5..120).contains(&count), "{name}: {count} of 200");
        }
    }
}
