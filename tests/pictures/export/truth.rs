//! A line of `truth.jsonl`: what is in a frame and where, under the names that `kiosk inspect` uses.

use evidence::MrzFormat;
use serde::Serialize;

use crate::specimen::Code;

/// One frame's truth.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Truth {
    /// The file's name in the folder.
    pub(crate) picture: String,
    /// The frame's number in a video, from 0; absent for a still.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) frame: Option<u32>,
    pub(crate) kind: String,
    pub(crate) conditions: String,
    pub(crate) seed: u64,
    /// Pixels across and down.
    pub(crate) size: (u32, u32),
    #[serde(flatten)]
    pub(crate) content: Placed,
}

/// Upper left, upper right, lower right, lower left of the thing itself, in pixels from the frame's upper left corner.
pub(crate) type Corners = [(f32, f32); 4];

/// What is shown, before anybody knows where.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Content {
    Document {
        format: MrzFormat,
        lines: Vec<String>,
    },
    Code(Code),
    /// Numbers of `Portrait::variant`, in the order of the scene's subjects: the nearest last.
    People(Vec<u32>),
}

/// What is shown, and where.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Placed {
    codes: Vec<PlacedCode>,
    mrz: Option<PlacedZone>,
    faces: Vec<PlacedFace>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct PlacedCode {
    text: String,
    version: u8,
    corners: Corners,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct PlacedZone {
    format: &'static str,
    lines: Vec<String>,
    page: Corners,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct PlacedFace {
    portrait: u32,
    corners: Corners,
}

impl Content {
    /// With the corners of the scene's subjects.
    pub(crate) fn placed(&self, corners: &[Corners]) -> Placed {
        let corners = corners.iter().map(|four| four.map(tenths));
        match self {
            Self::Document { format, lines } => Placed {
                mrz: corners
                    .map(|page| PlacedZone {
                        format: format.name(),
                        lines: lines.clone(),
                        page,
                    })
                    .next(),
                ..Placed::default()
            },
            Self::Code(code) => Placed {
                codes: corners
                    .map(|corners| PlacedCode {
                        text: code.text.clone(),
                        version: code.version,
                        corners,
                    })
                    .collect(),
                ..Placed::default()
            },
            Self::People(who) => {
                let mut faces: Vec<_> = who
                    .iter()
                    .zip(corners)
                    .map(|(&portrait, corners)| PlacedFace { portrait, corners })
                    .collect();
                faces.reverse();
                Placed {
                    faces,
                    ..Placed::default()
                }
            }
        }
    }
}

/// Nobody measures corners more finely.
fn tenths((x, y): (f32, f32)) -> (f32, f32) {
    ((x * 10.0).round() / 10.0, (y * 10.0).round() / 10.0)
}
