//! The verdict on a question, whatever happens: the office within its deadline, else the lane itself.

use crate::case::{Case, LaneName};
use crate::edition::Edition;
use crate::engine;
use crate::line::{Client, ClientError, Disagreement, Later, VerdictWords};
use crate::lists::Lists;
use crate::policy::Policy;
use arc_swap::ArcSwap;
use evidence::{Decider, Question, QuestionId, Verdict};
use std::sync::Arc;
use tokio::sync::mpsc;

/// A lane's source of verdicts. Clones judge by the same edition, and see them renewed together.
#[derive(Clone, Debug)]
pub struct Assessor {
    lane: LaneName,
    client: Option<Client>,
    edition: Arc<ArcSwap<Edition>>,
    late: Option<mpsc::Sender<Late>>,
}

/// A verdict, and why the office did not give it where it was asked and did not.
#[derive(Debug)]
pub struct Answer {
    /// The verdict; its `decided_by` says whose it is.
    pub verdict: Verdict,
    /// What kept the office from answering.
    pub fallback: Option<ClientError>,
}

/// The office's answer to a question that the lane had to decide itself meanwhile. It changes nothing: it is for the record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Late {
    /// The question.
    pub question: QuestionId,
    /// What the lane decided and acted on.
    pub lane: Verdict,
    /// What the office said too late.
    pub office: Verdict,
    /// Whether both say the same: same decision, same reasons.
    pub agrees: bool,
}

impl Assessor {
    /// An assessor that decides alone.
    #[must_use]
    pub fn new(lane: LaneName, policy: Policy, lists: Lists) -> Self {
        Self {
            lane,
            client: None,
            edition: Arc::new(ArcSwap::from_pointee(Edition { policy, lists })),
            late: None,
        }
    }

    /// Asks the office first. The lane's name is then the client's, so that both sides judge the same case.
    #[must_use]
    pub fn with_office(self, client: Client) -> Self {
        Self {
            lane: client.lane().clone(),
            client: Some(client),
            ..self
        }
    }

    /// Sends every late answer there, for the record. What does not fit is told in the log.
    #[must_use]
    pub fn with_late(self, late: mpsc::Sender<Late>) -> Self {
        Self {
            late: Some(late),
            ..self
        }
    }

    /// Judges by these from the next question on. A question that is being judged keeps its own to the end.
    pub fn renew(&self, edition: Edition) {
        self.edition.store(Arc::new(edition));
    }

    /// What the lane judges by when it judges alone.
    #[must_use]
    pub fn edition(&self) -> Arc<Edition> {
        self.edition.load_full()
    }

    /// The line to the office.
    #[must_use]
    pub fn office(&self) -> Option<&Client> {
        self.client.as_ref()
    }

    /// The verdict on a question. It takes no longer than the client's deadline and some milliseconds.
    pub async fn verdict(&self, question: &Question) -> Answer {
        let case = Case::new(&self.lane, question);
        let edition = self.edition();
        let (fallback, later) = match &self.client {
            None => (None, None),
            Some(client) => {
                let asked = client.ask(&case).await;
                match asked.verdict {
                    Ok(verdict) => {
                        return Answer {
                            verdict,
                            fallback: None,
                        };
                    }
                    Err(error) => {
                        tracing::warn!(question = %case.question_name(), blame = ?error.blame(), %error, "the lane decides");
                        (
                            Some(error),
                            asked.later.map(|later| (client.clone(), later)),
                        )
                    }
                }
            }
        };
        let verdict = engine::assess(&case, &edition.policy, &edition.lists, Decider::Lane);
        if let Some((client, later)) = later {
            let await_it = listen(
                client,
                later,
                case.id,
                case.question_name(),
                verdict.clone(),
                self.late.clone(),
            );
            tokio::spawn(await_it);
        }
        Answer { verdict, fallback }
    }
}

/// Hears the late answer out, and tells of it.
async fn listen(
    client: Client,
    later: Later,
    question: QuestionId,
    name: String,
    lane: Verdict,
    to: Option<mpsc::Sender<Late>>,
) {
    let office = match later.verdict().await {
        Ok(office) => office,
        Err(error) => {
            tracing::debug!(question = %name, %error, "no late answer either");
            return;
        }
    };
    let agrees = agree(&lane, &office);
    let disagreement = (!agrees).then(|| Disagreement {
        lane: client.lane().to_string(),
        question: name.clone(),
        lane_verdict: VerdictWords::from(&lane),
        office_verdict: VerdictWords::from(&office),
    });
    let late = Late {
        question,
        lane,
        office,
        agrees,
    };
    if let Some(to) = to
        && to.try_send(late).is_err()
    {
        tracing::warn!(question = %name, agrees, "a late answer is not on record");
    }
    if let Some(disagreement) = disagreement {
        tracing::warn!(question = %name, "the office answers late, and otherwise");
        if let Err(error) = client.report_late(&disagreement).await {
            tracing::warn!(question = %name, %error, "the office has not taken the disagreement");
        }
    }
}

fn agree(lane: &Verdict, office: &Verdict) -> bool {
    let sorted = |verdict: &Verdict| {
        let mut reasons = verdict.reasons.clone();
        reasons.sort_unstable();
        reasons
    };
    lane.decision == office.decision && sorted(lane) == sorted(office)
}
