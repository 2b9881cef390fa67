//! Records in words: what of each record is kept, as canonical JSON.

use evidence::{
    Decider, Decision as Outcome, JourneyId, MemberIndex, Verdict,
    declaration::{CodeRefusal, Flaw},
};
use journey::{Alarm, Cause, Device, Ending, Record};
use serde_json::{Map, Value, json};

use crate::DigestKey;

/// What one record becomes.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) journey: Option<JourneyId>,
    pub(crate) kind: &'static str,
    /// Canonical JSON, and nothing personal in it.
    pub(crate) body: String,
    pub(crate) personal: Vec<Personal>,
}

/// A field that is kept apart, so that it can be erased when its time is over.
#[derive(Debug)]
pub(crate) struct Personal {
    pub(crate) field: &'static str,
    /// Canonical JSON.
    pub(crate) value: String,
}

/// The declaration's id, which leads to the declarant.
pub(crate) const CODE: &str = "code";
/// The keyed digests of the party's documents.
pub(crate) const DOCUMENTS: &str = "documents";
/// An officer's badge.
pub(crate) const OFFICER: &str = "officer";

pub(crate) const BEGAN: &str = "began";
pub(crate) const CODE_REFUSED: &str = "code_refused";
pub(crate) const GATHERED: &str = "gathered";
pub(crate) const CLEARED: &str = "cleared";
pub(crate) const REFERRED: &str = "referred";
pub(crate) const DECIDED: &str = "decided";
pub(crate) const ALARMED: &str = "alarmed";
pub(crate) const ENDED: &str = "ended";
pub(crate) const ERASED: &str = "erased";

/// Writes a record down. Document numbers become keyed digests; they, the declaration's id and an officer's badge are
/// personal, and nothing else in a record is.
pub(crate) fn write(record: &Record, key: &DigestKey) -> Written {
    let mut personal = Vec::new();
    let mut apart = |field, value: Value| {
        let value = canonical(&value);
        personal.push(Personal { field, value });
    };
    let (kind, body) = match record {
        Record::Began { journey: _ } => (BEGAN, json!({})),
        Record::CodeRefused {
            journey: _,
            refusal,
        } => (CODE_REFUSED, refusal_body(*refusal)),
        Record::Gathered {
            journey: _,
            code,
            documents,
        } => {
            let documents: Vec<String> = documents
                .iter()
                .map(|number| key.of_document(number.expose()).to_string())
                .collect();
            apart(CODE, hex::encode(code.bytes()).into());
            apart(DOCUMENTS, documents.into());
            (GATHERED, json!({}))
        }
        Record::Cleared {
            question,
            verdict,
            persons,
        } => (
            CLEARED,
            json!({ "question": question.serial, "verdict": verdict_body(verdict), "persons": persons.get() }),
        ),
        Record::Referred {
            referral,
            causes,
            verdict,
        } => {
            let causes: Vec<Value> = causes.iter().map(|cause| cause_body(*cause)).collect();
            (
                REFERRED,
                json!({
                    "referral": referral.serial,
                    "causes": causes,
                    "verdict": verdict.as_ref().map(verdict_body),
                }),
            )
        }
        Record::Decided {
            referral,
            officer,
            decision,
            reason,
            persons,
        } => {
            apart(OFFICER, officer.as_str().into());
            (
                DECIDED,
                json!({
                    "referral": referral.serial,
                    "decision": decision.code(),
                    "reason": reason.code(),
                    "persons": persons.map(std::num::NonZeroU8::get),
                }),
            )
        }
        Record::AnsweredLate {
            question,
            office,
            agrees,
        } => (
            "answered_late",
            json!({ "question": question.serial, "verdict": verdict_body(office), "agrees": agrees }),
        ),
        Record::Alarmed { journey: _, alarm } => (ALARMED, json!({ "alarm": alarm_word(*alarm) })),
        Record::Ended { journey: _, ending } => (
            ENDED,
            match ending {
                Ending::Passed(persons) => json!({ "ending": "passed", "persons": persons }),
                Ending::Decided(decision) => {
                    json!({ "ending": "decided", "decision": decision.code() })
                }
                Ending::Abandoned => json!({ "ending": "abandoned" }),
                Ending::Interrupted(stage) => {
                    json!({ "ending": "interrupted", "stage": stage.code() })
                }
            },
        ),
        Record::Evacuation { began } => ("evacuation", json!({ "began": began })),
        Record::DeviceChanged { device, works } => (
            "device_changed",
            json!({ "device": device_word(*device), "works": works }),
        ),
        Record::ServiceOrdered { officer, open } => {
            let body = match officer {
                Some(officer) => {
                    apart(OFFICER, officer.as_str().into());
                    json!({ "open": open })
                }
                None => json!({ "officer": null, "open": open }),
            };
            ("service_ordered", body)
        }
        Record::OpenedByHand {
            officer,
            persons,
            reason,
        } => {
            apart(OFFICER, officer.as_str().into());
            (
                "opened_by_hand",
                json!({ "persons": persons.get(), "reason": reason.code() }),
            )
        }
    };
    Written {
        journey: record.journey(),
        kind,
        body: canonical(&body),
        personal,
    }
}

