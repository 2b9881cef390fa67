//! Every screen with content, for pictures and tests. The people are specimens: of ICAO Doc 9303, and names of the kind
//! that states print on their own specimen passports.

mod gauges;
pub(crate) mod people;

use std::num::NonZeroU8;

use evidence::{
    Certainty, CodeRefusal, Fact, Ground, JourneyId, Measure, MemberIndex, QuestionId, RuleId,
    Sensitive, Version,
    verdict::{Allowance, Reason},
};
use journey::{Alarm, Cause, FaceHint, Hint, Lane, Language, Rules, Service, Troubles};

pub use self::gauges::calibrations;
use self::people::{Party, alike, family, single};
use crate::{
    CodeSeen, Dossier, GatheringView, Leaf, OfficeLine, PanelNotice, PanelView, Plain,
    ReferralView, Screen, SignInRefusal, Standing, View,
};

const JOURNEY: JourneyId = JourneyId::new(42);

/// Every screen by name, in the order of the journey, in English.
pub fn samples() -> Vec<(&'static str, Screen)> {
    let mut samples = vec![("attract", screen(View::Attract))];
    samples.extend(documents());
    samples.extend(reading_and_looking());
    samples.extend(going());
    samples.extend(referred());
    samples.extend(staff());
    samples
}

/// What a sample takes for granted.
#[expect(
    clippy::expect_used,
    reason = "the specimens are constants, and a test builds them all"
)]
fn sound<T>(value: Option<T>) -> T {
    value.expect("the specimen is sound")
}

fn screen(view: View) -> Screen {
    Screen {
        language: Language::English,
        journey: Some(JOURNEY),
        arming: Some(QuestionId {
            journey: JOURNEY,
            serial: 3,
        }),
        nearing: false,
        view,
    }
}

fn near(view: View) -> Screen {
    Screen {
        nearing: true,
        ..screen(view)
    }
}

fn persons(count: u8) -> NonZeroU8 {
    sound(NonZeroU8::new(count))
}

fn member(index: u8) -> MemberIndex {
    sound(MemberIndex::new(index))
}

fn documents() -> Vec<(&'static str, Screen)> {
    let empty = GatheringView {
        code: CodeSeen::Missing,
        shown: Vec::new(),
        documents: 0,
        persons: persons(1),
        opening: false,
        hint: None,
    };
    let passport = GatheringView {
        documents: 1,
        ..empty.clone()
    };
    let code = GatheringView {
        code: CodeSeen::Sealed,
        ..empty.clone()
    };
    let family = GatheringView {
        code: CodeSeen::Opened,
        shown: vec![true, false, true, false],
        documents: 2,
        persons: persons(4),
        ..empty.clone()
    };
    let hinted = |hint: Hint| {
        screen(View::Gathering(GatheringView {
            hint: Some(hint),
            ..passport.clone()
        }))
    };
    let declarants = GatheringView {
        documents: 1,
        hint: Some(Hint::DeclarantsDocument),
        ..code.clone()
    };
    vec![
        (
            "gathering-passport-shown",
            screen(View::Gathering(passport.clone())),
        ),
        (
            "gathering-code-shown",
            screen(View::Gathering(code.clone())),
        ),
        (
            "gathering-opening",
            screen(View::Gathering(GatheringView {
                opening: true,
                documents: 1,
                ..code
            })),
        ),
        ("gathering-family", screen(View::Gathering(family.clone()))),
        (
            "gathering-nearing",
            near(View::Gathering(GatheringView {
                hint: Some(Hint::NotInParty),
                ..family
            })),
        ),
        (
            "gathering-hint-code-foreign",
            hinted(Hint::Code(CodeRefusal::NotADeclaration)),
        ),
        (
            "gathering-hint-code-unreadable",
            hinted(Hint::Code(CodeRefusal::TooLong)),
        ),
        (
            "gathering-hint-code-expired",
            hinted(Hint::Code(CodeRefusal::Expired)),
        ),
        (
            "gathering-hint-code-too-early",
            hinted(Hint::Code(CodeRefusal::NotYetValid)),
        ),
        (
            "gathering-hint-code-unknown",
            hinted(Hint::Code(CodeRefusal::UnknownIssuer)),
        ),
        (
            "gathering-hint-code-altered",
            hinted(Hint::Code(CodeRefusal::BadSignature)),
        ),
        (
            "gathering-hint-declarant",
            screen(View::Gathering(declarants)),
        ),
        ("gathering-hint-photo-page", hinted(Hint::PhotoPage)),
        (
            "gathering-hint-unreadable",
            screen(View::Gathering(GatheringView {
                hint: Some(Hint::Unreadable),
                ..empty
            })),
        ),
    ]
}

