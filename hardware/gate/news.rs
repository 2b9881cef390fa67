//! What the link tells its owner.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::sync::mpsc;

use crate::error::LinkError;
use crate::words::Status;

/// What happened at the gate or on the way to it.
#[derive(Debug)]
pub enum News {
    /// The gate answers, and this is how it stands. Said after every (re)connection, before anything is moved.
    Connected(Status),
    /// Something about the gate has changed.
    Changed(Status),
    /// The gate has not answered for [`crate::Timings::patience`].
    Lost(Arc<LinkError>),
}

/// News that wait for a slow owner. A status replaces the older one, so the box never holds more than two.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    waiting: VecDeque<News>,
}

impl Outbox {
    pub(crate) fn push(&mut self, news: News) {
        match (self.waiting.back_mut(), news) {
            (Some(News::Connected(old) | News::Changed(old)), News::Changed(new)) => *old = new,
            (_, news @ News::Lost(_)) => {
                self.waiting.clear();
                self.waiting.push_back(news);
            }
            (_, news) => self.waiting.push_back(news),
        }
    }

    /// Hands over what the channel takes now. The link must not wait for its owner: the heartbeat would stop.
    pub(crate) fn deliver(&mut self, to: &mpsc::Sender<News>) {
        while let Some(news) = self.waiting.pop_front() {
            match to.try_send(news) {
                Ok(()) => {}
                Err(mpsc::error::TrySendError::Full(news)) => {
                    self.waiting.push_front(news);
                    return;
                }
                Err(mpsc::error::TrySendError::Closed(_)) => return,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::words::*;

    fn status(passed: u16) -> Status {
        Status {
            leaf: Leaf::Closed,
            obstruction: Obstruction::Clear,
            entry_beam: Beam::Clear,
            exit_beam: Beam::Clear,
            passed,
            tailgate: Alarm::Quiet,
            forced: Alarm::Quiet,
            wrong_way: Alarm::Quiet,
            evacuation: Evacuation::Off,
            mains: Mains::Present,
            battery: None,
            fault: None,
            firmware: None,
        }
    }

    #[test]
    fn an_owner_who_does_not_listen_costs_two_entries_at_most() {
        let (to, mut from) = mpsc::channel(1);
        let mut outbox = Outbox::default();
        for round in 0..100 {
            outbox.push(News::Lost(Arc::new(LinkError::Stopped)));
            outbox.push(News::Connected(status(round)));
            outbox.push(News::Changed(status(round + 1000)));
            outbox.deliver(&to);
            assert!(outbox.waiting.len() <= 2);
        }
        assert!(matches!(from.try_recv().unwrap(), News::Lost(_)));
        outbox.deliver(&to);
        assert!(matches!(from.try_recv().unwrap(), News::Lost(_)));
        outbox.deliver(&to);
        match from.try_recv().unwrap() {
            News::Connected(last) => assert_eq!(last.passed, 1099),
            other => panic!("{other:?}"),
        }
    }
}
