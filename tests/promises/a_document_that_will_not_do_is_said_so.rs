//! A zone that contradicts itself, a visa and an expired passport: each has its own word on the screen.

use dock::cast::Traveller;
use dock::rig::Setup;
use evidence::{DocumentCode, DocumentKind, MemberIndex, MrzFormat};
use journey::{Cause, Hint};
use pictures::PassportPage;
use time::{Date, Month};
use ui::{Plain, View};

use crate::hall::{Hall, brisk};

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_check_digit_is_never_mended_in_silence() {
    let mut hall = Hall::with(brisk()).await;
    let anna = Traveller::specimen(0).unwrap();
    let page = anna.page_with(|mut lines| {
        // Doc 9303-4: the tenth character of the second line checks the document number.
        let right = lines[1].as_bytes()[9];
        let wrong = if right == b'4' { "7" } else { "4" };
        lines[1].replace_range(9..10, wrong);
        lines
    });
    hall.holds(page.unwrap());
    hall.gathering("that it cannot be read", |view| {
        view.hint == Some(Hint::Unreadable) && view.documents == 0
    })
    .await;
    hall.is_ready_for_the_next().await;
    assert_eq!(hall.kinds(1), ["began", "ended"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visa_is_not_the_photo_page() {
    let mut hall = Hall::with(brisk()).await;
    let mut anna = Traveller::specimen(0).unwrap();
    anna.document.code = DocumentCode::parse("V<").unwrap();
    anna.document.kind = DocumentKind::Visa;
    anna.document.format = MrzFormat::MrvA;
    hall.holds_passport(&anna);
    hall.gathering("that the photo page is wanted", |view| {
        view.hint == Some(Hint::PhotoPage) && view.documents == 0
    })
    .await;
    hall.is_ready_for_the_next().await;
    assert_eq!(hall.kinds(1), ["began", "ended"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_passport_goes_to_an_officer() {
    let mut hall = Hall::open(Setup::default()).await;
    let mut anna = Traveller::specimen(0).unwrap();
    anna.document.expiry = Date::from_calendar_date(2024, Month::April, 15).unwrap();
    let code = hall.code(&[&anna]);
    hall.holds_passport(&anna);
    hall.gathering("the passport", |view| view.documents == 1)
        .await;
    hall.holds_code(&code);
    let screen = hall
        .is_referred(&[Cause::DocumentExpired(MemberIndex::new(0).unwrap())])
        .await;
    assert!(
        matches!(screen.view, View::Referral { plain, .. } if plain == [Plain::DocumentExpired])
    );
    hall.puts_away();
    hall.officer_takes_over().await;
    hall.is_ready_for_the_next().await;
    assert_eq!(
        hall.kinds(1),
        ["began", "gathered", "referred", "decided", "ended"]
    );
    assert_eq!(hall.openings(), 0);
}

/// A page of the right shape with other lines is what the test above changes; this holds the shapes apart.
#[test]
fn the_visa_page_is_a_visas() {
    let mut anna = Traveller::specimen(0).unwrap();
    anna.document.code = DocumentCode::parse("V<").unwrap();
    anna.document.kind = DocumentKind::Visa;
    anna.document.format = MrzFormat::MrvA;
    let lines = evidence::mrz::compose(&anna.document).unwrap();
    let page = PassportPage::specimen(lines, anna.portrait);
    assert_eq!(page.format().unwrap(), pictures::PageFormat::MrvA);
}
