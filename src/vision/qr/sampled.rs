//! Codes read by their grid: finder patterns, a fitted perspective, every module sampled and equalised, doubtful codewords taken as unknown.

use std::sync::OnceLock;

use zeroize::Zeroizing;

use super::effort::Effort;
use super::equaliser::{self, Breadth, Levelled, MARGIN};
use super::finders::{self, Bits, Finder, Ink, Triple};
use super::grid::{self, Grid, Guess, Perspective, Taken};
use super::symbol::Layout;
use super::template;
use crate::luma::{self, Luma, Plane};

/// How often a frame is halved at most: modules of up to 40 pixels are seen.
const HALVINGS: usize = 4;
/// Share of a symbol's fixed modules that must come out right before its data are tried. Chance gives a half.
const LEAST_FIT: f32 = 0.8;

/// Share that no other version of the same place comes near.
const SURE: f32 = 0.9;
/// Versions moved to where they fit best at one place.
const SETTLED: usize = 3;
/// Versions fitted closely at one place.
const VERSIONS: usize = 2;
/// Counts by which a symbol's fixed patterns must stand out.
const LEAST_CONTRAST: f32 = 9.0;

/// And before more than one way of sampling is tried.
const WORTH_MORE: f32 = 0.76;

/// A frame at its own size and halved, and halved again.
pub(super) struct Sizes<'a> {
    full: Luma<'a>,
    smaller: Vec<Plane>,
}

impl<'a> Sizes<'a> {
    pub(super) fn of(full: Luma<'a>) -> Self {
        let mut smaller: Vec<Plane> = Vec::new();
        while smaller.len() < HALVINGS {
            let last = smaller.last().map_or(full, Plane::luma);
            if last.width.min(last.height) < 96 {
                break;
            }
            match luma::halved(last) {
                Some(half) => smaller.push(half),
                None => break,
            }
        }
        Self { full, smaller }
    }

    pub(super) fn halved(&self, times: usize) -> Option<Luma<'_>> {
        match times {
            0 => Some(self.full),
            _ => self.smaller.get(times - 1).map(Plane::luma),
        }
    }

    /// How often to halve for a module of so many pixels of the full frame to take two to four.
    fn suiting(&self, module: f32) -> usize {
        let mut times = 0;
        while module / (2 << times) as f32 >= 2.0 && times < self.smaller.len() {
            times += 1;
        }
        times
    }

    /// The picture halved so many times, and how much smaller it is.
    fn at(&self, times: usize) -> (Luma<'_>, f32) {
        (self.halved(times).unwrap_or(self.full), (1 << times) as f32)
    }
}

/// A symbol that was looked at closely, read or not.
pub(super) struct Sight {
    pub(super) version: usize,
    pub(super) ink: Ink,
    /// In pixels of the full frame.
    pub(super) place: Perspective,
    /// How surely each module is dark.
    dark: Zeroizing<Vec<f32>>,
    /// What it was learnt from.
    levelled: Levelled,
    /// Share of the fixed modules that came out right.
    fit: f32,
    pub(super) text: Option<String>,
}

/// The layout of a version, made once.
fn layout(version: usize) -> Option<&'static Layout> {
    static LAYOUTS: [OnceLock<Option<Layout>>; 41] = [const { OnceLock::new() }; 41];
    LAYOUTS
        .get(version)?
        .get_or_init(|| Layout::of(version))
        .as_ref()
}

/// The picture as the search for finder patterns sees it at its own size.
pub(super) fn black_and_white(frame: Luma<'_>) -> Plane {
    let bits = Bits::of(frame);
    let mut plane = Plane::blank(bits.width, bits.height);
    for (pixel, &dark) in plane.bytes.iter_mut().zip(bits.dark.iter()) {
        *pixel = 255 * (1 - dark);
    }
    plane
}

/// Finder patterns by their runs, at every size.
fn sharp_patterns(sizes: &Sizes<'_>, _turn: usize) -> Vec<Finder> {
    let levels = (0..=sizes.smaller.len()).filter_map(|times| {
        let picture = sizes.halved(times)?;
        Some(finders::find(
            picture,
            &Bits::of(picture),
            (1 << times) as f32,
        ))
    });
    finders::merged(levels)
}

