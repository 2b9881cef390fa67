//! The kiosk's configuration. It stands apart since its crate draws in the whole screen, which takes a fuzzer's build
//! a quarter of an hour.

#![allow(unreachable_pub)]

use std::path::Path;

/// A configuration file. A complaint says something.
pub fn kiosk_config(input: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(input) else {
        return false;
    };
    match kiosk::Config::parse(text, Path::new("kiosk.toml")) {
        Ok(config) => {
            assert!(!config.lane.as_str().is_empty());
            true
        }
        Err(complaint) => {
            assert!(!complaint.to_string().is_empty());
            false
        }
    }
}
