use ui::{EvidencePicture, Handle, LivePicture, Screen};

/// Where the lane is drawn.
pub trait Surface: Send + Clone + 'static {
    /// Shows this screen.
    fn screen(&self, screen: Screen);
    /// Shows this frame, if the screen has a place for it.
    fn live(&self, live: LivePicture);
    /// Keeps these pictures for the officer's panel.
    fn evidence(&self, evidence: Vec<EvidencePicture>);
    /// Drops every picture.
    fn forget(&self);
}

impl Surface for Handle {
    fn screen(&self, screen: Screen) {
        Handle::screen(self, screen);
    }

    fn live(&self, live: LivePicture) {
        Handle::live(self, live);
    }

    fn evidence(&self, evidence: Vec<EvidencePicture>) {
        Handle::evidence(self, evidence);
    }

    fn forget(&self) {
        Handle::forget(self);
    }
}

/// A lane without a display, on a test rig for instance.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nobody;

impl Surface for Nobody {
    fn screen(&self, _: Screen) {}

    fn live(&self, _: LivePicture) {}

    fn evidence(&self, _: Vec<EvidencePicture>) {}

    fn forget(&self) {}
}