/// Finder patterns by likeness, at every size: the cheap ones first.
pub(super) fn soft_patterns(sizes: &Sizes<'_>, turn: usize) -> Vec<Finder> {
    let mut left = template::PIXELS;
    let mut levels = Vec::new();
    for times in (0..=sizes.smaller.len()).rev() {
        if let Some(picture) = sizes.halved(times) {
            levels.push(template::find(picture, (1 << times) as f32, &mut left, turn));
        }
    }
    finders::merged(levels)
}

/// Where the last frame's symbol was and what was seen of it: the next frame begins there, and what several frames saw
/// is added up, module by module.
#[derive(Default)]
pub(super) struct Track {
    held: Option<Held>,
}

struct Held {
    version: usize,
    ink: Ink,
    place: Perspective,
    /// How surely each module is dark.
    dark: Zeroizing<Vec<f32>>,
    /// What all frames saw of each module, added up; older frames count less. The mixture is undone in the sum, where there is less noise to
    /// be amplified.
    levelled: Levelled,
    /// Frames since it was last seen.
    unseen: u32,
}

/// What an older frame counts against the newest.
const FADING: f32 = 0.95;
/// A symbol is looked for where it was for so many frames.
const PATIENCE: u32 = 4;

impl Track {
    /// Where the symbol was, in pixels of the frame.
    pub(super) fn corners(&self) -> Option<[(f32, f32); 4]> {
        Some(self.held.as_ref()?.place.corners())
    }

    /// Adds a sight to what is known of its symbol, and reads both together.
    fn takes(&mut self, sight: &mut Sight, effort: &mut Effort) {
        if sight.fit < LEAST_FIT {
            return;
        }
        let (middle, size) = (sight.place.middle(), sight.place.module() * 8.0);
        let same = self.held.as_mut().filter(|held| {
            let was = held.place.middle();
            held.version == sight.version
                && held.ink == sight.ink
                && (was.0 - middle.0).hypot(was.1 - middle.1) < size * 2.0
                && alike(&held.dark, &sight.dark)
        });
        let Some(held) = same else {
            self.held = Some(Held {
                version: sight.version,
                ink: sight.ink,
                place: sight.place,
                dark: sight.dark.clone(),
                levelled: sight.levelled.clone(),
                unseen: 0,
            });
            return;
        };
        held.levelled.add(&sight.levelled, FADING);
        held.place = sight.place;
        held.unseen = 0;
        let Some(layout) = layout(held.version) else {
            return;
        };
        for breadth in [Breadth::Cross, Breadth::Broad] {
            if sight.text.is_some() || effort.is_spent() {
                return;
            }
            effort.spend(layout.side * layout.side * breadth.cost());
            let together = equaliser::equalised(&held.levelled, layout, breadth);
            sight.text = layout
                .text(&together.cancelled)
                .or_else(|| layout.text(&together.dark));
            held.dark = Zeroizing::new(together.dark);
        }
    }
}

/// Whether two sights of one version agree in most modules: the same code and not the next one on the screen.
fn alike(one: &[f32], other: &[f32]) -> bool {
    let agree = one
        .iter()
        .zip(other)
        .filter(|(a, b)| (**a > 0.0) == (**b > 0.0));
    agree.count() * 4 > one.len() * 3
}

