//! Draws one of each picture into `target/pictures`, to be looked at: `cargo run -p pictures --example album`.

use std::error::Error;
use std::path::Path;

use pictures::{Burst, Conditions, PassportPage, Polarity, Portrait, Scene};

const SIZE: (u32, u32) = (1280, 720);

fn td3_lines() -> Vec<String> {
    lines(&[
        "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
        "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
    ])
}

fn lines(text: &[&str]) -> Vec<String> {
    text.iter().map(|line| (*line).to_owned()).collect()
}

/// This process's own time on the processor, in milliseconds, to the nearest 10; other work on the machine does not count.
fn busy() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after_name
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<u64>().ok());
    ticks.sum::<u64>() * 10
}

/// Milliseconds for the first frame (drawing the thing included) and for each after it.
fn pace(
    name: &str,
    mut frame: impl FnMut(u32) -> Result<image::RgbImage, pictures::PictureError>,
) -> Result<String, Box<dyn Error>> {
    let begin = busy();
    frame(0)?;
    let first = busy() - begin;
    let begin = busy();
    for moment in 1..=20 {
        frame(moment)?;
    }
    Ok(format!(
        "{name}: first {first} ms, then {} ms a frame\n",
        (busy() - begin) / 20
    ))
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/pictures");
    let keep = |name: &str, picture: image::RgbImage| {
        pictures::save_png(&picture, &folder.join(format!("{name}.png")))
    };
    let td3 = td3_lines();
    let td1 = lines(&[
        "I<UTOD231458907<<<<<<<<<<<<<<<",
        "7408122F1204159UTO<<<<<<<<<<<6",
        "ERIKSSON<<ANNA<MARIA<<<<<<<<<<",
    ]);
    let td2 = lines(&[
        "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<",
        "D231458907UTO7408122F1204159<<<<<<<6",
    ]);
    let mrv_a = lines(&[
        "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
        "L8988901C4XXX4009078F96121096ZE184226B<<<<<<",
    ]);
    let light = [
        ("good", Conditions::good(1)),
        ("ordinary", Conditions::ordinary(2)),
        ("hard", Conditions::hard(3)),
    ];
    let code = format!(
        "SKD1:{}",
        "6BF+70790T9WJWG.FKY*4GO0.O1CV2 O5 N2FBBRW1*70HS8".repeat(12)
    );
    for (name, c) in &light {
        let page = PassportPage::specimen(td3.clone(), Portrait::original());
        keep(
            &format!("passport_{name}"),
            pictures::passport_frame(&page, SIZE, c)?,
        )?;
        keep(
            &format!("phone_{name}"),
            pictures::phone_frame(&code, SIZE, c)?,
        )?;
        keep(
            &format!("face_{name}"),
            pictures::face_frame(&Portrait::original(), SIZE, c)?,
        )?;
        keep(&format!("empty_{name}"), pictures::empty_frame(SIZE, c)?)?;
    }
    for (name, lines) in [("td1", td1), ("td2", td2), ("mrv_a", mrv_a)] {
        let page = PassportPage::specimen(lines, Portrait::variant(2));
        keep(
            &format!("page_{name}"),
            pictures::passport_frame(&page, SIZE, &Conditions::good(7))?,
        )?;
    }
    let dark = Conditions {
        polarity: Polarity::LightOnDark,
        brightness: 0.4,
        ..Conditions::ordinary(6)
    };
    keep("phone_dark", pictures::phone_frame(&code, SIZE, &dark)?)?;
    for n in 1..5 {
        keep(
            &format!("face_variant_{n}"),
            pictures::face_frame(&Portrait::variant(n), SIZE, &Conditions::good(u64::from(n)))?,
        )?;
    }
    let pair = (&Portrait::variant(1), &Portrait::variant(2));
    keep(
        "two_faces",
        pictures::two_faces_frame(pair, SIZE, &Conditions::good(9))?,
    )?;
    let scene = Scene::phone(&code, Polarity::DarkOnLight)?;
    for (index, frame) in Burst::new(&scene, SIZE, Conditions::good(4))
        .take(3)
        .enumerate()
    {
        keep(&format!("burst_{index}"), frame?)?;
    }
    let page = PassportPage::specimen(td3_lines(), Portrait::variant(9));
    let at = |moment| Conditions {
        moment,
        jpeg: None,
        ..Conditions::ordinary(2)
    };
    let paces = [
        pace("passport", |m| {
            pictures::passport_frame(&page, SIZE, &at(m))
        })?,
        pace("passport, through JPEG", |m| {
            pictures::passport_frame(
                &page,
                SIZE,
                &Conditions {
                    jpeg: Some(88),
                    ..at(m)
                },
            )
        })?,
        pace("phone", |m| {
            pictures::phone_frame("SKD1:PACE", SIZE, &at(m))
        })?,
        pace("face", |m| {
            pictures::face_frame(&Portrait::variant(8), SIZE, &at(m))
        })?,
        pace("empty", |m| pictures::empty_frame(SIZE, &at(m)))?,
    ];
    std::fs::write(folder.join("pace.txt"), paces.concat())?;
    Ok(())
}
