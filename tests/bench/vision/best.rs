//! Which frame of a burst our reader keeps, beside what the standard's formulas, as another program has them, say of each.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::Result;
use serde_json::{Value, json};

use super::process::Process;
use super::sets::Set;

/// What a reader makes of every frame of a set of bursts.
pub(super) struct Rated {
    bursts: Vec<Vec<Frame>>,
}

#[derive(Default)]
struct Frame {
    /// Our score; the peer has none, it measures.
    score: Option<f64>,
    /// Whether it was the best when it was offered.
    best: bool,
    landmarks: Value,
    /// Native value and scalar of each measure.
    measures: BTreeMap<String, (f64, f64)>,
    sharpness: Option<f64>,
}

impl Frame {
    fn of(answer: &Value) -> Self {
        let measures = answer["measures"].as_object().into_iter().flatten();
        let measures = measures.filter_map(|(name, value)| {
            let (native, scalar) = (value[0].as_f64()?, value[1].as_f64()?);
            Some((name.clone(), (native, scalar)))
        });
        Self {
            score: answer["score"].as_f64(),
            best: answer["best"] == true,
            landmarks: answer["landmarks"].clone(),
            measures: measures.collect(),
            sharpness: answer["sharpness"].as_f64(),
        }
    }

    fn mean(&self) -> Option<f64> {
        mean(self.measures.values().map(|(_, scalar)| *scalar))
    }
}

impl Rated {
    /// How many frames it has seen.
    pub(super) fn frames(&self) -> usize {
        self.bursts.iter().map(Vec::len).sum()
    }
}

/// Shows a reader every frame, with the landmarks that ours found there.
pub(super) fn rate(process: &mut Process, set: &Set, ours: Option<&Rated>) -> Result<Rated> {
    let mut bursts = Vec::new();
    for (burst, subject) in set.subjects.iter().enumerate() {
        let mut frames = Vec::new();
        for (at, picture) in subject.frames.iter().enumerate() {
            let known = ours.and_then(|ours| ours.bursts.get(burst)?.get(at));
            let order = json!({
                "task": "best",
                "picture": picture,
                "fresh": at == 0,
                "landmarks": known.map(|frame| &frame.landmarks),
                "pose": known.map(|frame| {
                    ["HeadPoseYaw", "HeadPosePitch", "HeadPoseRoll"]
                        .map(|name| frame.measures.get(name).map(|(native, _)| *native))
                }),
            });
            let answer = process.ask(&order)?.unwrap_or_default();
            frames.push(Frame::of(&answer));
        }
        bursts.push(frames);
    }
    Ok(Rated { bursts })
}

/// A burst as both see it: the frame that ours keeps, our score and the peer's judgement of each frame with a face.
struct Seen {
    kept: usize,
    ours: Vec<f64>,
    peer: Vec<f64>,
}

fn seen(ours: &[Frame], peer: &[Frame], of: impl Fn(&Frame) -> Option<f64>) -> Option<Seen> {
    let mut seen = Seen {
        kept: 0,
        ours: Vec::new(),
        peer: Vec::new(),
    };
    for (ours, peer) in ours.iter().zip(peer) {
        let (Some(score), Some(judged)) = (ours.score, of(peer)) else {
            continue;
        };
        if ours.best {
            seen.kept = seen.ours.len();
        }
        seen.ours.push(score);
        seen.peer.push(judged);
    }
    (seen.ours.len() > 1).then_some(seen)
}

