use std::path::Path;

use image::RgbImage;
use rten::{Model, NodeId, Value};
use rten_tensor::NdTensorView;
use rten_tensor::prelude::*;
use zeroize::Zeroizing;

use super::super::FaceBox;
use super::super::align::Similarity;
use super::super::models::{ModelError, load_model};
use super::super::planes::Planes;

/// Below this the net takes a face for a picture.
pub(super) const LEAST_LIVE: f32 = 0.5;
const SIDE: usize = 128;
/// The net sees so many times the face's box.
const SHOWN: f32 = 2.7;

/// The evaluation-only presentation-attack net; see [`crate::face::FaceModels::presentation`].
pub(in super::super) struct LivenessNet {
    model: Model,
    input: NodeId,
    output: NodeId,
}

impl LivenessNet {
    pub(in super::super) fn load(path: &Path) -> Result<Self, ModelError> {
        let model = load_model(path)?;
        let unsuitable = |found: &str| ModelError::Unsuitable {
            path: path.to_owned(),
            found: found.to_owned(),
        };
        let only = |ids: &[NodeId]| match ids {
            [id] => Some(*id),
            _ => None,
        };
        let input = only(model.input_ids()).ok_or_else(|| unsuitable("not one input"))?;
        let output = only(model.output_ids()).ok_or_else(|| unsuitable("not one output"))?;
        let net = Self {
            model,
            input,
            output,
        };
        let frame = FaceBox {
            x: 20,
            y: 20,
            width: 24,
            height: 24,
        };
        net.run(&RgbImage::new(64, 64), &frame)
            .map_err(|error| unsuitable(&error))?;
        Ok(net)
    }

    /// How sure the net is, 0 to 1, that the face lives.
    pub(in super::super) fn live(&self, picture: &RgbImage, frame: &FaceBox) -> Option<f32> {
        match self.run(picture, frame) {
            Ok(live) => Some(live),
            Err(error) => {
                tracing::error!(error, "the presentation-attack net failed on a face");
                None
            }
        }
    }

    fn run(&self, picture: &RgbImage, frame: &FaceBox) -> Result<f32, String> {
        let side = frame.width.max(frame.height).max(1) as f32 * SHOWN;
        let middle = (
            frame.x as f32 + frame.width as f32 / 2.0,
            frame.y as f32 + frame.height as f32 / 2.0,
        );
        let crop = Similarity::about(middle, side / SIDE as f32, 0.0, SIDE).crop(picture, SIDE);
        let planes = Planes::square(&crop, SIDE);
        let input = NdTensorView::from_data([1, 3, SIDE, SIDE], &planes.values[..]);
        let outputs = self
            .model
            .run(vec![(self.input, input.into())], &[self.output], None)
            .map_err(|error| error.to_string())?;
        let Some(Value::FloatTensor(tensor)) = outputs.first() else {
            return Err("the output is not of floats".to_owned());
        };
        let classes = Zeroizing::new(tensor.to_vec());
        if !(2..=3).contains(&classes.len()) {
            return Err(format!("an output of {} numbers", classes.len()));
        }
        let sum: f32 = classes.iter().sum();
        if (sum - 1.0).abs() < 1e-3 && classes.iter().all(|&c| c >= 0.0) {
            return Ok(classes[0]);
        }
        let highest = classes.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let whole: f32 = classes.iter().map(|c| (c - highest).exp()).sum();
        Ok((classes[0] - highest).exp() / whole)
    }
}
