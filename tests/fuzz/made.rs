//! The seeds that no hand can write: a signed code, pictures, a controller's answers. When a format changes, write them
//! anew with `SEKISHO_SEEDS=write cargo nextest run -p acceptance --test fuzz`.

use std::collections::BTreeMap;
use std::fs;
use std::io::Cursor;
use std::sync::{Arc, Mutex};

use evidence::declaration::seal;
use evidence::{BirthDate, CodeId, DocumentNumber, Envelope, Name, Sensitive, StateCode};
use gate::RegisterMap;
use image::codecs::jpeg::JpegEncoder;
use image::{ImageFormat, RgbImage, imageops};
use pictures::{Conditions, PassportPage, Portrait};
use risk::lists::DocumentDigests;
use risk::names::NameList;

use crate::targets;

fn made() -> Vec<(&'static str, Vec<u8>)> {
    let code = code();
    let body = base45::decode(code.strip_prefix("SKD1:").unwrap()).unwrap();
    let mut made = vec![
        ("code_text/one-person", code.into_bytes()),
        ("code_body/one-person", body),
        ("issuers/one.toml", targets::issuers_text().into_bytes()),
        ("document_filter/six", document_filter()),
        ("document_delta/two", document_delta()),
        ("names_file/four", names_file()),
        ("gate_answers/opened", gate_answers()),
        ("code_luma/small", code_luma()),
        ("zone_luma/td3", zone_luma()),
        ("face_rgb/small", face_rgb()),
        ("picture_file/small.png", encoded(ImageFormat::Png)),
        ("picture_file/small.jpg", encoded(ImageFormat::Jpeg)),
        (
            "driver_buffer/yuyv",
            driver_buffer(0, (16, 8), &[128; 16 * 8 * 2]),
        ),
        (
            "driver_buffer/mjpeg",
            driver_buffer(5, (24, 24), &encoded(ImageFormat::Jpeg)),
        ),
    ];
    made.extend(super::made_journal::made(&targets::lane()));
    made
}

/// The frames that recipes begin with (see `scenes.rs`), as small as the readers still read them.
fn bases() -> [(&'static str, Vec<u8>); 2] {
    let phone = Conditions {
        roll: 4.0,
        pitch: 6.0,
        blur: 0.4,
        ..Conditions::perfect(1)
    };
    let phone = pictures::phone_frame("SEKISHO", (320, 320), &phone).unwrap();
    [
        ("phone.jpg", jpeg(&phone)),
        ("person.jpg", jpeg(&person(240))),
    ]
}

fn person(side: u32) -> RgbImage {
    pictures::face_frame(&Portrait::original(), (side, side), &Conditions::perfect(2)).unwrap()
}

fn jpeg(picture: &RgbImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 85)
        .encode_image(picture)
        .unwrap();
    bytes
}

fn face_rgb() -> Vec<u8> {
    let picture = person(96);
    let mut bytes = vec![u8::try_from(picture.width() / 4).unwrap()];
    bytes.extend(picture.into_raw());
    bytes
}

fn driver_buffer(encoding: u8, (width, height): (u8, u8), buffer: &[u8]) -> Vec<u8> {
    [&[encoding, width / 4, height / 4], buffer].concat()
}

