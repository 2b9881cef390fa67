//! The ordinary journey, from review to gate.

use evidence::{BirthDate, Decision as Outcome, MemberIndex, Presentation, Sensitive};
use journey::{
    Cause, Effect, Ending, Event, FaceHint, FaceOutcome, Ground, JourneyId, Lamp, Look, QuestionId,
    Record, Stage, StageName, Timer, Touch,
};
use time::macros::date;

use crate::walk::{CAST, Walk, captured, clear};

#[test]
fn a_traveller_alone_walks_through() {
    let mut walk = Walk::reviewing();
    walk.touch(Touch::Confirm);
    assert!(matches!(walk.signs().1, Some(Look::Face { .. })));
    walk.face(Some(500));
    assert!(
        matches!(
            walk.effects[..],
            [
                Effect::Look(Look::Nothing),
                Effect::AskRisk(_),
                Effect::Arm(_)
            ]
        ),
        "the threshold itself is alike"
    );
    walk.verdict(Outcome::Clear);
    let [
        Effect::Record(Record::Cleared { question, .. }),
        Effect::OpenGate(warrant),
        Effect::Light(Lamp::Go),
        Effect::Arm(_),
    ] = &walk.effects[..]
    else {
        panic!("{:?}", walk.effects);
    };
    assert_eq!(warrant.ground(), Ground::Verdict(*question));
    assert_eq!(warrant.persons().get(), 1);
    walk.on(Event::GateOpened);
    assert_eq!(walk.timer(), Some(Timer::Passage));
    walk.on(Event::PersonPassed { total: 1 })
        .on(Event::PassageCleared);
    assert_eq!(walk.signs().0, Some(Lamp::Wait));
    assert!(walk.orders(&Effect::CloseGate));
    walk.on(Event::GateClosed);
    let journey = JourneyId::new(7);
    let ending = Ending::Passed(1);
    assert_eq!(walk.records(), [&Record::Ended { journey, ending }]);
    assert!(walk.orders(&Effect::Forget(journey)));
    assert_eq!(walk.signs(), (Some(Lamp::Wait), Some(Look::Documents)));
    walk.traveller(0);
    assert_eq!(
        walk.lane.journey.map(|journey| journey.id),
        Some(journey.next())
    );
}

#[test]
fn a_family_is_seen_one_by_one_and_passes_together() {
    let mut walk = Walk::begin();
    walk.code(0).traveller(0).opens().traveller(1);
    walk.touch(Touch::Confirm).face(Some(800));
    assert!(matches!(
        walk.lane.stage(),
        Some(Stage::Facing { member, .. }) if member.get() == 1
    ));
    walk.face(Some(800)).verdict(Outcome::Clear);
    assert_eq!(walk.warrant().unwrap().persons().get(), 2);
    walk.on(Event::GateOpened)
        .on(Event::PersonPassed { total: 1 })
        .on(Event::PassageCleared);
    assert_eq!(
        walk.at(),
        Some(StageName::Passing),
        "the gate waits for the second"
    );
    walk.on(Event::PersonPassed { total: 2 })
        .on(Event::PassageCleared);
    assert_eq!(walk.at(), Some(StageName::Closing));
}

#[test]
fn a_child_under_six_need_not_look_at_the_camera() {
    for (born, looks) in [
        (date!(2020 - 11 - 24), false),
        (date!(2020 - 11 - 23), true),
    ] {
        let mut child = crate::cast::passport("X00000009");
        child.birth = Sensitive::new(BirthDate::try_from(born).unwrap());
        let documents = [CAST.documents[0].clone(), child.clone()];
        let party = crate::cast::party(4, &documents);
        let mut walk = Walk::begin();
        walk.on(Event::DeclarationRead(party.sealed))
            .traveller(0)
            .opens()
            .document(child);
        walk.touch(Touch::Confirm).face(Some(800));
        let stage = if looks {
            StageName::Facing
        } else {
            StageName::AwaitingRisk
        };
        assert_eq!(walk.at(), Some(stage));
    }
}

#[test]
fn silence_at_the_review_is_consent() {
    let mut walk = Walk::reviewing();
    walk.expires();
    assert_eq!(walk.at(), Some(StageName::Facing));
}

#[test]
fn a_face_gets_a_second_try_and_then_an_officer() {
    let mut walk = Walk::reviewing();
    walk.touch(Touch::Confirm).face(Some(499));
    assert_eq!(walk.at(), Some(StageName::Facing));
    assert!(matches!(walk.signs().1, Some(Look::Face { .. })));
    walk.face(Some(499));
    assert_eq!(
        walk.at(),
        Some(StageName::AwaitingRisk),
        "the officer will want the verdict too"
    );
    walk.verdict(Outcome::Clear);
    assert!(walk.warrant().is_none());
    let referral = walk.referral();
    assert_eq!(
        referral.causes,
        [Cause::FaceNotMatched(MemberIndex::DECLARANT)]
    );
    assert_eq!(referral.verdict, Some(clear()));
}

