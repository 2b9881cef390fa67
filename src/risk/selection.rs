//! Random selection that an auditor can recompute: a keyed function of the journey, not a die.
//!
//! The policy has a master key. Each day has a key of its own, HMAC-SHA-256(master, `day:2026-11-26`), and the promise of a
//! day is SHA-256 of its key. Promises are published before the day and stand in every verdict of it; the day's key is
//! revealed after it, and tells nothing of any other day. With it anybody recomputes every draw of the day ([`audit`]).

use crate::case::LaneName;
use crate::digest::{self, Key};
use crate::policy::Picks;
use evidence::{Commitment, Date, JourneyId, Sensitive};
use sha2::{Digest as _, Sha256};

/// The key by which the travellers of one day are drawn.
#[derive(Clone, Debug)]
pub struct DayKey(Sensitive<Key>);

impl Picks {
    pub(crate) fn day_key(&self, day: Date) -> DayKey {
        let name = format!("day:{day}");
        DayKey(Sensitive::new(digest::keyed(
            self.key.expose(),
            &[name.as_bytes()],
        )))
    }
}

impl DayKey {
    /// The key of these 64 hexadecimal digits.
    #[must_use]
    pub fn parse(digits: &str) -> Option<Self> {
        let mut key = Key::default();
        hex::decode_to_slice(digits.trim(), &mut key).ok()?;
        Some(Self(Sensitive::new(key)))
    }

    /// The key's 64 hexadecimal digits. Before its day is over they let the draws be foreseen.
    #[must_use]
    pub fn reveal(&self) -> String {
        hex::encode(self.0.expose())
    }

    /// The promise of this key.
    #[must_use]
    pub fn commitment(&self) -> Commitment {
        Commitment(Sha256::digest(self.0.expose()).into())
    }

    /// Whether this journey is picked: the first eight bytes of HMAC-SHA-256(day's key, `pick:lane-3/J42`), read as a
    /// fraction of 2^64, are below the rate. All questions of a journey get the same answer on the same day.
    #[must_use]
    pub fn picks(&self, per_mille: u16, lane: &LaneName, journey: JourneyId) -> bool {
        let name = format!("pick:{lane}/{journey}");
        let [a, b, c, d, e, f, g, h, ..] = digest::keyed(self.0.expose(), &[name.as_bytes()]);
        let fraction = u128::from(u64::from_be_bytes([a, b, c, d, e, f, g, h]));
        (fraction * 1000) >> 64 < u128::from(per_mille)
    }
}

/// What a record says of one journey.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawn {
    /// The lane.
    pub lane: LaneName,
    /// The journey.
    pub journey: JourneyId,
    /// Whether it was picked.
    pub picked: bool,
    /// The promise that its verdict names, where the record has it.
    pub draw: Option<Commitment>,
}

/// What an audit of one day found. It is in order when the key is the promised one and the three lists are empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audit {
    /// Whether the revealed key is the one that was promised.
    pub promised: bool,
    /// Journeys that were looked at.
    pub journeys: usize,
    /// Journeys that the key picks.
    pub picked: usize,
    /// Picked by the record and not by the key.
    pub not_by_lot: Vec<String>,
    /// Picked by the key and not by the record.
    pub spared: Vec<String>,
    /// Judged under another promise.
    pub other_promise: Vec<String>,
}

impl Audit {
    /// Whether every draw was as promised.
    #[must_use]
    pub fn in_order(&self) -> bool {
        self.promised
            && self.not_by_lot.is_empty()
            && self.spared.is_empty()
            && self.other_promise.is_empty()
    }
}

