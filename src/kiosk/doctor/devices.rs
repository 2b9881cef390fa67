//! Cameras and gate.

use std::time::Duration;

use camera::{CameraError, Source as _};
use gate::{Link, News, Status};

use super::Finding;
use crate::cameras::Patient;
use crate::config::{Camera, Source};
use crate::gate::words::{self, Attention, Weight};
use crate::{Config, chain, provisions};

/// The link tries for one second before it gives a gate up.
const GATE_WAIT: Duration = Duration::from_secs(4);

pub(super) fn cameras(config: &Config, running: bool) -> Vec<Finding> {
    let face = match &config.face {
        Some(camera) => look("face camera", camera, running),
        None => Finding::ok("face camera", "the documents' camera serves as both"),
    };
    vec![look("document camera", &config.documents, running), face]
}

fn look(check: &'static str, camera: &Camera, running: bool) -> Finding {
    let says = camera.source.to_string();
    // Pictures can be looked at by two; a device cannot.
    if running && matches!(camera.source, Source::V4l2(_)) {
        return Finding::ok(check, format!("{says}: left to the lane, which runs"));
    }
    match Patient::new(camera.clone()).frame() {
        Ok(frame) => {
            let (wide, high) = (camera.format.width, camera.format.height);
            let says = format!("{says}: a frame of {}x{}", frame.width, frame.height);
            let small = frame.width < wide || frame.height < high;
            if small && matches!(camera.source, Source::V4l2(_)) {
                let cure = format!(
                    "the camera has no {wide}x{high}: configure a size that it has, or change the camera"
                );
                return Finding::warning(check, says, cure);
            }
            Finding::ok(check, says)
        }
        Err(error) => {
            let cure = match &error {
                CameraError::Missing { .. } => {
                    "plug it in, and compare its udev name with the configuration"
                }
                CameraError::NotACamera { .. } => {
                    "name a video device, such as v4l2:/dev/sekisho-documents"
                }
                CameraError::NoFormat { .. } => "configure one of the formats that it offers",
                CameraError::Empty { .. }
                | CameraError::Unreadable { .. }
                | CameraError::TooLarge { .. } => "put PNG or JPEG pictures there",
                CameraError::Device { .. }
                | CameraError::Stalled { .. }
                | CameraError::Short { .. }
                | CameraError::Stopped { .. } => {
                    "unplug it and plug it in again, and see that nothing else uses it and that its udev rule gives it to the lane's user"
                }
            };
            Finding::fault(check, chain(&error), cure)
        }
    }
}

pub(super) fn gate(config: &Config, running: bool) -> Finding {
    let mut map = match provisions::map(config) {
        Ok(map) => map,
        Err(complaint) => return Finding::complaint("gate", complaint),
    };
    if running {
        let says = format!("{}: left to the lane, which runs", config.port.path);
        return Finding::ok("gate", says);
    }
    // Without commands nothing can be written; without a heartbeat its watchdog is not woken, which would move the leaf when
    // we fall silent again.
    map.commands.clear();
    map.heartbeat = None;
    let tokio = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let Ok(tokio) = tokio else {
        return Finding::fault("gate", "the system gives no threads", "end other programs");
    };
    let news = tokio.block_on(async {
        let (_link, mut news) = Link::spawn(config.port.clone(), map, gate::Timings::default());
        tokio::time::timeout(GATE_WAIT, news.recv()).await
    });
    match news {
        Ok(Some(News::Connected(status) | News::Changed(status))) => {
            answered(&config.port.path, &status)
        }
        Ok(Some(News::Lost(error))) => {
            Finding::fault("gate", chain(error.as_ref()), words::cure(&error))
        }
        Ok(None) | Err(_) => Finding::fault(
            "gate",
            format!("{}: no word from it", config.port.path),
            "check the wiring and the controller's power",
        ),
    }
}

fn answered(port: &str, status: &Status) -> Finding {
    let leaf = words::leaf(status.leaf);
    let firmware = status
        .firmware
        .map_or_else(String::new, |firmware| format!(", firmware {firmware}"));
    let says = format!("{port}: it answers; the leaf is {leaf}{firmware}");
    match words::attention(status).into_iter().next() {
        Some(Attention { weight, what, cure }) => {
            let says = format!("{says}; {what}");
            match weight {
                Weight::Fault => Finding::fault("gate", says, cure),
                Weight::Warning => Finding::warning("gate", says, cure),
            }
        }
        None => Finding::ok("gate", says),
    }
}
