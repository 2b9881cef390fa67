//! Codes and zones in the document camera's frames.

use camera::Frame;
use evidence::declaration::PREFIX;
use vision::{Luma, mrz::MrzSighting, qr::CodeReading};
use zeroize::Zeroizing;

use super::reading::Found;
use super::{Eyes, Sight, page};
use crate::{
    album::Portrait,
    outline,
    track::{Standing, Track, resembles},
};

/// What was in view before.
#[derive(Default)]
pub(super) struct Documents {
    track: Track,
    zone_in_view: bool,
    settled: Option<Settled>,
}

/// A zone that is certain, while its page's portrait is still looked for.
struct Settled {
    lines: Vec<Zeroizing<String>>,
    /// Frames in which it was looked for.
    looks: u8,
}

/// Frames in which a page's portrait is looked for: glare and a thumb move on within a fifth of a second or stay.
const MOST_LOOKS: u8 = 6;

impl Documents {
    pub(super) fn forget(&mut self) {
        self.track.forget();
        self.zone_in_view = false;
        self.settled = None;
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
        found.sights.extend(match zone {
            Some(zone) => self.zone(eyes, frame, &zone),
            // The page was taken away before its portrait was seen.
            None => self.told(None),
        });
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
            Standing::Tentative | Standing::Known => {}
            Standing::Hopeless => return Some(Sight::Unreadable),
            Standing::Settled(lines) => self.settled = Some(Settled { lines, looks: 0 }),
        }
        let settled = self.settled.as_mut()?;
        if !resembles(&settled.lines, &zone.reading().lines) {
            // The next document lies there: its portrait is somebody else's.
            return self.told(None);
        }
        settled.looks += 1;
        let looks = settled.looks;
        let portrait = page::portrait(eyes, frame, zone.reading());
        if portrait.is_none() && page::has_portrait(zone.reading().format) && looks < MOST_LOOKS {
            return None;
        }
        self.told(portrait)
    }

    /// A settled zone becomes news, with its page's portrait where one was seen.
    fn told(&mut self, portrait: Option<Portrait>) -> Option<Sight> {
        let Settled { lines, .. } = self.settled.take()?;
        Some(Sight::Zone { lines, portrait })
    }
}

/// The declaration's code where several are in view: a boarding pass on the same telephone is not refused, but passed
/// over. Without a declaration's, the first one, of which the traveller is told that it is another's.
fn choose(codes: Vec<CodeReading>) -> Option<CodeReading> {
    let declared = codes.iter().position(|code| code.text.starts_with(PREFIX));
    codes.into_iter().nth(declared.unwrap_or(0))
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