fn encoded(format: ImageFormat) -> Vec<u8> {
    let picture = imageops::thumbnail(&person(96), 24, 24);
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn code() -> String {
    let anna = dock::cast::Traveller::specimen(0).unwrap();
    let content = dock::cast::declared_by(&[&anna], targets::day()).unwrap();
    let envelope = Envelope {
        issuer: targets::ISSUER.to_owned(),
        key_id: targets::key_id(),
        issued_at: targets::NOW.plus_seconds(-3_600),
        expires_at: targets::NOW.plus_seconds(86_400),
        code_id: CodeId::new([0x5e; 16]),
    };
    seal(&content, &envelope, [0x41; 12], &targets::key()).unwrap()
}

fn digests(numbers: &[&str]) -> DocumentDigests {
    let mut digests = DocumentDigests::new(&Sensitive::new([7; 32]));
    for number in numbers {
        let number = DocumentNumber::parse(number).unwrap();
        digests.add(StateCode::UTOPIA, &number);
    }
    digests.settle();
    digests
}

fn document_filter() -> Vec<u8> {
    let mut bytes = Vec::new();
    let lost = digests(&["LOST1", "LOST2", "LOST3", "LOST4", "LOST5", "LOST6"]);
    lost.write_filter(&mut bytes).unwrap();
    bytes
}

/// The manifest of the seeds names a filter whose hash is noughts.
fn document_delta() -> Vec<u8> {
    let mut bytes = Vec::new();
    let (added, removed) = (digests(&["NEW1"]), digests(&["LOST1"]));
    DocumentDigests::write_delta(&added, &removed, &[0; 32], &mut bytes).unwrap();
    bytes
}

fn names_file() -> Vec<u8> {
    let mut list = NameList::new();
    let born = BirthDate::new(1961, Some(3), Some(7)).unwrap();
    for (primary, secondary, birth) in [
        ("SHCHERBAKOV", "YURII", Some(&born)),
        ("ABDUL RAHMAN", "KHALID", None),
        ("LEE", "JAE YONG", None),
        ("ERIKSEN", "ANNA MARIA", Some(&born)),
    ] {
        let name = Name::new(primary, secondary).unwrap();
        list.add(&name, birth, birth.map(|_| StateCode::UTOPIA));
    }
    let mut bytes = Vec::new();
    list.write(&mut bytes).unwrap();
    bytes
}

/// What a controller of the shipped map answers to a link that meets it and opens the gate: registers that keep what is
/// written, and acknowledge every ticket.
fn gate_answers() -> Vec<u8> {
    let acknowledge = RegisterMap::controller().unwrap().acknowledge.unwrap();
    let said = Arc::new(Mutex::new((Vec::new(), 0)));
    let kept = Arc::clone(&said);
    let mut registers: BTreeMap<(u8, u16), u16> = BTreeMap::new();
    let word = |bytes: &[u8]| u16::from_be_bytes([bytes[0], bytes[1]]);
    let met = targets::converse(Box::new(move |request| {
        let (function, address) = (request[1], word(&request[2..]));
        let answer = match function {
            1 | 2 => {
                let bytes = word(&request[4..]).div_ceil(8) as u8;
                let mut answer = vec![request[0], function, bytes];
                answer.resize(answer.len() + usize::from(bytes), 0);
                answer
            }
            3 | 4 => {
                let count = word(&request[4..]);
                let mut answer = vec![request[0], function, (count * 2) as u8];
                for at in address..address + count {
                    let held = registers.get(&(function, at)).copied().unwrap_or(0);
                    answer.extend(held.to_be_bytes());
                }
                answer
            }
            6 => {
                registers.insert((3, address), word(&request[4..]));
                request.to_vec()
            }
            16 => {
                for (at, value) in (address..).zip(request[7..].chunks(2).map(word)) {
                    registers.insert((3, at), value);
                }
                let ticket = word(&request[request.len() - 2..]);
                registers.insert((4, acknowledge.ticket.address), ticket);
                registers.insert((4, acknowledge.verdict.address), acknowledge.accepted);
                request[..6].to_vec()
            }
            other => panic!("function {other}"),
        };
        let (said, messages) = &mut *kept.lock().unwrap();
        *messages += 1;
        said.push(u8::try_from(answer.len()).unwrap());
        said.extend(&answer);
        (*messages < 40).then_some((answer, true))
    }));
    assert!(met);
    let (said, _) = &mut *said.lock().unwrap();
    std::mem::take(said)
}

fn code_luma() -> Vec<u8> {
    let code = pictures::code_image("SEKISHO", 4).unwrap();
    let width = code.width().next_multiple_of(4);
    let mut canvas = image::GrayImage::from_pixel(width, code.height(), image::Luma([255]));
    imageops::replace(&mut canvas, &code, 0, 0);
    with_width(&canvas)
}

/// The lower edge of a page, as small as the reader still reads it.
fn zone_luma() -> Vec<u8> {
    let lines = String::from_utf8(include_bytes!("seeds/mrz_lines/td3").to_vec()).unwrap();
    let page = PassportPage::specimen(
        lines.lines().map(str::to_owned).collect(),
        Portrait::original(),
    );
    let frame = pictures::passport_frame(&page, (1280, 720), &Conditions::perfect(1)).unwrap();
    let grey = image::DynamicImage::from(frame).into_luma8();
    let luma = vision::Luma::from(&grey);
    let zone = vision::mrz::MrzReader::new().unwrap().read(luma).unwrap();
    let xs = zone.corners.map(|(x, _)| x);
    let ys = zone.corners.map(|(_, y)| y);
    let edge = |of: [i32; 4], add: i32| {
        let (low, high) = (
            of.iter().min().unwrap() - add,
            of.iter().max().unwrap() + add,
        );
        (
            u32::try_from(low.max(0)).unwrap(),
            u32::try_from(high).unwrap(),
        )
    };
    let ((left, right), (top, bottom)) = (edge(xs, 30), edge(ys, 25));
    let cut = imageops::crop_imm(&grey, left, top, right - left, bottom - top).to_image();
    let width = 640;
    let height = cut.height() * width / cut.width();
    with_width(&imageops::resize(
        &cut,
        width,
        height,
        imageops::FilterType::Triangle,
    ))
}

fn with_width(picture: &image::GrayImage) -> Vec<u8> {
    let mut bytes = vec![u8::try_from(picture.width() / 4).unwrap()];
    bytes.extend(picture.as_raw());
    bytes
}

/// Pictures may differ in a pixel from one processor to another, so nothing is compared: what counts is that the doors
/// take the seeds, which the other tests see to.
#[test]
fn seeds_can_be_made_again() {
    let made = made();
    let write = std::env::var_os("SEKISHO_SEEDS").is_some_and(|order| order == "write");
    for (name, bytes) in bases() {
        let path = super::here().join("bases").join(name);
        if write {
            fs::write(&path, &bytes).unwrap();
        }
        assert!(path.is_file(), "{name} is missing");
    }
    for (name, bytes) in made {
        let path = super::here().join("seeds").join(name);
        if write {
            fs::write(&path, &bytes).unwrap();
        }
        let (target, _) = name.split_once('/').unwrap();
        assert!(
            super::run(target, &bytes),
            "{name} as it is made now is not taken"
        );
        assert!(path.is_file(), "{name} is missing");
    }
}