/// The symbols of a frame that could be read, with what earlier frames showed. `turn` counts the frames that were not read: each looks
/// elsewhere where a frame has more texture than can be searched, and every second one for patterns turned by any angle.
pub(super) fn read(frame: Luma<'_>, track: &mut Track, turn: usize) -> Vec<Sight> {
    let sizes = Sizes::of(frame);
    let mut read = Vec::new();
    let mut budget = Effort::frame();
    let effort = &mut budget;
    let mut best: Option<Sight> = None;
    if let Some(held) = &track.held {
        best = looked_at(&sizes, held.version, held.place, held.ink, effort);
        if let Some(sight) = &mut best {
            track.takes(sight, effort);
        }
        if best.as_ref().is_some_and(|sight| sight.text.is_some()) {
            read.extend(best);
            return read;
        }
    }
    let known = best.as_ref().map_or(0.0, |sight| sight.fit);
    // A symbol that is surely there is worth the next frames; now and then the rest of the frame is looked at, too.
    if known > SURE && turn % 3 != 2 {
        return read;
    }
    best = None;
    let ways: &[fn(&Sizes<'_>, usize) -> Vec<Finder>] = if turn % 2 == 1 {
        &[soft_patterns, sharp_patterns]
    } else {
        &[soft_patterns]
    };
    for way in ways {
        let patterns = way(&sizes, turn);
        for sight in sights(&sizes, &patterns, effort) {
            if sight.text.is_some() {
                read.push(sight);
            } else if sight.fit > known && best.as_ref().is_none_or(|b| b.fit < sight.fit) {
                best = Some(sight);
            }
        }
        if !read.is_empty() {
            if std::env::var("EFF").is_ok() { eprintln!("read effort {}", effort.spent_since(Effort::frame())); }
            return read;
        }
    }
    if std::env::var("EFF").is_ok() { eprintln!("effort {}", effort.spent_since(Effort::frame())); }
    if let Some(mut sight) = best {
        track.takes(&mut sight, effort);
        read.extend(sight.text.is_some().then_some(sight));
    }
    if let Some(held) = &mut track.held {
        held.unseen += 1;
        if held.unseen > PATIENCE {
            track.held = None;
        }
    }
    read
}

/// What the finder patterns lead to, read symbols first.
fn sights(sizes: &Sizes<'_>, patterns: &[Finder], effort: &mut Effort) -> Vec<Sight> {
    let mut threes: Vec<Triple> = finders::triples(patterns, Ink::Dark);
    threes.extend(finders::triples(patterns, Ink::Light));
    threes.sort_by(Triple::likelier);
    let mut sights: Vec<Sight> = Vec::new();
    let before = *effort;
    for triple in &threes {
        if effort.is_spent() {
            break;
        }
        let inside = |s: &Sight| s.text.is_some() && s.place.holds(triple.top_left);
        if sights.iter().any(inside) {
            continue;
        }
        let mut best: Option<Sight> = None;
        for (version, place) in roughly(sizes, triple, effort) {
            let side = 17 + 4 * version;
            if !effort.has(2 * side * side * Breadth::Cross.cost()) {
                break;
            }
            let sight = looked_at(sizes, version, place, triple.ink, effort);
            if let Some(sight) = sight
                && best.as_ref().is_none_or(|b| b.fit < sight.fit)
            {
                best = Some(sight);
            }
            if best.as_ref().is_some_and(|b| b.text.is_some() || b.fit > SURE) {
                break;
            }
        }
        if best.as_ref().is_some_and(|b| b.text.is_some()) {
            // Another code beside it is worth half as much again, and texture no more.
            effort.cap(effort.spent_since(before) / 2);
        }
        sights.extend(best);
    }
    sights.sort_by(|a, b| {
        (b.text.is_some(), b.fit)
            .partial_cmp(&(a.text.is_some(), a.fit))
            .unwrap_or(std::cmp::Ordering::Equal)
    });
    sights
}

/// The versions whose fixed patterns stand out most, and where, the likeliest first.
fn roughly(sizes: &Sizes<'_>, triple: &Triple, effort: &mut Effort) -> Vec<(usize, Perspective)> {
    let guess = ((triple.side - 17.0) / 4.0).round().clamp(1.0, 40.0) as i32;
    let doubt = 1 + guess / 9;
    let mut guesses: Vec<(usize, f32, Guess<'_>)> = Vec::new();
    for version in (guess - doubt).max(1)..=(guess + doubt).min(40) {
        let version = version as usize;
        let Some(layout) = layout(version) else {
            continue;
        };
        let start = Perspective::of(triple, layout.side, 1.0);
        let (picture, scale) = sizes.at(sizes.suiting(start.module()));
        let guess = Guess::of(picture, layout, start.scaled(1.0 / scale), triple.ink, effort);
        guesses.push((version, scale, guess));
    }
    let best_first = |guesses: &mut Vec<(usize, f32, Guess<'_>)>| {
        guesses.sort_by(|a, b| b.2.contrast().total_cmp(&a.2.contrast()));
    };
    best_first(&mut guesses);
    guesses.truncate(SETTLED);
    guesses.retain(|(_, _, guess)| guess.contrast() > LEAST_CONTRAST / 3.0);
    for (_, _, guess) in &mut guesses {
        guess.settle(effort);
    }
    best_first(&mut guesses);
    guesses
        .into_iter()
        .filter(|(_, _, guess)| guess.contrast() > LEAST_CONTRAST)
        .take(VERSIONS)
        .map(|(version, scale, guess)| (version, guess.place().scaled(scale)))
        .collect()
}

/// Fits a symbol about where it is supposed, and reads it if it can.
fn looked_at(
    sizes: &Sizes<'_>,
    version: usize,
    place: Perspective,
    ink: Ink,
    effort: &mut Effort,
) -> Option<Sight> {
    let layout = layout(version)?;
    let times = sizes.suiting(place.module());
    let (picture, scale) = sizes.at(times);
    let (bent, _) = grid::fine(picture, layout, place.scaled(1.0 / scale), ink, effort);
    let modules = layout.side * layout.side;
    effort.spend(modules * Breadth::Cross.cost());
    let mut sight = Sight {
        version,
        ink,
        place: bent.place.scaled(scale),
        dark: Zeroizing::default(),
        levelled: Levelled::default(),
        fit: 0.0,
        text: None,
    };
    let samples = bent.samples(picture, layout, MARGIN, Taken::Middle);
    if sight.takes(&samples, layout) {
        return Some(sight);
    }
    if sight.fit < WORTH_MORE {
        return Some(sight);
    }
    effort.spend(modules * Breadth::Cross.cost() * 2);
    // A flat screen whose alignment patterns were mistaken, then sharper sight where noise allows.
    let flat = Grid::flat(bent.place);
    if sight.takes(
        &flat.samples(picture, layout, MARGIN, Taken::Middle),
        layout,
    ) {
        return Some(sight);
    }
    let Some(finer) = times.checked_sub(1) else {
        return Some(broadly(sight, layout, effort));
    };
    let (picture, _) = sizes.at(finer);
    let bent = bent.doubled();
    // In a burnt-out screen the light modules spread, and the dark ones are left as thin lines.
    let burnt = samples.iter().filter(|&&s| s >= 250.0).count() * 4 > samples.len();
    let taken = if burnt { Taken::Darkest } else { Taken::Middle };
    if sight.takes(&bent.samples(picture, layout, MARGIN, taken), layout) {
        return Some(sight);
    }
    Some(broadly(sight, layout, effort))
}

/// A last try at a symbol that is surely there.
fn broadly(mut sight: Sight, layout: &Layout, effort: &mut Effort) -> Sight {
    if sight.fit > SURE && effort.spend(layout.side * layout.side * Breadth::Broad.cost()) {
        let broad = equaliser::equalised(&sight.levelled, layout, Breadth::Broad);
        sight.text = layout.text(&broad.cancelled);
    }
    sight
}

impl Sight {
    /// Equalises samples and keeps them where they fit better than those before; whether they were read.
    fn takes(&mut self, samples: &[f32], layout: &Layout) -> bool {
        let levelled = equaliser::levelled(samples, layout, self.ink);
        let equalised = equaliser::equalised(&levelled, layout, Breadth::Cross);
        if equalised.fit + 0.02 < self.fit {
            return false;
        }
        if equalised.fit >= LEAST_FIT {
            self.text = layout
                .text(&equalised.dark)
                .or_else(|| layout.text(&equalised.cancelled));
        }
        if equalised.fit > self.fit || self.text.is_some() {
            self.fit = equalised.fit;
            self.dark = Zeroizing::new(equalised.dark);
            self.levelled = levelled;
        }
        self.text.is_some()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use qrcodegen::{QrCode, QrCodeEcc};

    use super::*;

    #[test]
    fn frames_that_are_unreadable_alone_are_read_together_and_forgotten_with_the_track() {
        let code = QrCode::encode_text("SKD1:ADDED.UP.OVER.FRAMES", QrCodeEcc::Medium).unwrap();
        let (side, version) = (code.size(), usize::from(code.version().value()));
        let mut state = 11u64;
        let mut noise = || {
            let sum: f32 = (0..12)
                .map(|_| {
                    state = state
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1);
                    (state >> 40) as f32 / (1u64 << 24) as f32
                })
                .sum();
            0.9 * (sum - 6.0)
        };
        let mut triple = Triple::specimen(side as f32);
        (triple.top_left, triple.top_right, triple.bottom_left) =
            ((35.0, 35.0), (175.0, 35.0), (35.0, 175.0));
        let mut sight = || Sight {
            version,
            ink: Ink::Dark,
            place: Perspective::of(&triple, side as usize, 1.0),
            dark: Zeroizing::new(
                (0..side * side)
                    .map(|i| {
                        let dark = code.get_module(i % side, i / side);
                        noise() + if dark { 1.0 } else { -1.0 }
                    })
                    .collect(),
            ),
            fit: 0.87,
            text: None,
        };
        let mut track = Track::default();
        let layout = layout(version).unwrap();
        let mut read = None;
        for _frame in 0..10 {
            let mut sight = sight();
            assert_eq!(layout.text(&sight.dark), None, "readable alone");
            track.takes(&mut sight, effort);
            read = read.or(sight.text);
        }
        assert_eq!(read.as_deref(), Some("SKD1:ADDED.UP.OVER.FRAMES"));
        assert!(track.corners().is_some() && Track::default().corners().is_none());
    }
}
// LAB
pub(super) fn probe(sizes: &Sizes<'_>, version: usize, place: Perspective, ink: Ink) -> Option<(Option<String>, f32)> {
    let s = looked_at(sizes, version, place, ink, &mut Effort::frame())?;
    Some((s.text, s.fit))
}
pub(super) fn probe3(sizes: &Sizes<'_>, version: usize, place: Perspective, ink: Ink) -> Option<(Vec<f32>, f32, Perspective, Levelled)> {
    let s = looked_at(sizes, version, place, ink, &mut Effort::frame())?;
    Some((s.dark.to_vec(), s.fit, s.place, s.levelled))
}
pub(super) fn reads(version: usize, dark: &[f32]) -> bool { layout(version).unwrap().text(dark).is_some() }
pub(super) fn eq(version: usize, lev: &Levelled, b: Breadth) -> (Vec<f32>, Vec<f32>) { let e = equaliser::equalised(lev, layout(version).unwrap(), b); (e.dark, e.cancelled) }
pub(super) fn words(version: usize, dark: &[f32], truth: &[bool]) -> (usize, usize, usize) {
    let l = layout(version).unwrap();
    l.errors(dark, truth)
}
// LAB2
pub(super) fn probe2(sizes: &Sizes<'_>, triple: &Triple) -> String {
    let guess = ((triple.side - 17.0) / 4.0).round().clamp(1.0, 40.0) as i32;
    let doubt = 1 + guess / 9;
    let mut out = format!("guess {guess}: ");
    for version in (guess - doubt).max(1)..=(guess + doubt).min(40) {
        let layout = layout(version as usize).unwrap();
        let start = Perspective::of(triple, layout.side, 1.0);
        let (picture, scale) = sizes.at(sizes.suiting(start.module()));
        let mut g = Guess::of(picture, layout, start.scaled(1.0 / scale), triple.ink, &mut Effort::frame());
        let c = g.contrast();
        g.settle(&mut Effort::frame());
        let s = looked_at(sizes, version as usize, g.place().scaled(scale), triple.ink, &mut Effort::frame()).unwrap();
        out += &format!("v{version} {c:.1}>{:.1} fit {:.2} {} ", g.contrast(), s.fit, s.text.is_some());
    }
    out
}
