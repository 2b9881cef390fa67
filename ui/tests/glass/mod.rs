//! The window without a display: the testing backend with the software renderer and a clock that only we move.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "each test uses its own part of it"
)]

use std::{
    cell::RefCell,
    rc::Rc,
    sync::{LazyLock, Once},
    time::Duration,
};

use evidence::MemberIndex;
use i_slint_backend_testing::{
    ElementHandle, ElementQuery, TestingBackend, TestingBackendOptions, mock_elapsed_time,
};
use image::{DynamicImage, RgbImage, RgbaImage};
use journey::Language;
use slint::{ComponentHandle, platform::PointerEventButton};
use ui::{
    Camera, Display, EvidencePicture, Intent, LivePicture, Outline, Picture, Screen, Settings,
    Signs, View, Way,
};

/// A window and what was touched in it.
pub struct Glass {
    pub display: Display,
    pub intents: Rc<RefCell<Vec<Intent>>>,
}

/// Usual settings with signs in the hall.
pub fn settings() -> Settings {
    Settings {
        size: Some(ui::Size::PORTRAIT),
        signs: Signs {
            lane: "3".to_owned(),
            desk: "7".to_owned(),
            desk_way: Way::Right,
            next_lane: Some("4".to_owned()),
            next_lane_way: Way::Left,
            exit_way: Way::Left,
        },
        ..Settings::default()
    }
}

/// The backend of this thread's windows.
pub fn backend() {
    thread_local! {
        static BACKEND: Once = const { Once::new() };
    }
    BACKEND.with(|once| {
        once.call_once(|| {
            let options = TestingBackendOptions {
                mock_time: true,
                threading: false,
                renderer_name: Some("software".into()),
            };
            slint::platform::set_platform(Box::new(TestingBackend::new(options))).unwrap();
        });
    });
}

/// What a window shows, once nothing moves.
pub fn photographed(window: &slint::Window) -> RgbImage {
    mock_elapsed_time(Duration::from_millis(500));
    let taken = window.take_snapshot().unwrap();
    let rgba =
        RgbaImage::from_raw(taken.width(), taken.height(), taken.as_bytes().to_vec()).unwrap();
    DynamicImage::from(rgba).into_rgb8()
}

impl Glass {
    pub fn new(settings: &Settings) -> Self {
        backend();
        let intents = Rc::new(RefCell::new(Vec::new()));
        let told = Rc::clone(&intents);
        let display =
            Display::with(settings, move |intent| told.borrow_mut().push(intent)).unwrap();
        display.show().unwrap();
        Self { display, intents }
    }

    /// Shows a screen in a language, with the pictures that belong to it, and waits until nothing moves.
    pub fn show(&self, name: &str, screen: Screen, language: Language) {
        let screen = Screen { language, ..screen };
        let live = match &screen.view {
            View::Gathering(_) => Some(passport_frame(name)),
            View::Facing { .. } => Some(face_frame(name)),
            _ => None,
        };
        if let View::Desk(_) = &screen.view {
            self.display.paint_evidence(evidence());
        }
        self.display.paint(screen);
        if let Some(live) = live {
            self.display.paint_live(live);
        }
        mock_elapsed_time(Duration::from_millis(500));
    }

    pub fn picture(&self) -> RgbImage {
        photographed(self.display.kiosk().window())
    }

    pub fn picture_of(&self, name: &str, screen: Screen, language: Language) -> RgbImage {
        self.show(name, screen, language);
        self.picture()
    }

    /// Clicks in the middle of the control with this label.
    pub fn click(&self, label: &str) {
        let found: Vec<_> = ElementHandle::find_by_accessible_label(self.display.kiosk(), label)
            .filter(|found| {
                found.accessible_role() == Some(i_slint_backend_testing::AccessibleRole::Button)
            })
            .collect();
        assert_eq!(found.len(), 1, "controls called {label:?}");
        found[0].mock_single_click(PointerEventButton::Left);
        mock_elapsed_time(Duration::from_millis(50));
    }

    pub fn take_intents(&self) -> Vec<Intent> {
        self.intents.borrow_mut().drain(..).collect()
    }

