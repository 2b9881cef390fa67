//! Codes for tests, by an encoder that nobody here wrote.
#![allow(clippy::unwrap_used)]

use qrcodegen::{QrCode, QrCodeEcc, QrSegment, Version};

/// A text as a symbol of a version and of level M.
pub(super) fn code(text: &str, version: u8) -> QrCode {
    code_at(text, version, QrCodeEcc::Medium)
}

pub(super) fn code_at(text: &str, version: u8, level: QrCodeEcc) -> QrCode {
    let segments = QrSegment::make_segments(text);
    let version = Version::new(version);
    QrCode::encode_segments_advanced(&segments, level, version, version, None, false).unwrap()
}
