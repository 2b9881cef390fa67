//! Frames as a YUV4MPEG2 file: 4:2:0 as JPEG has it, full range, 30 frames a second.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::Context as _;
use image::RgbImage;
use pictures::PictureError;
use y4m::{Colorspace, Ratio, VendorExtensionString};

pub(crate) fn write(
    path: &Path,
    size: (u32, u32),
    frames: impl Iterator<Item = Result<RgbImage, PictureError>>,
) -> anyhow::Result<()> {
    let told = || format!("cannot write {}", path.display());
    let mut file = BufWriter::new(File::create(path).with_context(told)?);
    let mut encoder = y4m::encode(size.0 as usize, size.1 as usize, Ratio::new(30, 1))
        .with_colorspace(Colorspace::C420jpeg)
        .append_vendor_extension(VendorExtensionString::new(b"COLORRANGE=FULL".to_vec())?)
        .write_header(&mut file)
        .with_context(told)?;
    for frame in frames {
        let [y, u, v] = planes(&frame?);
        encoder
            .write_frame(&y4m::Frame::new([&y, &u, &v], None))
            .with_context(told)?;
    }
    file.flush().with_context(told)
}

/// Y in full, Cb and Cr at half the size each way, by JFIF's formulas (ITU-T T.871, 7).
fn planes(frame: &RgbImage) -> [Vec<u8>; 3] {
    let (width, height) = (frame.width() as usize, frame.height() as usize);
    let pixel = |x: usize, y: usize| {
        let at = (y.min(height - 1) * width + x.min(width - 1)) * 3;
        let rgb = &frame.as_raw()[at..at + 3];
        [rgb[0], rgb[1], rgb[2]].map(f32::from)
    };
    let level = |value: f32| value.round().clamp(0.0, 255.0) as u8;
    let luma = frame
        .as_raw()
        .chunks_exact(3)
        .map(|p| {
            let [r, g, b] = [p[0], p[1], p[2]].map(f32::from);
            level(0.299 * r + 0.587 * g + 0.114 * b)
        })
        .collect();
    let (across, down) = (width.div_ceil(2), height.div_ceil(2));
    let mut blue = Vec::with_capacity(across * down);
    let mut red = Vec::with_capacity(across * down);
    for y in 0..down {
        for x in 0..across {
            let mut mean = [0.0; 3];
            for (dx, dy) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
                let four = pixel(2 * x + dx, 2 * y + dy);
                mean.iter_mut()
                    .zip(four)
                    .for_each(|(sum, v)| *sum += v / 4.0);
            }
            let [r, g, b] = mean;
            blue.push(level(128.0 - 0.168_736 * r - 0.331_264 * g + 0.5 * b));
            red.push(level(128.0 + 0.5 * r - 0.418_688 * g - 0.081_312 * b));
        }
    }
    [luma, blue, red]
}
