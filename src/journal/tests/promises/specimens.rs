//! Records to fill a journal with.

use std::{
    num::NonZeroU8,
    path::{Path, PathBuf},
};

use evidence::{
    Allowance, CodeId, CodeRefusal, Decider, Decision as Outcome, DocumentNumber, JourneyId,
    MemberIndex, QuestionId, Reason, Sensitive, Verdict, Version, declaration::Flaw,
};
use journal::{DigestKey, Journal, Stamp};
use journey::{
    Alarm, Cause, Decision, DecisionReason, Device, Ending, HandReason, OfficerId, Record,
    StageName,
};
use proptest::{collection::vec, option, prelude::*, sample::select};

pub(crate) const KEY: [u8; 32] = [0x5e; 32];
pub(crate) const NOON: Stamp = Stamp::new(1_790_000_000_000);

/// A folder that goes when the test does, and the journal's place in it.
pub(crate) struct Place {
    _folder: tempfile::TempDir,
    pub(crate) path: PathBuf,
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            path: folder.path().join("journal.db"),
            _folder: folder,
        }
    }

    pub(crate) fn beside(&self, suffix: &str) -> PathBuf {
        beside(&self.path, suffix)
    }

    pub(crate) fn open(&self) -> Journal {
        Journal::open(&self.path, DigestKey::new(KEY), NOON)
            .unwrap()
            .0
    }
}

pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

pub(crate) fn question(journey: u64, serial: u32) -> QuestionId {
    QuestionId {
        journey: JourneyId::new(journey),
        serial,
    }
}

pub(crate) fn began(journey: u64) -> Record {
    Record::Began {
        journey: JourneyId::new(journey),
    }
}

pub(crate) fn gathered(journey: u64) -> Record {
    Record::Gathered {
        journey: JourneyId::new(journey),
        code: CodeId::new([journey as u8; 16]),
        documents: vec![Sensitive::new(DocumentNumber::parse("L898902C3").unwrap())],
    }
}

pub(crate) fn cleared(journey: u64) -> Record {
    let verdict = Verdict {
        decision: Outcome::Clear,
        reasons: vec![],
        decided_by: Decider::Lane,
        policy: Version::parse("2026-11-01.1").unwrap(),
        lists: Version::parse("2026-11-23.4").unwrap(),
        grounds: vec![],
        draw: None,
    };
    Record::Cleared {
        question: question(journey, 5),
        verdict,
        persons: NonZeroU8::MIN,
    }
}

pub(crate) fn referred(journey: u64, serial: u32) -> Record {
    Record::Referred {
        referral: question(journey, serial),
        causes: vec![Cause::AskedForOfficer],
        verdict: None,
    }
}

pub(crate) fn decided(journey: u64, serial: u32, decision: Decision, through_gate: bool) -> Record {
    Record::Decided {
        referral: question(journey, serial),
        officer: OfficerId::parse("A-17").unwrap(),
        decision,
        reason: DecisionReason::DocumentsInOrder,
        persons: through_gate.then_some(NonZeroU8::MIN),
    }
}

pub(crate) fn ended(journey: u64, ending: Ending) -> Record {
    Record::Ended {
        journey: JourneyId::new(journey),
        ending,
    }
}

fn ids() -> impl Strategy<Value = JourneyId> {
    (1_u64..1 << 40).prop_map(JourneyId::new)
}

fn questions() -> impl Strategy<Value = QuestionId> {
    (ids(), any::<u32>()).prop_map(|(journey, serial)| QuestionId { journey, serial })
}

/// Of nine characters and more: by chance none of them stands in a file of some kilobytes.
pub(crate) fn numbers() -> impl Strategy<Value = DocumentNumber> {
    "[A-Z][A-Z0-9]{8,20}".prop_map(|number| DocumentNumber::parse(&number).unwrap())
}

fn members() -> impl Strategy<Value = MemberIndex> {
    (0_u8..10).prop_map(|index| MemberIndex::new(index).unwrap())
}

fn versions() -> impl Strategy<Value = Version> {
    "[!-~]{1,40}".prop_map(|name| Version::parse(&name).unwrap())
}

fn devices() -> impl Strategy<Value = Device> {
    select(vec![
        Device::Gate,
        Device::DocumentCamera,
        Device::FaceCamera,
        Device::Journal,
    ])
}

fn decisions() -> impl Strategy<Value = Decision> {
    select(Decision::ALL.to_vec())
}

fn officers() -> impl Strategy<Value = OfficerId> {
    "[A-Z0-9-]{1,16}".prop_map(|badge| OfficerId::parse(&badge).unwrap())
}

fn persons() -> impl Strategy<Value = NonZeroU8> {
    (1_u8..=10).prop_map(|persons| NonZeroU8::new(persons).unwrap())
}

fn refusals() -> impl Strategy<Value = CodeRefusal> {
    select(vec![
        CodeRefusal::NotADeclaration,
        CodeRefusal::TooLong,
        CodeRefusal::Malformed(Flaw::Base45),
        CodeRefusal::Malformed(Flaw::Cbor),
        CodeRefusal::Malformed(Flaw::Shape("party")),
        CodeRefusal::Malformed(Flaw::NotDeterministic),
        CodeRefusal::Malformed(Flaw::Declarant),
        CodeRefusal::UnknownIssuer,
        CodeRefusal::IssuerNotValid,
        CodeRefusal::BadSignature,
        CodeRefusal::NotYetValid,
        CodeRefusal::Expired,
    ])
}

