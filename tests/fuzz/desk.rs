//! What a lane posts to the office, at every address that takes a body: the whole of it but the line, database included.

use office::bare::Bare;
use office::{Authority, Config, LaneName};
use std::sync::LazyLock;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// The addresses, by the first byte of an input; the rest is the body.
const ADDRESSES: &[(u8, &str, &str)] = &[
    (b'a', "/v1/assessments", "application/json"),
    (b'r', "/v1/records", "application/json"),
    (b'd', "/v1/disagreements", "application/json"),
    (b'h', "/v1/lanes/lane-3/health", "application/json"),
    (b'c', "/v1/certificates", "application/x-pem-file"),
];

struct Desk {
    office: Bare,
    runtime: Runtime,
    lane: LaneName,
    _folder: TempDir,
}

static DESK: LazyLock<Desk> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    let lane = LaneName::parse("lane-3").expect("a name");
    let now = time::OffsetDateTime::now_utc();
    let (ca, ca_key) = Authority::make("Lanes", now).expect("an authority");
    for (name, text) in [
        (
            "policy.toml",
            include_str!("../../src/risk/policy.sample.toml"),
        ),
        ("lists.toml", include_str!("seeds/lists/one-of-each.toml")),
        ("ca.pem", &ca),
        ("ca.key.pem", &ca_key),
        (
            "office.toml",
            "listen = \"127.0.0.1:0\"\ndatabase = \"office.sqlite\"\nrisk = { edition = \".\" }\n\
             tls = { certificate = \"none.pem\", key = \"none.pem\" }\n\
             lanes = { ca = \"ca.pem\", ca_key = \"ca.key.pem\" }\n\
             limits = { lane_per_second = 1_000_000, lane_burst = 1_000_000, request_ms = 60_000 }\n",
        ),
    ] {
        std::fs::write(folder.path().join(name), text).expect("a file");
    }
    let config = Config::load(&folder.path().join("office.toml")).expect("a configuration");
    let office = Bare::open(&config).expect("an office");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let store = office::store::Store::open(&config.database).expect("the same database");
    runtime
        .block_on(store.enroll(&lane, Some(&super::lane().verifying_key()), 0))
        .expect("enrolled");
    Desk {
        office,
        runtime,
        lane,
        _folder: folder,
    }
});

/// A body at one of the office's addresses. Whatever it is, the office answers in its own words and finds no fault with itself; what it refuses
/// is refused by an RFC 9457 problem, and the lane's name and no other is acknowledged.
///
/// # Panics
/// When the office breaks its promise.
pub fn office_body(input: &[u8]) -> bool {
    let Some((first, body)) = input.split_first() else {
        return false;
    };
    let Some((_, path, kind)) = ADDRESSES.iter().find(|(byte, ..)| byte == first) else {
        return false;
    };
    let desk = &*DESK;
    let answered = desk
        .runtime
        .block_on(
            desk.office
                .post(Some(&desk.lane), path, kind, body.to_vec()),
        )
        .expect("a path");
    assert!(answered.status < 500, "{answered:?}");
    if answered.status >= 400 {
        assert_eq!(answered.kind, "application/problem+json", "{answered:?}");
        let problem: serde_json::Value = serde_json::from_slice(&answered.body).expect("a problem");
        assert_eq!(problem["status"], answered.status);
        return false;
    }
    if *path == "/v1/records" {
        let said: serde_json::Value = serde_json::from_slice(&answered.body).expect("JSON");
        assert_eq!(said["lane"], "lane-3");
    }
    true
}
