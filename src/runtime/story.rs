//! What happened, in words that an engineer reads and that name nobody.

use std::time::Duration;

use evidence::Presentation;
use journey::{Cause, Effect, Event, FaceOutcome, Ground, Lane, Look, Record, StageName};

/// One step, as a watcher sees it.
pub struct Moment<'a> {
    /// Since the loop began.
    pub at: Duration,
    /// What happened.
    pub event: &'a Event,
    /// What was done about it.
    pub effects: &'a [Effect],
    /// The lane thereafter.
    pub lane: &'a Lane,
    /// How long it took to commit the step's records; none where it had none.
    pub committed_in: Option<Duration>,
}

impl Moment<'_> {
    /// Where the journey stands now.
    pub fn stage(&self) -> Option<StageName> {
        self.lane.stage().map(journey::Stage::name)
    }
}

/// The event in a few words.
pub fn event_words(event: &Event) -> String {
    match event {
        Event::DeclarationRead(_) => "declaration read, signature holds".to_owned(),
        Event::CodeRefused(refusal) => format!("code refused: {refusal}"),
        Event::DeclarationOpened { to, outcome: Ok(_) } => format!("{to}: declaration opened"),
        Event::DeclarationOpened {
            to,
            outcome: Err(refusal),
        } => format!("{to}: declaration stays shut: {refusal}"),
        Event::DocumentRead { document, .. } => {
            format!(
                "document read: {} of {}",
                document.format.name(),
                document.issuing_state.as_str()
            )
        }
        Event::DocumentUnreadable => "document cannot be read".to_owned(),
        Event::FaceLooked {
            to,
            outcome: FaceOutcome::NotYet(hint),
        } => format!("{to}: no good face yet ({hint:?})"),
        Event::FaceLooked {
            to,
            outcome:
                FaceOutcome::Captured {
                    quality,
                    likeness,
                    presentation,
                },
        } => {
            let likeness = match likeness {
                Some(likeness) => format!("likeness {}", likeness.per_mille()),
                None => "no portrait to compare".to_owned(),
            };
            let presentation = match presentation {
                Presentation::BonaFide => "",
                Presentation::NeedsOfficer => ", for an officer to look at",
            };
            format!(
                "{to}: face, quality {}, {likeness}{presentation}",
                quality.per_mille()
            )
        }
        Event::RiskAnswered { to, verdict } => {
            format!(
                "{to}: {:?} says {:?}{}",
                verdict.decided_by,
                verdict.decision,
                reasons(verdict)
            )
        }
        Event::PersonPassed { total } => format!("person {total} passed"),
        Event::OfficerDecided {
            referral,
            officer,
            decision,
            reason,
        } => {
            format!(
                "{referral}: officer {} decides {} ({})",
                officer.as_str(),
                decision.code(),
                reason.code()
            )
        }
        Event::DeviceFailed(device) => format!("{device:?} fails"),
        Event::DeviceRecovered(device) => format!("{device:?} works"),
        Event::Expired(deadline) => {
            format!("{}: time for {:?} is over", deadline.arming, deadline.timer)
        }
        Event::Nearing(deadline) => format!(
            "{}: time for {:?} runs out",
            deadline.arming, deadline.timer
        ),
        Event::GateAlarmed(alarm) => format!("gate alarm: {alarm:?}"),
        Event::Touched(touch) => format!("touched: {touch:?}"),
        Event::GateOpened => "gate open".to_owned(),
        Event::PassageCleared => "passage clear".to_owned(),
        Event::GateClosed => "gate closed".to_owned(),
        Event::RecordFailed => "record refused by the journal".to_owned(),
        Event::EvacuationSignalled => "evacuation".to_owned(),
        Event::EvacuationEnded => "evacuation over".to_owned(),
        Event::DrainOrdered { .. } => "ordered to finish".to_owned(),
        Event::ResumeOrdered { .. } => "ordered to serve".to_owned(),
    }
}

