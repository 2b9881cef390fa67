//! The lane's cameras. One that is not plugged in does not keep the lane from starting.

use std::io;

use camera::{Aim, CameraError, Capture, Frame, Pictures, Source, V4l2};
use runtime::Lenses;

use crate::config::{self, Camera, Config};

/// A camera that is opened when a frame is asked of it, and asked for again until it is there.
pub(crate) struct Patient {
    camera: Camera,
    aim: Aim,
    open: Option<Box<dyn Source>>,
}

impl Patient {
    pub(crate) fn new(camera: Camera) -> Self {
        Self {
            camera,
            aim: Aim::default(),
            open: None,
        }
    }
}

impl Source for Patient {
    fn frame(&mut self) -> Result<Frame, CameraError> {
        match &mut self.open {
            Some(open) => open.frame(),
            closed => {
                let open = closed.insert(open(&self.camera)?);
                open.aim(self.aim);
                open.frame()
            }
        }
    }

    fn describe(&self) -> String {
        self.camera.source.to_string()
    }

    fn aim(&mut self, aim: Aim) {
        self.aim = aim;
        if let Some(open) = &mut self.open {
            open.aim(aim);
        }
    }
}

pub(crate) fn open(camera: &Camera) -> Result<Box<dyn Source>, CameraError> {
    Ok(match &camera.source {
        config::Source::V4l2(path) => Box::new(V4l2::tuned(path, camera.format, camera.tuning)?),
        config::Source::Pictures(path) => Box::new(Pictures::open(path, camera.format.fps)?),
    })
}

/// Puts the cameras to work.
pub(crate) fn lenses(config: &Config) -> io::Result<Lenses> {
    let start = |camera: &Camera| Capture::start(Patient::new(camera.clone()));
    let documents = start(&config.documents)?;
    let faces = match &config.face {
        Some(camera) => start(camera)?,
        None => documents.clone(),
    };
    Ok(Lenses { documents, faces })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_camera_that_comes_later_is_used_when_it_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let picture = folder.path().join("later.png");
        let format = camera::Format {
            width: 8,
            height: 4,
            fps: 1_000,
        };
        for source in [
            config::Source::Pictures(picture.clone()),
            config::Source::V4l2(folder.path().join("video0")),
        ] {
            let mut camera = Patient::new(Camera {
                source,
                format,
                tuning: camera::Tuning::default(),
            });
            for _ in 0..2 {
                assert!(matches!(camera.frame(), Err(CameraError::Missing { .. })));
            }
        }
        let source = config::Source::Pictures(picture.clone());
        let mut camera = Patient::new(Camera {
            source,
            format,
            tuning: camera::Tuning::default(),
        });
        camera.frame().unwrap_err();
        image::RgbImage::new(8, 4).save(&picture).unwrap();
        assert_eq!(camera.frame().unwrap().width, 8);
    }
}
