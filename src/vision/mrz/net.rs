//! The line readers: small convolutional nets that say, for every four pixels of a strip, which character is there.

use std::sync::Arc;

use rten::{Model, NodeId, RunOptions, ThreadPool};
use rten_tensor::NdTensor;
use rten_tensor::prelude::*;

use super::strip::{CELL, HEIGHT, Strips};

/// What the net tells apart, in its order; one more class is "between characters".
pub(super) const ALPHABET: &[u8; 37] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ<";
/// The class between characters.
pub(super) const BLANK: usize = ALPHABET.len();
pub(super) const CLASSES: usize = BLANK + 1;
/// Frames a character.
pub(super) const FRAMES: usize = CELL / 4;

static QUICK: &[u8] = include_bytes!("quick_reader.onnx");
static CAREFUL: &[u8] = include_bytes!("careful_reader.onnx");

/// Why a line reader was not loaded. Who builds the lane must act: a model that it ships is wrong, not the picture.
#[derive(Debug, thiserror::Error)]
pub enum LineReaderError {
    /// No ONNX that can be run here.
    #[error("loading the line reader")]
    Load(#[source] rten::LoadError),
    /// The model takes or gives something else than a line reader does.
    #[error("the model is no line reader: {0}")]
    Shape(String),
}

/// Which of the two line readers reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Care {
    /// The one that looks at everything.
    Quick,
    /// The one for print in which that is in doubt, at three times the price.
    Careful,
}

/// Both line readers.
pub(super) struct Nets {
    quick: Net,
    careful: Net,
}

impl Nets {
    pub(super) fn shipped() -> Result<Self, LineReaderError> {
        Ok(Self {
            quick: Net::built_in(QUICK)?,
            careful: Net::built_in(CAREFUL)?,
        })
    }

    /// One `Frames` a strip.
    pub(super) fn run(&self, care: Care, strips: &Strips) -> Result<Vec<Frames>, LineReaderError> {
        match care {
            Care::Quick => self.quick.run(strips),
            Care::Careful => self.careful.run(strips),
        }
    }
}

struct Net {
    model: Model,
    input: NodeId,
    output: NodeId,
    pool: Arc<ThreadPool>,
}

/// Log-probabilities of one strip, frame after frame.
pub(super) struct Frames {
    pub(super) at: Vec<[f32; CLASSES]>,
}

impl Net {
    fn built_in(model: &'static [u8]) -> Result<Self, LineReaderError> {
        Self::over(Model::load_static_slice(model).map_err(LineReaderError::Load)?)
    }

    fn over(model: Model) -> Result<Self, LineReaderError> {
        let (&[input], &[output]) = (model.input_ids(), model.output_ids()) else {
            return Err(LineReaderError::Shape(
                "it has not one input and one output".to_owned(),
            ));
        };
        // The lane's readers share the machine: each keeps to one core.
        let net = Self {
            model,
            input,
            output,
            pool: Arc::new(ThreadPool::with_num_threads(1)),
        };
        let probe = Strips {
            pixels: vec![0.0; HEIGHT * CELL * 4],
            rows: 1,
            width: CELL * 4,
        };
        net.run(&probe)?;
        Ok(net)
    }

    fn run(&self, strips: &Strips) -> Result<Vec<Frames>, LineReaderError> {
        let input = NdTensor::from_data(
            [strips.rows, 1, HEIGHT, strips.width],
            strips.pixels.clone(),
        );
        let mut options = RunOptions::default();
        options.thread_pool = Some(Arc::clone(&self.pool));
        let [said] = self
            .model
            .run_n(
                vec![(self.input, input.into())],
                [self.output],
                Some(options),
            )
            .map_err(|cause| LineReaderError::Shape(cause.to_string()))?;
        let said: NdTensor<f32, 3> = said.try_into().map_err(|_| {
            LineReaderError::Shape("its output is not three-dimensional".to_owned())
        })?;
        let [rows, classes, frames] = said.shape();
        if (rows, classes, frames) != (strips.rows, CLASSES, strips.width / 4) {
            return Err(LineReaderError::Shape(format!(
                "its output is {rows} x {classes} x {frames}"
            )));
        }
        Ok((0..rows)
            .map(|row| Frames {
                at: (0..frames)
                    .map(|frame| std::array::from_fn(|class| said[[row, class, frame]]))
                    .collect(),
            })
            .collect())
    }
}
