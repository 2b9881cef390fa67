//! The command line of `kiosk journal`.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};

/// Whoever audits the lane's record: verify, export, stats.
#[derive(Subcommand)]
#[command(
    after_long_help = "Nothing here changes the journal, and the lane may run meanwhile. Run it as the lane's user, whose files \
    they are: sudo -u sekisho env CREDENTIALS_DIRECTORY=/etc/sekisho kiosk journal ...\n\n\
    An export can be checked anywhere: it needs the lane's public key and neither the journal nor its key.\n\n\
    Exit codes: 0 it holds, 1 it was altered or is damaged, 2 the command line, 3 it cannot be read, 78 the configuration.\n\n\
    Examples:\n  \
    kiosk journal verify --config /etc/sekisho/kiosk.toml\n  \
    kiosk journal export --config kiosk.toml > lane-3.jsonl\n  \
    openssl pkey -in lane.key -pubout -out lane-3.pub      the public key, for whoever checks\n  \
    kiosk journal verify --export lane-3.jsonl --key lane-3.pub\n  \
    kiosk journal stats --config kiosk.toml --json | jq .waiting"
)]
#[expect(missing_docs, reason = "each is told at its arguments")]
pub enum Journal {
    Verify(Verify),
    Export(Export),
    Stats(Stats),
}

impl Journal {
    pub(super) const fn json(&self) -> bool {
        match self {
            Self::Verify(verify) => verify.json,
            // An export's lines are its output; what goes wrong is for whoever started it.
            Self::Export(_) => false,
            Self::Stats(stats) => stats.json,
        }
    }
}

/// Check every record: that none was changed, removed or moved.
///
/// Of a journal: every page, record, commitment, the whole tree and its seal. Of an export: every signature, that no record is
/// missing or out of place, and that together they have the root that the lane signed.
#[derive(Args)]
#[command(
    group = ArgGroup::new("what").required(true).args(["config", "export"]),
    after_long_help = "What neither can tell by itself is a whole journal put back to an earlier day: hold the number of \
    records and the root against what the office last got.\n\n\
    Examples:\n  \
    kiosk journal verify --config kiosk.toml --json\n  \
    kiosk journal verify --export lane-3.jsonl --key lane-3.pub"
)]
pub struct Verify {
    /// The lane's configuration file (TOML), which names the journal and its key.
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// An export instead; "-" is standard input.
    #[arg(long, value_name = "FILE", requires = "key")]
    pub(super) export: Option<PathBuf>,
    /// With --export: the lane's public key, PEM.
    #[arg(long, value_name = "FILE", conflicts_with = "config")]
    pub(super) key: Option<PathBuf>,
    /// One JSON object.
    #[arg(long)]
    pub(super) json: bool,
}

/// Write records as JSON, one a line, each signed by the lane, with a signed checkpoint at the end.
///
/// What is personal (declaration ids, keyed digests of documents, badges) is left out and only committed to, unless it is
/// asked for.
#[derive(Args)]
#[command(
    after_long_help = "It needs the lane's signing key: [journal] lane_key, or the credential lane.key. An altered journal is \
    not exported.\n\n\
    Examples:\n  \
    kiosk journal export --config kiosk.toml > lane-3.jsonl\n  \
    kiosk journal export --config kiosk.toml --after 120000 | gzip > since.jsonl.gz\n  \
    kiosk journal export --config kiosk.toml | jq -c 'select(.kind == \"decided\") | [.at, .body.decision]'"
)]
pub struct Export {
    /// The lane's configuration file (TOML).
    #[arg(long, value_name = "FILE")]
    pub(super) config: PathBuf,
    /// Only the records after this one.
    #[arg(long, value_name = "SEQ", default_value_t = 0)]
    pub(super) after: u64,
    /// Tell what is personal, too, as far as it is not erased. The lines are then personal data themselves.
    #[arg(long)]
    pub(super) personal: bool,
}

/// Count what the journal holds: records of each kind, what waits for the office, what was erased.
#[derive(Args)]
#[command(after_long_help = "Examples:\n  \
    kiosk journal stats --config kiosk.toml\n  \
    kiosk journal stats --config kiosk.toml --json | jq .kinds")]
pub struct Stats {
    /// The lane's configuration file (TOML).
    #[arg(long, value_name = "FILE")]
    pub(super) config: PathBuf,
    /// One JSON object.
    #[arg(long)]
    pub(super) json: bool,
}
