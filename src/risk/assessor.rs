//! The verdict on a question, whatever happens: the office within its deadline, else the lane itself.

use crate::case::{Case, LaneName};
use crate::client::{Client, ClientError};
use crate::engine;
use crate::lists::Lists;
use crate::policy::Policy;
use evidence::{Decider, Question, Verdict};

/// A lane's source of verdicts.
#[derive(Clone, Debug)]
pub struct Assessor {
    lane: LaneName,
    client: Option<Client>,
    policy: Policy,
    lists: Lists,
}

/// A verdict, and why the office did not give it where it was asked and did not.
#[derive(Debug)]
pub struct Answer {
    /// The verdict; its `decided_by` says whose it is.
    pub verdict: Verdict,
    /// What kept the office from answering.
    pub fallback: Option<ClientError>,
}

impl Assessor {
    /// An assessor that decides alone.
    #[must_use]
    pub fn new(lane: LaneName, policy: Policy, lists: Lists) -> Self {
        Self {
            lane,
            client: None,
            policy,
            lists,
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

    /// The verdict on a question. It takes no longer than the client's deadline and some milliseconds.
    pub async fn verdict(&self, question: &Question) -> Answer {
        let case = Case::new(&self.lane, question);
        let fallback = match &self.client {
            None => None,
            Some(client) => match client.assess_case(&case).await {
                Ok(verdict) => {
                    return Answer {
                        verdict,
                        fallback: None,
                    };
                }
                Err(error) => {
                    tracing::warn!(question = %case.question_name(), blame = ?error.blame(), %error, "the lane decides");
                    Some(error)
                }
            },
        };
        Answer {
            verdict: engine::assess(&case, &self.policy, &self.lists, Decider::Lane),
            fallback,
        }
    }

    /// The policy by which the lane decides alone.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The lists by which the lane decides alone.
    #[must_use]
    pub fn lists(&self) -> &Lists {
        &self.lists
    }
}
