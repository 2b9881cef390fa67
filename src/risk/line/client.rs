//! Questions: one number from the first try to the last, one deadline over all of them, and an answer that comes too late.

use super::breaker::{Breaker, Breaking, LineStatus};
use super::error::{ClientError, ClientSetupError};
use super::exchange::{Exchange, LONGEST_ANSWER, Ranged, read};
use super::identity::Identity;
use crate::case::{Case, LaneName};
use crate::wire::{AssessmentRequest, AssessmentResponse};
use bytes::Bytes;
use evidence::{Question, Verdict};
use reqwest::header::CONTENT_TYPE;
use reqwest::{StatusCode, Url};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;
use zeroize::Zeroizing;

/// How long the lane waits for the office where its configuration says nothing. A traveller who has just been
/// photographed stands and waits meanwhile.
pub const DEADLINE: Duration = Duration::from_millis(1_500);

/// How long after the deadline an answer is still listened for. The words of the question are in memory until then at the
/// longest, and an office that works on a question for longer has given it up itself.
pub const LATE_LIMIT: Duration = Duration::from_secs(10);

/// How often a question is put at most.
const TRIES: u32 = 3;

/// The pause before the second try, doubled before the third: a restarting office is back within some tenths of a second.
const PAUSE: Duration = Duration::from_millis(100);

/// Longest time for a word on the office's health.
const HEALTH: Duration = Duration::from_secs(5);

/// What the client has to know.
#[derive(Clone, Debug)]
pub struct ClientConfig {
    /// Address of the office, such as `https://office.example:8443/`; https only.
    pub office: Url,
    /// This lane's name.
    pub lane: LaneName,
    /// Certificates of the authorities that may vouch for the office, PEM. No other authority is trusted.
    pub ca_pem: Vec<u8>,
    /// Time from question to answer, every try included.
    pub deadline: Duration,
}

/// What the client can do without.
#[derive(Clone, Debug)]
pub struct LineOptions {
    /// The certificate by which the office knows the lane.
    pub identity: Option<Arc<Identity>>,
    /// When the office is not even asked.
    pub breaking: Breaking,
    /// How long after the deadline an answer is still listened for.
    pub late: Duration,
    /// Seed of the pauses' jitter; drawn where there is none.
    pub seed: Option<u64>,
}

impl Default for LineOptions {
    fn default() -> Self {
        Self {
            identity: None,
            breaking: Breaking::default(),
            late: LATE_LIMIT,
            seed: None,
        }
    }
}

/// The addresses at the office.
#[derive(Clone, Debug)]
pub(super) struct Places {
    pub(super) assessments: Url,
    pub(super) certificates: Url,
    pub(super) disagreements: Url,
    pub(super) health: Url,
    pub(super) lane_health: Url,
    pub(super) records: Url,
}

/// A line to the office. Cheap to clone; clones share their connections and their breaker.
#[derive(Clone, Debug)]
pub struct Client {
    pub(super) exchange: Exchange,
    pub(super) places: Arc<Places>,
    lane: LaneName,
    deadline: Duration,
    late: Duration,
    breaker: Arc<Breaker>,
    chance: Arc<Mutex<fastrand::Rng>>,
}

/// What came of a question.
#[derive(Debug)]
pub struct Asked {
    /// The office's verdict, or why there is none in time.
    pub verdict: Result<Verdict, ClientError>,
    /// The answer may still come.
    pub later: Option<Later>,
}

/// An answer that may still come. It does nothing until it is awaited, and dropping it hangs up.
pub struct Later(Pin<Box<dyn Future<Output = Result<Verdict, ClientError>> + Send>>);

impl std::fmt::Debug for Later {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Later")
    }
}

impl Later {
    /// The office's verdict, within the limit for late answers.
    ///
    /// # Errors
    /// [`ClientError`]: it will not come any more.
    pub async fn verdict(self) -> Result<Verdict, ClientError> {
        self.0.await
    }
}

