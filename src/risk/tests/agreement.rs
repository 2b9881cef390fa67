//! One engine in two places: what a lane decides alone is what its office decides, and stays so for three days without a line.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

mod cases;
#[path = "cases/laid.rs"]
mod laid;
#[path = "cases/made.rs"]
mod made;

use cases::DAY;
use evidence::{Decider, Decision, Reason, StateCode, Verdict};
use laid::{POLICY_WITH_RULES, exact_path, lay_out};
use made::Chance;
use risk::wire::{AssessmentRequest, AssessmentResponse};
use risk::{Case, Edition, LaneName, assess};
use std::collections::BTreeMap;
use time::Duration;

/// The case as an office reads it from a lane's bytes.
fn sent(case: &Case) -> Case {
    let bytes = serde_json::to_vec(&AssessmentRequest::from(case)).unwrap();
    let words: AssessmentRequest = serde_json::from_slice(&bytes).unwrap();
    Case::try_from(&words).unwrap()
}

/// The verdict as a lane reads it from an office's bytes.
fn answered(question: &str, verdict: &Verdict) -> Verdict {
    let bytes = serde_json::to_vec(&AssessmentResponse::new(question, verdict)).unwrap();
    let words: AssessmentResponse = serde_json::from_slice(&bytes).unwrap();
    words.verdict_on(question).unwrap()
}

#[test]
fn office_and_lane_agree_on_a_hundred_thousand_questions() {
    let folder = tempfile::tempdir().unwrap();
    lay_out(folder.path(), POLICY_WITH_RULES);
    let (lane, office) = (
        Edition::load(folder.path()).unwrap(),
        Edition::load(folder.path()).unwrap(),
    );
    let names = ["lane-1", "lane-2", "lane-3"].map(|name| LaneName::parse(name).unwrap());
    let mut rules: BTreeMap<String, u32> = BTreeMap::new();
    let mut referred = 0_u32;
    for number in 0..100_000_u64 {
        let mut chance = Chance::new(number);
        let on = DAY + Duration::days(i64::try_from(chance.below(7)).unwrap() - 1);
        let name = &names[usize::try_from(chance.below(3)).unwrap()];
        let case = made::case(&mut chance, name, number, on);
        let mut alone = assess(&case, &lane.policy, &lane.lists, Decider::Lane);
        let heard = sent(&case);
        assert_eq!(heard, case);
        let there = assess(&heard, &office.policy, &office.lists, Decider::Office);
        let there = answered(&case.question_name(), &there);
        alone.decided_by = Decider::Office;
        assert_eq!(alone, there, "question {number}");
        referred += u32::from(there.decision == Decision::Refer);
        for ground in &there.grounds {
            *rules.entry(ground.rule.to_string()).or_default() += 1;
        }
    }
    println!(
        "100,000 questions, {referred} referred, no difference; how often each rule spoke: {rules:?}"
    );
    // Agreement about nothing would be worth nothing: every rule that the policy has for these days has spoken.
    for rule in [
        "answers.prohibited",
        "answers.gold",
        "answers.over-allowance",
        "answers.commercial",
        "answers.for-others",
        "answers.cash",
        "answers.unaccompanied",
        "allowance.2021-10",
        "lists.age",
        "lists.document",
        "lists.name",
        "random",
        "party.children-alone",
        "party.large",
        "document.expires-soon",
        "document.none",
        "flight.watched",
    ] {
        assert!(
            rules.get(rule).is_some_and(|count| *count > 10),
            "{rule} {rules:?}"
        );
    }
    assert!((20_000..90_000).contains(&referred), "{referred}");
}

#[test]
fn seventy_two_hours_without_a_line_change_no_decision_but_what_the_policy_lets_the_office_confirm()
{
    const JOURNEYS: u64 = 20_000;
    let folder = tempfile::tempdir().unwrap();
    lay_out(folder.path(), POLICY_WITH_RULES);
    let lane = Edition::load(folder.path()).unwrap();
    let office =
        Edition::load_with_exact_documents(folder.path(), &exact_path(folder.path())).unwrap();
    assert!(lane.policy.documents_are_confirmed_at_the_office());
    // Documents that are on no list, and that the filter takes for listed: one in 65,536, so they are looked for.
    let strangers: Vec<_> = (0..400_000)
        .map(|at| cases::number(&format!("FP{at:07}")))
        .filter(|number| {
            let found = lane.lists.document(StateCode::UTOPIA, number.expose());
            found.is_some()
        })
        .collect();
    assert!(!strangers.is_empty());

    let name = LaneName::parse("lane-3").unwrap();
    let (mut confirmed, mut others, mut referred) = (0_u32, Vec::new(), 0_u32);
    let mut kept = Vec::new();
    for journey in 0..JOURNEYS {
        let mut chance = Chance::new(1_000_000 + journey);
        let hours = journey * 72 / JOURNEYS;
        let on = DAY + Duration::hours(i64::try_from(hours).unwrap());
        let mut case = made::case(&mut chance, &name, journey, on);
        if journey % 2_000 == 7 {
            case.travellers[0].state = StateCode::UTOPIA;
            case.travellers[0].number =
                strangers[usize::try_from(journey / 2_000).unwrap() % strangers.len()].clone();
        }
        let verdict = assess(&case, &lane.policy, &lane.lists, Decider::Lane);
        referred += u32::from(verdict.decision == Decision::Refer);
        kept.push((
            serde_json::to_vec(&AssessmentRequest::from(&case)).unwrap(),
            verdict,
        ));
    }
    // The line is back: the office reads what the lane kept, and judges it by the edition of those days.
    for (bytes, alone) in kept {
        let words: AssessmentRequest = serde_json::from_slice(&bytes).unwrap();
        let case = Case::try_from(&words).unwrap();
        let late = assess(&case, &office.policy, &office.lists, Decider::Office);
        let confirmable = |reason: &Reason| matches!(reason, Reason::DocumentListed(_));
        let rest = |verdict: &Verdict| -> Vec<Reason> {
            let reasons = verdict.reasons.iter().copied();
            reasons.filter(|reason| !confirmable(reason)).collect()
        };
        if rest(&alone) != rest(&late) {
            others.push(case.question_name());
        } else if alone.reasons != late.reasons {
            confirmed += 1;
        }
        // The office clears what a lane held back, and never holds what a lane let go.
        assert!(
            late.reasons
                .iter()
                .all(|reason| alone.reasons.contains(reason))
        );
    }
    println!(
        "72 hours offline, {JOURNEYS} journeys, {referred} referred: {} differences by other rules, {confirmed} hits of the \
         document filter that the office did not confirm",
        others.len()
    );
    assert_eq!(others, Vec::<String>::new());
    // Ten were planted; the filter's own rate adds one in 65,536.
    assert!((10..=14).contains(&confirmed), "{confirmed}");
}
