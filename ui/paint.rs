//! A [`Screen`] becomes the properties of the bridge. Numbers and dates are written here; words are not.

use evidence::{
    BirthDate, Date, GoodsKind, Name,
    declaration::{Declaration, Unit, Verified},
};
use journey::{Alarm, Cause, DecisionReason, Language, Service};
use slint::{
    ComponentHandle, Image, ModelRc, Rgb8Pixel, SharedPixelBuffer, SharedString, VecModel,
};

use crate::{
    CodeSeen, Dossier, EvidencePicture, GatheringView, Kiosk, Leaf, LivePicture, OfficeLine,
    PanelNotice, PanelView, Picture, Screen, Settings, SignInRefusal, View, detail,
    keys::{cause, device, face_tip, plain_key, reason, tip, ware, way, why},
    settings::{Contrast, Motion},
    sign::number_code,
    view,
};

fn model<T: Clone + 'static>(items: impl IntoIterator<Item = T>) -> ModelRc<T> {
    ModelRc::new(VecModel::from_iter(items))
}

/// Sets what never changes.
pub(crate) fn settings(kiosk: &Kiosk, settings: &Settings) {
    let bridge = kiosk.global::<view::Bridge>();
    bridge.set_high_contrast(settings.contrast == Contrast::High);
    bridge.set_reduced_motion(settings.motion == Motion::Reduced);
    bridge.set_reading_time(i64::try_from(settings.reading_time.as_millis()).unwrap_or(i64::MAX));
    let signs = &settings.signs;
    bridge.set_lane(signs.lane.as_str().into());
    bridge.set_desk(signs.desk.as_str().into());
    bridge.set_desk_way(way(signs.desk_way));
    bridge.set_next_lane(signs.next_lane.as_deref().unwrap_or_default().into());
    bridge.set_next_lane_way(way(signs.next_lane_way));
    bridge.set_exit_way(way(signs.exit_way));
    bridge.set_whys(model(DecisionReason::ALL.map(|reason| view::WhyLine {
        code: reason.code().into(),
        why: why(reason),
    })));
}

/// Switches the language.
pub(crate) fn tongue(bridge: &view::Bridge<'_>, language: Language) {
    let (tongue, translation) = match language {
        Language::English => (view::Tongue::English, ""),
        Language::Japanese => (view::Tongue::Japanese, "ja"),
    };
    // A language that was not bundled leaves English standing, which is the fallback that we want.
    let _ = slint::select_bundled_translation(translation);
    bridge.set_tongue(tongue);
}

/// Puts a screen on the glass.
pub(crate) fn screen(kiosk: &Kiosk, screen: &Screen, pictures: &[EvidencePicture]) {
    let bridge = kiosk.global::<view::Bridge>();
    tongue(&bridge, screen.language);
    bridge.set_nearing(screen.nearing);
    let arming = screen.arming.map_or(0, |arming| {
        arming
            .journey
            .get()
            .wrapping_mul(10_007)
            .wrapping_add(arming.serial.into())
    });
    bridge.set_arming(i32::try_from(arming % 2_000_000_000).unwrap_or_default());
    let scene = match &screen.view {
        View::Attract => view::Scene::Attract,
        View::Gathering(gathering) => {
            gathered(&bridge, gathering);
            view::Scene::Gathering
        }
        View::Reviewing(declaration) => {
            bridge.set_declared(declared(declaration));
            view::Scene::Reviewing
        }
        View::Facing {
            member,
            persons,
            name,
            hint,
        } => {
            bridge.set_member(i32::from(member.get()) + 1);
            bridge.set_persons(i32::from(persons.get()));
            bridge.set_member_name(written(name.expose()));
            bridge.set_tip(hint.map_or(view::Tip::None, face_tip));
            view::Scene::Face
        }
        View::Moment => view::Scene::Moment,
        View::Go {
            leaf,
            persons,
            passed,
        } => {
            bridge.set_gate_open(*leaf == Leaf::Open);
            bridge.set_persons(i32::from(persons.get()));
            bridge.set_passed(i32::from(*passed));
            view::Scene::Go
        }
        View::Closing => view::Scene::Closing,
        View::Referral {
            number,
            plain,
            persons,
        } => {
            bridge.set_number(number.to_string().into());
            bridge.set_number_code(number_code(*number).unwrap_or_default());
            bridge.set_plain(model(plain.iter().map(|one| plain_key(*one))));
            bridge.set_persons(i32::from(persons.get()));
            view::Scene::Referral
        }
        View::OutOfService => view::Scene::OutOfService,
        View::Evacuating => view::Scene::Evacuating,
        View::SignIn { refused } => {
            bridge.set_notice(match refused {
                None => view::Notice::None,
                Some(SignInRefusal::NotAccepted) => view::Notice::NotAccepted,
                Some(SignInRefusal::LockedOut) => view::Notice::LockedOut,
            });
            view::Scene::SignIn
        }
        View::Desk(panel) => {
            desk(&bridge, panel, pictures);
            view::Scene::Desk
        }
    };
    // What a screen does not show does not stay behind it either.
    if !matches!(screen.view, View::Reviewing(_) | View::Desk(_)) {
        bridge.set_declared(view::Declared::default());
    }
    if !matches!(screen.view, View::Facing { .. }) {
        bridge.set_member_name(SharedString::new());
    }
    if !matches!(screen.view, View::Desk(_)) {
        bridge.set_dossiers(ModelRc::default());
        bridge.set_officer(SharedString::new());
    }
    if !matches!(
        screen.view,
        View::Attract | View::Gathering(_) | View::Facing { .. }
    ) {
        no_live(kiosk);
    }
    bridge.set_scene(scene);
}

