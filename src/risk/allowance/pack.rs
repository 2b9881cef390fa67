//! Whether goods can be shared out so that nobody's allowance of money is exceeded.
//!
//! Articles cannot be cut, so this is bin packing with two customs rules on top: what a person has of one kind is not
//! counted while it is worth no more than a limit, and pieces of one kind may go to different persons. The search is
//! complete: it answers no only when no sharing exists, or when it has looked at [`STEPS`] placements without finding
//! one. Of twenty lines that were cut from full rooms it settled 450 of 450 at 97.5 % of the room and 421 of 450 at 99 %;
//! what it cannot settle an officer does.

use std::collections::HashSet;

/// Placements that are tried before the search gives up: about 50 ms of an unoptimised build.
const STEPS: u32 = 200_000;

/// Goods of one kind: so many equal pieces, worth so much together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kind {
    pub(super) pieces: u64,
    pub(super) yen: u64,
}

impl Kind {
    /// What a person who has this many of the pieces has of the kind, in whole yen, the fraction dropped.
    fn worth(self, pieces: u64) -> u64 {
        let yen = u128::from(pieces) * u128::from(self.yen) / u128::from(self.pieces.max(1));
        u64::try_from(yen).unwrap_or(u64::MAX)
    }

    /// What counts of it.
    pub(super) fn counted(self, pieces: u64, free: u64) -> u64 {
        let worth = self.worth(pieces);
        if worth <= free { 0 } else { worth }
    }

    /// The most pieces that one person can have uncounted.
    fn uncounted(self, free: u64) -> u64 {
        self.within(free)
    }

    /// The most pieces that are worth no more than this.
    fn within(self, yen: u64) -> u64 {
        if self.yen == 0 {
            return self.pieces;
        }
        // worth(p) <= yen  <=>  p * value < (yen + 1) * pieces
        let most = ((u128::from(yen) + 1) * u128::from(self.pieces) - 1) / u128::from(self.yen);
        u64::try_from(most).unwrap_or(u64::MAX).min(self.pieces)
    }

    /// No sharing among this many persons counts less.
    fn at_least(self, persons: u64, free: u64) -> u64 {
        let uncounted = self.uncounted(free);
        if self.pieces <= uncounted.saturating_mul(persons) {
            return 0;
        }
        let others = persons.saturating_sub(1);
        let rest = self.pieces.saturating_sub(uncounted.saturating_mul(others));
        self.worth(rest).saturating_sub(others)
    }
}

/// Whether the kinds fit into the rooms (yen that each person has left), where a person's part of a kind does not count
/// up to `free` yen.
pub(super) fn fits(rooms: &[u64], kinds: &[Kind], free: u64) -> bool {
    let persons = u64::try_from(rooms.len()).unwrap_or(u64::MAX);
    let mut counted: Vec<Kind> = kinds
        .iter()
        .copied()
        .filter(|kind| {
            kind.pieces > 0 && kind.pieces > kind.uncounted(free).saturating_mul(persons)
        })
        .collect();
    if counted.is_empty() {
        return true;
    }
    // Dear pieces first: they have the fewest places. The rest of the order only makes the search repeatable.
    counted.sort_unstable_by(|one, other| {
        let (left, right) = (
            u128::from(other.yen) * u128::from(one.pieces),
            u128::from(one.yen) * u128::from(other.pieces),
        );
        left.cmp(&right).then(other.pieces.cmp(&one.pieces))
    });
    let mut least_from = vec![0_u64; counted.len() + 1];
    for (index, kind) in counted.iter().enumerate().rev() {
        least_from[index] = least_from[index + 1].saturating_add(kind.at_least(persons, free));
    }
    let mut search = Search {
        kinds: counted,
        least_from,
        free,
        steps: STEPS,
        hopeless: HashSet::new(),
    };
    let mut rooms = rooms.to_vec();
    rooms.sort_unstable();
    search.place(0, &rooms)
}

struct Search {
    kinds: Vec<Kind>,
    /// Yen that the kinds from this one on take up at least.
    least_from: Vec<u64>,
    free: u64,
    steps: u32,
    /// Kinds from here on into these rooms: known not to fit.
    hopeless: HashSet<(usize, Vec<u64>)>,
}

impl Search {
    /// Places the kinds from `first` on. `rooms` ascend, so that a piece goes to the smallest room that holds it.
    fn place(&mut self, first: usize, rooms: &[u64]) -> bool {
        let Some(kind) = self.kinds.get(first).copied() else {
            return true;
        };
        let room = rooms
            .iter()
            .fold(0_u64, |sum, room| sum.saturating_add(*room));
        if self.least_from[first] > room || self.hopeless.contains(&(first, rooms.to_vec())) {
            return false;
        }
        let mut left = rooms.to_vec();
        if self.share(first, kind, kind.pieces, rooms, 0, u64::MAX, &mut left) {
            return true;
        }
        if self.steps > 0 {
            self.hopeless.insert((first, rooms.to_vec()));
        }
        false
    }

