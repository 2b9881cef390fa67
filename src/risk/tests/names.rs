//! How well names are told apart: precision, recall and F1 on labelled pairs, with a floor. `--no-capture` prints them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

mod cases;

use cases::{name, policy};
use evidence::{BirthDate, Feature, Name, Sensitive};
use risk::names::{Person, compare};

/// A pair of names, and whether they are one person's.
struct Pair {
    language: &'static str,
    one: Sensitive<Name>,
    other: Sensitive<Name>,
    same: bool,
}

fn pairs(text: &'static str) -> Vec<Pair> {
    let mut pairs = Vec::new();
    let mut people: Vec<(&str, Sensitive<Name>)> = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (head, names) = line.split_at(line.find(['=', '!']).unwrap());
        let (language, same) = (head.trim(), names.starts_with('='));
        let names: Vec<Sensitive<Name>> = names[1..]
            .split('|')
            .map(|text| {
                let (primary, secondary) = text.trim().split_once(',').unwrap();
                name(primary, secondary)
            })
            .collect();
        for (at, one) in names.iter().enumerate() {
            for other in &names[at + 1..] {
                let (one, other) = (one.clone(), other.clone());
                pairs.push(Pair {
                    language,
                    one,
                    other,
                    same,
                });
            }
        }
        if same {
            people.push((language, names[0].clone()));
        }
    }
    // Different persons of one language: more of them than of any other kind, as at a gate.
    for (at, (language, one)) in people.iter().enumerate() {
        for (_, other) in people[at + 1..]
            .iter()
            .filter(|(theirs, _)| theirs == language)
        {
            let (one, other) = (one.clone(), other.clone());
            pairs.push(Pair {
                language,
                one,
                other,
                same: false,
            });
        }
    }
    pairs
}

#[derive(Default, Clone, Copy)]
struct Count {
    hit: u32,
    missed: u32,
    wrong: u32,
    right: u32,
}

impl Count {
    fn add(&mut self, same: bool, found: bool) {
        match (same, found) {
            (true, true) => self.hit += 1,
            (true, false) => self.missed += 1,
            (false, true) => self.wrong += 1,
            (false, false) => self.right += 1,
        }
    }

    /// Precision, recall and F1, per mille.
    fn figures(self) -> [u32; 3] {
        let part = |of: u32, all: u32| (of * 1000).checked_div(all).unwrap_or(1000);
        [
            part(self.hit, self.hit + self.wrong),
            part(self.hit, self.hit + self.missed),
            part(2 * self.hit, 2 * self.hit + self.wrong + self.missed),
        ]
    }
}

/// Birth dates by which a pair is qualified: one and the same, or two that differ as strangers' do.
fn births(at: usize, same: bool) -> [BirthDate; 2] {
    let day = |seed: usize| {
        let (year, month, day) = (1950 + seed % 50, 1 + seed / 7 % 12, 1 + seed / 3 % 28);
        BirthDate::new(
            u16::try_from(year).unwrap(),
            Some(u8::try_from(month).unwrap()),
            Some(u8::try_from(day).unwrap()),
        )
        .unwrap()
    };
    [day(at * 31), day(if same { at * 31 } else { at * 31 + 17 })]
}

fn judged(pairs: &[Pair], qualified: bool, tell: bool) -> Count {
    judged_at(pairs, qualified, None, tell)
}

fn judged_at(pairs: &[Pair], qualified: bool, threshold: Option<u16>, tell: bool) -> Count {
    let mut bar = policy().bar();
    bar.threshold = threshold.unwrap_or(bar.threshold);
    bar.alone = threshold.unwrap_or(bar.alone);
    let mut count = Count::default();
    for (at, pair) in pairs.iter().enumerate() {
        let [one_born, other_born] = births(at, pair.same);
        let person = |name, birth| Person {
            name,
            birth: qualified.then_some(birth),
            nationality: None,
        };
        let (one, other) = (
            person(pair.one.expose(), &one_born),
            person(pair.other.expose(), &other_born),
        );
        let likeness = compare(&one, &other, false, &bar);
        let found = likeness.is_hit();
        count.add(pair.same, found);
        if tell && found != pair.same {
            let text = |name: &Name| format!("{}, {}", name.primary(), name.secondary());
            println!(
                "  {} {}: {} / {} ({})",
                pair.language,
                if pair.same { "missed" } else { "wrong" },
                text(one.name),
                text(other.name),
                likeness.score
            );
        }
    }
    count
}

