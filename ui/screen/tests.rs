#![allow(clippy::unwrap_used, clippy::expect_used)]
use std::num::NonZeroU8;

use evidence::{
    CodeRefusal, Decider, Quality, Verdict, Version,
    verdict::{Decision, Reason},
};
use journey::{Code, Deadline, Ending, Party, Rules};

use super::*;
use crate::{
    PanelNotice, samples,
    samples::people::{self, ALIKE},
};

const FIRST: JourneyId = JourneyId::new(7);

fn question() -> QuestionId {
    QuestionId {
        journey: FIRST,
        serial: 2,
    }
}

/// A lane in service with nobody in it.
fn lane() -> Lane {
    let rules = Rules {
        alike_from: ALIKE,
        face_tries: 3,
        face_from_age: 6,
        tailgating: journey::OnTailgating::LetThrough,
        language: Language::Japanese,
    };
    let mut lane = Lane::start(rules, FIRST, None);
    lane.service = Service::InService;
    lane
}

/// The same with a party at this stage.
fn lane_at(stage: Stage) -> Lane {
    let mut lane = Lane::start(lane().rules, FIRST, Some(question()));
    lane.service = Service::InService;
    lane.journey.as_mut().unwrap().stage = stage;
    lane
}

fn family() -> Party {
    let people::Party {
        declaration,
        documents,
    } = people::family();
    let on = declaration.arrival();
    Party {
        declaration,
        documents,
        on,
        faces: Vec::new(),
        causes: Vec::new(),
    }
}

fn view(lane: &Lane) -> View {
    screen(lane, &Panel::Closed).view
}

fn passage(passed: u8) -> Passage {
    let persons = NonZeroU8::new(4).unwrap();
    Passage {
        persons,
        passed,
        occupied: false,
        tailgated: false,
        known: Gathering::default(),
        faces: Vec::new(),
    }
}

fn referred(causes: Vec<Cause>, reasons: Vec<Reason>) -> Stage {
    let version = || Version::parse("1").unwrap();
    let verdict = Verdict {
        decision: Decision::Refer,
        reasons,
        decided_by: Decider::Lane,
        policy: version(),
        lists: version(),
        grounds: Vec::new(),
        draw: None,
    };
    let party = family();
    let member = MemberIndex::new(1).unwrap();
    let face = |likeness| Face {
        quality: Quality::new(800).unwrap(),
        likeness,
    };
    Stage::Referred {
        referral: Referral {
            id: question(),
            causes,
            verdict: Some(verdict),
        },
        known: Gathering {
            code: Code::Opened(party.declaration),
            // Shown in another order than declared, and one was never shown.
            documents: party.documents.into_iter().take(3).rev().collect(),
            on: Some(party.on),
            hint: None,
        },
        faces: vec![(member, face(None)), (member, face(Some(ALIKE)))],
    }
}

#[test]
fn every_stage_has_its_screen() {
    let party = family();
    assert_eq!(view(&lane()), View::Attract);
    assert!(matches!(
        view(&lane_at(Stage::Gathering(Gathering::default()))),
        View::Gathering(_)
    ));
    assert_eq!(
        view(&lane_at(Stage::Reviewing(family()))),
        View::Reviewing(Box::new(party.declaration.clone()))
    );
    let facing = Stage::Facing {
        party: family(),
        member: MemberIndex::new(2).unwrap(),
        question: question(),
        misses: 0,
        hint: Some(FaceHint::StepBack),
    };
    assert_eq!(
        view(&lane_at(facing)),
        View::Facing {
            member: MemberIndex::new(2).unwrap(),
            persons: party.persons(),
            name: party.documents[2].name.clone(),
            hint: Some(FaceHint::StepBack),
        }
    );
    assert_eq!(
        view(&lane_at(Stage::AwaitingRisk {
            party: family(),
            question: question()
        })),
        View::Moment
    );
    let persons = passage(0).persons;
    let table = [
        (
            Stage::Releasing(passage(0)),
            View::Go {
                leaf: Leaf::Opening,
                persons,
                passed: 0,
            },
        ),
        (
            Stage::Passing(passage(3)),
            View::Go {
                leaf: Leaf::Open,
                persons,
                passed: 3,
            },
        ),
        (
            Stage::Closing {
                passage: passage(4),
                ending: Ending::Passed(4),
            },
            View::Closing,
        ),
    ];
    for (stage, expected) in table {
        assert_eq!(view(&lane_at(stage)), expected);
    }
}

#[test]
fn what_is_missing_is_counted_by_the_declaration_once_it_is_open() {
    let party = family();
    let documents: Vec<_> = party.documents.into_iter().skip(1).step_by(2).collect();
    let mut gathering = Gathering {
        documents,
        on: Some(party.on),
        ..Gathering::default()
    };
    let before = gathered(&gathering);
    assert_eq!(
        (before.code, before.documents, before.shown),
        (CodeSeen::Missing, 2, Vec::new())
    );
    gathering.code = Code::Opened(party.declaration);
    gathering.hint = Some(Hint::Code(CodeRefusal::Expired));
    let open = gathered(&gathering);
    assert_eq!(open.shown, [false, true, false, true]);
    assert_eq!(
        (open.documents, open.persons.get(), open.hint),
        (2, 4, gathering.hint)
    );
}