fn verdict_body(verdict: &Verdict) -> Value {
    let reasons: Vec<Value> = verdict
        .reasons
        .iter()
        .map(|reason| coded(reason.code(), reason.member()))
        .collect();
    let mut body = json!({
        "decision": match verdict.decision {
            Outcome::Clear => "clear",
            Outcome::Refer => "refer",
        },
        "reasons": reasons,
        "decided_by": match verdict.decided_by {
            Decider::Office => "office",
            Decider::Lane => "lane",
        },
        "policy": verdict.policy.as_str(),
        "lists": verdict.lists.as_str(),
    });
    // What the rules saw stays with the officer; which of them spoke is on record.
    if !verdict.grounds.is_empty() {
        let rules: Vec<&str> = verdict
            .grounds
            .iter()
            .map(|ground| ground.rule.as_str())
            .collect();
        body["rules"] = json!(rules);
    }
    if let Some(draw) = verdict.draw {
        body["draw"] = draw.to_string().into();
    }
    body
}

fn cause_body(cause: Cause) -> Value {
    let mut body = coded(cause.code(), cause.member());
    if let Cause::DeviceFailed(device) = cause {
        body["device"] = device_word(device).into();
    }
    body
}

fn coded(code: &str, member: Option<MemberIndex>) -> Value {
    match member {
        Some(member) => json!({ "code": code, "member": member.get() }),
        None => json!({ "code": code }),
    }
}

fn refusal_body(refusal: CodeRefusal) -> Value {
    let word = match refusal {
        CodeRefusal::NotADeclaration => "not_a_declaration",
        CodeRefusal::TooLong => "too_long",
        CodeRefusal::Malformed(flaw) => {
            return json!({ "refusal": "malformed", "flaw": flaw_word(flaw) });
        }
        CodeRefusal::UnknownIssuer => "unknown_issuer",
        CodeRefusal::IssuerNotValid => "issuer_not_valid",
        CodeRefusal::BadSignature => "bad_signature",
        CodeRefusal::NotYetValid => "not_yet_valid",
        CodeRefusal::Expired => "expired",
    };
    json!({ "refusal": word })
}

const fn flaw_word(flaw: Flaw) -> &'static str {
    match flaw {
        Flaw::Base45 => "base45",
        Flaw::Cbor => "cbor",
        Flaw::Shape(_) => "shape",
        Flaw::NotDeterministic => "not_deterministic",
        Flaw::Content(_) => "content",
        Flaw::Declarant => "declarant",
    }
}

const fn device_word(device: Device) -> &'static str {
    match device {
        Device::Gate => "gate",
        Device::DocumentCamera => "document_camera",
        Device::FaceCamera => "face_camera",
        Device::Journal => "journal",
    }
}

const fn alarm_word(alarm: Alarm) -> &'static str {
    match alarm {
        Alarm::Tailgating => "tailgating",
        Alarm::WrongWay => "wrong_way",
        Alarm::ForcedEntry => "forced_entry",
    }
}

/// One way to write each value: keys sorted, no white space (RFC 8785; our keys are ASCII and our numbers whole, for
/// which sorting bytes and plain digits are the same as that standard's rules).
pub(crate) fn canonical(value: &Value) -> String {
    sorted(value).to_string()
}

/// `serde_json` keeps either sorted or inserted order, as any crate in the build may choose; inserted in sorted
/// order the two are the same.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            Value::Object(
                entries
                    .into_iter()
                    .map(|(key, value)| (key.clone(), sorted(value)))
                    .collect::<Map<_, _>>(),
            )
        }
        Value::Array(values) => Value::Array(values.iter().map(sorted).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn keys_are_sorted_at_every_depth() {
        let value = json!({ "b": [{ "d": 1, "c": null }], "a": "é\n" });
        assert_eq!(canonical(&value), r#"{"a":"é\n","b":[{"c":null,"d":1}]}"#);
    }
}
