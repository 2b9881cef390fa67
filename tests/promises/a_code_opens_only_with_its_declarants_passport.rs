//! A code is opened by the passport that it was made with; anybody else's is told apart, and nobody is let through.

use dock::cast::Traveller;
use dock::rig::Setup;
use evidence::declaration::CodeRefusal;
use journey::{Cause, Hint, Touch};
use ui::{CodeSeen, Intent, Plain, View};

use crate::hall::{Hall, brisk};

#[tokio::test(flavor = "multi_thread")]
async fn another_travellers_code_stays_shut() {
    let mut hall = Hall::open(Setup::default()).await;
    let (anna, erika) = (
        Traveller::specimen(0).unwrap(),
        Traveller::specimen(4).unwrap(),
    );
    hall.holds_passport(&anna);
    hall.gathering("the passport", |view| view.documents == 1)
        .await;
    let code = hall.code(&[&erika]);
    hall.holds_code(&code);
    hall.gathering("that the declarant's passport is wanted", |view| {
        view.hint == Some(Hint::DeclarantsDocument) && view.code == CodeSeen::Sealed
    })
    .await;
    hall.puts_away();
    hall.touches(Intent::Touched(Touch::AskOfficer));
    let screen = hall.is_referred(&[Cause::AskedForOfficer]).await;
    assert!(matches!(screen.view, View::Referral { plain, .. } if plain == [Plain::Asked]));
    hall.officer_takes_over().await;
    hall.is_ready_for_the_next().await;
    assert_eq!(hall.kinds(1), ["began", "referred", "decided", "ended"]);
    assert_eq!(hall.openings(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_among_the_family_is_told_apart() {
    let mut hall = Hall::open(Setup::default()).await;
    let [anna, lars, hanako] = [0, 1, 5].map(|n| Traveller::specimen(n).unwrap());
    let code = hall.code(&[&anna, &lars]);
    hall.holds_code(&code);
    hall.gathering("the code", |view| view.code == CodeSeen::Sealed)
        .await;
    hall.holds_passport(&anna);
    hall.gathering("the declarant", |view| view.shown == [true, false])
        .await;
    hall.holds_passport(&hanako);
    hall.gathering("that she is not of this party", |view| {
        view.hint == Some(Hint::NotInParty) && view.shown == [true, false]
    })
    .await;
    hall.holds_passport(&lars);
    hall.sees("the declaration", |screen| {
        matches!(screen.view, View::Reviewing(_))
    })
    .await;
    hall.puts_away();
    hall.touches(Intent::Touched(Touch::Dispute));
    hall.is_referred(&[Cause::Disputed]).await;
    hall.officer_takes_over().await;
    hall.is_ready_for_the_next().await;
    let gathered = hall.record("gathered");
    assert_eq!(gathered.body["documents"].as_array().unwrap().len(), 2);
    assert_eq!(hall.openings(), 0);
}

/// A code that is refused after a good one was opened does not disturb the party.
#[tokio::test(flavor = "multi_thread")]
async fn a_code_shown_after_its_party_is_known_changes_nothing() {
    let mut hall = Hall::open(Setup::default()).await;
    let [anna, lars] = [0, 1].map(|n| Traveller::specimen(n).unwrap());
    let code = hall.code(&[&anna, &lars]);
    hall.holds_passport(&anna);
    hall.gathering("the passport", |view| view.documents == 1)
        .await;
    hall.holds_code(&code);
    hall.gathering("the open code", |view| view.code == CodeSeen::Opened)
        .await;
    let foreign = hall
        .rig
        .papers
        .foreign_code(&hall.content(&[&lars]))
        .unwrap();
    hall.holds_code(&foreign);
    hall.heard(&format!("code refused: {}", CodeRefusal::UnknownIssuer))
        .await;
    hall.gathering("the party as it was", |view| {
        view.code == CodeSeen::Opened && view.hint.is_none()
    })
    .await;
    hall.puts_away();
    hall.touches(Intent::Touched(Touch::AskOfficer));
    hall.is_referred(&[Cause::AskedForOfficer]).await;
    hall.officer_takes_over().await;
    hall.is_ready_for_the_next().await;
}

/// Whoever has shown something and goes no further is an officer's affair, and not the next traveller's.
#[tokio::test(flavor = "multi_thread")]
async fn a_passport_without_a_code_goes_to_an_officer() {
    let mut hall = Hall::with(brisk()).await;
    let anna = Traveller::specimen(0).unwrap();
    hall.holds_passport(&anna);
    let screen = hall.is_referred(&[Cause::EvidenceIncomplete]).await;
    assert!(matches!(screen.view, View::Referral { plain, .. } if plain == [Plain::Incomplete]));
    hall.puts_away();
    hall.officer_takes_over().await;
    hall.is_ready_for_the_next().await;
    assert_eq!(hall.kinds(1), ["began", "referred", "decided", "ended"]);
}
