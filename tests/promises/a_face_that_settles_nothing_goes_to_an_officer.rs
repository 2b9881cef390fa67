//! Nobody there, two at once, or somebody else: the screen says what helps, and an officer sees who it was.

use dock::cast::Traveller;
use evidence::{Likeness, MemberIndex};
use journey::{Cause, FaceHint, Stage, Touch};
use pictures::Scene;
use ui::{Intent, Plain, View};

use crate::hall::{Hall, brisk};

fn first() -> MemberIndex {
    MemberIndex::new(0).unwrap()
}

async fn before_the_camera(who: &Traveller) -> Hall {
    let mut hall = Hall::with(journey_timings()).await;
    let code = hall.code(&[who]);
    hall.shows_all(&[who], &code).await;
    hall.touches(Intent::Touched(Touch::Confirm));
    hall
}

/// Only the wait for a face is short.
fn journey_timings() -> runtime::Timings {
    runtime::Timings {
        facing: brisk().facing,
        ..runtime::Timings::default()
    }
}

async fn hint(hall: &Hall, wanted: FaceHint) {
    hall.sees(
        "what would help",
        |screen| matches!(screen.view, View::Facing { hint: Some(hint), .. } if hint == wanted),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_before_the_camera() {
    let anna = Traveller::specimen(0).unwrap();
    let mut hall = before_the_camera(&anna).await;
    hint(&hall, FaceHint::LookHere).await;
    let screen = hall.is_referred(&[Cause::FaceNotSeen(first())]).await;
    assert!(matches!(screen.view, View::Referral { plain, .. } if plain == [Plain::Face]));
    hall.officer_takes_over().await;
    hall.is_ready_for_the_next().await;
    assert_eq!(hall.openings(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_at_once_are_asked_to_come_one_at_a_time() {
    let [anna, lars] = [0, 1].map(|n| Traveller::specimen(n).unwrap());
    let mut hall = Hall::with(runtime::Timings::default()).await;
    hall.faces(Scene::two_people(&anna.portrait, &lars.portrait).unwrap());
    let code = hall.code(&[&anna]);
    hall.shows_all(&[&anna], &code).await;
    hall.touches(Intent::Touched(Touch::Confirm));
    hint(&hall, FaceHint::OneAtATime).await;
    assert_eq!(hall.openings(), 0);
    hall.faces(anna.face().unwrap());
    hall.sees("the way", |screen| matches!(screen.view, View::Go { .. }))
        .await;
    hall.rig.hands.walk(1);
    hall.is_ready_for_the_next().await;
    assert_eq!(hall.kinds(1), ["began", "gathered", "cleared", "ended"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_elses_face_is_never_let_through() {
    let [lars, maja] = [1, 2].map(|n| Traveller::specimen(n).unwrap());
    let mut hall = Hall::with(runtime::Timings::default()).await;
    hall.faces(maja.face().unwrap());
    let code = hall.code(&[&lars]);
    hall.shows_all(&[&lars], &code).await;
    hall.touches(Intent::Touched(Touch::Confirm));
    let screen = hall.is_referred(&[Cause::FaceNotMatched(first())]).await;
    assert!(matches!(screen.view, View::Referral { plain, .. } if plain == [Plain::Face]));
    let lane = hall.rig.lane();
    let Some(Stage::Referred { faces, .. }) = lane.stage() else {
        panic!("the referral is gone");
    };
    let seen: Option<Likeness> = faces.last().unwrap().1.likeness;
    assert!(seen.unwrap() < lane.rules.alike_from);
    hall.officer_takes_over().await;
    hall.is_ready_for_the_next().await;
    assert_eq!(hall.openings(), 0);
}
