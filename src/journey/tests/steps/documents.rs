//! Passports and the code.

use evidence::{CodeRefusal, DocumentCode, DocumentKind, MemberIndex, OpenRefusal, StateCode};
use journey::{
    Cause, Code, Ending, Event, Hint, Language, Look, Record, Service, Stage, StageName, Timer,
    Touch,
};
use time::macros::date;

use crate::walk::{CAST, Walk};

fn hint(walk: &Walk) -> Option<Hint> {
    match walk.lane.stage() {
        Some(Stage::Gathering(gathering)) => gathering.hint,
        _ => panic!("nothing is being gathered"),
    }
}

#[test]
fn passport_and_code_are_taken_in_any_order() {
    let mut code_first = Walk::begin();
    code_first.code(1).traveller(2).opens();
    let mut passport_first = Walk::begin();
    passport_first.traveller(2).code(1).opens();
    for walk in [code_first, passport_first] {
        assert_eq!(walk.at(), Some(StageName::Reviewing));
        assert_eq!(walk.timer(), Some(Timer::Reviewing));
        assert!(matches!(walk.records()[..], [Record::Gathered { .. }]));
    }
}

#[test]
fn a_family_may_show_its_passports_before_the_declarant_does() {
    let mut walk = Walk::begin();
    walk.traveller(1).code(0).opens();
    assert_eq!(hint(&walk), Some(Hint::DeclarantsDocument));
    walk.traveller(0).opens();
    assert_eq!(walk.at(), Some(StageName::Reviewing));
    let party = walk.lane.stage().and_then(Stage::party).unwrap();
    // In the order of the declaration, whatever the order at the camera.
    assert_eq!(party.documents, CAST.documents[..2]);
}

#[test]
fn the_code_waits_for_every_member() {
    let mut walk = Walk::begin();
    walk.code(0).traveller(0).opens();
    assert_eq!(walk.at(), Some(StageName::Gathering));
    walk.traveller(1);
    assert_eq!(walk.at(), Some(StageName::Reviewing));
}

#[test]
fn a_strangers_passport_is_put_aside_with_a_hint() {
    let mut before = Walk::begin();
    before.traveller(2).traveller(0).code(0).opens().opens();
    assert_eq!(hint(&before), Some(Hint::NotInParty));
    let mut after = Walk::begin();
    after.code(0).traveller(0).opens().traveller(2);
    assert_eq!(hint(&after), Some(Hint::NotInParty));
    for mut walk in [before, after] {
        walk.traveller(1);
        assert_eq!(walk.at(), Some(StageName::Reviewing));
    }
}

#[test]
fn nothing_is_asked_for_twice() {
    let mut walk = Walk::begin();
    walk.code(0).traveller(0);
    for again in [
        Event::DeclarationRead(CAST.parties[0].sealed.clone()),
        Event::DocumentRead {
            document: CAST.documents[0].clone(),
            on: crate::cast::TODAY,
        },
    ] {
        assert!(walk.ignores(again));
    }
}

#[test]
fn a_second_code_replaces_one_that_is_not_open_yet() {
    let mut walk = Walk::begin();
    walk.code(0).traveller(2);
    let (late, _) = walk.opening().unwrap();
    walk.code(1);
    assert!(walk.ignores(Event::DeclarationOpened {
        to: late,
        outcome: Err(OpenRefusal::NotThisDocument),
    }));
    walk.opens();
    assert_eq!(walk.at(), Some(StageName::Reviewing));
}

#[test]
fn a_second_code_does_not_replace_an_open_one() {
    let mut walk = Walk::begin();
    walk.code(0).traveller(0).opens();
    assert!(walk.ignores(Event::DeclarationRead(CAST.parties[1].sealed.clone())));
}

#[test]
fn a_visa_gets_a_hint_and_is_not_taken() {
    let mut walk = Walk::begin();
    let mut visa = CAST.documents[0].clone();
    (visa.kind, visa.code) = (DocumentKind::Visa, DocumentCode::VISA);
    walk.document(visa);
    assert_eq!(hint(&walk), Some(Hint::PhotoPage));
    assert_eq!(walk.at(), Some(StageName::Gathering));
}

