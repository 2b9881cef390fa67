//! The regulator before a sensor that is calculated: what it sees follows from radiance, exposure and response, and a
//! setting shows frames after it was made.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::VecDeque;

use proptest::prelude::*;

use super::*;

const RATE: u32 = 30;
/// One row of samples: a sensor's rows are alike here.
const WIDTH: usize = 1_600;
const HEIGHT: usize = 8;

/// A sensor: how it answers light, and how late it answers its controls.
#[derive(Clone, Copy, Debug)]
struct Sensor {
    /// Levels go with this root of light.
    gamma: f64,
    /// Its highest level.
    ceiling: f64,
    /// A setting made after one frame shows this many frames after the next one.
    delay: usize,
    dials: Dials,
}

/// Radiance in cd/m² and the part of the picture that has it.
type Patch = (f64, f64);

struct Camera {
    sensor: Sensor,
    automatic: bool,
    exposure: f64,
    gain: f64,
    ordered: VecDeque<Option<Setting>>,
    chance: u32,
}

impl Camera {
    fn new(sensor: Sensor) -> Self {
        Self {
            sensor,
            automatic: true,
            exposure: 150.0,
            gain: 8.0,
            ordered: VecDeque::from(vec![None; sensor.delay]),
            chance: 1,
        }
    }

    /// The level at which this radiance comes out: 60 cd/m² in 20 ms at a gain of 8 is near the middle.
    fn level(&self, radiance: f64) -> f64 {
        let light = radiance * self.exposure * self.gain / (60.0 * 200.0 * 8.0) * 0.4;
        self.sensor.ceiling * light.min(1.0).powf(1.0 / self.sensor.gamma)
    }

    /// The next frame; `order` is what was set after the one before.
    fn frame(&mut self, scene: &[Patch], order: Option<Setting>) -> Vec<u8> {
        self.ordered.push_back(order);
        if let Some(Some(setting)) = self.ordered.pop_front() {
            self.automatic = setting.exposure.is_none();
            self.exposure = setting.exposure.map_or(self.exposure, |value| value as f64);
            self.gain = setting.gain.map_or(self.gain, |value| value as f64);
        }
        let mean: f64 = scene
            .iter()
            .map(|(light, part)| self.level(*light) * part)
            .sum();
        if self.automatic {
            let step = (110.0 / mean.max(1.0)).powf(0.4 * self.sensor.gamma);
            self.exposure = (self.exposure * step).clamp(1.0, 10_000.0 / f64::from(RATE));
        }
        let mut luma = Vec::with_capacity(WIDTH * HEIGHT);
        let mut row = Vec::with_capacity(WIDTH);
        for (light, part) in scene {
            let until = row.len() + (part * WIDTH as f64).round() as usize;
            row.resize(until.min(WIDTH), self.level(*light));
        }
        row.resize(WIDTH, self.level(scene[0].0));
        for _ in 0..HEIGHT {
            for level in &row {
                self.chance = self
                    .chance
                    .wrapping_mul(1_664_525)
                    .wrapping_add(1_013_904_223);
                let noise = f64::from(self.chance >> 30) - 1.5;
                luma.push((level + noise).clamp(0.0, self.sensor.ceiling) as u8);
            }
        }
        luma
    }
}

struct Bench {
    camera: Camera,
    regulator: Regulator,
    order: Option<Setting>,
    /// Every setting, with the number of its frame.
    orders: Vec<(usize, Setting)>,
    frames: usize,
}

impl Bench {
    fn new(sensor: Sensor) -> Self {
        Self {
            camera: Camera::new(sensor),
            regulator: Regulator::new(sensor.dials, RATE),
            order: None,
            orders: Vec::new(),
            frames: 0,
        }
    }

    /// One more frame before the camera; gives its light.
    fn see(&mut self, aim: Aim, scene: &[Patch]) -> Light {
        let luma = self.camera.frame(scene, self.order.take());
        let light = Light::of(&luma, WIDTH).unwrap();
        let present = Setting {
            exposure: Some(self.camera.exposure as i64),
            gain: Some(self.camera.gain as i64),
        };
        self.order = self.regulator.look(aim, light, || present);
        self.frames += 1;
        self.orders
            .extend(self.order.map(|order| (self.frames, order)));
        light
    }
}