/// Shows a frame.
pub(crate) fn live(kiosk: &Kiosk, live: &LivePicture, buffer: SharedPixelBuffer<Rgb8Pixel>) {
    let bridge = kiosk.global::<view::Bridge>();
    bridge.set_live(Image::from_rgb8(buffer));
    bridge.set_live_shown(true);
    bridge.set_outlined(live.outline.is_some());
    bridge.set_progress(live.outline.map_or(0.0, |outline| {
        f32::from(outline.progress.min(1000)) / 1000.0
    }));
    if let Some(outline) = live.outline {
        #[expect(
            clippy::cast_precision_loss,
            reason = "pixels of a camera picture are exact in an f32"
        )]
        let [(ax, ay), (bx, by), (cx, cy), (dx, dy)] =
            outline.corners.map(|(x, y)| (x as f32, y as f32));
        bridge.set_corners(view::Corners {
            ax,
            ay,
            bx,
            by,
            cx,
            cy,
            dx,
            dy,
        });
    }
}

/// Takes the live picture off the glass.
pub(crate) fn no_live(kiosk: &Kiosk) {
    let bridge = kiosk.global::<view::Bridge>();
    bridge.set_live_shown(false);
    bridge.set_live(Image::default());
    bridge.set_outlined(false);
    bridge.set_progress(0.0);
}

/// The picture's pixels as the renderer takes them.
pub(crate) fn pixels(picture: &Picture) -> SharedPixelBuffer<Rgb8Pixel> {
    SharedPixelBuffer::clone_from_slice(picture.rgb(), picture.width(), picture.height())
}

fn gathered(bridge: &view::Bridge<'_>, gathering: &GatheringView) {
    bridge.set_code(match gathering.code {
        CodeSeen::Missing => view::CodeState::Missing,
        CodeSeen::Sealed => view::CodeState::Sealed,
        CodeSeen::Opened => view::CodeState::Opened,
    });
    bridge.set_party_known(gathering.code == CodeSeen::Opened);
    bridge.set_shown(model(gathering.shown.iter().copied()));
    bridge.set_documents(i32::from(gathering.documents));
    bridge.set_persons(i32::from(gathering.persons.get()));
    bridge.set_opening(gathering.opening);
    bridge.set_tip(gathering.hint.map_or(view::Tip::None, tip));
}

fn noticed(alarm: Alarm) -> view::Noticed {
    match alarm {
        Alarm::Tailgating => view::Noticed::Tailgating,
        Alarm::WrongWay => view::Noticed::WrongWay,
        Alarm::ForcedEntry => view::Noticed::ForcedEntry,
    }
}

fn desk(bridge: &view::Bridge<'_>, panel: &PanelView, pictures: &[EvidencePicture]) {
    bridge.set_officer(panel.officer.expose().as_str().into());
    bridge.set_notice(match panel.notice {
        None => view::Notice::None,
        Some(PanelNotice::NotPermitted) => view::Notice::NotPermitted,
        Some(PanelNotice::TooLate) => view::Notice::TooLate,
        Some(PanelNotice::NotRecorded) => view::Notice::NoRecord,
    });
    bridge.set_serving(match panel.service {
        Service::InService => view::Serving::InService,
        Service::Draining => view::Serving::Draining,
        Service::Evacuating => view::Serving::Evacuating,
        Service::OutOfService => view::Serving::OutOfService,
    });
    bridge.set_lists_issued(panel.standing.issued.to_string().into());
    bridge.set_lists_too_old(panel.standing.too_old);
    bridge.set_office(match panel.standing.office {
        OfficeLine::None => view::OfficeLine::None,
        OfficeLine::Reached => view::OfficeLine::Reached,
        OfficeLine::NotReached => view::OfficeLine::NotReached,
    });
    bridge.set_waiting(i32::try_from(panel.standing.waiting).unwrap_or(i32::MAX));
    bridge.set_alarms(model(panel.alarms.iter().copied().map(noticed)));
    bridge.set_troubles(model(panel.troubles.iter().map(device)));
    bridge.set_referred(panel.referral.is_some());
    let Some(referral) = &panel.referral else {
        bridge.set_grounds(ModelRc::default());
        bridge.set_dossiers(ModelRc::default());
        bridge.set_declared(view::Declared::default());
        return;
    };
    bridge.set_number(referral.id.journey.to_string().into());
    // Where the verdict's own reasons follow, its cause says nothing more.
    let said = |one: &&Cause| referral.reasons.is_empty() || **one != Cause::Verdict;
    let causes = referral
        .causes
        .iter()
        .filter(said)
        .map(|one| view::GroundLine {
            code: one.code().into(),
            ground: cause(*one),
            member: one.member().map_or(0, |member| i32::from(member.get()) + 1),
            detail: SharedString::default(),
        });
    let reasons = referral.reasons.iter().map(|one| view::GroundLine {
        code: one.code().into(),
        ground: reason(*one),
        member: one.member().map_or(0, |member| i32::from(member.get()) + 1),
        detail: detail::of(*one, &referral.grounds).into(),
    });
    bridge.set_grounds(model(causes.chain(reasons)));
    bridge.set_dossiers(model(
        referral.dossiers.iter().map(|one| dossier(one, pictures)),
    ));
    bridge.set_declared(
        referral
            .declaration
            .as_ref()
            .map(declared)
            .unwrap_or_default(),
    );
}

