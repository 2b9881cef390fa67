//! The bodies of the fuzz targets, as the fuzzer's programs call them. The lane's crates are never changed for it.

#[cfg(feature = "lane")]
#[path = "targets.rs"]
mod all;
#[cfg(feature = "lane")]
pub use all::*;

#[cfg(all(feature = "readers", not(feature = "lane")))]
mod readers;
#[cfg(all(feature = "readers", not(feature = "lane")))]
mod scenes;
#[cfg(all(feature = "readers", not(feature = "lane")))]
pub use readers::*;

#[cfg(not(feature = "lane"))]
mod gates;
#[cfg(not(feature = "lane"))]
pub use gates::*;

#[cfg(feature = "kiosk")]
pub mod kiosk;
