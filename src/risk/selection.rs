//! Random selection that an auditor can recompute: a keyed function of the journey, not a die.

use crate::case::LaneName;
use crate::digest;
use crate::policy::Picks;
use evidence::JourneyId;

/// Whether this journey is picked: the first eight bytes of HMAC-SHA-256(key, `pick:lane-3/J42`), read as a fraction of
/// 2^64, are below the rate. All questions of a journey get the same answer.
pub(crate) fn picked(picks: &Picks, lane: &LaneName, journey: JourneyId) -> bool {
    let name = format!("pick:{lane}/{journey}");
    let [a, b, c, d, e, f, g, h, ..] = digest::keyed(picks.key.expose(), &[name.as_bytes()]);
    let fraction = u128::from(u64::from_be_bytes([a, b, c, d, e, f, g, h]));
    (fraction * 1000) >> 64 < u128::from(picks.per_mille)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use evidence::Sensitive;

    fn picks(per_mille: u16, key: u8) -> Picks {
        Picks {
            per_mille,
            key: Sensitive::new([key; 32]),
        }
    }

    fn count(picks: &Picks, lane: &str) -> usize {
        let lane = LaneName::parse(lane).unwrap();
        (0..20_000)
            .filter(|journey| picked(picks, &lane, JourneyId::new(*journey)))
            .count()
    }

    #[test]
    fn the_rate_is_kept() {
        assert_eq!(count(&picks(0, 1), "lane-1"), 0);
        assert_eq!(count(&picks(1000, 1), "lane-1"), 20_000);
        // 5 per mille of 20,000: 100 expected, standard deviation 10.
        let found = count(&picks(5, 1), "lane-1");
        assert!((60..=140).contains(&found), "{found}");
    }

    #[test]
    fn another_key_and_another_lane_pick_others() {
        let lanes = [
            LaneName::parse("lane-1").unwrap(),
            LaneName::parse("lane-2").unwrap(),
        ];
        let row = |key: u8, lane: &LaneName| -> Vec<bool> {
            (0..64)
                .map(|journey| picked(&picks(500, key), lane, JourneyId::new(journey)))
                .collect()
        };
        assert_ne!(row(1, &lanes[0]), row(2, &lanes[0]));
        assert_ne!(row(1, &lanes[0]), row(1, &lanes[1]));
        assert_eq!(row(1, &lanes[0]), row(1, &lanes[0]));
    }

    #[test]
    fn a_pick_can_be_recomputed_with_another_tool() {
        // printf 'pick:lane-1/J42' | openssl dgst -sha256 -mac HMAC -macopt hexkey:0101...01
        let digest = digest::keyed(&[1; 32], &[b"pick:lane-1/J42"]);
        assert_eq!(
            hex::encode(digest),
            "140489c6b9d4bc361f27820f367100e2f68d82f2864f98f25dee633ddd457069"
        );
    }
}
