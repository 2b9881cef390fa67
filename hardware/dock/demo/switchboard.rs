use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use ui::Intent;

/// The one screen serves one lane after the other; what is touched goes to the lane that is on now.
#[derive(Clone, Default)]
pub(crate) struct Switchboard(Arc<Mutex<Option<UnboundedSender<Intent>>>>);

impl Switchboard {
    pub(crate) fn connect(&self) -> UnboundedReceiver<Intent> {
        let (to, from) = unbounded_channel();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(to);
        from
    }

    pub(crate) fn tell(&self, intent: Intent) {
        if let Some(to) = &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            // A lane that has ended wants nothing any more.
            let _ = to.send(intent);
        }
    }
}
