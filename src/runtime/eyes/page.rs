//! The portrait on the page that a zone was read from.

use camera::Frame;
use evidence::MrzFormat;
use vision::face::FaceBox;
use vision::mrz::MrzReading;

use super::Eyes;
use crate::album::Portrait;
use crate::picture::Colour;

/// A point of a picture, in pixels.
type Point = (f32, f32);

/// Whether documents of this format have their portrait on the side that bears the zone (Doc 9303 parts 4, 6 and 7); a TD1
/// card has it on the other (part 5).
pub(super) fn has_portrait(format: MrzFormat) -> bool {
    format != MrzFormat::Td1
}

/// The portrait that belongs to this zone. The holder's own face, or anybody's behind the page, is none: it would be compared with
/// itself.
pub(super) fn portrait(eyes: &mut Eyes, frame: &Frame, zone: &MrzReading) -> Option<Portrait> {
    if !has_portrait(zone.format) {
        return None;
    }
    let page = Page::of(zone, (frame.width, frame.height));
    let upright = Colour::of(frame).turned(page.quarters);
    let faces = eyes.faces.find(&upright.0);
    let face = faces.iter().find(|face| page.bears(&face.frame))?;
    Some(Portrait {
        picture: upright.portrait(&face.frame)?,
        embedding: eyes.faces.embed(&upright.0, face),
    })
}

/// A page by its zone, in the picture that was turned so that the lines run from left to right.
struct Page {
    /// Right angles, clockwise, that the picture is turned by.
    quarters: u8,
    /// Where the first line begins.
    begin: Point,
    /// From there to its end.
    line: Point,
    /// From the last line towards the first, one pixel long.
    up: Point,
}

impl Page {
    fn of(zone: &MrzReading, size: (u32, u32)) -> Self {
        let [begin, end, ..] = zone.corners;
        let (along, across) = (end.0 - begin.0, end.1 - begin.1);
        let quarters = match (along.abs() >= across.abs(), along >= 0, across >= 0) {
            (true, true, _) => 0,
            (true, false, _) => 2,
            (false, _, true) => 3,
            (false, _, false) => 1,
        };
        let [begin, end, low_end, low_begin] =
            zone.corners.map(|corner| turned(corner, size, quarters));
        let up = (
            begin.0 + end.0 - low_begin.0 - low_end.0,
            begin.1 + end.1 - low_begin.1 - low_end.1,
        );
        let height = up.0.hypot(up.1).max(1.0);
        Self {
            quarters,
            begin,
            line: (end.0 - begin.0, end.1 - begin.1),
            up: (up.0 / height, up.1 / height),
        }
    }

    /// Whether a face of that place and size is printed on the page. A line is 91 or 112 mm long, the page is up to 0.62 lines high above
    /// it, and a portrait's face is 16 to 25 mm wide (Doc 9303 part 3, 3.1 and appendix); perspective, a worn zone and a photograph of
    /// another size need some room.
    fn bears(&self, face: &FaceBox) -> bool {
        let length = self.line.0.hypot(self.line.1).max(1.0);
        let (width, height) = (face.width as f32, face.height as f32);
        let middle = (
            face.x as f32 + width * 0.5 - self.begin.0,
            face.y as f32 + height * 0.5 - self.begin.1,
        );
        let along = (middle.0 * self.line.0 + middle.1 * self.line.1) / (length * length);
        let above = (middle.0 * self.up.0 + middle.1 * self.up.1) / length;
        (-0.05..=1.05).contains(&along)
            && above >= 0.05
            && above + height * 0.5 / length <= 0.72
            && (0.07..=0.34).contains(&(width / length))
    }
}

/// Where a pixel is once the picture, `size` before, is turned clockwise by so many right angles.
fn turned((x, y): (i32, i32), size: (u32, u32), quarters: u8) -> Point {
    let (x, y) = (x as f32, y as f32);
    let (width, height) = (size.0 as f32, size.1 as f32);
    match quarters % 4 {
        0 => (x, y),
        1 => (height - 1.0 - y, x),
        2 => (width - 1.0 - x, height - 1.0 - y),
        _ => (y, width - 1.0 - x),
    }
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};

    use super::*;

    const SIZE: (u32, u32) = (1280, 720);

    /// A TD3 zone whose first line begins at 200, 500 and is 800 pixels long, in a picture turned by so many right angles.
    fn zone(quarters: u8) -> MrzReading {
        let upright = [(200, 500), (1000, 500), (1000, 570), (200, 570)];
        // The size before turning is what `turned` wants, and turning back is turning on.
        let corners = upright.map(|corner| {
            let (x, y) = turned(corner, SIZE, quarters);
            (x as i32, y as i32)
        });
        MrzReading {
            format: MrzFormat::Td3,
            lines: Vec::new(),
            confidences: Vec::new(),
            corners,
        }
    }

    fn face(x: i32, y: i32, width: i32) -> FaceBox {
        FaceBox {
            x,
            y,
            width,
            height: width * 5 / 4,
        }
    }

    #[test]
    fn a_point_turns_with_the_picture() {
        let mut picture = RgbImage::new(7, 5);
        picture.put_pixel(2, 1, Rgb([255; 3]));
        for quarters in 0..4 {
            let colour = Colour(picture.clone()).turned(quarters);
            let (x, y) = turned((2, 1), (7, 5), quarters);
            assert_eq!(
                colour.0.get_pixel(x as u32, y as u32).0,
                [255; 3],
                "{quarters}"
            );
        }
    }

    #[test]
    fn the_printed_face_is_taken_and_its_holder_is_not() {
        for quarters in 0..4u8 {
            let turned_size = if quarters % 2 == 0 {
                SIZE
            } else {
                (SIZE.1, SIZE.0)
            };
            let page = Page::of(&zone(quarters), turned_size);
            assert_eq!(page.quarters, (4 - quarters) % 4, "{quarters}");
            assert!(page.bears(&face(260, 250, 160)), "printed on the left");
            assert!(page.bears(&face(800, 280, 140)), "printed on the right");
            assert!(
                !page.bears(&face(450, 100, 400)),
                "the holder behind the page"
            );
            assert!(
                !page.bears(&face(500, -200, 160)),
                "somebody above the page"
            );
            assert!(
                !page.bears(&face(1100, 250, 160)),
                "somebody beside the page"
            );
            assert!(!page.bears(&face(400, 600, 160)), "somebody below the page");
            assert!(!page.bears(&face(500, 250, 30)), "a speck");
        }
        assert!(!has_portrait(MrzFormat::Td1));
    }
}
