use std::{
    cell::RefCell,
    rc::Rc,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use evidence::QuestionId;
use journey::{Language, Touch};
use slint::{ComponentHandle, PhysicalSize, PlatformError, Rgb8Pixel, SharedPixelBuffer};

use crate::{
    Camera, EvidencePicture, Intent, Kiosk, LivePicture, Screen, Settings, View,
    keys::{decision, decision_reason},
    paint, view,
};

/// The window. It stays on the main thread, which its event loop owns.
pub struct Display {
    kiosk: Kiosk,
    desk: Arc<Mutex<Desk>>,
}

/// The way to the window from any other thread. What arrives faster than it can be drawn replaces what has not been
/// drawn yet.
#[derive(Clone)]
pub struct Handle {
    kiosk: slint::Weak<Kiosk>,
    desk: Arc<Mutex<Desk>>,
}

/// What waits to be drawn, and what must be known when it is.
#[derive(Default)]
struct Desk {
    screen: Option<Screen>,
    live: Option<(LivePicture, SharedPixelBuffer<Rgb8Pixel>)>,
    forget: bool,
    evidence_changed: bool,
    summoned: bool,

    shown: Option<Screen>,
    evidence: Vec<EvidencePicture>,
}

impl Desk {
    /// The referral that stands on the panel.
    fn referral(&self) -> Option<QuestionId> {
        match &self.shown.as_ref()?.view {
            View::Desk(panel) => panel.referral.as_ref().map(|referral| referral.id),
            View::Attract
            | View::Gathering(_)
            | View::Reviewing(_)
            | View::Facing { .. }
            | View::Moment
            | View::Go { .. }
            | View::Closing
            | View::Referral { .. }
            | View::OutOfService
            | View::Evacuating
            | View::SignIn { .. } => None,
        }
    }

    /// The camera whose picture the screen shows.
    fn camera(&self) -> Option<Camera> {
        match &self.shown.as_ref()?.view {
            View::Attract | View::Gathering(_) => Some(Camera::Documents),
            View::Facing { .. } => Some(Camera::Face),
            View::Reviewing(_)
            | View::Moment
            | View::Go { .. }
            | View::Closing
            | View::Referral { .. }
            | View::OutOfService
            | View::Evacuating
            | View::SignIn { .. }
            | View::Desk(_) => None,
        }
    }
}

fn lock(desk: &Mutex<Desk>) -> MutexGuard<'_, Desk> {
    // What waits is replaced whole, so a panic elsewhere leaves nothing half done.
    desk.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Display {
    /// A window with the usual settings. `on_intent` is called on the main thread and must return at once.
    ///
    /// # Errors
    /// [`PlatformError`] when there is no display or no font.
    pub fn new(on_intent: impl FnMut(Intent) + 'static) -> Result<Self, PlatformError> {
        Self::with(&Settings::default(), on_intent)
    }

    /// A window with these settings.
    ///
    /// # Errors
    /// [`PlatformError`] when there is no display or no font.
    pub fn with(
        settings: &Settings,
        on_intent: impl FnMut(Intent) + 'static,
    ) -> Result<Self, PlatformError> {
        let kiosk = Kiosk::new()?;
        match settings.size {
            Some(size) => kiosk
                .window()
                .set_size(PhysicalSize::new(size.width, size.height)),
            None => kiosk.window().set_fullscreen(true),
        }
        paint::settings(&kiosk, settings);
        let display = Self {
            kiosk,
            desk: Arc::default(),
        };
        display.listen(on_intent);
        Ok(display)
    }

    fn listen(&self, on_intent: impl FnMut(Intent) + 'static) {
        let on_intent: Rc<RefCell<dyn FnMut(Intent)>> = Rc::new(RefCell::new(on_intent));
        let tell = move |intent: Intent| {
            // An intent that arises while another is being told has no reader; none of ours does.
            if let Ok(mut tell) = on_intent.try_borrow_mut() {
                tell(intent);
            }
        };
        let touched = |touch: Touch| {
            let tell = tell.clone();
            move || tell(Intent::Touched(touch))
        };
        let bridge = self.kiosk.global::<view::Bridge>();
        bridge.on_confirm(touched(Touch::Confirm));
        bridge.on_dispute(touched(Touch::Dispute));
        bridge.on_ask_officer(touched(Touch::AskOfficer));
        bridge.on_more_time(touched(Touch::MoreTime));
        let say = tell.clone();
        bridge.on_speak(move |tongue| {
            say(Intent::Touched(Touch::Language(match tongue {
                view::Tongue::English => Language::English,
                view::Tongue::Japanese => Language::Japanese,
            })));
        });
        let say = tell.clone();
        bridge.on_open_panel(move || say(Intent::OpenPanel));
        let say = tell.clone();
        bridge.on_sign_in(move |badge, pin| {
            say(Intent::SignIn {
                badge: badge.into(),
                pin: pin.into(),
            })
        });
        let say = tell.clone();
        let desk = Arc::clone(&self.desk);
        bridge.on_decide(move |act, why| {
            let referral = lock(&desk).referral();
            if let (Some(referral), Some(decision), Some(reason)) =
                (referral, decision(act), decision_reason(why))
            {
                say(Intent::Decide {
                    referral,
                    decision,
                    reason,
                });
            }
        });
        let say = tell.clone();
        bridge.on_order_service(move |open| say(Intent::OrderService { open }));
        let say = tell.clone();
        bridge.on_saw_alarms(move || say(Intent::SawAlarms));
        bridge.on_leave_panel(move || tell(Intent::LeavePanel));
        self.kiosk.window().on_close_requested(|| {
            // Outside an event loop there is nothing to quit.
            let _ = slint::quit_event_loop();
            slint::CloseRequestResponse::HideWindow
        });
    }

    /// Shows the window.
    ///
    /// # Errors
    /// [`PlatformError`] when the window cannot be shown.
    pub fn show(&self) -> Result<(), PlatformError> {
        self.kiosk.show()
    }

    /// Shows the window and runs its loop until [`Handle::quit`].
    ///
    /// # Errors
    /// [`PlatformError`] when the window cannot be shown or its connection breaks.
    pub fn run(&self) -> Result<(), PlatformError> {
        self.kiosk.show()?;
        slint::run_event_loop_until_quit()
    }

    /// A handle for other threads.
    pub fn handle(&self) -> Handle {
        Handle {
            kiosk: self.kiosk.as_weak(),
            desk: Arc::clone(&self.desk),
        }
    }

    /// Draws a screen at once, from the main thread.
    pub fn paint(&self, screen: Screen) {
        lock(&self.desk).screen = Some(screen);
        draw(&self.kiosk, &self.desk);
    }

    /// Shows a frame at once, from the main thread; see [`Handle::live`].
    pub fn paint_live(&self, live: LivePicture) {
        let buffer = pixels(&live);
        lock(&self.desk).live = Some((live, buffer));
        draw(&self.kiosk, &self.desk);
    }

    /// Takes the officer's pictures at once, from the main thread; see [`Handle::evidence`].
    pub fn paint_evidence(&self, evidence: Vec<EvidencePicture>) {
        {
            let mut desk = lock(&self.desk);
            desk.evidence = evidence;
            desk.evidence_changed = true;
        }
        draw(&self.kiosk, &self.desk);
    }

    /// The window itself.
    pub fn kiosk(&self) -> &Kiosk {
        &self.kiosk
    }
}

impl Handle {
    /// Shows this screen.
    pub fn screen(&self, screen: Screen) {
        self.leave(|desk| desk.screen = Some(screen));
    }

    /// Shows this frame, if the screen has a place for this camera's pictures.
    pub fn live(&self, live: LivePicture) {
        let buffer = pixels(&live);
        self.leave(|desk| desk.live = Some((live, buffer)));
    }

    /// Keeps these pictures for the officer's panel, instead of those before.
    pub fn evidence(&self, evidence: Vec<EvidencePicture>) {
        self.leave(|desk| {
            desk.evidence = evidence;
            desk.evidence_changed = true;
        });
    }

    /// Drops every picture.
    pub fn forget(&self) {
        self.leave(|desk| {
            desk.live = None;
            desk.evidence.clear();
            desk.evidence_changed = true;
            desk.forget = true;
        });
    }

    /// Ends [`Display::run`].
    pub fn quit(&self) {
        // An event loop that does not run has nothing to quit.
        let _ = slint::quit_event_loop();
    }

    fn leave(&self, with: impl FnOnce(&mut Desk)) {
        {
            let mut desk = lock(&self.desk);
            with(&mut desk);
            if std::mem::replace(&mut desk.summoned, true) {
                return;
            }
        }
        let desk = Arc::clone(&self.desk);
        let summoned = self
            .kiosk
            .upgrade_in_event_loop(move |kiosk| draw(&kiosk, &desk));
        if summoned.is_err() {
            // The window is gone, and with it whoever could see the picture.
            lock(&self.desk).summoned = false;
        }
    }
}

/// The frame as the renderer takes it, made on the caller's thread.
fn pixels(live: &LivePicture) -> SharedPixelBuffer<Rgb8Pixel> {
    match live.camera {
        Camera::Documents => paint::pixels(&live.picture),
        Camera::Face => paint::pixels(&live.picture.mirrored()),
    }
}

/// Draws what waits.
fn draw(kiosk: &Kiosk, desk: &Mutex<Desk>) {
    let mut desk = lock(desk);
    desk.summoned = false;
    if std::mem::take(&mut desk.forget) {
        paint::no_live(kiosk);
    }
    let changed = std::mem::take(&mut desk.evidence_changed);
    let screen = desk.screen.take();
    if screen.is_some() || changed {
        let screen = screen.or_else(|| desk.shown.take());
        if let Some(screen) = screen {
            let before = desk.camera();
            paint::screen(kiosk, &screen, &desk.evidence);
            desk.shown = Some(screen);
            if before != desk.camera() {
                paint::no_live(kiosk);
            }
        }
    }
    if let Some((live, buffer)) = desk.live.take()
        && desk.camera() == Some(live.camera)
    {
        paint::live(kiosk, &live, buffer);
    }
}