/// What other thresholds would give, on the half that is for choosing.
fn sweep(pairs: &[Pair]) {
    for threshold in (700..=940).step_by(20) {
        let [alone, qualified] = [false, true]
            .map(|qualified| judged_at(pairs, qualified, Some(threshold), false).figures());
        println!("threshold {threshold}: name alone {alone:?}, with birth date {qualified:?}");
    }
}

fn tell(what: &str, pairs: &[Pair], count: Count) {
    let [precision, recall, f1] = count.figures();
    let same = pairs.iter().filter(|pair| pair.same).count();
    println!(
        "{what}: precision {precision}, recall {recall}, F1 {f1} per mille ({same} same, {} different)",
        pairs.len() - same
    );
}

const TUNE: &str = include_str!("names/tune.txt");
const HELD_OUT: &str = include_str!("names/held-out.txt");

#[test]
fn names_are_told_apart_on_pairs_that_nobody_tuned_for() {
    if std::env::var_os("SEKISHO_NAMES").is_some_and(|wish| wish == "sweep") {
        sweep(&pairs(TUNE));
    }
    let show = std::env::var_os("SEKISHO_NAMES").is_some_and(|wish| wish == "tune");
    let (tune, held_out) = (pairs(TUNE), pairs(HELD_OUT));
    tell("tuned on, name alone", &tune, judged(&tune, false, show));
    tell(
        "tuned on, with birth date",
        &tune,
        judged(&tune, true, show),
    );
    // A name alone at the threshold of a qualified one: how well names themselves are told apart.
    let names = judged_at(&held_out, false, Some(policy().bar().threshold), false);
    let alone = judged(&held_out, false, false);
    let qualified = judged(&held_out, true, false);
    tell(
        "held out, name alone at the lower threshold",
        &held_out,
        names,
    );
    tell("held out, name alone", &held_out, alone);
    tell("held out, with birth date", &held_out, qualified);
    let [precision, recall, f1] = names.figures();
    assert!(precision >= 800 && recall >= 820 && f1 >= 840);
    let [precision, recall, _] = alone.figures();
    assert!(precision >= 900 && recall >= 500);
    let [precision, recall, f1] = qualified.figures();
    assert!(precision >= 980 && recall >= 930 && f1 >= 960);
}

#[test]
fn a_likeness_is_the_same_both_ways_and_told_in_parts() {
    let bar = policy().bar();
    for pair in pairs(TUNE) {
        let person = |name| Person {
            name,
            birth: None,
            nationality: None,
        };
        let (one, other) = (person(pair.one.expose()), person(pair.other.expose()));
        let there = compare(&one, &other, false, &bar);
        assert_eq!(there, compare(&other, &one, false, &bar));
        assert_eq!(there.parts[0].feature, Feature::Name);
        assert_eq!((there.parts.len(), there.parts[0].weight), (1, 1000));
        assert_eq!(compare(&one, &one, false, &bar).score, 1000);
    }
}

#[test]
fn a_name_that_the_zone_cut_off_is_the_whole_name() {
    let bar = policy().bar();
    let whole = name("VAN DER MUELLEN SCHIMMELPENNINCK", "MAXIMILIAN ALEXANDER");
    let cut = name("VAN DER MUELLEN SCHIMMELPENNINCK", "MAXIM");
    let person = |name| Person {
        name,
        birth: None,
        nationality: None,
    };
    let (whole, cut) = (person(whole.expose()), person(cut.expose()));
    assert!(compare(&cut, &whole, true, &bar).score >= 980);
    assert!(compare(&cut, &whole, false, &bar).score < 950);
}

#[test]
fn birth_dates_are_alike_as_clerks_mistake_them() {
    let bar = policy().bar();
    let somebody = name("ERIKSSON", "ANNA");
    let born = |year, month, day| BirthDate::new(year, month, day).unwrap();
    let known = born(1974, Some(8), Some(12));
    let alike = |other: BirthDate| {
        let person = |birth| Person {
            name: somebody.expose(),
            birth: Some(birth),
            nationality: None,
        };
        compare(&person(&known), &person(&other), false, &bar).parts[1].alike
    };
    assert_eq!(alike(known), 1000);
    let swapped = alike(born(1974, Some(12), Some(8)));
    let mistyped = alike(born(1974, Some(8), Some(17)));
    let year_alone = alike(born(1974, None, None));
    let stranger = alike(born(1981, Some(3), Some(5)));
    assert!(1000 > swapped && swapped > mistyped && mistyped > year_alone && year_alone > stranger);
    assert_eq!(stranger, 0);
}