fn reading_and_looking() -> Vec<(&'static str, Screen)> {
    let one = single();
    let many = family();
    let facing = |index: u8, count: u8, hint: Option<FaceHint>| View::Facing {
        member: member(index),
        persons: persons(count),
        name: many.documents[usize::from(index)].name.clone(),
        hint,
    };
    let hints = [
        ("face-hint-look-here", FaceHint::LookHere),
        ("face-hint-one-at-a-time", FaceHint::OneAtATime),
        ("face-hint-come-closer", FaceHint::ComeCloser),
        ("face-hint-step-back", FaceHint::StepBack),
        ("face-hint-more-light", FaceHint::MoreLight),
        ("face-hint-less-light", FaceHint::LessLight),
        ("face-hint-look-straight", FaceHint::LookStraight),
        ("face-hint-hold-still", FaceHint::HoldStill),
        ("face-hint-uncover-mouth", FaceHint::UncoverMouth),
        ("face-hint-uncover-eyes", FaceHint::UncoverEyes),
    ];
    let mut samples = vec![
        (
            "reviewing",
            screen(View::Reviewing(Box::new(one.declaration))),
        ),
        (
            "reviewing-family",
            near(View::Reviewing(Box::new(many.declaration.clone()))),
        ),
        ("face", screen(facing(0, 1, None))),
        (
            "face-family",
            near(facing(1, 4, Some(FaceHint::OneAtATime))),
        ),
    ];
    samples.extend(hints.map(|(name, hint)| (name, screen(facing(0, 1, Some(hint))))));
    samples.push(("moment", screen(View::Moment)));
    samples
}

fn going() -> Vec<(&'static str, Screen)> {
    let go = |leaf: Leaf, count: u8, passed: u8| View::Go {
        leaf,
        persons: persons(count),
        passed,
    };
    vec![
        ("go-opening", screen(go(Leaf::Opening, 1, 0))),
        ("go", screen(go(Leaf::Open, 1, 0))),
        ("go-family", near(go(Leaf::Open, 4, 2))),
        ("go-ten", screen(go(Leaf::Open, 10, 7))),
        ("closing", screen(View::Closing)),
    ]
}

fn referred() -> Vec<(&'static str, Screen)> {
    let referral = |plain: Vec<Plain>, count: u8| View::Referral {
        number: JOURNEY,
        plain,
        persons: persons(count),
    };
    vec![
        (
            "referral",
            screen(referral(vec![Plain::DeclaredOverAllowance], 1)),
        ),
        ("referral-unsaid", screen(referral(Vec::new(), 1))),
        (
            "referral-family",
            screen(referral(
                vec![Plain::Face, Plain::AllowanceExceeded, Plain::ListsOld],
                4,
            )),
        ),
        (
            "out-of-service",
            Screen {
                journey: None,
                arming: None,
                ..screen(View::OutOfService)
            },
        ),
        (
            "evacuating",
            Screen {
                journey: None,
                arming: None,
                ..screen(View::Evacuating)
            },
        ),
    ]
}

fn staff() -> Vec<(&'static str, Screen)> {
    let desk = |referral: Option<ReferralView>,
                service: Service,
                troubles: Troubles,
                notice: Option<PanelNotice>| {
        screen(View::Desk(Box::new(PanelView {
            officer: Sensitive::new("Badge 4711".to_owned()),
            notice,
            alarms: Vec::new(),
            standing: standing(),
            service,
            troubles,
            referral,
        })))
    };
    let one = referral_of(
        single(),
        vec![Cause::Verdict],
        vec![Reason::DeclaredOverAllowance],
    );
    let many = family_at_the_desk();
    let unknown = ReferralView {
        id: QuestionId {
            journey: JOURNEY,
            serial: 9,
        },
        causes: vec![Cause::Interrupted],
        reasons: Vec::new(),
        grounds: Vec::new(),
        dossiers: Vec::new(),
        declaration: None,
    };
    let refused = Some(PanelNotice::NotPermitted);
    vec![
        ("sign-in", screen(View::SignIn { refused: None })),
        (
            "sign-in-refused",
            screen(View::SignIn {
                refused: Some(SignInRefusal::NotAccepted),
            }),
        ),
        (
            "sign-in-locked-out",
            screen(View::SignIn {
                refused: Some(SignInRefusal::LockedOut),
            }),
        ),
        (
            "desk",
            desk(Some(one), Service::InService, Troubles::default(), None),
        ),
        (
            "desk-family",
            desk(Some(many), Service::Draining, Troubles::default(), refused),
        ),
        (
            "desk-interrupted",
            desk(
                Some(unknown),
                Service::OutOfService,
                Troubles::default(),
                None,
            ),
        ),
        (
            "desk-idle",
            desk(None, Service::OutOfService, untried(), None),
        ),
        ("desk-alarms", alarmed(None)),
        ("desk-family-alarm", alarmed(Some(family_at_the_desk()))),
    ]
}

