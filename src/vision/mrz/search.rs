//! The search for a zone: whole pictures at several working sizes, or the neighbourhood of where it was last.

use super::effort::Effort;
use super::ink::{self, Mark, Threshold};
use super::reading::{Candidate, Desk};
use super::rows;
use super::zone::{self, Back, Zone};
use crate::luma::{self, Luma, Plane};

/// One way to look at the whole picture.
pub(super) struct Pass {
    /// Longest side of the working plane, pixels.
    side: usize,
    threshold: Threshold,
}

const fn pass(side: usize, least: f32, deviations: f32) -> Pass {
    Pass {
        side,
        threshold: Threshold { least, deviations },
    }
}

/// In the order tried. The first suits a page that fills half the picture or more; the second small or coarse print; the
/// third a page far away. Stroke contrast half way in deviations keeps blurred neighbours apart: of 60 hard frames
/// 0.5 finds 31, 0.8 finds 38, 1.1 finds 41.
pub(super) const FRAME_PASSES: [Pass; 3] = [
    pass(1_280, 7.0, 1.1),
    pass(800, 5.0, 1.1),
    pass(2_200, 6.0, 1.1),
];
/// What else is tried while somebody waits: faint print, print on strong security print, tiny print, print in large.
pub(super) const STILL_PASSES: [Pass; 6] = [
    pass(1_280, 3.5, 0.7),
    pass(1_000, 4.0, 1.4),
    pass(1_700, 4.0, 1.1),
    pass(600, 4.0, 1.1),
    pass(3_000, 6.0, 1.1),
    pass(2_200, 3.5, 0.8),
];

/// The picture is divided into so many parts each way.
const PARTS: usize = 4;
/// What a zone counts for each better one in its part.
const CROWDED: f32 = 0.75;
/// Zones that are compared with each other at most.
const MOST_WEIGHED: usize = 200;
/// Glances (0..=1) at right zones are above 0.82, at texture mostly below 0.6; upside-down print comes between.
const LIKE_PRINT: f32 = 0.7;
const SURELY_PRINT: f32 = 0.93;
/// Pitch in the working plane that the neighbourhood of a known zone is brought to, pixels.
const KNOWN_PITCH: f64 = 12.0;
/// How far a page moves between two frames, in pitches.
const NEAR: f64 = 4.5;

/// Where a zone was, and which way up.
#[derive(Debug, Clone)]
pub(super) struct Place {
    zone: Zone,
    flipped: bool,
}

/// What was found, and where.
pub(super) struct Find {
    pub(super) candidate: Candidate,
    pub(super) place: Place,
}

impl Find {
    fn is_better_than(&self, other: Option<&Self>) -> bool {
        other.is_none_or(|o| self.candidate.trust.rank() > o.candidate.trust.rank())
    }

    fn is_certain(&self) -> bool {
        self.candidate.trust.is_certain()
    }
}

/// The best reading over the passes; the first that is certain ends the search.
pub(super) fn everywhere<'p>(
    desk: &mut Desk<'_>,
    passes: impl Iterator<Item = &'p Pass>,
) -> Option<Find> {
    let longest = desk.frame.width.max(desk.frame.height);
    let mut best: Option<Find> = None;
    let mut half: Option<Plane> = None;
    for pass in passes {
        // Enlarging beyond twice adds nothing, and large planes are for pictures that have more to give.
        let side = pass.side.min(longest * 2);
        if side > 1_280 && longest * 4 < side * 3 {
            continue;
        }
        // A large photograph is halved once for all the passes that want it smaller than that.
        if side * 2 <= longest && half.is_none() {
            let area = desk.frame.width * desk.frame.height;
            desk.effort
                .used(Effort::THOUSAND_PIXELS * (area / 4_000) as u32);
            half = luma::halved(desk.frame);
        }
        let (picture, shrunk) = match &half {
            Some(half) if side * 2 <= longest => (half.luma(), 0.5),
            _ => (desk.frame, 1.0),
        };
        let area = picture.width * picture.height;
        let most = picture.width.max(picture.height);
        let pixels = area / most * side / most * side + area / 4;
        let Some(()) = desk
            .effort
            .spend(Effort::THOUSAND_PIXELS * (pixels / 1_000) as u32)
        else {
            break;
        };
        let (marks, scale) = marks(desk, picture, side, pass.threshold);
        let marks = (marks, scale * shrunk);
        let zones = zones(desk, &marks, &[false, true], (0.0, 0.0));
        for zone in promising(zones, desk.frame, desk.effort.zones()) {
            let Some(found) = look(desk, zone) else {
                continue;
            };
            if found.is_certain() {
                return Some(found);
            }
            if found.is_better_than(best.as_ref()) {
                best = Some(found);
            }
        }
    }
    best
}

