//! Cameras and gate.

use std::time::Duration;

use camera::{CameraError, Source as _};
use gate::{Alarm, Beam, Evacuation, Leaf, Link, LinkError, Mains, News, Obstruction, Status};

use super::Finding;
use crate::cameras::Patient;
use crate::config::{Camera, Source};
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
                CameraError::Empty { .. } | CameraError::Unreadable { .. } => {
                    "put PNG or JPEG pictures there"
                }
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
        Ok(Some(News::Lost(error))) => Finding::fault("gate", chain(error.as_ref()), cure(&error)),
        Ok(None) | Err(_) => Finding::fault(
            "gate",
            format!("{}: no word from it", config.port.path),
            "check the wiring and the controller's power",
        ),
    }
}

fn answered(port: &str, status: &Status) -> Finding {
    let leaf = match status.leaf {
        Leaf::Closed => "closed",
        Leaf::Opening => "opening",
        Leaf::Open => "open",
        Leaf::Closing => "closing",
        Leaf::Between => "neither open nor closed",
    };
    let firmware = status
        .firmware
        .map_or_else(String::new, |firmware| format!(", firmware {firmware}"));
    let says = format!("{port}: it answers; the leaf is {leaf}{firmware}");
    if let Some(fault) = status.fault {
        let cure = "look it up in the controller's manual, mend its cause and clear it";
        return Finding::fault("gate", format!("{says}; fault {fault}"), cure);
    }
    if status.mains == Mains::Lost {
        let cure = "bring the mains back";
        return Finding::fault("gate", format!("{says}; it runs on its battery"), cure);
    }
    let raised = [
        (
            status.evacuation == Evacuation::On,
            "evacuation is on",
            "put the fire input to rest",
        ),
        (
            status.obstruction == Obstruction::Blocked,
            "something is in the leaf's way",
            "clear the passage",
        ),
        (
            status.entry_beam == Beam::Broken,
            "the entry beam is broken",
            "clear the passage, clean the sensor",
        ),
        (
            status.exit_beam == Beam::Broken,
            "the exit beam is broken",
            "clear the passage, clean the sensor",
        ),
        (
            status.forced == Alarm::Raised,
            "the leaf was forced",
            "look at the leaf; the next opening ends the alarm",
        ),
        (
            status.tailgate == Alarm::Raised,
            "tailgating alarm",
            "the next opening ends it",
        ),
        (
            status.wrong_way == Alarm::Raised,
            "wrong-way alarm",
            "the next opening ends it",
        ),
    ];
    match raised.into_iter().find(|(raised, ..)| *raised) {
        Some((_, what, cure)) => Finding::warning("gate", format!("{says}; {what}"), cure),
        None => Finding::ok("gate", says),
    }
}

fn cure(error: &LinkError) -> &'static str {
    match error {
        LinkError::Open { .. } => {
            "plug the adapter in, compare its udev name with `gate.port`, and see that its udev rule gives it to the lane's user"
        }
        LinkError::Babbling { .. } => {
            "look for a second master on the bus, and compare baud rate and parity"
        }
        LinkError::Silent { .. } => {
            "check the controller's power, wires A and B, baud rate, parity, and the map's unit number"
        }
        LinkError::Line { .. } | LinkError::Stranger { .. } => {
            "check cable, terminators, baud rate and parity"
        }
        LinkError::Exception { .. } | LinkError::Unreadable(_) | LinkError::ReadBack { .. } => {
            "compare the register map with the controller's manual"
        }
        LinkError::Unsupported { .. }
        | LinkError::Refused { .. }
        | LinkError::NotConfirmed { .. }
        | LinkError::OutOfReach { .. }
        | LinkError::Stopped => "check the wiring and the controller's power",
    }
}