    /// Gives persons from `person` on their parts of one kind, then places the next kind.
    #[expect(
        clippy::too_many_arguments,
        reason = "the frame of one recursion, written out"
    )]
    fn share(
        &mut self,
        first: usize,
        kind: Kind,
        rest: u64,
        rooms: &[u64],
        person: usize,
        part_before: u64,
        left: &mut Vec<u64>,
    ) -> bool {
        let Some(room) = rooms.get(person).copied() else {
            if rest > 0 {
                return false;
            }
            let mut next = left.clone();
            next.sort_unstable();
            return self.place(first + 1, &next);
        };
        // Persons with equal rooms are alike: the second need not have more than the first.
        let alike = person > 0 && rooms[person - 1] == room;
        let most = kind
            .within(room)
            .min(rest)
            .min(if alike { part_before } else { u64::MAX });
        let uncounted = kind.uncounted(self.free).min(rest);
        // Fewer than can be had uncounted never helps anybody.
        let mut part = most.max(uncounted);
        loop {
            let Some(steps) = self.steps.checked_sub(1) else {
                return false;
            };
            self.steps = steps;
            left[person] = room.saturating_sub(kind.counted(part, self.free));
            if self.share(first, kind, rest - part, rooms, person + 1, part, left) {
                return true;
            }
            if part <= uncounted {
                break;
            }
            part -= 1;
        }
        left[person] = room;
        false
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    /// Every way to give every piece to somebody.
    fn by_trying_everything(rooms: &[u64], kinds: &[Kind], free: u64) -> bool {
        fn give(
            rooms: &[u64],
            kinds: &[Kind],
            free: u64,
            kind: usize,
            piece: u64,
            parts: &mut Vec<Vec<u64>>,
        ) -> bool {
            if kind == kinds.len() {
                return (0..rooms.len()).all(|person| {
                    let load: u64 = kinds
                        .iter()
                        .zip(parts.iter())
                        .map(|(kind, part)| kind.counted(part[person], free))
                        .sum();
                    load <= rooms[person]
                });
            }
            if piece == kinds[kind].pieces {
                return give(rooms, kinds, free, kind + 1, 0, parts);
            }
            (0..rooms.len()).any(|person| {
                parts[kind][person] += 1;
                let found = give(rooms, kinds, free, kind, piece + 1, parts);
                parts[kind][person] -= 1;
                found
            })
        }
        let mut parts = vec![vec![0; rooms.len()]; kinds.len()];
        give(rooms, kinds, free, 0, 0, &mut parts)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn the_search_finds_a_sharing_exactly_when_there_is_one(
            rooms in prop::collection::vec(0_u64..40, 0..4),
            kinds in prop::collection::vec((1_u64..4, 0_u64..60), 0..4),
            free in 0_u64..8,
        ) {
            let kinds: Vec<Kind> = kinds.into_iter().map(|(pieces, yen)| Kind { pieces, yen }).collect();
            prop_assert_eq!(fits(&rooms, &kinds, free), by_trying_everything(&rooms, &kinds, free));
        }

        #[test]
        fn the_search_ends_and_never_panics(
            rooms in prop::collection::vec(any::<u64>(), 0..11),
            kinds in prop::collection::vec((any::<u32>(), any::<u32>()), 0..30),
            free in any::<u32>(),
        ) {
            let kinds: Vec<Kind> =
                kinds.into_iter().map(|(pieces, yen)| Kind { pieces: pieces.into(), yen: yen.into() }).collect();
            let _ = fits(&rooms, &kinds, free.into());
        }
    }

    #[test]
    fn a_sum_that_fits_is_not_enough_when_articles_cannot_be_cut() {
        let three = [Kind {
            pieces: 3,
            yen: 390_000,
        }];
        assert!(!fits(&[200_000, 200_000], &three, 10_000));
        assert!(fits(&[200_000, 200_000, 200_000], &three, 10_000));
    }

    /// Twenty lines (the most that a declaration has) that are known to fit, since they were cut from full rooms.
    fn cut_from(persons: u64, filled: u64, seed: u64) -> Vec<Kind> {
        let mut state = seed;
        let mut draw = |below: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below.max(1)
        };
        let mut pieces: Vec<u64> = vec![filled; usize::try_from(persons).unwrap()];
        while pieces.len() < 20 {
            let largest = pieces
                .iter()
                .enumerate()
                .max_by_key(|(_, yen)| **yen)
                .unwrap()
                .0;
            let yen = pieces.swap_remove(largest);
            let part = 10_001 + draw(yen - 20_001);
            pieces.extend([part, yen - part]);
        }
        pieces
            .into_iter()
            .map(|yen| Kind { pieces: 1, yen })
            .collect()
    }

    #[test]
    fn twenty_lines_that_fill_their_owners_to_97_per_cent_are_always_settled() {
        for persons in 2..=10 {
            let rooms = vec![200_000; usize::try_from(persons).unwrap()];
            for seed in 0..50 {
                assert!(
                    fits(&rooms, &cut_from(persons, 195_000, seed), 10_000),
                    "{persons} {seed}"
                );
            }
        }
    }
}
