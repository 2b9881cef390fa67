//! A symbol looked at closely: a fitted grid, every module sampled in one of several ways and equalised, and what could be read of it.

use std::sync::OnceLock;

use zeroize::Zeroizing;

use super::blocks::Part;
use super::effort::Effort;
use super::elastic;
use super::equaliser::Breadth;
use super::finders::Ink;
use super::grid::{self, Grid, Perspective, Taken};
use super::levels::{self, Levelled, MARGIN};
use super::solve::solved;
use super::symbol::Layout;
use crate::luma::{self, Luma, Plane};

/// How often a frame is halved at most: modules of up to 40 pixels are seen.
const HALVINGS: usize = 4;
/// Share that no other version of the same place comes near.
pub(super) const SURE: f32 = 0.85;
/// And before more than one way of sampling is tried.
const WORTH_MORE: f32 = 0.76;

/// The layout of a version, made once.
pub(super) fn layout(version: usize) -> Option<&'static Layout> {
    static LAYOUTS: [OnceLock<Option<Layout>>; 41] = [const { OnceLock::new() }; 41];
    LAYOUTS
        .get(version)?
        .get_or_init(|| Layout::of(version))
        .as_ref()
}

/// A frame at its own size and halved, and halved again.
pub(super) struct Sizes<'a> {
    full: Luma<'a>,
    pub(super) smaller: Vec<Plane>,
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
    pub(super) fn suiting(&self, module: f32) -> usize {
        let mut times = 0;
        while module / (2 << times) as f32 >= 2.0 && times < self.smaller.len() {
            times += 1;
        }
        times
    }

    /// The picture halved so many times, and how much smaller it is.
    pub(super) fn at(&self, times: usize) -> (Luma<'_>, f32) {
        (self.halved(times).unwrap_or(self.full), (1 << times) as f32)
    }
}

/// What is supposed of a symbol before it is looked at.
#[derive(Clone, Copy)]
pub(super) struct Supposed {
    pub(super) version: usize,
    pub(super) ink: Ink,
    /// In pixels of the full frame.
    pub(super) place: Perspective,
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
    /// The blocks that could be read.
    pub(super) part: Part,
    pub(super) text: Option<String>,
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
pub(super) struct Fitted<'a> {
    sizes: &'a Sizes<'a>,
    layout: &'static Layout,
    ink: Ink,
    times: usize,
    grid: Grid,
    untried: Vec<Way>,
}

/// Fits a symbol about where it is supposed, and reads it if it can.
pub(super) fn looked_at(
    sizes: &Sizes<'_>,
    supposed: Supposed,
    turn: usize,
    effort: &mut Effort,
) -> Option<Sight> {
    let fixed = &layout(supposed.version)?.fixed;
    let (fitted, mut sight) =
        Fitted::about(sizes, supposed, Way::Bent, fixed, Breadth::Cross, effort)?;
    if sight.fit > SURE {
        effort.find();
    }
    fitted.pursue(&mut sight, turn, effort);
    Some(sight)
}

impl<'a> Fitted<'a> {
    /// Fits the grid, and samples it in one way. `known` modules (1 dark, -1 light, 0 unknown) are those that the standard fixes, or more.
    pub(super) fn about(
        sizes: &'a Sizes<'a>,
        supposed: Supposed,
        way: Way,
        known: &[i8],
        breadth: Breadth,
        effort: &mut Effort,
    ) -> Option<(Self, Sight)> {
        let Supposed {
            version,
            ink,
            place,
        } = supposed;
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
            part: Part::nothing(layout),
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
        let samples = fitted.samples(way, known, effort);
        sight.takes(&samples, way, layout, breadth, effort);
        Some((fitted, sight))
    }

    fn samples(&self, way: Way, known: &[i8], effort: &mut Effort) -> Vec<f32> {
        let (picture, _) = self.sizes.at(self.times);
        let samples = |grid: &Grid| grid.samples(picture, self.layout, MARGIN, Taken::Middle);
        match way {
            Way::Bent => samples(&self.grid),
            Way::Elastic => samples(&elastic::followed(
                picture,
                self.layout,
                known,
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
    pub(super) fn pursue(&self, sight: &mut Sight, turn: usize, effort: &mut Effort) {
        if sight.text.is_some() || sight.fit < WORTH_MORE {
            return;
        }
        let is_sure = sight.part.blocks > 0 || sight.fit > SURE;
        if is_sure && sight.broadens(self.layout, effort) {
            return;
        }
        let follow = sight.way != Way::Elastic;
        let paper_first = turn % 2 == 1;
        if follow && paper_first && self.follow(sight, effort) {
            return;
        }
        for &way in &self.untried {
            let samples = self.samples(way, &sight.part.modules, effort);
            if effort.is_spent() || sight.takes(&samples, way, self.layout, Breadth::Cross, effort)
            {
                return;
            }
        }
        if follow && !paper_first {
            self.follow(sight, effort);
        }
    }

    fn follow(&self, sight: &mut Sight, effort: &mut Effort) -> bool {
        let layout = self.layout;
        let cost = elastic::cost(layout) + layout.side * layout.side * Breadth::Cross.cost();
        effort.has(cost) && {
            let samples = self.samples(Way::Elastic, &sight.part.modules, effort);
            sight.takes(&samples, Way::Elastic, layout, Breadth::Cross, effort)
        }
    }
}

impl Sight {
    /// Equalises samples and keeps them where they fit better than those before; whether they were read.
    fn takes(
        &mut self,
        samples: &[f32],
        way: Way,
        layout: &Layout,
        breadth: Breadth,
        effort: &mut Effort,
    ) -> bool {
        let levelled = levels::levelled(samples, layout, self.ink);
        let solved = solved(&levelled, layout, &self.part, breadth, effort);
        let equalised = solved.equalised;
        if equalised.fit > self.fit || solved.text.is_some() {
            self.fit = equalised.fit;
            self.way = way;
            self.dark = Zeroizing::new(equalised.dark);
            self.levelled = levelled;
        }
        self.part = solved.part;
        self.text = solved.text;
        self.text.is_some()
    }

    /// Goes on with a wider neighbourhood; whether that was read.
    fn broadens(&mut self, layout: &Layout, effort: &mut Effort) -> bool {
        let cost = layout.side * layout.side * Breadth::Broad.cost();
        if effort.has(cost / 2) {
            let solved = solved(&self.levelled, layout, &self.part, Breadth::Broad, effort);
            self.part = solved.part;
            self.text = solved.text;
        }
        self.text.is_some()
    }
}