fn sensors() -> Vec<Sensor> {
    let webcam = Range {
        least: 3,
        most: 2_047,
        step: 1,
    };
    let coarse = Range {
        least: 10,
        most: 10_000,
        step: 10,
    };
    let mut sensors = Vec::new();
    for gamma in [1.0, 1.6, 2.2, 2.6] {
        for (ceiling, exposure) in [(235.0, webcam), (255.0, coarse)] {
            for delay in 1..=3 {
                let gain = Some(Range {
                    least: 1,
                    most: 64,
                    step: 1,
                });
                let dials = Dials { exposure, gain };
                sensors.push(Sensor {
                    gamma,
                    ceiling,
                    delay,
                    dials,
                });
            }
        }
    }
    sensors
}

/// A hall with a bright floor, dark clothes and a sheet of paper.
const HALL: [Patch; 3] = [(25.0, 0.5), (6.0, 0.4), (60.0, 0.1)];

/// The same with a telephone in it: half of the screen's modules are light.
fn telephone(radiance: f64, part: f64) -> Vec<Patch> {
    let mut scene: Vec<Patch> = HALL
        .iter()
        .map(|(light, p)| (*light, p * (1.0 - part)))
        .collect();
    scene.extend([(radiance, part * 0.6), (radiance / 400.0, part * 0.4)]);
    scene
}

#[test]
fn exposure_comes_down_for_a_screen_stays_and_is_given_back() {
    let (mut driven, mut slowest) = (0, 0);
    for sensor in sensors() {
        for radiance in [120.0, 200.0, 400.0, 700.0, 1_200.0, 4_000.0] {
            for part in [0.06, 0.15, 0.35] {
                let case = format!("{radiance} cd/m² on {part} before {sensor:?}");
                let mut bench = Bench::new(sensor);
                for _ in 0..60 {
                    bench.see(Aim::Screens, &HALL);
                }
                assert_eq!(bench.orders, [], "a hall is no screen: {case}");
                let screen = telephone(radiance, part);
                let levels: Vec<u8> = (0..80)
                    .map(|_| bench.see(Aim::Screens, &screen).brightest)
                    .collect();
                let exposed = |level: &u8| (GONE..CEILING).contains(level);
                if bench.orders.is_empty() {
                    // The camera's automatic exposed the screen by itself.
                    assert!(levels[40..].iter().all(exposed), "{case}: {levels:?}");
                    continue;
                }
                driven += 1;
                assert!(bench.orders.len() <= 6, "{case}: {:?}", bench.orders);
                let settled = levels.iter().rposition(|level| !exposed(level)).unwrap() + 1;
                slowest = slowest.max(settled);
                assert!(settled <= 24, "{case}: {settled} frames, {levels:?}");
                assert!(
                    bench
                        .orders
                        .iter()
                        .all(|(_, order)| order.exposure.is_some()),
                    "{case}"
                );

                let (gone, before) = (bench.frames, bench.orders.len());
                for _ in 0..100 {
                    bench.see(Aim::Screens, &HALL);
                }
                let after = &bench.orders[before..];
                let Some((last, steps)) = after.split_last() else {
                    panic!("{case}: not given back");
                };
                // Paper half as bright as a dim screen is first taken for one that has grown darker.
                assert!(steps.len() <= 2, "{case}: {after:?}");
                assert_eq!(last.1.exposure, None, "{case}");
                assert!(last.0 - gone <= 24, "{case}: {after:?}");
                assert!(bench.camera.automatic && bench.camera.gain == 8.0, "{case}");
            }
        }
    }
    assert!(driven > 100, "only {driven} cases needed anything");
    assert!(slowest > 2, "nothing was late: {slowest}");
}

fn webcam() -> Sensor {
    sensors()[0]
}

#[test]
fn a_page_after_the_screen_is_given_the_automatic_at_once_when_no_screen_is_wanted() {
    let mut bench = Bench::new(webcam());
    for _ in 0..60 {
        bench.see(Aim::Screens, &HALL);
    }
    while bench.orders.len() < 2 {
        bench.see(Aim::Screens, &telephone(900.0, 0.2));
    }
    let before = bench.orders.len();
    bench.see(Aim::Scene, &telephone(900.0, 0.2));
    assert_eq!(bench.orders[before..].len(), 1);
    assert_eq!(bench.orders[before].1.exposure, None);
    for _ in 0..60 {
        bench.see(Aim::Scene, &telephone(900.0, 0.2));
    }
    assert_eq!(
        bench.orders.len(),
        before + 1,
        "nothing is driven for a screen"
    );
}