/// The zone again, near where it was. None when nothing there looks like print.
pub(super) fn nearby(desk: &mut Desk<'_>, known: &Place) -> Option<Find> {
    let (left, top, right, bottom) = neighbourhood(desk.frame, &known.zone)?;
    let (width, height) = (right - left, bottom - top);
    let bytes = &desk.frame.bytes[top * desk.frame.stride + left..];
    let part = Luma::new(width, height, desk.frame.stride, bytes).ok()?;
    let scale = (KNOWN_PITCH / known.zone.pitch).min(2.0);
    let side = ((width.max(height) as f64 * scale) as usize).clamp(1, 1_600);
    let marks = marks(desk, part, side, FRAME_PASSES[1].threshold);
    let turned = known.zone.turned;
    let zones = zones(desk, &marks, &[turned], (left as f64, top as f64));
    let mut best: Option<Find> = None;
    for zone in zones
        .into_iter()
        .filter(|zone| zone.rows == known.zone.rows)
        .take(2)
    {
        let Some(found) = read(desk, zone, known.flipped) else {
            continue;
        };
        if found.is_certain() {
            return Some(found);
        }
        if found.is_better_than(best.as_ref()) {
            best = Some(found);
        }
    }
    best.filter(|found| found.candidate.trust.is_print())
}

/// The part of the picture where the zone must be if it has moved no farther than [`NEAR`]: left, top, right, bottom.
fn neighbourhood(frame: Luma<'_>, zone: &Zone) -> Option<(usize, usize, usize, usize)> {
    let (span, rows) = (zone.span as f64, zone.rows as f64);
    let corners = [
        (0.0, -0.5),
        (span, -0.5),
        (span, rows - 0.5),
        (0.0, rows - 0.5),
    ]
    .map(|(u, v)| zone.map.map(u, v));
    let bound = |values: [f64; 4], most: usize| {
        let low = values.iter().fold(f64::MAX, |a, &b| a.min(b)) - NEAR * zone.pitch;
        let high = values.iter().fold(f64::MIN, |a, &b| a.max(b)) + NEAR * zone.pitch;
        (
            low.clamp(0.0, most as f64) as usize,
            high.clamp(0.0, most as f64) as usize,
        )
    };
    let (left, right) = bound(corners.map(|c| c.0), frame.width);
    let (top, bottom) = bound(corners.map(|c| c.1), frame.height);
    (right > left + 8 && bottom > top + 8).then_some((left, top, right, bottom))
}

/// The marks of a picture at one working size, and working pixels per picture pixel.
fn marks(
    desk: &mut Desk<'_>,
    picture: Luma<'_>,
    side: usize,
    threshold: Threshold,
) -> (Vec<Mark>, f64) {
    desk.witness.enters("ink");
    let (plane, scale) = ink::resized(picture, side);
    let dark = ink::strokes(&plane, threshold);
    if desk.witness.wants_pictures() {
        desk.witness.sees("plane", plane.luma());
        desk.witness.sees("ink", mask(&plane, &dark).luma());
    }
    let marks = ink::marks(&dark, plane.width, plane.height);
    (marks, f64::from(scale))
}

