//! Carries the journal's records to the office: at least once, in their order, for as long as the lane runs. It reads beside
//! the loop and writes nothing; that a delivery has arrived is noted by the loop, which alone writes the journal.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use journal::{Batch, JournalError, LaneKey, Reader, SignedRecord};
use risk::Client;
use risk::line::RecordWords;
use tokio::sync::{Notify, oneshot, watch};
use tokio::task::spawn_blocking;
use tokio::time::sleep;

/// Records in one delivery. Some five hundred bytes each, so that a delivery is done in a second on a poor line.
const MOST: u32 = 200;

/// The first pause after a delivery that failed; it doubles up to the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// Longest pause: so long may an office be back unnoticed by the courier.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// What the courier works with.
pub struct Post {
    /// What the lane signs with.
    pub key: LaneKey,
    /// The journal, read beside its writer.
    pub reader: Reader,
    /// The line to the office.
    pub client: Client,
}

/// What arrived, and whom to tell that it is noted.
pub(crate) struct Arrived {
    /// Up to this record the office has everything.
    pub(crate) seq: u64,
    pub(crate) noted: oneshot::Sender<()>,
}

/// Carries until the loop has ended. `written` is told of every commit, `waiting` how many records the office has still to
/// get.
pub(crate) async fn carry(
    mut post: Post,
    written: Arc<Notify>,
    waiting: watch::Sender<u64>,
    arrived: impl Fn(Arrived) -> bool,
) {
    let mut pause = FIRST_PAUSE;
    let mut well = true;
    // Where an office that lost what it had is to be delivered to again.
    let mut again = None;
    loop {
        let Some((back, batch)) = read(post, again).await else {
            return;
        };
        post = back;
        let outcome = match batch {
            Ok(batch) if again.is_some() && batch.records.is_empty() => {
                again = None;
                continue;
            }
            Ok(batch) => {
                let left = batch.remaining + batch.records.len() as u64;
                waiting.send_if_modified(|known| std::mem::replace(known, left) != left);
                if left == 0 {
                    written.notified().await;
                    continue;
                }
                deliver(&post.client, &batch).await
            }
            Err(error) => Err(Trouble::Journal(error)),
        };
        match outcome {
            Ok(seq) => {
                if !well {
                    tracing::info!(seq, "records reach the office again");
                }
                (well, pause) = (true, FIRST_PAUSE);
                again = again.map(|_| seq);
                let (noted, done) = oneshot::channel();
                if !arrived(Arrived { seq, noted }) {
                    return;
                }
                // What cannot be noted is delivered once more, and the office passes it over.
                if done.await.is_err() {
                    sleep(pause).await;
                }
            }
            Err(Trouble::Office(error)) if error.expects().is_some() => {
                let expected = error.expects().unwrap_or(1);
                tracing::warn!(
                    expected,
                    "the office lacks records that it once had; they are delivered again"
                );
                again = Some(expected.saturating_sub(1));
                sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            Err(Trouble::Office(error)) if error.is_conflict() => {
                // No waiting mends this: a disk was put back, or two lanes have one name. The office keeps both as evidence.
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the office holds another history of this lane; an auditor has to look at both"
                );
                well = false;
                sleep(LONGEST_PAUSE).await;
            }
            Err(trouble) => {
                if std::mem::replace(&mut well, false) {
                    tracing::warn!(
                        error = &trouble as &dyn std::error::Error,
                        "records wait for the office"
                    );
                }
                sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

/// Why nothing arrived.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("the journal cannot be read")]
    Journal(#[source] JournalError),
    #[error("the records cannot be written")]
    Words(#[source] serde_json::Error),
    #[error("the office has not taken them")]
    Office(#[source] risk::ClientError),
    #[error("the office acknowledges up to {acknowledged}, which it did before")]
    NoProgress { acknowledged: u64 },
}

async fn read(post: Post, again: Option<u64>) -> Option<(Post, Result<Batch, JournalError>)> {
    let reading = spawn_blocking(move || {
        let batch = match again {
            None => post.reader.outbox(&post.key, MOST),
            Some(after) => post.reader.outbox_after(&post.key, after, MOST),
        };
        (post, batch)
    });
    // A runtime that ends takes the courier with it.
    reading.await.ok()
}

async fn deliver(client: &Client, batch: &Batch) -> Result<u64, Trouble> {
    let body = serde_json::to_vec(&RecordWords {
        lane: &batch.lane,
        records: batch.records.iter().map(SignedRecord::to_text).collect(),
        checkpoint: batch
            .checkpoint
            .as_ref()
            .map(|text| URL_SAFE_NO_PAD.encode(text)),
    })
    .map_err(Trouble::Words)?;
    let acknowledged = client.deliver(body).await.map_err(Trouble::Office)?;
    let first = batch.records.first().map_or(0, SignedRecord::seq);
    if acknowledged >= first {
        Ok(acknowledged)
    } else {
        Err(Trouble::NoProgress { acknowledged })
    }
}
