//! The one thread that writes, and how it gathers what is to be written.

use super::StoreError;
use crate::gauges::Gauges;
use rusqlite::Connection;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::JoinHandle;
use std::time::Instant;
use tokio::sync::oneshot;

/// Most errands in one transaction. Two hundred lanes at once fit; the first of them should not wait for many more.
const MOST: usize = 256;

/// Something to write, and somebody who waits for it.
trait Errand: Send {
    fn perform(&mut self, connection: &Connection);
    fn settle(self: Box<Self>, committed: Result<(), Arc<rusqlite::Error>>);
}

struct Writing<T, F> {
    work: Option<F>,
    outcome: Option<Result<T, StoreError>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Errand for Writing<T, F>
where
    T: Send,
    F: FnOnce(&Connection) -> Result<T, StoreError> + Send,
{
    fn perform(&mut self, connection: &Connection) {
        if let Some(work) = self.work.take() {
            self.outcome = Some(apart(connection, work));
        }
    }

    fn settle(self: Box<Self>, committed: Result<(), Arc<rusqlite::Error>>) {
        let outcome = match committed {
            Ok(()) => self.outcome.unwrap_or(Err(StoreError::Closed)),
            Err(error) => Err(StoreError::Commit(error)),
        };
        // Whoever asked may have gone meanwhile; what was written stays written.
        let _ = self.reply.send(outcome);
    }
}

/// One errand's part of the transaction: all of it, or nothing.
fn apart<T>(
    connection: &Connection,
    work: impl FnOnce(&Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    connection.prepare_cached("SAVEPOINT errand")?.execute([])?;
    let outcome = work(connection);
    if outcome.is_err() {
        connection
            .prepare_cached("ROLLBACK TO errand")?
            .execute([])?;
    }
    connection.prepare_cached("RELEASE errand")?.execute([])?;
    outcome
}

#[derive(Debug)]
pub(super) struct Writer {
    errands: Option<Sender<Box<dyn Errand>>>,
    thread: Option<JoinHandle<()>>,
}

impl std::fmt::Debug for dyn Errand {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Errand")
    }
}

impl Writer {
    pub(super) fn start(connection: Connection, gauges: Arc<Gauges>) -> Result<Self, StoreError> {
        let (errands, waiting) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("office-store".to_owned())
            .spawn(move || serve(&connection, &waiting, &gauges))
            .map_err(StoreError::Thread)?;
        Ok(Self {
            errands: Some(errands),
            thread: Some(thread),
        })
    }

    /// Writes; when this returns `Ok`, what was written is on the disk.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, outcome) = oneshot::channel();
        self.errands
            .as_ref()
            .and_then(|errands| {
                errands
                    .send(Box::new(Writing {
                        work: Some(work),
                        outcome: None,
                        reply,
                    }))
                    .ok()
            })
            .ok_or(StoreError::Closed)?;
        outcome.await.map_err(|_| StoreError::Closed)?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.errands = None;
        if let Some(thread) = self.thread.take() {
            // It panics only where an errand did, and that was told when it happened.
            let _ = thread.join();
        }
    }
}

fn serve(connection: &Connection, waiting: &Receiver<Box<dyn Errand>>, gauges: &Gauges) {
    while let Ok(first) = waiting.recv() {
        let mut errands = vec![first];
        let begun = Instant::now();
        let committed = together(connection, &mut errands, waiting).map_err(Arc::new);
        gauges.committed(errands.len(), begun.elapsed());
        if committed.is_err() && !connection.is_autocommit() {
            // If this fails too, the next errand's BEGIN fails and says so.
            let _ = connection.execute_batch("ROLLBACK");
        }
        for errand in errands {
            errand.settle(committed.clone());
        }
    }
}

/// Whatever waits by the time the lock is held goes into the same transaction.
fn together(
    connection: &Connection,
    errands: &mut Vec<Box<dyn Errand>>,
    waiting: &Receiver<Box<dyn Errand>>,
) -> Result<(), rusqlite::Error> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let mut done = 0;
    loop {
        while let Some(errand) = errands.get_mut(done) {
            errand.perform(connection);
            done += 1;
        }
        if done >= MOST {
            break;
        }
        match waiting.try_recv() {
            Ok(errand) => errands.push(errand),
            Err(_) => break,
        }
    }
    connection.execute_batch("COMMIT")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn writer(path: &std::path::Path) -> Writer {
        let connection = Connection::open(path).unwrap();
        connection
            .execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE IF NOT EXISTS t (n INTEGER PRIMARY KEY) STRICT")
            .unwrap();
        connection
            .busy_timeout(std::time::Duration::from_millis(300))
            .unwrap();
        Writer::start(connection, Gauges::new()).unwrap()
    }

    #[tokio::test]
    async fn one_errand_that_fails_takes_no_other_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.sqlite");
        let writer = writer(&path);
        let put = |n: i64| {
            writer.write(move |connection| {
                connection.execute("INSERT INTO t VALUES (?1)", [n])?;
                connection.execute("INSERT INTO t VALUES (?1)", [n + 100])?;
                Ok(n)
            })
        };
        let hold = Connection::open(&path).unwrap();
        hold.execute_batch("BEGIN IMMEDIATE; INSERT INTO t VALUES (103)")
            .unwrap();
        let release = async { hold.execute_batch("COMMIT").unwrap() };
        // All of them wait for the lock, and then go into one transaction.
        let (one, two, three, four, ()) = tokio::join!(put(1), put(2), put(3), put(4), release);
        assert_eq!((one.unwrap(), two.unwrap(), four.unwrap()), (1, 2, 4));
        assert!(three.is_err());
        drop(writer);
        let rows: Vec<i64> = hold
            .prepare("SELECT n FROM t ORDER BY n")
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        assert_eq!(rows, [1, 2, 4, 101, 102, 103, 104]);
    }

    #[tokio::test]
    async fn what_cannot_be_committed_is_told_to_everybody_who_waits_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.sqlite");
        let writer = writer(&path);
        let hold = Connection::open(&path).unwrap();
        hold.execute_batch("BEGIN IMMEDIATE").unwrap();
        let put = |n: i64| {
            writer.write(move |connection| {
                connection.execute("INSERT INTO t VALUES (?1)", [n])?;
                Ok(())
            })
        };
        let (one, two) = tokio::join!(put(1), put(2));
        assert!(matches!(one, Err(StoreError::Commit(_))), "{one:?}");
        assert!(matches!(two, Err(StoreError::Commit(_))), "{two:?}");
        hold.execute_batch("ROLLBACK").unwrap();
        put(3).await.unwrap();
    }
}
