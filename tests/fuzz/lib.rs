//! The bodies of the fuzz targets, as the fuzzer's programs call them. The lane's crates are never changed for it.

#[path = "targets.rs"]
mod all;
#[cfg(feature = "kiosk")]
pub mod kiosk;

pub use all::*;