/// A lane that stands well with its office.
pub(crate) fn standing() -> Standing {
    Standing {
        lists: Version::parse("2026-11-23")
            .unwrap_or_else(|| unreachable!("ten visible characters")),
        issued: people::on_day(20_780),
        too_old: false,
        office: OfficeLine::Reached,
        waiting: 0,
    }
}

/// The family that is late, old and on a list.
fn family_at_the_desk() -> ReferralView {
    referral_of(
        family(),
        vec![
            Cause::DocumentExpired(member(3)),
            Cause::FaceNotMatched(member(1)),
            Cause::Verdict,
        ],
        vec![
            Reason::AllowanceExceeded(Allowance::Alcohol),
            Reason::DocumentListed(member(2)),
            Reason::ListsOutOfDate,
        ],
    )
}

/// What the sample policy's rules would have seen.
fn ground(reason: Reason) -> Option<Ground> {
    let (rule, evidence) = match reason {
        Reason::DeclaredOverAllowance => ("answers.over-allowance", vec![Fact::AnsweredYes]),
        Reason::AllowanceExceeded(Allowance::Alcohol) => (
            "goods.alcohol",
            vec![Fact::Amount {
                measure: Measure::Millilitres,
                declared: 3_000,
                free: 2_280,
            }],
        ),
        Reason::DocumentListed(_) => (
            "documents.lost",
            vec![Fact::Listed(Certainty::Probable {
                wrong_per_million: 15,
            })],
        ),
        Reason::ListsOutOfDate => (
            "lists.age",
            vec![Fact::ListsAge {
                days: 5,
                allowed: 3,
            }],
        ),
        _ => return None,
    };
    Some(Ground {
        rule: RuleId::parse(rule)?,
        reason,
        evidence,
        told: None,
    })
}

fn alarmed(referral: Option<ReferralView>) -> Screen {
    screen(View::Desk(Box::new(PanelView {
        officer: Sensitive::new("Badge 4711".to_owned()),
        notice: None,
        alarms: match referral {
            None => vec![Alarm::Tailgating, Alarm::WrongWay, Alarm::ForcedEntry],
            Some(_) => vec![Alarm::Tailgating],
        },
        standing: Standing {
            too_old: true,
            office: OfficeLine::NotReached,
            waiting: 1_204,
            ..standing()
        },
        service: Service::InService,
        troubles: Troubles::default(),
        referral,
    })))
}

fn referral_of(party: Party, causes: Vec<Cause>, reasons: Vec<Reason>) -> ReferralView {
    let expired = |member: MemberIndex| causes.contains(&Cause::DocumentExpired(member));
    let dossiers = (0u8..)
        .map_while(MemberIndex::new)
        .zip(party.documents)
        .map(|(member, document)| Dossier {
            member,
            document,
            expired: expired(member),
            likeness: alike(member),
        })
        .collect();
    ReferralView {
        id: QuestionId {
            journey: JOURNEY,
            serial: 9,
        },
        dossiers,
        declaration: Some(party.declaration),
        grounds: reasons.iter().copied().filter_map(ground).collect(),
        reasons,
        causes,
    }
}

/// What a lane has at start, when no device has reported yet.
fn untried() -> Troubles {
    let rules = Rules {
        alike_from: people::ALIKE,
        face_tries: 3,
        face_from_age: 6,
        tailgating: journey::OnTailgating::LetThrough,
        language: Language::English,
    };
    Lane::start(rules, JOURNEY, None).troubles
}