    /// All elements that have an accessible id or label.
    pub fn elements(&self) -> Vec<ElementHandle> {
        ElementQuery::from_root(self.display.kiosk())
            .match_descendants()
            .find_all()
    }
}

/// A picture by a formula, red, green and blue of each place.
pub fn drawn(width: u32, height: u32, shade: impl Fn(f32, f32) -> [u8; 3]) -> Picture {
    let mut rgb = Vec::with_capacity((width * height * 3) as usize);
    for y in 0..height {
        for x in 0..width {
            rgb.extend(shade(x as f32 / width as f32, y as f32 / height as f32));
        }
    }
    Picture::new(width, height, rgb).unwrap()
}

/// A desk top with something lying on it, aslant.
static DESK_TOP: LazyLock<Picture> = LazyLock::new(|| {
    drawn(640, 360, |x, y| {
        let (across, down) = (x * 1280.0 - 640.0, y * 720.0 - 370.0);
        let (turned_x, turned_y) = (across * 0.985 + down * 0.174, down * 0.985 - across * 0.174);
        let page = turned_x.abs() < 330.0 && turned_y.abs() < 230.0;
        let lines = page
            && (150.0..210.0).contains(&turned_y)
            && (turned_y as i32 / 12) % 2 == 0
            && turned_x.abs() < 300.0;
        let portrait =
            page && (-290.0..-130.0).contains(&turned_x) && (-180.0..30.0).contains(&turned_y);
        if lines {
            [60, 58, 70]
        } else if portrait {
            [150, 140, 138]
        } else if page {
            [226, 220, 206]
        } else {
            let light = 70.0 + 60.0 * (1.0 - y) + 20.0 * x;
            [light as u8, (light * 0.96) as u8, (light * 0.9) as u8]
        }
    })
});

fn passport_frame(name: &str) -> LivePicture {
    let picture = DESK_TOP.clone();
    let progress = if name.contains("hint") { 350 } else { 1000 };
    let corners = [(177, 43), (502, 100), (462, 327), (137, 269)];
    LivePicture {
        camera: Camera::Documents,
        picture,
        outline: Some(Outline { corners, progress }),
    }
}

/// A head and shoulders before a wall.
static SOMEBODY: LazyLock<Picture> = LazyLock::new(|| face(640, 360));
static PORTRAIT: LazyLock<Picture> = LazyLock::new(|| face(175, 225));

fn face_frame(name: &str) -> LivePicture {
    let picture = SOMEBODY.clone();
    let outline = (!name.contains("hint")).then_some(Outline {
        corners: [(260, 60), (380, 60), (380, 250), (260, 250)],
        progress: 600,
    });
    LivePicture {
        camera: Camera::Face,
        picture,
        outline,
    }
}

fn face(width: u32, height: u32) -> Picture {
    let stretch = width as f32 / height as f32;
    drawn(width, height, |x, y| {
        let across = (x - 0.5) * stretch;
        let head = (across / 0.2).powi(2) + ((y - 0.45) / 0.28).powi(2) < 1.0;
        let hair = (across / 0.22).powi(2) + ((y - 0.4) / 0.29).powi(2) < 1.0 && y < 0.33;
        let body = (across / 0.5).powi(2) + ((y - 1.12) / 0.4).powi(2) < 1.0;
        let eye = ((across.abs() - 0.08) / 0.022).powi(2) + ((y - 0.44) / 0.014).powi(2) < 1.0;
        let mouth = (across / 0.07).powi(2) + ((y - 0.6) / 0.012).powi(2) < 1.0;
        match (hair, eye || mouth, head, body) {
            (true, ..) => [58, 44, 40],
            (_, true, true, _) => [92, 62, 60],
            (_, _, true, _) => [214, 176, 152],
            (.., true) => [66, 84, 110],
            _ => [
                188 - (x * 30.0) as u8,
                192 - (x * 30.0) as u8,
                196 - (y * 40.0) as u8,
            ],
        }
    })
}

/// The first two members have pictures.
pub fn evidence() -> Vec<EvidencePicture> {
    (0..2)
        .map(|member| EvidencePicture {
            member: MemberIndex::new(member).unwrap(),
            portrait: Some(PORTRAIT.clone()),
            live: Some(SOMEBODY.clone()),
        })
        .collect()
}