fn reasons() -> impl Strategy<Value = Reason> {
    prop_oneof![
        select(vec![
            Reason::DeclaredGold,
            Reason::DeclaredCash,
            Reason::RandomSelection,
            Reason::ListsOutOfDate
        ]),
        select(vec![
            Allowance::Alcohol,
            Allowance::Tobacco,
            Allowance::Perfume,
            Allowance::OtherGoods
        ])
        .prop_map(Reason::AllowanceExceeded),
        members().prop_map(Reason::DocumentListed),
        members().prop_map(Reason::NameListed),
    ]
}

fn verdicts() -> impl Strategy<Value = Verdict> {
    (
        select(vec![Outcome::Clear, Outcome::Refer]),
        vec(reasons(), 0..4),
        select(vec![Decider::Office, Decider::Lane]),
        versions(),
        versions(),
    )
        .prop_map(|(decision, reasons, decided_by, policy, lists)| Verdict {
            decision,
            reasons,
            decided_by,
            policy,
            lists,
            grounds: vec![],
            draw: None,
        })
}

fn causes() -> impl Strategy<Value = Cause> {
    prop_oneof![
        select(vec![
            Cause::Verdict,
            Cause::NoVerdict,
            Cause::EvidenceIncomplete,
            Cause::Disputed,
            Cause::AskedForOfficer,
            Cause::PassageIncomplete,
            Cause::Tailgated,
            Cause::Interrupted,
        ]),
        members().prop_map(Cause::DocumentExpired),
        members().prop_map(Cause::FaceNotMatched),
        members().prop_map(Cause::PresentationUnclear),
        devices().prop_map(Cause::DeviceFailed),
    ]
}

fn endings() -> impl Strategy<Value = Ending> {
    prop_oneof![
        (0_u8..=10).prop_map(Ending::Passed),
        decisions().prop_map(Ending::Decided),
        Just(Ending::Abandoned),
        select(vec![
            StageName::Gathering,
            StageName::Facing,
            StageName::Closing
        ])
        .prop_map(Ending::Interrupted),
    ]
}

/// Any record; beginnings and endings have yet to be numbered apart.
pub(crate) fn records() -> impl Strategy<Value = Record> {
    prop_oneof![
        ids().prop_map(|journey| Record::Began { journey }),
        (ids(), refusals()).prop_map(|(journey, refusal)| Record::CodeRefused { journey, refusal }),
        (ids(), any::<[u8; 16]>(), vec(numbers(), 0..4)).prop_map(|(journey, code, numbers)| {
            Record::Gathered {
                journey,
                code: CodeId::new(code),
                documents: numbers.into_iter().map(Sensitive::new).collect(),
            }
        }),
        (questions(), verdicts(), persons()).prop_map(|(question, verdict, persons)| {
            Record::Cleared {
                question,
                verdict,
                persons,
            }
        }),
        (questions(), vec(causes(), 1..4), option::of(verdicts())).prop_map(
            |(referral, causes, verdict)| Record::Referred {
                referral,
                causes,
                verdict
            }
        ),
        (
            questions(),
            officers(),
            decisions(),
            select(DecisionReason::ALL.to_vec()),
            option::of(persons())
        )
            .prop_map(
                |(referral, officer, decision, reason, persons)| Record::Decided {
                    referral,
                    officer,
                    decision,
                    reason,
                    persons
                }
            ),
        (
            option::of(ids()),
            select(vec![Alarm::Tailgating, Alarm::WrongWay, Alarm::ForcedEntry])
        )
            .prop_map(|(journey, alarm)| Record::Alarmed { journey, alarm }),
        (ids(), endings()).prop_map(|(journey, ending)| Record::Ended { journey, ending }),
        any::<bool>().prop_map(|began| Record::Evacuation { began }),
        (devices(), any::<bool>())
            .prop_map(|(device, works)| Record::DeviceChanged { device, works }),
        (option::of(officers()), any::<bool>())
            .prop_map(|(officer, open)| Record::ServiceOrdered { officer, open }),
        (questions(), verdicts(), any::<bool>()).prop_map(|(question, office, agrees)| {
            Record::AnsweredLate {
                question,
                office,
                agrees,
            }
        }),
        (officers(), persons(), select(HandReason::ALL.to_vec())).prop_map(
            |(officer, persons, reason)| Record::OpenedByHand {
                officer,
                persons,
                reason
            }
        ),
    ]
}

/// Puts a beginning before them all, gives every other beginning the next number, and every ending a journey of
/// its own.
pub(crate) fn numbered(records: Vec<Record>) -> Vec<Record> {
    let (mut next, mut over) = (1 << 40, 0);
    std::iter::once(began(1 << 40))
        .chain(records.into_iter().map(|record| match record {
            Record::Began { .. } => {
                next += 1;
                began(next)
            }
            Record::Ended { ending, .. } => {
                over += 1;
                ended(over, ending)
            }
            other => other,
        }))
        .collect()
}
