//! A referral is ended by somebody who is who they say, and may; and the record has their badge.

use dock::cast::{Traveller, carrying_for_others};
use dock::papers::{BADGE, PIN};
use dock::rig::Setup;
use journey::{Cause, Decision, DecisionReason, Stage};
use ui::{Intent, PanelNotice, Plain, SignInRefusal, View};

use crate::hall::Hall;

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_pin_a_wrong_role_and_the_right_one() {
    let mut hall = Hall::open(Setup::default()).await;
    let anna = Traveller::specimen(0).unwrap();
    let content = carrying_for_others(hall.content(&[&anna]));
    let code = hall.rig.papers.code(&content).unwrap();
    hall.shows_all(&[&anna], &code).await;
    hall.confirms_and_faces(&[&anna]).await;
    let screen = hall.is_referred(&[Cause::Verdict]).await;
    assert!(
        matches!(screen.view, View::Referral { plain, .. } if plain == [Plain::DeclaredForOthers])
    );

    hall.signs_in(BADGE, "000000").await;
    let refused = Some(SignInRefusal::NotAccepted);
    hall.sees("that the sign-in is refused", |screen| {
        screen.view == View::SignIn { refused }
    })
    .await;

    // The sample roster's engineer keeps the lane working and decides nothing about travellers.
    hall.signs_in("E-05", "161803").await;
    hall.decides(Decision::Released, DecisionReason::GoodsInOrder)
        .await;
    hall.panel("that the role may not", |panel| {
        panel.notice == Some(PanelNotice::NotPermitted) && panel.referral.is_some()
    })
    .await;
    assert!(matches!(
        hall.rig.lane().stage(),
        Some(Stage::Referred { .. })
    ));
    assert_eq!(hall.openings(), 0);
    hall.touches(Intent::LeavePanel);

    hall.signs_in(BADGE, PIN).await;
    hall.decides(Decision::Released, DecisionReason::GoodsInOrder)
        .await;
    hall.sees("the way", |screen| matches!(screen.view, View::Go { .. }))
        .await;
    hall.rig.hands.walk(1);
    hall.is_ready_for_the_next().await;
    let decided = hall.record("decided");
    assert_eq!(decided.body["officer"], BADGE);
    assert_eq!(decided.body["decision"], Decision::Released.code());
    assert_eq!(decided.body["reason"], DecisionReason::GoodsInOrder.code());
    assert_eq!(decided.body["persons"], 1);
    assert_eq!(hall.openings(), 1);
}