/// The effect in a few words.
pub fn effect_words(effect: &Effect) -> String {
    match effect {
        Effect::Record(record) => format!("record {}", record_words(record)),
        Effect::OpenGate(warrant) => {
            let ground = match warrant.ground() {
                Ground::Verdict(question) => format!("verdict {question}"),
                Ground::Officer(referral) => format!("officer on {referral}"),
            };
            format!(
                "open gate for {} of {} ({ground})",
                warrant.persons(),
                warrant.journey()
            )
        }
        Effect::CloseGate => "close gate".to_owned(),
        Effect::Evacuate => "open gate for everybody".to_owned(),
        Effect::Light(lamp) => format!("lamp {lamp:?}"),
        Effect::Look(Look::Documents) => "look for documents".to_owned(),
        Effect::Look(Look::Face { question, member }) => {
            format!("{question}: look for member {}'s face", member.get() + 1)
        }
        Effect::Look(Look::Nothing) => "look away".to_owned(),
        Effect::OpenDeclaration { question, .. } => format!("{question}: try to open declaration"),
        Effect::AskRisk(question) => format!("{}: ask for a verdict", question.id),
        Effect::Arm(deadline) => format!("{}: wait for {:?}", deadline.arming, deadline.timer),
        Effect::Disarm => "wait no longer".to_owned(),
        Effect::SummonOfficer(referral) => format!("{}: call an officer", referral.id),
        Effect::RaiseAlarm(alarm) => format!("raise alarm {alarm:?}"),
        Effect::Forget(journey) => format!("forget {journey}"),
    }
}

fn record_words(record: &Record) -> String {
    match record {
        Record::Began { journey } => format!("{journey} began"),
        Record::CodeRefused { journey, refusal } => format!("{journey}: code refused: {refusal}"),
        Record::Gathered {
            journey, documents, ..
        } => format!("{journey}: {} documents under one code", documents.len()),
        Record::Cleared {
            question,
            verdict,
            persons,
        } => {
            format!("{question}: {persons} cleared by {:?}", verdict.decided_by)
        }
        Record::Referred {
            referral,
            causes,
            verdict,
        } => {
            let causes: Vec<_> = causes.iter().map(|cause| cause_words(*cause)).collect();
            let reasons = verdict.as_ref().map(reasons).unwrap_or_default();
            format!("{referral}: referred: {}{reasons}", causes.join(", "))
        }
        Record::Decided {
            referral,
            decision,
            reason,
            ..
        } => {
            format!("{referral}: {} ({})", decision.code(), reason.code())
        }
        Record::Alarmed { alarm, .. } => format!("alarm {alarm:?}"),
        Record::Ended { journey, ending } => format!("{journey} ended: {ending:?}"),
        Record::Evacuation { began: true } => "evacuation began".to_owned(),
        Record::Evacuation { began: false } => "evacuation ended".to_owned(),
        Record::DeviceChanged { device, works } => {
            format!("{device:?} {}", if *works { "works" } else { "failed" })
        }
        Record::ServiceOrdered { open, .. } => {
            format!("service {}", if *open { "resumed" } else { "to end" })
        }
        Record::AnsweredLate {
            question, agrees, ..
        } => {
            let how = if *agrees { "the same" } else { "otherwise" };
            format!("the office answers {question} late, and {how}")
        }
        Record::OpenedByHand {
            persons, reason, ..
        } => format!("opened by hand for {persons} ({})", reason.code()),
    }
}

fn cause_words(cause: Cause) -> String {
    match cause {
        Cause::DeviceFailed(device) => format!("{} {device:?}", cause.code()),
        other => format!("{} {other:?}", other.code()),
    }
}

fn reasons(verdict: &evidence::Verdict) -> String {
    let codes: Vec<_> = verdict.reasons.iter().map(|reason| reason.code()).collect();
    if codes.is_empty() {
        String::new()
    } else {
        format!(" [{}]", codes.join(" "))
    }
}