fn dossier(dossier: &Dossier, pictures: &[EvidencePicture]) -> view::Dossier {
    let own = pictures
        .iter()
        .find(|picture| picture.member == dossier.member);
    let portrait = own.and_then(|own| own.portrait.as_ref());
    let live = own.and_then(|own| own.live.as_ref());
    let document = &dossier.document;
    let image = |picture: Option<&Picture>| {
        picture
            .map(|picture| Image::from_rgb8(pixels(picture)))
            .unwrap_or_default()
    };
    view::Dossier {
        member: i32::from(dossier.member.get()) + 1,
        name: written(document.name.expose()),
        number: document.number.expose().as_str().into(),
        state: document.issuing_state.name().into(),
        nationality: document.nationality.name().into(),
        birth: born(document.birth.expose()),
        expiry: day(document.expiry),
        expired: dossier.expired,
        likeness: dossier
            .likeness
            .map_or(-1, |likeness| i32::from(likeness.per_mille())),
        has_portrait: portrait.is_some(),
        portrait: image(portrait),
        has_live: live.is_some(),
        live: image(live),
    }
}

fn declared(declaration: &Declaration<Verified>) -> view::Declared {
    let answers = declaration.answers();
    let pieces = answers
        .unaccompanied
        .map_or(0, |pieces| i32::from(pieces.get()));
    let asked = [
        (view::Asked::Prohibited, answers.prohibited),
        (view::Asked::Gold, answers.gold),
        (view::Asked::OverAllowance, answers.over_allowance),
        (view::Asked::Commercial, answers.commercial),
        (view::Asked::ForOthers, answers.for_others),
        (view::Asked::Cash, answers.cash_over_limit),
    ];
    let lines: Vec<_> = asked
        .into_iter()
        .map(|(asked, answer)| view::AnswerLine {
            asked,
            yes: answer.is_yes(),
            pieces: 0,
        })
        .chain(std::iter::once(view::AnswerLine {
            asked: view::Asked::Unaccompanied,
            yes: pieces > 0,
            pieces,
        }))
        .collect();
    view::Declared {
        present: true,
        flight: declaration.flight().to_string().into(),
        origin: declaration.departure().as_str().into(),
        arrival: day(declaration.arrival()),
        members: model(
            declaration
                .party()
                .iter()
                .map(|member| written(member.name.expose())),
        ),
        noes: i32::try_from(lines.iter().filter(|line| !line.yes).count()).unwrap_or_default(),
        answers: model(lines),
        goods: model(declaration.goods().iter().map(|line| {
            let (quantity, counted) = amount(line.kind, line.quantity);
            view::GoodsRow {
                name: line.name.expose().as_str().into(),
                ware: ware(line.kind),
                quantity: quantity.into(),
                counted,
                yen: grouped(line.value_yen).into(),
            }
        })),
    }
}

fn written(name: &Name) -> SharedString {
    format!("{} {}", name.primary(), name.secondary())
        .trim()
        .into()
}

/// ISO 8601, which both languages read.
fn day(date: Date) -> SharedString {
    slint::format!(
        "{:04}-{:02}-{:02}",
        date.year(),
        u8::from(date.month()),
        date.day()
    )
}

/// A part that the document does not state is two dashes.
fn born(birth: &BirthDate) -> SharedString {
    let part = |part: Option<u8>| part.map_or("--".to_owned(), |part| format!("{part:02}"));
    slint::format!(
        "{:04}-{}-{}",
        birth.year(),
        part(birth.month()),
        part(birth.day())
    )
}

fn amount(kind: GoodsKind, quantity: u32) -> (String, view::Counted) {
    match kind.unit() {
        Unit::Millilitres => (grouped(quantity), view::Counted::Millilitres),
        Unit::Pieces => (grouped(quantity), view::Counted::Pieces),
        Unit::Grams => (grouped(quantity), view::Counted::Grams),
        Unit::TenthsOfOunce => (
            format!("{}.{}", quantity / 10, quantity % 10),
            view::Counted::Ounces,
        ),
    }
}

/// Digits in groups of three: `1,234,567`.
fn grouped(number: u32) -> String {
    let digits = number.to_string();
    let mut written = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            written.push(',');
        }
        written.push(digit);
    }
    written
}
