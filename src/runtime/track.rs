//! What the readers saw over several frames. A zone counts when two frames agree on every character: check digits
//! say nothing about a name, and two frames that agree are worth more than any one that is sure. Where no frame is clear
//! throughout, the characters vote.

use vision::mrz::{MrzSighting, MrzTrail, MrzVotes};
use zeroize::{Zeroize, Zeroizing};

/// This many zones in a row with failing check digits and the traveller is told.
const GIVE_UP: u8 = 12;
/// So many frames running in which there is print that settles nothing, and the traveller is told: two seconds or three.
const TOO_VAGUE: u8 = 45;

#[derive(Default)]
pub(crate) struct Track {
    code: String,
    /// The last clear zone.
    zone: Vec<String>,
    /// The zone that was told.
    told: Vec<String>,
    votes: MrzVotes,
    /// Where the zone was last, for [`MrzReader::follow`](vision::mrz::MrzReader::follow).
    pub(crate) trail: MrzTrail,
    failures: u8,
    /// Frames running in which another zone than the one that was told was not clear.
    vague: u8,
}

/// What a zone that was just read amounts to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Another frame must agree.
    Tentative,
    /// Frames agree on these lines: this is news.
    Settled(Vec<Zeroizing<String>>),
    /// Known already.
    Known,
    /// Failed so often that the traveller should hear of it.
    Hopeless,
}

impl Track {
    /// True when this code's text is not the one seen last.
    pub(crate) fn is_new_code(&mut self, text: &str) -> bool {
        if self.code == text {
            return false;
        }
        self.code.zeroize();
        self.code.push_str(text);
        true
    }

    /// One frame's zone. Two clear frames running that agree on all lines settle it, unless the votes of all frames
    /// contradict them; so does a vote in which every character was clear in three frames and never clearly another.
    pub(crate) fn zone(&mut self, sighting: &MrzSighting) -> Standing {
        let reading = sighting.reading();
        self.votes.cast(reading);
        if let MrzSighting::Clear(reading) = sighting {
            let same = self.zone == reading.lines;
            if !same {
                self.zone.zeroize();
                self.zone.clone_from(&reading.lines);
            }
            if !is_valid(&reading.lines) {
                self.failures = self.failures.saturating_add(1);
                if self.failures >= GIVE_UP {
                    self.failures = 0;
                    return Standing::Hopeless;
                }
                return Standing::Tentative;
            }
            self.failures = 0;
            if same && self.votes.agrees_with(&reading.lines) {
                let lines = reading.lines.clone();
                return self.settle(lines);
            }
        }
        if let Some(lines) = self.votes.elected() {
            return self.settle(lines);
        }
        if matches!(sighting, MrzSighting::Vague(_)) && !resembles(&self.told, &reading.lines) {
            self.vague += 1;
            if self.vague >= TOO_VAGUE {
                self.vague = 0;
                return Standing::Hopeless;
            }
        }
        Standing::Tentative
    }

    fn settle(&mut self, mut lines: Vec<String>) -> Standing {
        self.vague = 0;
        if self.told == lines {
            lines.zeroize();
            return Standing::Known;
        }
        self.told.zeroize();
        self.told.clone_from(&lines);
        Standing::Settled(lines.into_iter().map(Zeroizing::new).collect())
    }

    /// Forgets everything.
    pub(crate) fn forget(&mut self) {
        self.code.zeroize();
        self.zone.zeroize();
        self.told.zeroize();
        self.votes.forget();
        self.trail.forget();
        self.failures = 0;
        self.vague = 0;
    }
}

impl Drop for Track {
    fn drop(&mut self) {
        self.forget();
    }
}

/// Whether three characters of four are the same: the document that was told, seen less clearly.
pub(crate) fn resembles<T: AsRef<str>>(told: &[T], seen: &[String]) -> bool {
    let pairs = || {
        told.iter()
            .zip(seen)
            .flat_map(|(a, b)| a.as_ref().bytes().zip(b.bytes()))
    };
    let same = pairs().filter(|(a, b)| a == b).count();
    told.len() == seen.len() && !told.is_empty() && same * 4 >= pairs().count() * 3
}

