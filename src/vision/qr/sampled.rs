//! Codes read by their grid: finder patterns, a fitted perspective, every module sampled and equalised, doubtful codewords taken as unknown.

use std::sync::OnceLock;

use zeroize::Zeroizing;

use super::decoders::Corners;
use super::effort::Effort;
use super::elastic;
use super::equaliser::Breadth;
use super::finders::{self, Bits, Finder, Ink};
use super::grid::{self, Grid, Perspective, Taken};
use super::guess::Guess;
use super::levels::{self, Levelled, MARGIN};
use super::solve::{LEAST_FIT, solved};
use super::symbol::Layout;
use super::template;
use super::threes::{self, Triple};
use super::track::Track;
use crate::luma::{self, Luma, Plane};

/// How often a frame is halved at most: modules of up to 40 pixels are seen.
const HALVINGS: usize = 4;
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
struct Sizes<'a> {
    full: Luma<'a>,
    smaller: Vec<Plane>,
}

impl<'a> Sizes<'a> {
    fn of(full: Luma<'a>) -> Self {
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

    fn halved(&self, times: usize) -> Option<Luma<'_>> {
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
    /// How it was sampled.
    pub(super) way: Way,
    /// How surely each module is dark.
    pub(super) dark: Zeroizing<Vec<f32>>,
    /// What it was learnt from.
    pub(super) levelled: Levelled,
    /// Share of the fixed modules that came out right.
    pub(super) fit: f32,
    pub(super) text: Option<String>,
}

/// The layout of a version, made once.
pub(super) fn layout(version: usize) -> Option<&'static Layout> {
    static LAYOUTS: [OnceLock<Option<Layout>>; 41] = [const { OnceLock::new() }; 41];
    LAYOUTS
        .get(version)?
        .get_or_init(|| Layout::of(version))
        .as_ref()
}