#[test]
fn a_lamp_keeps_nothing_dark_for_long() {
    let mut bench = Bench::new(webcam());
    let mut dark = 0;
    for _ in 0..3_000 {
        bench.see(Aim::Screens, &telephone(5_000.0, 0.1));
        dark += usize::from(!bench.camera.automatic);
    }
    assert!(dark > 50, "it was tried");
    assert!(dark < 900, "{dark} of 3000 frames");
    // It goes out, and a telephone comes: that one is not made to wait.
    for _ in 0..40 {
        bench.see(Aim::Screens, &HALL);
    }
    let before = bench.orders.len();
    for _ in 0..30 {
        bench.see(Aim::Screens, &telephone(900.0, 0.2));
    }
    assert!(bench.orders.len() > before);
}

#[test]
fn gain_follows_when_exposure_is_at_its_end_and_comes_back() {
    let mut sensor = webcam();
    sensor.dials.exposure = Range {
        least: 60,
        most: 2_047,
        step: 1,
    };
    let mut bench = Bench::new(sensor);
    for _ in 0..60 {
        bench.see(Aim::Screens, &HALL);
    }
    for _ in 0..40 {
        bench.see(Aim::Screens, &telephone(900.0, 0.2));
    }
    assert!(
        bench.orders.iter().any(|(_, order)| order.gain.is_some()),
        "{:?}",
        bench.orders
    );
    for _ in 0..40 {
        bench.see(Aim::Screens, &HALL);
    }
    let last = Setting {
        exposure: None,
        gain: Some(8),
    };
    assert_eq!(bench.orders.last().map(|(_, order)| *order), Some(last));
}

#[test]
fn a_reflection_that_passes_changes_nothing() {
    let mut bench = Bench::new(webcam());
    for frame in 0..300 {
        let scene = if frame % 7 == 0 {
            telephone(3_000.0, 0.1)
        } else {
            HALL.to_vec()
        };
        bench.see(Aim::Screens, &scene);
    }
    assert_eq!(bench.orders, []);
}

#[test]
fn the_light_of_a_picture() {
    const WIDTH: usize = 320;
    const AREA: usize = WIDTH * 192;
    let mut luma = vec![40; AREA];
    let light = |luma: &[u8]| Light::of(luma, WIDTH).map(|l| (l.brightest, l.washed_out));
    assert_eq!(light(&luma), Some((40, 0)));
    // An eighth of the rows at the ceiling; then a few bright pixels, which are nobody's screen.
    luma[..AREA / 8].fill(250);
    assert_eq!(light(&luma), Some((250, 125)));
    luma.fill(40);
    luma[8 * WIDTH..8 * WIDTH + 48].fill(255);
    assert_eq!(light(&luma), Some((40, 6)));
    assert_eq!(light(&[]), None);
    assert_eq!(Light::of(&[1, 2, 3], 0).map(|l| l.brightest), Some(1));
}

proptest! {
    #[test]
    fn whatever_is_seen_only_what_the_camera_takes_is_set(
        lights in prop::collection::vec((any::<u8>(), 0_u16..=1000, any::<bool>()), 1..400),
        (least, span, step) in (0_i64..500, 1_i64..20_000, 1_i64..60),
        present in prop::option::of(-5_i64..100_000),
    ) {
        let exposure = Range { least, most: least + span, step };
        let gain = Some(Range { least: 2, most: 9, step: 1 });
        let mut regulator = Regulator::new(Dials { exposure, gain }, RATE);
        let now = Setting { exposure: present, gain: Some(7) };
        let mut automatic = true;
        for (brightest, washed_out, screens) in lights {
            let aim = if screens { Aim::Screens } else { Aim::Scene };
            let Some(set) = regulator.look(aim, Light { brightest, washed_out }, || now) else { continue };
            if let Some(value) = set.exposure {
                prop_assert!(value >= exposure.least && value <= exposure.most);
                prop_assert_eq!((value - least) % step, 0);
            } else {
                prop_assert!(!automatic, "the automatic is given back twice");
            }
            prop_assert!((2..=7).contains(&set.gain.unwrap_or(2)));
            automatic = set.exposure.is_none();
        }
    }
}
