//! An office with its papers in one folder, and many lanes that ask it over lines of their own.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use evidence::{BirthDate, Name};
use office::{Authority, Config, LaneName, Running};
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};
use risk::names::NameList;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use tokio::sync::Barrier;
use tokio::time::MissedTickBehavior;

/// Syllables of made-up names; no list of real ones is needed to search through many.
const SYLLABLES: [&str; 20] = [
    "KA", "RI", "MO", "TEN", "SU", "VAL", "DER", "NI", "HAN", "LO", "BER", "CHI", "ZU", "PER",
    "GA", "EL", "YO", "MAR", "TI", "SEN",
];

/// The office and what its lanes need.
pub(crate) struct Yard {
    office: Running,
    authority: Authority,
    office_pem: Vec<u8>,
}

/// What a series of questions took.
#[derive(Default)]
pub(crate) struct Figures {
    /// One duration for each answer, from the request's first byte to the answer's last.
    pub(crate) answers: Vec<Duration>,
    /// Answers that were no verdict.
    pub(crate) refused: usize,
    /// From the first question to the last answer.
    pub(crate) took: Duration,
}

impl Yard {
    /// Lays everything out in a folder and opens the office; its lists watch so many made-up people.
    ///
    /// # Errors
    /// What cannot be written or started.
    pub(crate) async fn open(folder: &Path, policy: &str, names: u32) -> Result<Self> {
        let now = OffsetDateTime::now_utc();
        let (ca, ca_key) = Authority::make("Lanes", now)?;
        let own = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()])?;
        let office_pem = own.cert.pem();
        edition(&folder.join("edition"), policy, names)?;
        for (name, text) in [
            ("lanes.crt.pem", &*ca),
            ("lanes.key.pem", &*ca_key),
            ("office.crt.pem", &office_pem),
            ("office.key.pem", &own.signing_key.serialize_pem()),
            (
                "office.toml",
                "listen = \"127.0.0.1:0\"\ndatabase = \"office.sqlite\"\n\
                 tls = { certificate = \"office.crt.pem\", key = \"office.key.pem\" }\n\
                 risk = { edition = \"edition\" }\nlanes = { ca = \"lanes.crt.pem\", ca_key = \"lanes.key.pem\" }\n\
                 metrics = { listen = \"127.0.0.1:0\" }\n\
                 limits = { concurrent_requests = 4_096, lane_per_second = 100_000, lane_burst = 100_000, request_ms = 30_000 }\n",
            ),
        ] {
            fs::write(folder.join(name), text)?;
        }
        Ok(Self {
            office: office::serve(Config::load(&folder.join("office.toml"))?).await?,
            authority: Authority::read(&ca, Some(&ca_key))?,
            office_pem: office_pem.into_bytes(),
        })
    }

    /// How many transactions there were so far, and how many requests wrote in them.
    ///
    /// # Errors
    /// When the office's figures cannot be read.
    pub(crate) async fn commits(&self) -> Result<[f64; 2]> {
        let at = self.office.metrics_addr().context("no figures")?;
        let text = reqwest::get(format!("http://{at}/metrics")).await?;
        let text = text.text().await?;
        let figure = |name: &str| -> Result<f64> {
            let line = text.lines().find_map(|line| line.strip_prefix(name));
            Ok(line.context("no such figure")?.trim().parse()?)
        };
        Ok([
            figure("office_commit_errands_count ")?,
            figure("office_commit_errands_sum ")?,
        ])
    }

    /// Closes the office.
    ///
    /// # Errors
    /// What kept it from ending well.
    pub(crate) async fn close(self) -> Result<()> {
        Ok(self.office.stop().await?)
    }

    /// Lanes with their connections open: each has asked once.
    ///
    /// # Errors
    /// When the office cannot be reached or refuses a question.
    pub(crate) async fn lanes(&self, count: u32) -> Result<Vec<Lane>> {
        let mut lanes = Vec::new();
        for number in 0..count {
            let mut lane = self.lane(number)?;
            ensure!(lane.ask().await?, "the office refuses the first question");
            lanes.push(lane);
        }
        Ok(lanes)
    }

    fn lane(&self, number: u32) -> Result<Lane> {
        let name = format!("lane-{number}");
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new([name.clone()])?;
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, &*name);
        let request = params.serialize_request(&key)?.pem()?;
        let chain = self
            .authority
            .certify(
                &LaneName::parse(&name).context("no lane's name")?,
                &request,
                OffsetDateTime::now_utc(),
                time::Duration::days(1),
            )?
            .context("the authority has no key")?;
        let identity = format!("{chain}{}", key.serialize_pem());
        let client = reqwest::Client::builder()
            .tls_certs_only([reqwest::Certificate::from_pem(&self.office_pem)?])
            .identity(reqwest::Identity::from_pem(identity.as_bytes())?)
            .http1_only()
            .no_proxy()
            .tcp_nodelay(true)
            .build()?;
        Ok(Lane {
            name,
            client,
            url: format!("https://{}/v1/assessments", self.office.addr()),
            asked: 0,
        })
    }
}

/// One lane at its line.
pub(crate) struct Lane {
    name: String,
    client: reqwest::Client,
    url: String,
    asked: u64,
}

