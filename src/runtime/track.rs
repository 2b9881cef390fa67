//! What the readers saw over several frames. A zone counts when two frames agree on every character: check digits
//! say nothing about a name, and two frames that agree are worth more than any one that is sure.

use zeroize::Zeroize;

/// This many zones in a row with failing check digits and the traveller is told.
const GIVE_UP: u8 = 12;

#[derive(Default)]
pub(crate) struct Track {
    code: String,
    zone: Vec<String>,
    settled: bool,
    failures: u8,
}

/// What a zone that was just read amounts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Seen once; another frame must agree.
    Tentative,
    /// Two frames agree: this is news.
    Settled,
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

    pub(crate) fn zone(&mut self, lines: &[String], valid: bool) -> Standing {
        let same = self.zone == lines;
        if !same {
            self.zone.zeroize();
            self.zone = lines.to_vec();
            self.settled = false;
        }
        if !valid {
            self.failures = self.failures.saturating_add(1);
            if self.failures >= GIVE_UP {
                self.failures = 0;
                return Standing::Hopeless;
            }
            return Standing::Tentative;
        }
        self.failures = 0;
        match (same, std::mem::replace(&mut self.settled, same)) {
            (true, false) => Standing::Settled,
            (true, true) => Standing::Known,
            (false, _) => Standing::Tentative,
        }
    }

    /// Forgets everything.
    pub(crate) fn forget(&mut self) {
        self.code.zeroize();
        self.zone.zeroize();
        self.settled = false;
        self.failures = 0;
    }
}

impl Drop for Track {
    fn drop(&mut self) {
        self.forget();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        vec![text.to_owned()]
    }

    #[test]
    fn a_zone_is_news_once_when_two_frames_agree() {
        let mut track = Track::default();
        assert_eq!(track.zone(&lines("A"), true), Standing::Tentative);
        assert_eq!(track.zone(&lines("B"), true), Standing::Tentative);
        assert_eq!(track.zone(&lines("A"), true), Standing::Tentative);
        assert_eq!(track.zone(&lines("A"), true), Standing::Settled);
        assert_eq!(track.zone(&lines("A"), true), Standing::Known);
        assert_eq!(track.zone(&lines("B"), true), Standing::Tentative);
        track.forget();
        assert_eq!(track.zone(&lines("B"), true), Standing::Tentative);
        assert_eq!(track.zone(&lines("B"), true), Standing::Settled);
    }

    #[test]
    fn failing_check_digits_are_told_once_in_a_while() {
        let mut track = Track::default();
        for _ in 1..GIVE_UP {
            assert_eq!(track.zone(&lines("X"), false), Standing::Tentative);
        }
        assert_eq!(track.zone(&lines("X"), false), Standing::Hopeless);
        assert_eq!(track.zone(&lines("X"), false), Standing::Tentative);
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