#[test]
fn a_refused_code_is_on_record_and_a_boarding_pass_is_not() {
    for (refusal, recorded) in [
        (CodeRefusal::NotADeclaration, false),
        (CodeRefusal::BadSignature, true),
        (CodeRefusal::UnknownIssuer, true),
        (CodeRefusal::Expired, true),
    ] {
        let mut walk = Walk::begin();
        walk.on(Event::CodeRefused(refusal));
        assert_eq!(hint(&walk), Some(Hint::Code(refusal)));
        let refused = |record: &&Record| matches!(record, Record::CodeRefused { .. });
        assert_eq!(walk.records().iter().any(refused), recorded, "{refusal}");
        assert!(
            walk.ignores(Event::CodeRefused(refusal)),
            "held up any longer it says nothing new"
        );
    }
}

#[test]
fn an_expired_passport_goes_to_an_officer_and_its_last_day_does_not() {
    for (expiry, referred) in [
        (date!(2026 - 11 - 22), true),
        (date!(2026 - 11 - 23), false),
    ] {
        let mut document = CAST.documents[2].clone();
        document.expiry = expiry;
        let party = crate::cast::party(3, std::slice::from_ref(&document));
        let mut walk = Walk::begin();
        walk.on(Event::DeclarationRead(party.sealed))
            .document(document)
            .opens();
        if referred {
            let cause = Cause::DocumentExpired(MemberIndex::DECLARANT);
            assert_eq!(walk.referral().causes, [cause]);
        } else {
            assert_eq!(walk.at(), Some(StageName::Reviewing));
        }
    }
}

#[test]
fn the_first_passport_sets_the_language_unless_a_hand_did() {
    let mut japanese = CAST.documents[0].clone();
    japanese.issuing_state = StateCode::parse("JPN").unwrap();
    let mut walk = Walk::begin();
    walk.document(japanese.clone()).traveller(1);
    assert_eq!(walk.lane.language(), Language::Japanese);
    let mut walk = Walk::begin();
    walk.touch(Touch::Language(Language::English))
        .document(japanese);
    assert_eq!(walk.lane.language(), Language::English);
}

#[test]
fn each_thing_shown_gives_the_full_time_again() {
    let mut walk = Walk::begin();
    walk.code(0);
    let first = walk.deadline().unwrap();
    walk.traveller(0);
    assert_ne!(walk.deadline(), Some(first));
    assert!(walk.ignores(Event::Expired(first)));
    assert!(walk.ignores(Event::Nearing(first)));
}

#[test]
fn whoever_shows_nothing_is_forgotten_and_whoever_shows_half_meets_an_officer() {
    let mut nothing = Walk::begin();
    nothing.on(Event::DocumentUnreadable).expires();
    assert_eq!(nothing.at(), None);
    assert!(matches!(
        nothing.records()[..],
        [Record::Ended {
            ending: Ending::Abandoned,
            ..
        }]
    ));
    assert_eq!(nothing.signs().1, Some(Look::Documents));
    let mut half = Walk::begin();
    half.code(0).expires();
    assert_eq!(half.referral().causes, [Cause::EvidenceIncomplete]);
}

#[test]
fn an_opening_that_fails_on_its_content_asks_for_another_code() {
    let mut walk = Walk::begin();
    walk.code(1).traveller(2);
    let (to, _) = walk.opening().unwrap();
    walk.on(Event::DeclarationOpened {
        to,
        outcome: Err(OpenRefusal::Malformed(evidence::declaration::Flaw::Base45)),
    });
    assert!(matches!(
        hint(&walk),
        Some(Hint::Code(CodeRefusal::Malformed(_)))
    ));
    assert!(matches!(walk.records()[..], [Record::CodeRefused { .. }]));
    walk.code(1).opens();
    assert_eq!(walk.at(), Some(StageName::Reviewing));
}

#[test]
fn what_an_officer_gets_no_longer_advises_the_traveller() {
    let mut walk = Walk::begin();
    walk.code(0)
        .traveller(1)
        .on(Event::DocumentUnreadable)
        .touch(Touch::AskOfficer);
    let Some(Stage::Referred { known, .. }) = walk.lane.stage() else {
        panic!("nobody is referred");
    };
    assert_eq!(known.hint, None);
    assert!(matches!(known.code, Code::Sealed { opening: None, .. }));
    assert_eq!(known.persons().get(), 1);
    assert_eq!(walk.lane.service, Service::InService);
}