impl Client {
    /// Makes ready for asking; nothing is sent yet.
    ///
    /// # Errors
    /// [`ClientSetupError`] names the part of the configuration that cannot be used.
    pub fn new(config: ClientConfig) -> Result<Self, ClientSetupError> {
        Self::with(config, LineOptions::default())
    }

    /// Makes ready for asking, with a certificate of the lane's own and other limits.
    ///
    /// # Errors
    /// [`ClientSetupError`] names the part of the configuration that cannot be used.
    pub fn with(config: ClientConfig, options: LineOptions) -> Result<Self, ClientSetupError> {
        let exchange = Exchange::new(config.office, &config.ca_pem, options.identity)?;
        let places = Places {
            assessments: exchange.url("v1/assessments")?,
            certificates: exchange.url("v1/certificates")?,
            disagreements: exchange.url("v1/disagreements")?,
            health: exchange.url("v1/health")?,
            lane_health: exchange.url(&format!("v1/lanes/{}/health", config.lane))?,
            records: exchange.url("v1/records")?,
        };
        let mut chance = options
            .seed
            .map_or_else(fastrand::Rng::new, fastrand::Rng::with_seed);
        Ok(Self {
            exchange,
            places: Arc::new(places),
            lane: config.lane,
            deadline: config.deadline,
            late: options.late,
            breaker: Arc::new(Breaker::new(options.breaking, chance.u64(..))),
            chance: Arc::new(Mutex::new(chance)),
        })
    }

    /// The lane in whose name the client asks.
    #[must_use]
    pub fn lane(&self) -> &LaneName {
        &self.lane
    }

    /// The certificate by which the office knows the lane.
    #[must_use]
    pub fn identity(&self) -> Option<&Arc<Identity>> {
        self.exchange.identity()
    }

    /// What is to be seen of the line, and every change of it: for the officer's panel and for metrics.
    #[must_use]
    pub fn status(&self) -> watch::Receiver<LineStatus> {
        self.breaker.watch()
    }

    /// Asks the office about a party.
    ///
    /// # Errors
    /// [`ClientError`], at the latest when the deadline has passed.
    pub async fn assess(&self, question: &Question) -> Result<Verdict, ClientError> {
        self.assess_case(&Case::new(&self.lane, question)).await
    }

    /// Asks the office about a case.
    ///
    /// # Errors
    /// [`ClientError`], at the latest when the deadline has passed.
    pub async fn assess_case(&self, case: &Case) -> Result<Verdict, ClientError> {
        self.ask(case).await.verdict
    }

    /// Asks the office about a case. When the deadline passes, the answer can still be waited for.
    pub async fn ask(&self, case: &Case) -> Asked {
        let permit = match self.breaker.permit() {
            Ok(permit) => permit,
            Err(rest) => {
                return Asked {
                    verdict: Err(ClientError::Resting(rest)),
                    later: None,
                };
            }
        };
        let body = match serde_json::to_vec(&AssessmentRequest::from(case)) {
            Ok(body) => Bytes::from_owner(Zeroizing::new(body)),
            Err(error) => {
                return Asked {
                    verdict: Err(ClientError::Unwritable(error)),
                    later: None,
                };
            }
        };
        let until = Instant::now() + self.deadline;
        let mut tries = Box::pin(self.clone().put(case.question_name(), body, until));
        let (verdict, later) = match tokio::time::timeout_at(until, &mut tries).await {
            Ok(verdict) => (verdict, None),
            Err(_elapsed) => {
                let (late, deadline) = (until + self.late, self.deadline + self.late);
                let later = Later(Box::pin(async move {
                    tokio::time::timeout_at(late, tries)
                        .await
                        .unwrap_or(Err(ClientError::Late(deadline)))
                }));
                (Err(ClientError::Late(self.deadline)), Some(later))
            }
        };
        match &verdict {
            Ok(_) => permit.answered(),
            Err(error) if error.is_an_answer() => permit.answered(),
            Err(_) => permit.failed(),
        }
        Asked { verdict, later }
    }

