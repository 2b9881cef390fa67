//! Codes and zones in the document camera's frames.

use camera::Frame;
use evidence::declaration::PREFIX;
use vision::{
    Luma,
    mrz::{MrzReading, MrzSighting},
    qr::CodeReading,
};
use zeroize::Zeroizing;

use super::reading::Found;
use super::{Eyes, Sight};
use crate::{
    album::Portrait,
    outline,
    picture::Colour,
    track::{Standing, Track},
};

/// What was in view before.
#[derive(Default)]
pub(super) struct Documents {
    track: Track,
    zone_in_view: bool,
}

impl Documents {
    pub(super) fn forget(&mut self) {
        self.track.forget();
        self.zone_in_view = false;
    }

    pub(super) fn read(&mut self, eyes: &mut Eyes, frame: &Frame) -> Found {
        let (width, height) = (frame.width as usize, frame.height as usize);
        let Ok(view) = Luma::new(width, height, width, frame.luma_plane()) else {
            return Found::default();
        };
        let (codes, zone) = self.look(eyes, view);
        let code = choose(codes);
        let mut found = Found {
            outline: outline::of_document(code.as_ref(), zone.as_ref().map(MrzSighting::reading)),
            // Texture that looks like print must not keep the readers busy in an empty hall.
            presence: code.is_some() || matches!(zone, Some(MrzSighting::Clear(_))),
            ..Found::default()
        };
        if let Some(code) = code
            && self.track.is_new_code(&code.text)
        {
            found.sights.push(Sight::Code(Zeroizing::new(code.text)));
        }
        if let Some(zone) = zone {
            found.sights.extend(self.zone(eyes, frame, &zone));
        }
        found
    }

    /// Codes or a zone, whichever the last frame had first: nobody holds up both at once, and looking in vain for a code
    /// takes as long as reading a zone.
    fn look(&mut self, eyes: &mut Eyes, view: Luma<'_>) -> (Vec<CodeReading>, Option<MrzSighting>) {
        let (codes, zone) = if self.zone_in_view {
            let zone = eyes.zones.follow(view, &mut self.track.trail);
            let codes = match &zone {
                Some(MrzSighting::Clear(_)) => Vec::new(),
                // What only looks like print may stand beside a code.
                Some(MrzSighting::Vague(_)) | None => eyes.codes.read(view),
            };
            (codes, zone)
        } else {
            let codes = eyes.codes.read(view);
            let zone = if codes.is_empty() {
                eyes.zones.follow(view, &mut self.track.trail)
            } else {
                None
            };
            (codes, zone)
        };
        self.zone_in_view = codes.is_empty() && zone.is_some();
        (codes, zone)
    }

    fn zone(&mut self, eyes: &mut Eyes, frame: &Frame, zone: &MrzSighting) -> Option<Sight> {
        match self.track.zone(zone) {
            Standing::Tentative | Standing::Known => None,
            Standing::Hopeless => Some(Sight::Unreadable),
            Standing::Settled(lines) => {
                let portrait = page_portrait(eyes, frame, zone.reading());
                Some(Sight::Zone { lines, portrait })
            }
        }
    }
}

/// The declaration's code where several are in view: a boarding pass on the same telephone is not refused, but passed
/// over. Without a declaration's, the first one, of which the traveller is told that it is another's.
fn choose(codes: Vec<CodeReading>) -> Option<CodeReading> {
    let declared = codes.iter().position(|code| code.text.starts_with(PREFIX));
    codes.into_iter().nth(declared.unwrap_or(0))
}

/// The portrait that belongs to this zone: the face nearest to it, once the page is turned upright.
fn page_portrait(eyes: &mut Eyes, frame: &Frame, zone: &MrzReading) -> Option<Portrait> {
    let [begin, end, ..] = zone.corners;
    let (along, across) = (end.0 - begin.0, end.1 - begin.1);
    let quarters = match (along.abs() >= across.abs(), along >= 0, across >= 0) {
        (true, true, _) => 0,
        (true, false, _) => 2,
        (false, _, true) => 3,
        (false, _, false) => 1,
    };
    let length = along.abs().max(across.abs());
    let page = Colour::of(frame).turned(quarters);
    let faces = eyes.faces.find(&page.0);
    // A page is as wide as its zone, and its portrait a third of that; a face that is wider is its holder's own.
    let face = faces.iter().find(|face| face.frame.width * 2 < length)?;
    Some(Portrait {
        picture: page.portrait(&face.frame)?,
        embedding: eyes.faces.embed(&page.0, face),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use vision::qr::Stage;

    use super::*;

    #[test]
    fn of_several_codes_the_declarations_is_chosen() {
        let code = |text: &str| CodeReading {
            text: text.to_owned(),
            corners: [(0, 0); 4],
            stage: Stage::Full,
        };
        let chosen = |texts: &[&str]| {
            choose(texts.iter().map(|text| code(text)).collect()).map(|code| code.text)
        };
        assert_eq!(chosen(&[]), None);
        assert_eq!(chosen(&["M1DOE", "SKD1:A"]).unwrap(), "SKD1:A");
        assert_eq!(chosen(&["SKD1:A", "M1DOE", "SKD1:B"]).unwrap(), "SKD1:A");
        assert_eq!(chosen(&["M1DOE", "https://example.org"]).unwrap(), "M1DOE");
    }
}
