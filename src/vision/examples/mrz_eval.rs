#![allow(missing_docs)]
use std::time::Instant;
fn main() {
    let mut reader = vision::mrz::MrzReader::new().unwrap();
    if let Ok(m) = std::env::var("MRZ_MODEL") {
        reader = vision::mrz::MrzReader::load(m.as_ref()).unwrap();
    }
    for path in std::env::args().skip(1) {
        let g = image::open(&path).unwrap().to_luma8();
        let t = Instant::now();
        let r = reader.read(vision::Luma::from(&g));
        let ms = t.elapsed().as_secs_f64() * 1e3;
        match r {
            Some(r) => println!(
                "{path}\t{ms:.1}\t{}\t{}\t{}",
                r.format.name(),
                r.lines.join("|"),
                r.confidences.iter().flatten().min().unwrap()
            ),
            None => println!("{path}\t{ms:.1}\t-\t-\t0"),
        }
    }
}