#[test]
fn service_and_panel_have_their_order() {
    let open = || Panel::Open {
        officer: "Specimen".to_owned(),
        notice: Some(PanelNotice::TooLate),
        alarms: Vec::new(),
        standing: crate::samples::standing(),
    };
    let sign_in = || Panel::SignIn { refused: None };
    let mut lane = lane_at(referred(vec![Cause::Disputed], Vec::new()));
    for (service, panel, expected) in [
        (Service::InService, sign_in(), "SignIn"),
        (Service::OutOfService, sign_in(), "SignIn"),
        (Service::InService, open(), "Desk"),
        (Service::OutOfService, open(), "Desk"),
        (Service::Draining, Panel::Closed, "Referral"),
        // A party that waits for an officer still sees where to go when the lane is closed to others.
        (Service::OutOfService, Panel::Closed, "Referral"),
        (Service::Evacuating, Panel::Closed, "Evacuating"),
        (Service::Evacuating, sign_in(), "Evacuating"),
        (Service::Evacuating, open(), "Evacuating"),
    ] {
        lane.service = service;
        let shown = format!("{:?}", screen(&lane, &panel).view);
        assert!(
            shown.starts_with(expected),
            "{service:?} with {panel:?} shows {shown}"
        );
    }
    lane.journey = None;
    for service in [Service::Draining, Service::OutOfService] {
        lane.service = service;
        assert_eq!(view(&lane), View::OutOfService);
    }
}

#[test]
fn a_traveller_is_told_what_may_be_told_and_never_of_a_list_or_of_chance() {
    let member = MemberIndex::DECLARANT;
    let table = [
        (
            vec![Cause::Verdict],
            vec![Reason::DeclaredGold],
            vec![Plain::DeclaredGold],
        ),
        (
            vec![Cause::Verdict],
            vec![Reason::DocumentListed(member), Reason::RandomSelection],
            vec![],
        ),
        (
            vec![Cause::Verdict],
            vec![Reason::NameListed(member), Reason::ListsOutOfDate],
            vec![Plain::ListsOld],
        ),
        // The reasons of a verdict that is no cause are not told.
        (
            vec![Cause::Disputed],
            vec![Reason::DeclaredGold],
            vec![Plain::Disputed],
        ),
        (
            vec![Cause::FaceNotSeen(member), Cause::FaceNotMatched(member)],
            vec![],
            vec![Plain::Face],
        ),
        (
            vec![
                Cause::GateDidNotOpen,
                Cause::DeviceFailed(journey::Device::Gate),
            ],
            vec![],
            vec![Plain::LaneFault],
        ),
    ];
    for (causes, reasons, expected) in table {
        let View::Referral {
            plain,
            number,
            persons,
        } = view(&lane_at(referred(causes.clone(), reasons)))
        else {
            panic!("a referral has its screen");
        };
        assert_eq!(
            (plain, number, persons.get()),
            (expected, FIRST, 4),
            "{causes:?}"
        );
    }
}

#[test]
fn an_officer_sees_each_member_with_the_last_comparison() {
    let lane = lane_at(referred(
        vec![Cause::Verdict],
        vec![Reason::RandomSelection],
    ));
    let panel = Panel::Open {
        officer: "Specimen".to_owned(),
        notice: None,
        alarms: Vec::new(),
        standing: crate::samples::standing(),
    };
    let View::Desk(desk) = screen(&lane, &panel).view else {
        panic!("the panel is open")
    };
    let referral = desk.referral.unwrap();
    assert_eq!(
        (referral.id, referral.reasons),
        (question(), vec![Reason::RandomSelection])
    );
    let order: Vec<_> = referral
        .dossiers
        .iter()
        .map(|dossier| dossier.member.get())
        .collect();
    assert_eq!(order, [0, 1, 2]);
    let documents = family().documents;
    for (dossier, document) in referral.dossiers.iter().zip(documents) {
        assert_eq!(dossier.document, document);
        assert_eq!(
            dossier.likeness,
            (dossier.member.get() == 1).then_some(ALIKE)
        );
    }
}

#[test]
fn more_time_is_offered_only_where_the_lane_grants_it() {
    for (timer, offered) in [
        (Timer::Gathering, true),
        (Timer::Reviewing, true),
        (Timer::Facing, true),
        (Timer::Passage, true),
        (Timer::Verdict, false),
        (Timer::GateOpens, false),
        (Timer::GateCloses, false),
    ] {
        let mut lane = lane_at(Stage::Reviewing(family()));
        let journey = lane.journey.as_mut().unwrap();
        journey.deadline = Some(Deadline {
            timer,
            arming: question(),
        });
        assert!(!screen(&lane, &Panel::Closed).nearing);
        lane.journey.as_mut().unwrap().nearing = true;
        let shown = screen(&lane, &Panel::Closed);
        assert_eq!(
            (shown.nearing, shown.arming),
            (offered, Some(question())),
            "{timer:?}"
        );
    }
}

#[test]
fn nothing_personal_prints() {
    let party = people::family();
    let mut secrets = vec!["Badge 4711".to_owned(), "Handbag".to_owned()];
    for document in &party.documents {
        secrets.push(document.name.expose().primary().to_owned());
        secrets.push(document.name.expose().secondary().to_owned());
        secrets.push(document.number.expose().as_str().to_owned());
    }
    for (name, screen) in samples() {
        let printed = format!("{screen:?}");
        for secret in &secrets {
            assert!(
                !printed.contains(secret.as_str()),
                "{name} prints a personal value"
            );
        }
    }
    let panel = Panel::Open {
        officer: "Badge 4711".to_owned(),
        notice: None,
        alarms: Vec::new(),
        standing: crate::samples::standing(),
    };
    assert!(!format!("{panel:?}").contains("4711"));
}