fn is_valid(lines: &[String]) -> bool {
    evidence::mrz::is_valid(&lines.iter().map(String::as_str).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use evidence::MrzFormat;
    use vision::mrz::MrzReading;

    use super::*;

    const NAME: &str = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<";
    const OTHER: &str = "P<UTOERIKSSON<<HANNA<MARIE<<<<<<<<<<<<<<<<<<";
    const NUMBER: &str = "L898902C36UTO7408122F1204159ZE184226B<<<<<10";

    fn reading(name: &str, number: &str, sure: impl Fn(usize) -> u16) -> MrzReading {
        MrzReading {
            format: MrzFormat::Td3,
            lines: vec![name.to_owned(), number.to_owned()],
            confidences: vec![(0..44).map(sure).collect(), vec![990; 44]],
            corners: [(0, 0); 4],
        }
    }

    fn clear(name: &str) -> MrzSighting {
        MrzSighting::Clear(reading(name, NUMBER, |_| 990))
    }

    fn settled(name: &str) -> Standing {
        Standing::Settled(vec![
            Zeroizing::new(name.to_owned()),
            Zeroizing::new(NUMBER.to_owned()),
        ])
    }

    #[test]
    fn a_zone_is_news_once_when_two_frames_agree() {
        let mut track = Track::default();
        assert_eq!(track.zone(&clear(NAME)), Standing::Tentative);
        assert_eq!(track.zone(&clear(OTHER)), Standing::Tentative);
        assert_eq!(track.zone(&clear(NAME)), Standing::Tentative);
        assert_eq!(track.zone(&clear(NAME)), settled(NAME));
        assert_eq!(track.zone(&clear(NAME)), Standing::Known);
        track.forget();
        assert_eq!(track.zone(&clear(OTHER)), Standing::Tentative);
        assert_eq!(track.zone(&clear(OTHER)), settled(OTHER));
    }

    #[test]
    fn frames_that_are_each_in_doubt_about_another_letter_settle_together() {
        let mut track = Track::default();
        let vague = |at: usize| {
            let mut name = NAME.to_owned();
            name.replace_range(at..=at, "W");
            MrzSighting::Vague(reading(&name, NUMBER, |n| if n == at { 450 } else { 990 }))
        };
        assert_eq!(track.zone(&vague(7)), Standing::Tentative);
        assert_eq!(track.zone(&vague(17)), Standing::Tentative);
        assert_eq!(track.zone(&vague(22)), Standing::Tentative);
        assert_eq!(track.zone(&vague(10)), settled(NAME));
        assert_eq!(track.zone(&clear(NAME)), Standing::Known);
    }

    #[test]
    fn two_frames_that_agree_against_all_before_them_settle_nothing() {
        let mut track = Track::default();
        let odd = NAME.replace("ANNA", "AMMA");
        for name in [NAME, OTHER, NAME, OTHER, NAME] {
            let _ = track.zone(&clear(name));
        }
        assert_eq!(track.zone(&clear(&odd)), Standing::Tentative);
        assert_eq!(track.zone(&clear(&odd)), Standing::Tentative);
    }

    #[test]
    fn failing_check_digits_are_told_once_in_a_while() {
        let mut track = Track::default();
        let wrong = NUMBER.replace("C36", "C37");
        let failing = MrzSighting::Clear(reading(NAME, &wrong, |_| 990));
        for _ in 1..GIVE_UP {
            assert_eq!(track.zone(&failing), Standing::Tentative);
        }
        assert_eq!(track.zone(&failing), Standing::Hopeless);
        assert_eq!(track.zone(&failing), Standing::Tentative);
    }

    #[test]
    fn a_document_resembles_itself_and_not_the_next_one() {
        let lines = |name: &str, number: &str| vec![name.to_owned(), number.to_owned()];
        let told = lines(NAME, NUMBER);
        assert!(
            resembles(&told, &lines(OTHER, NUMBER)),
            "a few letters misread"
        );
        let next = lines(
            "P<FRADUBOIS<<LUC<<<<<<<<<<<<<<<<<<<<<<<<<<<<",
            "12AB345674FRA8001014M3001012<<<<<<<<<<<<<<02",
        );
        assert!(!resembles(&told, &next));
        assert!(!resembles(&told, &told[..1]));
        assert!(!resembles::<String>(&[], &told));
    }

    #[test]
    fn print_that_stays_vague_is_told_and_a_known_document_held_badly_is_not() {
        let vague = |n: u8| {
            // Another letter is in doubt and read otherwise each time, so that no vote elects the name.
            let name = NAME.replace("ANNA", &format!("A{0}{0}A", char::from(b'A' + n % 26)));
            MrzSighting::Vague(reading(&name, NUMBER, |at| if at < 20 { 450 } else { 990 }))
        };
        let mut track = Track::default();
        for n in 1..TOO_VAGUE {
            assert_eq!(track.zone(&vague(n)), Standing::Tentative, "{n}");
        }
        assert_eq!(track.zone(&vague(0)), Standing::Hopeless);
        assert_eq!(track.zone(&vague(1)), Standing::Tentative);
        track.forget();
        let _ = track.zone(&clear(NAME));
        assert_eq!(track.zone(&clear(NAME)), settled(NAME));
        for n in 0..100 {
            assert_ne!(track.zone(&vague(n)), Standing::Hopeless, "{n}");
        }
    }

    /// A camera that misreads letters, some of them again and again in the same way, seldom as sure as when it is right.
    struct Camera(u64);

    impl Camera {
        fn roll(&mut self) -> f64 {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 40) as f64 / (1u64 << 24) as f64
        }

        fn sighting(&mut self, hard: &[(usize, u8)]) -> MrzSighting {
            let mut name = NAME.as_bytes().to_vec();
            let mut sure = [990; 44];
            for (at, sure) in sure.iter_mut().enumerate() {
                let twin = hard.iter().find(|h| h.0 == at);
                let slips = self.roll() < if twin.is_some() { 0.45 } else { 0.01 };
                if slips {
                    name[at] = twin.map_or(b'A' + (self.roll() * 26.0) as u8, |h| h.1);
                }
                if slips || twin.is_some() {
                    *sure =
                        (400.0 + 600.0 * self.roll().powf(if slips { 1.6 } else { 0.7 })) as u16;
                }
            }
            let least = sure.iter().copied().min().unwrap_or(0);
            let name = String::from_utf8_lossy(&name).into_owned();
            let seen = reading(&name, NUMBER, |n| sure[n]);
            if least >= 800 {
                MrzSighting::Clear(seen)
            } else {
                MrzSighting::Vague(seen)
            }
        }
    }

    /// The rule before there were votes: two clear frames running that say the same.
    fn two_agree(last: &mut Option<Vec<String>>, sighting: &MrzSighting) -> Option<Vec<String>> {
        let MrzSighting::Clear(reading) = sighting else {
            return None;
        };
        let before = last.replace(reading.lines.clone());
        before.filter(|lines| *lines == reading.lines)
    }

    #[test]
    fn votes_settle_more_often_and_on_wrong_names_no_more_often() {
        let (mut right, mut wrong) = ([0, 0], [0, 0]);
        for seed in 0..4_000 {
            let mut camera = Camera(seed);
            let hard: Vec<(usize, u8)> = (0..1 + (camera.roll() * 3.0) as usize)
                .map(|_| {
                    (
                        5 + (camera.roll() * 20.0) as usize,
                        b'A' + (camera.roll() * 26.0) as u8,
                    )
                })
                .collect();
            let mut track = Track::default();
            let mut last = None;
            let mut outcomes = [None, None];
            for _ in 0..8 {
                let sighting = camera.sighting(&hard);
                if outcomes[0].is_none() {
                    outcomes[0] = two_agree(&mut last, &sighting).map(|l| l[0] == NAME);
                }
                if outcomes[1].is_none()
                    && let Standing::Settled(lines) = track.zone(&sighting)
                {
                    outcomes[1] = Some(*lines[0] == NAME);
                }
            }
            for (rule, outcome) in outcomes.into_iter().enumerate() {
                right[rule] += usize::from(outcome == Some(true));
                wrong[rule] += usize::from(outcome == Some(false));
            }
        }
        assert!(
            wrong[0] > 0,
            "the camera is too good to tell the rules apart"
        );
        assert!(wrong[1] <= wrong[0], "wrong: {wrong:?}");
        assert!(right[1] > right[0], "right: {right:?}");
    }

    #[test]
    fn a_code_is_news_when_it_changes() {
        let mut track = Track::default();
        assert!(track.is_new_code("one"));
        assert!(!track.is_new_code("one"));
        assert!(track.is_new_code("two"));
        track.forget();
        assert!(track.is_new_code("two"));
    }
}