    /// The same words under the same name, until they are answered: the office answers a question only once, whatever it is
    /// sent, so that it can safely be put again. Nothing is begun after the deadline.
    async fn put(self, asked: String, body: Bytes, until: Instant) -> Result<Verdict, ClientError> {
        let mut pause = PAUSE;
        for turn in 1.. {
            match self.send(body.clone()).await {
                Err(error) if error.may_pass() && turn < TRIES => {
                    tracing::debug!(question = %asked, turn, %error, "put once more");
                    let again = Instant::now() + pause.mul_f64(self.share());
                    if again >= until {
                        return Err(error);
                    }
                    tokio::time::sleep_until(again).await;
                    pause *= 2;
                }
                answer => {
                    let answer: AssessmentResponse =
                        serde_json::from_slice(&answer?).map_err(ClientError::Unreadable)?;
                    return answer.verdict_on(&asked).map_err(ClientError::Unusable);
                }
            }
        }
        Err(ClientError::Late(self.deadline))
    }

    async fn send(&self, body: Bytes) -> Result<Vec<u8>, ClientError> {
        let request = self
            .exchange
            .post(&self.places.assessments)
            .header(CONTENT_TYPE, "application/json")
            .body(body);
        self.exchange
            .fetch(request, StatusCode::OK, LONGEST_ANSWER)
            .await
    }

    /// Half to one and a half, by chance.
    pub(super) fn share(&self) -> f64 {
        let mut chance = self.chance.lock().unwrap_or_else(PoisonError::into_inner);
        0.5 + chance.f64()
    }

    /// Looks after a line that has opened, for as long as it runs: whenever a trial may be made, the office is asked how it
    /// is, so that seldom a traveller has to try.
    pub async fn keep_line(&self) {
        let mut status = self.breaker.watch();
        loop {
            match self.breaker.next_trial() {
                Some(trial) => {
                    tokio::time::sleep_until(trial).await;
                    self.try_line().await;
                }
                None => {
                    if status.changed().await.is_err() {
                        return;
                    }
                }
            }
        }
    }

    async fn try_line(&self) {
        let Ok(permit) = self.breaker.permit() else {
            // A question is trying it in this moment: what comes of it will be seen.
            tokio::time::sleep(self.deadline).await;
            return;
        };
        let request = self.exchange.get(&self.places.health);
        let answer = self.exchange.fetch(request, StatusCode::OK, LONGEST_ANSWER);
        match tokio::time::timeout(HEALTH, answer).await {
            Ok(Ok(_)) => permit.said_well(),
            Ok(Err(error)) => {
                tracing::debug!(%error, "the office is not back yet");
                permit.failed();
            }
            Err(_elapsed) => permit.failed(),
        }
    }

    /// An address below the office's, for its files.
    ///
    /// # Errors
    /// [`ClientSetupError::Address`]
    pub fn url(&self, path: &str) -> Result<Url, ClientSetupError> {
        self.exchange.url(path)
    }

    /// This long, give or take a half by chance.
    pub(crate) fn jittered(&self, pause: Duration) -> Duration {
        pause.mul_f64(self.share())
    }

    /// A small file as a whole; none where there is none.
    pub(crate) async fn fetch_file(
        &self,
        url: &Url,
        longest: u64,
    ) -> Result<Option<Vec<u8>>, ClientError> {
        match self.exchange.fetch_from(url, 0).await? {
            Ranged::Whole(response) => read(response, longest).await.map(Some),
            Ranged::Rest(_) => Err(ClientError::Trouble {
                status: StatusCode::PARTIAL_CONTENT,
                title: None,
            }),
            Ranged::Absent => Ok(None),
        }
    }

    /// A file from this byte on.
    ///
    /// # Errors
    /// [`ClientError`]
    pub(crate) async fn fetch_from(&self, url: &Url, from: u64) -> Result<Ranged, ClientError> {
        self.exchange.fetch_from(url, from).await
    }
}