/// Finder patterns by their runs, at every size.
fn sharp_patterns(sizes: &Sizes<'_>) -> Vec<Finder> {
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

/// Finder patterns by likeness, at every size: the cheap ones first. `left` is how many pixels may be visited.
fn soft_patterns(sizes: &Sizes<'_>, left: &mut usize, turn: usize) -> Vec<Finder> {
    let mut levels = Vec::new();
    for times in (0..=sizes.smaller.len()).rev() {
        if let Some(picture) = sizes.halved(times) {
            levels.push(template::find(picture, (1 << times) as f32, left, turn));
        }
    }
    finders::merged(levels)
}

/// The symbols of a frame that could be read, with what earlier frames showed. `turn` counts the frames that were not read: each looks
/// elsewhere where a frame has more texture than can be searched, and every second one for patterns turned by any angle. Codes that are
/// `known` are not read again; once a code that begins as `wanted` (or any, if none is) is read, no more than that is spent on others.
pub(super) fn read(
    frame: Luma<'_>,
    track: &mut Track,
    turn: usize,
    known: &[Corners],
    wanted: Option<&str>,
    effort: &mut Effort,
) -> Vec<Sight> {
    let sizes = Sizes::of(frame);
    let mut read = Vec::new();
    let mut best: Option<Sight> = None;
    if let Some(held) = &track.held {
        let (version, place, ink, way) = (held.version, held.place, held.ink, held.way);
        if let Some((fitted, mut sight)) = Fitted::about(&sizes, version, place, ink, way, effort) {
            // What all frames showed tells more than another way of looking at this one.
            track.takes(&mut sight, effort);
            fitted.pursue(&mut sight, turn, effort);
            best = Some(sight);
        }
        if best.as_ref().is_some_and(|sight| sight.text.is_some()) {
            read.extend(best);
            return read;
        }
    }
    let known_fit = best.as_ref().map_or(0.0, |sight| sight.fit);
    // A symbol that is surely there is worth the next frames; now and then the rest of the frame is looked at, too.
    if known_fit > SURE && turn % 3 != 2 {
        return read;
    }
    best = None;
    // Every second frame is surely searched along its rows, too; others are where there was little texture. Both together may not cost more.
    let half = template::PIXELS / 2;
    let mut left = if turn % 2 == 1 { half } else { 2 * half };
    for sharp in [false, true] {
        if sharp && turn.is_multiple_of(2) && (left < half || best.is_some()) {
            break;
        }
        let patterns = if sharp {
            sharp_patterns(&sizes)
        } else {
            soft_patterns(&sizes, &mut left, turn)
        };
        for sight in sights(&sizes, &patterns, turn, known, wanted, effort) {
            if sight.text.is_some() {
                read.push(sight);
            } else if sight.fit > known_fit.max(LEAST_FIT)
                && best.as_ref().is_none_or(|b| b.fit < sight.fit)
            {
                best = Some(sight);
            }
        }
        if !read.is_empty() {
            break;
        }
    }
    // Another code may have been read beside the one that is wanted.
    if let Some(mut sight) = best {
        track.takes(&mut sight, effort);
        read.extend(sight.text.is_some().then_some(sight));
    }
    track.ages();
    read
}

/// What the finder patterns lead to, read symbols first.
fn sights(
    sizes: &Sizes<'_>,
    patterns: &[Finder],
    turn: usize,
    known: &[Corners],
    wanted: Option<&str>,
    effort: &mut Effort,
) -> Vec<Sight> {
    let mut threes: Vec<Triple> = threes::triples(patterns, Ink::Dark);
    threes.extend(threes::triples(patterns, Ink::Light));
    threes.sort_by(Triple::likelier);
    let mut sights: Vec<Sight> = Vec::new();
    let before = *effort;
    for triple in &threes {
        if effort.is_spent() {
            break;
        }
        let inside = |s: &Sight| s.text.is_some() && s.place.holds(triple.top_left);
        let middle = triple.middle();
        if sights.iter().any(inside) || known.iter().any(|&code| grid::hold(code, middle)) {
            continue;
        }
        let mut best: Option<Sight> = None;
        for (version, place) in roughly(sizes, triple, effort) {
            let side = 17 + 4 * version;
            if !effort.has(2 * side * side * Breadth::Cross.cost()) {
                break;
            }
            let sight = looked_at(sizes, version, place, triple.ink, turn, effort);
            if let Some(sight) = sight
                && best.as_ref().is_none_or(|b| b.fit < sight.fit)
            {
                best = Some(sight);
            }
            if best
                .as_ref()
                .is_some_and(|b| b.text.is_some() || b.fit > SURE)
            {
                break;
            }
        }
        let text = best.as_ref().and_then(|b| b.text.as_ref());
        if text.is_some_and(|text| wanted.is_none_or(|wanted| text.starts_with(wanted))) {
            // Another code beside it is worth as much again, and texture no more.
            effort.cap(effort.spent_since(before));
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
        let guess = Guess::of(
            picture,
            layout,
            start.scaled(1.0 / scale),
            triple.ink,
            effort,
        );
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

/// A way of sampling a symbol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// By a grid that is bent to the alignment patterns.
    Bent,
    /// By one that follows paper.
    Elastic,
    /// By a flat one, where alignment patterns were mistaken.
    Flat,
    /// In a picture twice as large: sharper sight where noise allows.
    Finer,
}

/// A symbol's grid, and the ways of sampling it that were not tried yet.
struct Fitted<'a> {
    sizes: &'a Sizes<'a>,
    layout: &'static Layout,
    ink: Ink,
    times: usize,
    grid: Grid,
    untried: Vec<Way>,
}

/// Fits a symbol about where it is supposed, and reads it if it can.
fn looked_at(
    sizes: &Sizes<'_>,
    version: usize,
    place: Perspective,
    ink: Ink,
    turn: usize,
    effort: &mut Effort,
) -> Option<Sight> {
    let (fitted, mut sight) = Fitted::about(sizes, version, place, ink, Way::Bent, effort)?;
    fitted.pursue(&mut sight, turn, effort);
    Some(sight)
}

impl<'a> Fitted<'a> {
    /// Fits the grid, and samples it in one way.
    fn about(
        sizes: &'a Sizes<'a>,
        version: usize,
        place: Perspective,
        ink: Ink,
        way: Way,
        effort: &mut Effort,
    ) -> Option<(Self, Sight)> {
        let layout = layout(version)?;
        let times = sizes.suiting(place.module());
        let (picture, scale) = sizes.at(times);
        let (grid, _) = grid::fine(picture, layout, place.scaled(1.0 / scale), ink, effort);
        let mut sight = Sight {
            version,
            ink,
            place: grid.place.scaled(scale),
            way,
            dark: Zeroizing::default(),
            levelled: Levelled::default(),
            fit: 0.0,
            text: None,
        };
        let mut untried = vec![Way::Bent];
        if grid.bends_by(0.1) {
            untried.push(Way::Flat);
        }
        if times > 0 {
            untried.push(Way::Finer);
        }
        untried.retain(|&other| other != way);
        let fitted = Self {
            sizes,
            layout,
            ink,
            times,
            grid,
            untried,
        };
        sight.takes(&fitted.samples(way, effort), way, layout, effort);
        Some((fitted, sight))
    }

    fn samples(&self, way: Way, effort: &mut Effort) -> Vec<f32> {
        let (picture, _) = self.sizes.at(self.times);
        let samples = |grid: &Grid| grid.samples(picture, self.layout, MARGIN, Taken::Middle);
        match way {
            Way::Bent => samples(&self.grid),
            Way::Elastic => samples(&elastic::followed(
                picture,
                self.layout,
                &self.grid,
                self.ink,
                effort,
            )),
            Way::Flat => samples(&Grid::flat(self.grid.place)),
            Way::Finer => {
                // In a burnt-out screen the light modules spread, and the dark ones are left as thin lines.
                let coarse = samples(&self.grid);
                let burnt = coarse.iter().filter(|&&s| s >= 250.0).count() * 4 > coarse.len();
                let taken = if burnt { Taken::Darkest } else { Taken::Middle };
                let (picture, _) = self.sizes.at(self.times.saturating_sub(1));
                let grid = self.grid.doubled();
                grid.samples(picture, self.layout, MARGIN, taken)
            }
        }
    }

    /// Goes on with a symbol that was not read yet. Following paper costs as much as all else together: it comes first in every second frame, and
    /// else last, if it can be paid.
    fn pursue(&self, sight: &mut Sight, turn: usize, effort: &mut Effort) {
        if sight.text.is_some() || sight.fit < WORTH_MORE {
            return;
        }
        let follow = sight.way != Way::Elastic;
        let paper_first = turn % 2 == 1;
        if follow && paper_first && self.follow(sight, effort) {
            return;
        }
        for &way in &self.untried {
            let samples = self.samples(way, effort);
            if effort.is_spent() || sight.takes(&samples, way, self.layout, effort) {
                return;
            }
        }
        if follow && !paper_first && self.follow(sight, effort) {
            return;
        }
        // A last try at a symbol that is surely there.
        let cost = self.layout.side * self.layout.side * Breadth::Broad.cost();
        if sight.fit > SURE && effort.has(cost / 2) {
            sight.text = solved(&sight.levelled, self.layout, Breadth::Broad, effort).text;
        }
    }

    fn follow(&self, sight: &mut Sight, effort: &mut Effort) -> bool {
        let layout = self.layout;
        let cost = elastic::cost(layout) + layout.side * layout.side * Breadth::Cross.cost();
        effort.has(cost) && {
            let samples = self.samples(Way::Elastic, effort);
            sight.takes(&samples, Way::Elastic, layout, effort)
        }
    }
}

impl Sight {
    /// Equalises samples and keeps them where they fit better than those before; whether they were read.
    fn takes(&mut self, samples: &[f32], way: Way, layout: &Layout, effort: &mut Effort) -> bool {
        let levelled = levels::levelled(samples, layout, self.ink);
        let solved = solved(&levelled, layout, Breadth::Cross, effort);
        self.text = solved.text;
        let equalised = solved.equalised;
        if equalised.fit > self.fit || self.text.is_some() {
            self.fit = equalised.fit;
            self.way = way;
            self.dark = Zeroizing::new(equalised.dark);
            self.levelled = levelled;
        }
        self.text.is_some()
    }
}
