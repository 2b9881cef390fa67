//! Codes read by their grid: finder patterns, a fitted perspective, every module sampled and equalised, doubtful codewords taken as unknown.

use super::decoders::Corners;
use super::effort::Effort;
use super::equaliser::Breadth;
use super::finders::{self, Bits, Finder, Ink};
use super::grid::{self, Perspective};
use super::guess::Guess;
use super::pairs;
use super::sight::{Fitted, SURE, Sight, Sizes, Supposed, layout, looked_at};
use super::solve::LEAST_FIT;
use super::template;
use super::threes::{self, Triple};
use super::track::Track;
use super::upright::{self, Upright};
use crate::luma::Luma;

/// Versions moved to where they fit best at one place.
const SETTLED: usize = 3;
/// Versions fitted closely at one place.
const VERSIONS: usize = 2;
/// What may be spent on patterns that were found by their runs.
const SHARP: u32 = 1_000_000;
/// Frames of more pixels are searched for squares of texture at half their size.
const ROOMY: usize = 1_000_000;
/// Counts by which a symbol's fixed patterns must stand out.
const LEAST_CONTRAST: f32 = 9.0;

/// How finder patterns are looked for.
#[derive(Clone, Copy)]
enum Look {
    /// By likeness: the likeliest three.
    First,
    /// By two of them, where the third is hidden.
    Pairs,
    /// All others.
    Soft,
    /// Again, where all that was read is not what is wanted: a code on a dim screen does not stand out beside it.
    Beside,
    /// By likeness, in texture that is turned upright.
    Turned,
    /// By their runs.
    Sharp,
}

const LOOKS: [Look; 6] = [
    Look::First,
    Look::Pairs,
    Look::Soft,
    Look::Beside,
    Look::Turned,
    Look::Sharp,
];

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
fn soft_patterns(
    sizes: &Sizes<'_>,
    known: &[Corners],
    left: &mut usize,
    turn: usize,
) -> Vec<Finder> {
    let mut levels = Vec::new();
    for times in (0..=sizes.smaller.len()).rev() {
        if let Some(picture) = sizes.halved(times) {
            levels.push(template::find(
                picture,
                (1 << times) as f32,
                known,
                left,
                turn,
            ));
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
    // A symbol that is surely there is worth the next frames; now and then the rest of the frame is looked at, too.
    let followed = track.is_sure() && turn % 6 != 5;
    if followed {
        effort.follow();
    }
    if let Some(held) = &track.held {
        let (supposed, way) = (held.supposed(), held.way);
        let (breadth, known) = (Breadth::Glance, &held.part.modules);
        if let Some((fitted, mut sight)) =
            Fitted::about(&sizes, supposed, way, known, breadth, effort)
        {
            // What all frames showed tells more than another way of looking at this one.
            track.takes(&mut sight, effort);
            fitted.pursue(&mut sight, turn, effort);
            track.keeps(&sight);
            best = Some(sight);
        }
        if best.as_ref().is_some_and(|sight| sight.text.is_some()) {
            read.extend(best);
            return read;
        }
    }
    let known_fit = best.as_ref().map_or(0.0, |sight| sight.fit);
    if followed && known_fit > LEAST_FIT {
        return read;
    }
    effort.lose();
    best = None;
    // Every second frame is surely searched along its rows, too; others are where there was little texture. Both together may not cost more.
    let half = template::PIXELS / 2;
    let mut left = if turn % 2 == 1 { half } else { 2 * half };
    let mut known = known.to_vec();
    let turned = if turn.is_multiple_of(2) {
        let (small, scale) = sizes.at(usize::from(frame.width * frame.height > ROOMY));
        upright::squares(small, scale, &known)
    } else {
        Vec::new()
    };
    let mut kept = turned.iter().map(Upright::cost).sum::<usize>().min(half);
    left -= kept;
    let soft = soft_patterns(&sizes, &known, &mut left, turn);
    let mut likely = threes(&soft);
    for look in LOOKS {
        let is_wanted = |text: &String| wanted.is_none_or(|wanted| text.starts_with(wanted));
        let mut texts = read.iter().filter_map(|sight| sight.text.as_ref());
        let threes = match look {
            _ if texts.any(is_wanted) => break,
            // A symbol's own data may look like many threes, and then would leave nothing for pairs.
            Look::First if turn % 2 == 1 => continue,
            Look::First => likely.drain(..likely.len().min(1)).collect(),
            Look::Pairs if best.is_some() || !read.is_empty() => continue,
            Look::Pairs => pairs::threes(&sizes, &soft, effort),
            Look::Soft => std::mem::take(&mut likely),
            Look::Beside if read.is_empty() || best.is_some() => continue,
            Look::Beside => threes(&soft_patterns(&sizes, &known, &mut left, turn)),
            Look::Turned if best.is_some() => continue,
            Look::Turned => {
                let search = |square: &Upright| square.patterns(frame, &mut kept);
                threes(&turned.iter().flat_map(search).collect::<Vec<_>>())
            }
            Look::Sharp if !read.is_empty() => break,
            Look::Sharp if turn.is_multiple_of(2) && (left < half || best.is_some()) => break,
            Look::Sharp => {
                // Counting runs costs much by itself.
                effort.cap(SHARP);
                threes(&sharp_patterns(&sizes))
            }
        };
        for sight in sights(&sizes, &threes, turn, &known, wanted, effort) {
            if sight.text.is_some() {
                read.push(sight);
            } else if sight.fit > known_fit.max(LEAST_FIT)
                && best.as_ref().is_none_or(|b| b.fit < sight.fit)
            {
                best = Some(sight);
            }
        }
        known.extend(read.iter().map(|sight| sight.place.corners()));
    }
    // Another code may have been read beside the one that is wanted.
    if let Some(mut sight) = best {
        track.takes(&mut sight, effort);
        read.extend(sight.text.is_some().then_some(sight));
    }
    track.ages();
    read
}

/// Which patterns may belong together, the likeliest first.
fn threes(patterns: &[Finder]) -> Vec<Triple> {
    let mut threes = threes::triples(patterns, Ink::Dark);
    threes.extend(threes::triples(patterns, Ink::Light));
    threes.sort_by(Triple::likelier);
    threes
}

/// What threes of finder patterns lead to, read symbols first.
fn sights(
    sizes: &Sizes<'_>,
    threes: &[Triple],
    turn: usize,
    known: &[Corners],
    wanted: Option<&str>,
    effort: &mut Effort,
) -> Vec<Sight> {
    let mut sights: Vec<Sight> = Vec::new();
    let before = *effort;
    for triple in threes {
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
            let ink = triple.ink;
            let supposed = Supposed {
                version,
                ink,
                place,
            };
            let sight = looked_at(sizes, supposed, turn, effort);
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
