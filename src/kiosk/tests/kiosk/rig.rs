//! A lane's folder with everything in it but devices.
#![allow(clippy::unwrap_used, clippy::expect_used, dead_code)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

pub(crate) const POLICY: &str = include_str!("../../../risk/policy.sample.toml");
pub(crate) const ROSTER: &str = include_str!("../../../officers/roster.sample.toml");

/// The public key of RFC 8032, 7.1, test 1.
pub(crate) const ISSUERS: &str = r#"
[[issuer]]
id = "01a2b3c4"
name = "Specimen issuer"
algorithm = "EdDSA"
public_key = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
valid_from = 2020-01-01T00:00:00Z
valid_to = 2099-12-31T23:59:59Z
"#;

const CONFIG: &str = r#"
[lane]
name = "lane-3"
[cameras.documents]
source = "pictures:pictures"
fps = 20
[gate]
port = "no-such-port"
[risk]
policy = "policy.toml"
lists = "lists.toml"
[evidence]
issuers = "issuers.toml"
[officers]
roster = "roster.toml"
[journal]
path = "journal.db"
key = "journal.key"
"#;

pub(crate) struct Rig {
    folder: TempDir,
}

impl Rig {
    pub(crate) fn new() -> Self {
        let rig = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let issued = time::OffsetDateTime::now_utc().date();
        rig.put("kiosk.toml", CONFIG);
        rig.put("policy.toml", POLICY);
        rig.put(
            "lists.toml",
            &format!("version = \"of-today\"\nissued = {issued}\n"),
        );
        rig.put("issuers.toml", ISSUERS);
        rig.put("roster.toml", ROSTER);
        rig.put("journal.key", &hex::encode([7; 32]));
        for secret in ["roster.toml", "journal.key"] {
            rig.allow(secret, 0o600);
        }
        fs::create_dir(rig.path("pictures")).unwrap();
        image::RgbImage::new(64, 36)
            .save(rig.path("pictures/hall.png"))
            .unwrap();
        rig
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn put(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    pub(crate) fn change(&self, name: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path(name)).unwrap();
        assert!(text.contains(from), "{from}");
        self.put(name, &text.replace(from, to));
    }

    pub(crate) fn allow(&self, name: &str, mode: u32) {
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(mode)).unwrap();
    }

    pub(crate) fn kiosk(&self) -> Command {
        let mut kiosk = kiosk();
        kiosk.current_dir(self.folder.path());
        kiosk
    }
}

pub(crate) fn kiosk() -> Command {
    let mut kiosk = Command::new(env!("CARGO_BIN_EXE_kiosk"));
    kiosk.env("SEKISHO_MODELS", models());
    for name in ["NOTIFY_SOCKET", "WATCHDOG_USEC", "CREDENTIALS_DIRECTORY"] {
        kiosk.env_remove(name);
    }
    kiosk
}

pub(crate) fn models() -> PathBuf {
    std::env::var_os("SEKISHO_MODELS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/models"),
        PathBuf::from,
    )
}