#[test]
fn each_trouble_with_a_face_has_its_own_cause() {
    let me = MemberIndex::DECLARANT;
    let mut unseen = Walk::reviewing();
    unseen.touch(Touch::Confirm).expires();
    let mut incomparable = Walk::reviewing();
    incomparable.touch(Touch::Confirm).face(None);
    for (mut walk, cause) in [
        (unseen, Cause::FaceNotSeen(me)),
        (incomparable, Cause::FaceNotComparable(me)),
    ] {
        walk.verdict(Outcome::Clear);
        assert_eq!(walk.referral().causes, [cause]);
    }
}

#[test]
fn a_face_that_may_be_a_picture_goes_to_an_officer_however_alike() {
    let mut walk = Walk::reviewing();
    walk.touch(Touch::Confirm);
    let Some(Stage::Facing { question, .. }) = walk.lane.stage() else {
        panic!("nobody is looked at");
    };
    let to = *question;
    let FaceOutcome::Captured {
        quality, likeness, ..
    } = captured(Some(1000))
    else {
        panic!("not captured");
    };
    walk.on(Event::FaceLooked {
        to,
        outcome: FaceOutcome::Captured {
            quality,
            likeness,
            presentation: Presentation::NeedsOfficer,
        },
    });
    walk.verdict(Outcome::Clear);
    assert!(walk.warrant().is_none());
    assert_eq!(
        walk.referral().causes,
        [Cause::PresentationUnclear(MemberIndex::DECLARANT)]
    );
}

#[test]
fn a_hint_is_shown_and_the_look_goes_on() {
    let mut walk = Walk::reviewing();
    walk.touch(Touch::Confirm);
    let deadline = walk.deadline();
    let Some(Stage::Facing { question, .. }) = walk.lane.stage() else {
        panic!("nobody is looked at");
    };
    let to = *question;
    walk.on(Event::FaceLooked {
        to,
        outcome: FaceOutcome::NotYet(FaceHint::HoldStill),
    });
    assert!(matches!(
        walk.lane.stage(),
        Some(Stage::Facing {
            hint: Some(FaceHint::HoldStill),
            ..
        })
    ));
    assert_eq!(walk.deadline(), deadline, "waving gains no time");
}

#[test]
fn a_late_answer_never_speaks_for_the_next_traveller() {
    let mut walk = Walk::awaiting();
    let Some(Stage::AwaitingRisk { question, .. }) = walk.lane.stage() else {
        panic!("no verdict is awaited");
    };
    let late = *question;
    walk.expires();
    assert_eq!(walk.referral().causes, [Cause::NoVerdict]);
    walk.decides(journey::Decision::Held).on(Event::GateClosed);
    walk.code(1).traveller(2).opens();
    walk.touch(Touch::Confirm).face(Some(800));
    let answer = |to| Event::RiskAnswered {
        to,
        verdict: clear(),
    };
    assert!(walk.ignores(answer(late)));
    assert!(walk.ignores(answer(QuestionId {
        journey: late.journey.next(),
        serial: late.serial + 1
    })));
    assert!(walk.ignores(Event::FaceLooked {
        to: late,
        outcome: captured(Some(900)),
    }));
}

#[test]
fn an_answer_given_twice_opens_the_gate_once() {
    let mut walk = Walk::awaiting();
    let Some(Stage::AwaitingRisk { question, .. }) = walk.lane.stage() else {
        panic!("no verdict is awaited");
    };
    let answer = Event::RiskAnswered {
        to: *question,
        verdict: clear(),
    };
    walk.on(answer.clone());
    assert!(walk.warrant().is_some());
    assert!(walk.ignores(answer));
}

#[test]
fn a_traveller_gets_more_time_and_a_machine_does_not() {
    let mut walk = Walk::begin();
    walk.code(0);
    for (mut walk, more) in [
        (walk, true),
        (Walk::reviewing(), true),
        (Walk::passing(), true),
        (Walk::awaiting(), false),
        (Walk::releasing(), false),
        (Walk::closing(), false),
        (Walk::referred(), false),
    ] {
        let before = walk.deadline();
        if let Some(deadline) = before {
            walk.on(Event::Nearing(deadline));
            assert!(walk.lane.journey.as_ref().unwrap().nearing);
        }
        walk.touch(Touch::MoreTime);
        assert_eq!(walk.deadline() != before, more, "{:?}", walk.at());
        assert_eq!(walk.effects.is_empty(), !more);
        assert!(!more || !walk.lane.journey.as_ref().unwrap().nearing);
    }
    assert!(Walk::begin().ignores(Event::Touched(Touch::MoreTime)));
}

#[test]
fn a_disputed_declaration_goes_to_an_officer() {
    let mut walk = Walk::reviewing();
    walk.touch(Touch::Dispute);
    assert_eq!(walk.referral().causes, [Cause::Disputed]);
    assert!(Walk::awaiting().ignores(Event::Touched(Touch::Dispute)));
}