/// The zones among the marks, along the axes asked for, best supported first in each.
fn zones(
    desk: &mut Desk<'_>,
    (marks, scale): &(Vec<Mark>, f64),
    axes: &[bool],
    origin: (f64, f64),
) -> Vec<Zone> {
    let mut found = Vec::new();
    for &turned in axes {
        desk.witness.enters("rows");
        let turned_marks: Vec<Mark>;
        let marks = if turned {
            turned_marks = marks.iter().map(turn).collect();
            &turned_marks
        } else {
            marks
        };
        let (rows, steps) = rows::rows(marks, desk.effort.steps());
        desk.effort
            .used(Effort::THOUSAND_STEPS * (steps / 1_000) as u32);
        desk.witness.enters("zones");
        found.extend(zone::zones(
            &rows,
            &Back {
                scale: *scale,
                turned,
                origin,
            },
        ));
    }
    found
}

/// The `most` zones to look at, the likeliest first. What is nearly another again is left out, and of a wall of texture in one part of the
/// picture each further zone counts less: the document may lie beside it.
fn promising(mut zones: Vec<Zone>, frame: Luma<'_>, most: usize) -> Vec<Zone> {
    zones.sort_by_key(|zone| std::cmp::Reverse(zone.support()));
    let mut kept: Vec<(f32, Zone)> = Vec::new();
    let mut crowds = [[0i32; PARTS]; PARTS];
    for zone in zones {
        if kept.iter().any(|(_, other)| other.is_nearly(&zone)) {
            continue;
        }
        let (x, y) = zone.middle();
        let part = |at: f64, size: usize| {
            ((at / size as f64 * PARTS as f64).max(0.0) as usize).min(PARTS - 1)
        };
        let crowd = &mut crowds[part(y, frame.height)][part(x, frame.width)];
        kept.push((zone.support() as f32 * CROWDED.powi(*crowd), zone));
        *crowd += 1;
        if kept.len() >= MOST_WEIGHED {
            break;
        }
    }
    kept.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    kept.truncate(most);
    kept.into_iter().map(|(_, zone)| zone).collect()
}

/// The zone read the way up that looks like print; None when neither does.
fn look(desk: &mut Desk<'_>, zone: Zone) -> Option<Find> {
    let upright = desk.glance(&zone, false);
    let first = (upright >= SURELY_PRINT)
        .then(|| read(desk, zone.clone(), false))
        .flatten();
    if first.as_ref().is_some_and(Find::is_certain) {
        return first;
    }
    let turned = desk.glance(&zone, true);
    tracing::trace!(
        zone.rows,
        zone.span,
        zone.pitch,
        zone.marks,
        zone.tallness,
        upright,
        turned,
        "zone"
    );
    let second = (turned >= LIKE_PRINT)
        .then(|| read(desk, zone.clone(), true))
        .flatten();
    if second.as_ref().is_some_and(Find::is_certain) {
        return second;
    }
    let third = (LIKE_PRINT..SURELY_PRINT)
        .contains(&upright)
        .then(|| read(desk, zone, false))
        .flatten();
    let mut best = None;
    for found in [first, second, third].into_iter().flatten() {
        if found.is_better_than(best.as_ref()) {
            best = Some(found);
        }
    }
    best
}

fn read(desk: &mut Desk<'_>, zone: Zone, flipped: bool) -> Option<Find> {
    let candidate = desk.candidate(&zone, flipped)?;
    tracing::trace!(trust = ?candidate.trust, zone.tallness, zone.marks, "read");
    Some(Find {
        candidate,
        place: Place { zone, flipped },
    })
}

fn turn(mark: &Mark) -> Mark {
    Mark {
        x: mark.y,
        y: -mark.x,
        width: mark.height,
        height: mark.width,
    }
}

/// The ink as a person can look at it.
fn mask(plane: &Plane, dark: &[bool]) -> Plane {
    let mut picture = Plane::blank(plane.width, plane.height);
    for (byte, &dark) in picture.bytes.iter_mut().zip(dark) {
        *byte = if dark { 0 } else { 255 };
    }
    picture
}
