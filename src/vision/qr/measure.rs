//! How many codes are read, in the first frame and within six, by version and by how they are shown: on pictures that are drawn,
//! with seeds of one's own choosing.
//!
//! `cargo run -p vision --example codes -- FIRST_SEED COUNT [FOLDER]`; with a folder, every burst's frames are written
//! there as PNG with their text beside, for other decoders to be held against.
#![expect(clippy::print_stdout, reason = "a table is what it makes")]

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};

use image::{DynamicImage, GrayImage};
use pictures::{Burst, CodeShown, Conditions, Scene};
use vision::Luma;
use vision::qr::CodeReader;

/// Characters that fill about versions 5, 8, 11, 14, 17, 20, 23 and 25 at level M.
const LENGTHS: [usize; 8] = [115, 200, 320, 460, 630, 850, 1100, 1300];
const FRAMES: usize = 6;
const LETTERS: &str =
    "6BF+70790T9WJWG.FKY*4GO0.O1CV2 O5 N2FBBRW1*70HS8WY04AC*WIFN0AHCD8KD97TK0F90KEC";

#[derive(Default)]
struct Tally {
    bursts: u32,
    first: u32,
    within: u32,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let start: u64 = arguments.next().unwrap_or_default().parse().unwrap_or(1);
    let count: u64 = arguments.next().unwrap_or_default().parse().unwrap_or(16);
    let folder = arguments.next().map(PathBuf::from);
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    let mut stages: BTreeMap<String, u32> = BTreeMap::new();
    let mut times: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
    for seed in start..start + count {
        let close = seed % 5 == 4;
        let length = LENGTHS[seed as usize % LENGTHS.len()];
        let text = text(length, seed);
        let size = if seed / 8 % 2 == 0 {
            (1280, 720)
        } else {
            (1920, 1080)
        };
        let conditions = if close {
            Conditions::close(seed)
        } else {
            Conditions::kiosk(seed)
        };
        let mut shown = CodeShown::varied(&text, seed);
        if close {
            shown.covered = 0.0;
        }
        let scene = Scene::code(&shown)?;
        let mut reader = CodeReader::wanting("SKD1:");
        let mut read_at = None;
        for (moment, frame) in Burst::new(&scene, size, conditions.clone())
            .take(FRAMES)
            .enumerate()
        {
            let grey = DynamicImage::ImageRgb8(frame?).into_luma8();
            if let Some(folder) = &folder {
                save(folder, seed, moment, &grey, &text)?;
            }
            let before = cpu_ms()?;
            let codes = reader.read(Luma::from(&grey));
            times.entry(size.1).or_default().push(cpu_ms()? - before);
            if let Some(wrong) = codes
                .iter()
                .find(|c| c.text != text && Some(&c.text) != shown.beside.as_ref())
            {
                println!("MISREAD by {:?}: seed {seed}", wrong.stage);
            }
            if let Some(code) = codes.iter().find(|c| c.text == text) {
                *stages.entry(format!("{:?}", code.stage)).or_default() += 1;
                read_at = Some(moment);
                break;
            }
        }
        if read_at.is_none() {
            println!(
                "never read: seed {seed} {size:?} {:?} {:?} cracks {} protector {} covered {} worn {} curl {} close {close}",
                shown.carrier,
                shown.polarity,
                shown.cracks,
                shown.protector,
                shown.covered,
                shown.worn,
                shown.curl
            );
        }
        let version = pictures::code_image(&text, 1)?.width().saturating_sub(25) / 4;
        let mut keys = vec![
            format!("version {version:2}"),
            format!("{:?}", shown.carrier),
            "all".to_owned(),
        ];
        keys.push(if close {
            "close".to_owned()
        } else {
            format!("{} lines", size.1)
        });
        keys.push(format!("{:?}", shown.polarity));
        let conditions = [
            (conditions.moire > 0.0, "moire"),
            (conditions.brightness < 0.4, "dim"),
            (conditions.brightness > 1.0, "glaring"),
            (shown.cracks > 0.0, "cracked"),
            (shown.protector > 0.0, "protector"),
            (shown.covered > 0.0, "finger"),
            (shown.beside.is_some(), "beside"),
        ];
        keys.extend(conditions.iter().filter(|c| c.0).map(|c| c.1.to_owned()));
        for key in keys {
            let tally = tallies.entry(key).or_default();
            tally.bursts += 1;
            tally.first += u32::from(read_at == Some(0));
            tally.within += u32::from(read_at.is_some());
        }
    }
    for (key, t) in &tallies {
        println!(
            "{key:14} {:4} bursts: first frame {:4}, within {FRAMES} {:4}",
            t.bursts, t.first, t.within
        );
    }
    println!("read by {stages:?}");
    for (lines, times) in &mut times {
        times.sort_by(f64::total_cmp);
        let at = |share: usize| times[(times.len() - 1) * share / 100];
        println!(
            "{lines} lines: CPU ms median {:.1}, 95 % {:.1}, most {:.1}",
            at(50),
            at(95),
            at(100)
        );
    }
    Ok(())
}

fn text(length: usize, seed: u64) -> String {
    let letters = LETTERS.chars().cycle().skip(seed as usize % 71);
    "SKD1:".chars().chain(letters).take(length).collect()
}

fn save(
    folder: &Path,
    seed: u64,
    moment: usize,
    grey: &GrayImage,
    text: &str,
) -> Result<(), Box<dyn Error>> {
    std::fs::create_dir_all(folder)?;
    grey.save(folder.join(format!("{seed}_{moment}.png")))?;
    std::fs::write(folder.join(format!("{seed}.txt")), text)?;
    Ok(())
}

/// Time that all threads of this program have had, in milliseconds.
fn cpu_ms() -> Result<f64, Box<dyn Error>> {
    let mut sum = 0.0;
    for task in std::fs::read_dir("/proc/self/task")? {
        let path = task?.path().join("schedstat");
        // A thread may end while it is counted.
        let Ok(line) = std::fs::read_to_string(path) else {
            continue;
        };
        let nanoseconds: f64 = line.split(' ').next().unwrap_or_default().parse()?;
        sum += nanoseconds / 1e6;
    }
    Ok(sum)
}