impl Lane {
    /// Asks a new question; whether there was a verdict.
    async fn ask(&mut self) -> Result<bool> {
        self.asked += 1;
        let body = serde_json::to_vec(&question(&self.name, self.asked))?;
        let request = self
            .client
            .post(&self.url)
            .header("content-type", "application/json")
            .body(body);
        let answer = request.send().await?;
        let verdict = answer.status() == reqwest::StatusCode::OK;
        answer.bytes().await?;
        Ok(verdict)
    }

    async fn ask_for(
        &mut self,
        long: Duration,
        every: Option<Duration>,
        start: &Barrier,
    ) -> Result<Figures> {
        let mut figures = Figures::default();
        start.wait().await;
        let begun = Instant::now();
        let mut tick = every.map(|every| {
            // Lanes do not ask in step: each begins at another moment of its second.
            let offset = every.mul_f64(share(&self.name));
            let mut tick = tokio::time::interval_at(tokio::time::Instant::now() + offset, every);
            tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
            tick
        });
        loop {
            if let Some(tick) = &mut tick {
                tick.tick().await;
            }
            if begun.elapsed() >= long {
                figures.took = begun.elapsed();
                return Ok(figures);
            }
            let asked = Instant::now();
            if self.ask().await? {
                figures.answers.push(asked.elapsed());
            } else {
                figures.refused += 1;
            }
        }
    }
}

/// All lanes at once for so long: each asks anew as soon as it is answered, or every so often.
///
/// # Errors
/// When a line breaks.
pub(crate) async fn ask(
    lanes: &mut Vec<Lane>,
    long: Duration,
    every: Option<Duration>,
) -> Result<Figures> {
    let start = Arc::new(Barrier::new(lanes.len()));
    let asking: Vec<_> = lanes
        .drain(..)
        .map(|mut lane| {
            let start = Arc::clone(&start);
            tokio::spawn(async move {
                let figures = lane.ask_for(long, every, &start).await;
                (lane, figures)
            })
        })
        .collect();
    let mut all = Figures::default();
    for lane in asking {
        let (lane, figures) = lane.await?;
        let figures = figures?;
        lanes.push(lane);
        all.answers.extend(figures.answers);
        all.refused += figures.refused;
        all.took = all.took.max(figures.took);
    }
    Ok(all)
}

/// A number from 0 to 1 that belongs to the name.
fn share(name: &str) -> f64 {
    let digest = Sha256::digest(name);
    f64::from(digest[0]) / 256.0
}

/// One traveller with two lines of goods, under a name of its own.
fn question(lane: &str, number: u64) -> Value {
    let name = made_up(&format!("{lane}/{number}"));
    json!({
        "format": risk::wire::FORMAT, "question": format!("{lane}/J{number}-1"), "on": "2026-11-23",
        "travellers": [{
            "state": "UTO", "number": format!("L{number:08}"), "primary": name[0], "secondary": name[1],
            "birth": "19740812", "nationality": "UTO",
            "document": {"kind": "passport", "expiry": "2031-01-01", "name_truncated": false},
        }],
        "answers": {
            "prohibited": false, "gold": false, "over_allowance": false, "commercial": false, "for_others": false,
            "cash_over_limit": false, "unaccompanied_pieces": 0,
        },
        "goods": [
            {"kind": "perfume", "quantity": 1, "packages": 1, "value_yen": 9000, "name": "perfume", "owner": 0},
            {"kind": "cigarettes", "quantity": 20, "packages": 1, "value_yen": 900, "name": "cigarettes"},
        ],
        "flight": "JL61", "departure": "HEL",
    })
}

/// Two words of three syllables that belong to the text.
fn made_up(text: &str) -> [String; 2] {
    let digest = Sha256::digest(text);
    let word = |from: usize| -> String {
        digest[from..from + 3]
            .iter()
            .map(|byte| SYLLABLES[usize::from(*byte) % SYLLABLES.len()])
            .collect()
    };
    [word(0), word(3)]
}

/// An edition that watches so many made-up people, issued on the day of the questions.
fn edition(folder: &Path, policy: &str, names: u32) -> Result<()> {
    fs::create_dir(folder)?;
    fs::write(folder.join("policy.toml"), policy)?;
    let mut lists = format!(
        "version = \"made-up\"\nissued = 2026-11-23\nkey = \"{}\"\ndocuments = []\nnames = []\n",
        "07".repeat(32)
    );
    if names > 0 {
        let mut list = NameList::new();
        for number in 0..names {
            let [primary, secondary] = made_up(&number.to_string());
            let name = Name::new(&primary, &secondary).context("no name")?;
            let year = 1930 + u16::try_from(number % 80)?;
            let birth = BirthDate::new(year, Some(1 + (number % 12) as u8), Some(1)).ok();
            list.add(&name, birth.as_ref(), None);
        }
        let mut file = Vec::new();
        list.write(&mut file)?;
        let digest = hex::encode(Sha256::digest(&file));
        fs::write(folder.join("people.names"), file)?;
        let _ = write!(
            lists,
            "[files.names]\nname = \"people.names\"\nsha256 = \"{digest}\"\n"
        );
    }
    fs::write(folder.join("lists.toml"), lists)?;
    Ok(())
}
