//! What the office and its repository send: acknowledgements, certificates and signed metadata.

use jiff::Timestamp;
use risk::line::{Delivery, ends_after, names_lane};
use risk::updates::install_crypto;
use sigstore_tuf::{Targets, TrustedMetadataSet};

/// The office's acknowledgement of records. What is accepted is for the lane that delivered.
pub fn wire_delivery(input: &[u8]) -> bool {
    let taken = Delivery::read(input, "lane-3").is_ok();
    let named = serde_json::from_slice::<Delivery>(input).is_ok_and(|it| it.lane == "lane-3");
    assert!(named || !taken, "another lane's acknowledgement");
    taken
}

/// The office's answer to a request for a certificate. What has the lane as its subject has an end.
pub fn wire_certificate(input: &[u8]) -> bool {
    let text = String::from_utf8_lossy(input);
    let ends = ends_after(&text, i64::MIN);
    names_lane(&text, "lane-3") && ends
}

/// Files of a repository with a zero byte between them: timestamp, snapshot, targets. Whatever they are, what a lane takes is what was
/// signed: the keys of `bases/root.json` signed once and were thrown away.
pub fn repository(input: &[u8]) -> bool {
    let signed = taken(include_bytes!("seeds/repository/published"));
    let found = taken(input);
    assert!(
        found.is_none() || found == signed,
        "taken, and never signed"
    );
    found.is_some()
}

fn taken(input: &[u8]) -> Option<Targets> {
    install_crypto();
    let mut trusted = TrustedMetadataSet::from_root(include_bytes!("bases/root.json")).ok()?;
    // Noon of 23 November 2026.
    let now = Timestamp::from_second(1_795_435_200).ok()?;
    let mut parts = input.split(|byte| *byte == 0);
    let (timestamp, snapshot, targets) = (parts.next()?, parts.next()?, parts.next()?);
    trusted.update_timestamp(timestamp, now).ok()?;
    trusted.update_snapshot(snapshot, now).ok()?;
    trusted.update_targets(targets, now).ok().cloned()
}