/// Recomputes every draw of a day from its revealed key. `per_mille` is the rate of that day's policy.
#[must_use]
pub fn audit(
    key: &DayKey,
    promised: Commitment,
    per_mille: u16,
    records: impl IntoIterator<Item = Drawn>,
) -> Audit {
    let mut audit = Audit {
        promised: key.commitment() == promised,
        journeys: 0,
        picked: 0,
        not_by_lot: Vec::new(),
        spared: Vec::new(),
        other_promise: Vec::new(),
    };
    for record in records {
        let name = || format!("{}/{}", record.lane, record.journey);
        let picked = key.picks(per_mille, &record.lane, record.journey);
        audit.journeys += 1;
        audit.picked += usize::from(picked);
        match (record.picked, picked) {
            (true, false) => audit.not_by_lot.push(name()),
            (false, true) => audit.spared.push(name()),
            (true, true) | (false, false) => {}
        }
        if record.draw.is_some_and(|draw| draw != promised) {
            audit.other_promise.push(name());
        }
    }
    audit
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use evidence::RuleId;
    use time::macros::date;

    const DAY: Date = date!(2026 - 11 - 26);

    fn day_key(key: u8) -> DayKey {
        let picks = Picks {
            id: RuleId::parse("random").unwrap(),
            per_mille: 5,
            key: Sensitive::new([key; 32]),
        };
        picks.day_key(DAY)
    }

    fn lane(name: &str) -> LaneName {
        LaneName::parse(name).unwrap()
    }

    fn count(per_mille: u16) -> usize {
        let (key, lane) = (day_key(1), lane("lane-1"));
        (0..20_000)
            .filter(|journey| key.picks(per_mille, &lane, JourneyId::new(*journey)))
            .count()
    }

    #[test]
    fn the_rate_is_kept() {
        assert_eq!(count(0), 0);
        assert_eq!(count(1000), 20_000);
        // 5 per mille of 20,000: 100 expected, standard deviation 10.
        let found = count(5);
        assert!((60..=140).contains(&found), "{found}");
    }

    #[test]
    fn another_key_another_lane_and_another_day_pick_others() {
        let row = |key: &DayKey, lane: &LaneName| -> Vec<bool> {
            (0..64)
                .map(|journey| key.picks(500, lane, JourneyId::new(journey)))
                .collect()
        };
        let (one, two) = (lane("lane-1"), lane("lane-2"));
        assert_ne!(row(&day_key(1), &one), row(&day_key(2), &one));
        assert_ne!(row(&day_key(1), &one), row(&day_key(1), &two));
        assert_eq!(row(&day_key(1), &one), row(&day_key(1), &one));
        let tomorrow = Picks {
            id: RuleId::parse("random").unwrap(),
            per_mille: 5,
            key: Sensitive::new([1; 32]),
        }
        .day_key(DAY.next_day().unwrap());
        assert_ne!(row(&day_key(1), &one), row(&tomorrow, &one));
        assert_ne!(day_key(1).commitment(), tomorrow.commitment());
    }

    #[test]
    fn a_pick_can_be_recomputed_with_another_tool() {
        // printf 'day:2026-11-26' | openssl dgst -sha256 -mac HMAC -macopt hexkey:0101...01
        let key = day_key(1);
        assert_eq!(key.reveal(), DAY_KEY);
        // printf '<those digits>' | xxd -r -p | sha256sum
        assert_eq!(key.commitment().to_string(), PROMISE);
        // printf 'pick:lane-1/J42' | openssl dgst -sha256 -mac HMAC -macopt hexkey:<those digits>
        let digits = hex::decode(DAY_KEY).unwrap();
        let digest = digest::keyed(&digits.try_into().unwrap(), &[b"pick:lane-1/J42"]);
        assert_eq!(hex::encode(digest), DRAW);
    }

    const DAY_KEY: &str = "fefd142a0df98202e9d3d8ab5e01817fe022c792cbebf31478cff18076813bd1";
    const PROMISE: &str = "08180689882e5fe69b99c5debe1746b5aba11e5ba07bf2668d8e45ba15be9df6";
    const DRAW: &str = "9b07c81032ba1ff5985e5a895b88b96857078aed554148a5c95616e1ca0c4b06";

    #[test]
    fn an_audit_finds_every_draw_that_was_not_by_lot() {
        let (key, lane) = (day_key(1), lane("lane-1"));
        let promise = key.commitment();
        let mut records: Vec<Drawn> = (0..2_000)
            .map(|journey| Drawn {
                lane: lane.clone(),
                journey: JourneyId::new(journey),
                picked: key.picks(5, &lane, JourneyId::new(journey)),
                draw: Some(promise),
            })
            .collect();
        let known = DayKey::parse(&key.reveal()).unwrap();
        let sound = audit(&known, promise, 5, records.clone());
        assert!(
            sound.in_order() && sound.journeys == 2_000 && sound.picked > 0,
            "{sound:?}"
        );
        assert!(!audit(&day_key(2), promise, 5, records.clone()).promised);

        let spared = records.iter().position(|record| record.picked).unwrap();
        let chosen = records.iter().position(|record| !record.picked).unwrap();
        records[spared].picked = false;
        records[chosen].picked = true;
        records[7].draw = Some(Commitment([0; 32]));
        let found = audit(&known, promise, 5, records);
        assert!(!found.in_order());
        assert_eq!(found.spared, [format!("lane-1/J{spared}")]);
        assert_eq!(found.not_by_lot, [format!("lane-1/J{chosen}")]);
        assert_eq!(found.other_promise, ["lane-1/J7"]);
    }
}