/// Writes what the two agree in.
pub(super) fn tell(page: &mut String, ours: &Rated, peer: &Rated) -> Result<()> {
    let pairs = || ours.bursts.iter().zip(&peer.bursts);
    let alone: Vec<Seen> = pairs()
        .filter_map(|(ours, peer)| seen(ours, peer, Frame::mean))
        .collect();
    let sharp: Vec<Seen> = pairs()
        .filter_map(|(ours, peer)| {
            let sharpest = peer.iter().filter_map(|frame| frame.sharpness);
            let sharpest = sharpest.fold(f64::MIN_POSITIVE, f64::max);
            seen(ours, peer, |frame| {
                let sharpness = 100.0 * frame.sharpness? / sharpest;
                let scalars = frame.measures.values().map(|(_, scalar)| *scalar);
                mean(scalars.chain([sharpness]))
            })
        })
        .collect();
    let lost = ours
        .bursts
        .iter()
        .flatten()
        .filter(|frame| frame.score.is_none())
        .count();
    writeln!(
        page,
        "\n## Best frame of a burst, beside ofiqpy's formulas\n\nofiqpy measures the landmarks that ours found; {} frames, {lost} without \
         a face. Short: how far its mean of the kept frame lies under its best, in points of 100.\n\n\
         | kept frame, judged by | bursts | its best | one of its best two | mean short | largest short | rank correlation, median | least |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- |",
        ours.frames()
    )?;
    for (name, bursts, first) in [
        ("ours, its measures", &alone, false),
        ("ours, its measures and sharpness", &sharp, false),
        ("the first frame, its measures and sharpness", &sharp, true),
    ] {
        row(page, name, bursts, first)?;
    }
    writeln!(
        page,
        "\n| measure, ours beside its scalar | mean difference | largest |\n| --- | --- | --- |"
    )?;
    for (name, differences) in differences(ours, peer) {
        let largest = differences.iter().copied().fold(0.0, f64::max);
        let mean = mean(differences).unwrap_or_default();
        writeln!(page, "| {name} | {mean:.1} | {largest:.0} |")?;
    }
    Ok(())
}

fn row(page: &mut String, name: &str, bursts: &[Seen], first: bool) -> Result<()> {
    let (mut best, mut second, mut short) = (0, 0, Vec::new());
    for burst in bursts {
        let kept = burst.peer[if first { 0 } else { burst.kept }];
        let better = burst.peer.iter().filter(|other| **other > kept).count();
        best += usize::from(better == 0);
        second += usize::from(better < 2);
        let most = burst.peer.iter().copied().fold(f64::MIN, f64::max);
        short.push(most - kept);
    }
    let mut ranks: Vec<f64> = bursts
        .iter()
        .map(|burst| correlation(&ranks(&burst.ours), &ranks(&burst.peer)))
        .collect();
    ranks.sort_by(f64::total_cmp);
    let largest = short.iter().copied().fold(0.0, f64::max);
    let agreed = if first {
        "| |".to_owned()
    } else {
        let (median, least) = (ranks.get(ranks.len() / 2), ranks.first());
        format!(
            "| {:.2} | {:.2}",
            median.copied().unwrap_or_default(),
            least.copied().unwrap_or_default()
        )
    };
    writeln!(
        page,
        "| {name} | {} | {best} | {second} | {:.2} | {largest:.2} {agreed} |",
        bursts.len(),
        mean(short).unwrap_or_default(),
    )?;
    Ok(())
}

fn differences(ours: &Rated, peer: &Rated) -> BTreeMap<String, Vec<f64>> {
    let mut all = BTreeMap::<String, Vec<f64>>::new();
    let frames = ours.bursts.iter().flatten();
    for (ours, peer) in frames.zip(peer.bursts.iter().flatten()) {
        for (name, (_, scalar)) in &peer.measures {
            if let Some((_, own)) = ours.measures.get(name) {
                let difference = (scalar - own).abs();
                all.entry(name.clone()).or_default().push(difference);
            }
        }
    }
    all
}

fn mean(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values
        .into_iter()
        .fold((0.0, 0), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / f64::from(count))
}

/// Ranks from 1; equals share the mean of theirs.
fn ranks(values: &[f64]) -> Vec<f64> {
    let rank = |value: &f64| {
        let below = values.iter().filter(|other| *other < value).count();
        let equal = values.iter().filter(|other| *other == value).count();
        below as f64 + (equal as f64 + 1.0) / 2.0
    };
    values.iter().map(rank).collect()
}

/// Pearson's; of ranks it is Spearman's. Nothing varies: 0.
fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let centred = |values: &[f64]| {
        let middle = mean(values.iter().copied()).unwrap_or_default();
        values.iter().map(|v| v - middle).collect::<Vec<f64>>()
    };
    let (a, b) = (centred(a), centred(b));
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let size = (product(&a, &a) * product(&b, &b)).sqrt();
    if size > 0.0 {
        product(&a, &b) / size
    } else {
        0.0
    }
}
