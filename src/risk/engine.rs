//! The engine: one case, one verdict. The same facts, policy and lists give the same verdict everywhere.

use crate::allowance;
use crate::case::{Case, Traveller};
use crate::lists::Lists;
use crate::policy::{DeclaredAnswer, Policy};
use crate::selection;
use evidence::{Answer, Answers, Decider, Decision, MemberIndex, Reason, Verdict};

/// Judges a case. The party is clear when no reason against it is found; the reasons come in the order of [`Reason`].
///
/// A day for which the policy has no allowance rule refers as [`Reason::ListsOutOfDate`]: what the lane knows is then
/// not of that day.
#[must_use]
pub fn assess(case: &Case, policy: &Policy, lists: &Lists, decider: Decider) -> Verdict {
    let mut reasons: Vec<Reason> = declared(&case.answers)
        .into_iter()
        .filter(|(given, answer, _)| given.is_yes() && policy.refers(*answer, case.on))
        .map(|(_, _, reason)| reason)
        .collect();

    let mut out_of_date = case.on.to_julian_day() - lists.issued().to_julian_day()
        > i32::from(policy.lists_greatest_age_days());
    match policy.allowances(case.on) {
        Some(rules) => reasons.extend(
            allowance::exceeded(case, rules)
                .into_iter()
                .map(Reason::AllowanceExceeded),
        ),
        None => out_of_date = true,
    }
    for (member, traveller) in members(case) {
        if lists.has_document(traveller.state, traveller.number.expose()) {
            reasons.push(Reason::DocumentListed(member));
        }
        if lists.has_name(traveller.name.expose(), traveller.birth.expose()) {
            reasons.push(Reason::NameListed(member));
        }
    }
    if selection::picked(policy.picks(), &case.lane, case.id.journey) {
        reasons.push(Reason::RandomSelection);
    }
    if out_of_date {
        reasons.push(Reason::ListsOutOfDate);
    }
    reasons.sort_unstable();
    Verdict {
        decision: if reasons.is_empty() {
            Decision::Clear
        } else {
            Decision::Refer
        },
        reasons,
        decided_by: decider,
        policy: policy.version().clone(),
        lists: lists.version().clone(),
    }
}

/// The seven answers with the reason that each gives when it is yes.
fn declared(answers: &Answers) -> [(Answer, DeclaredAnswer, Reason); 7] {
    let unaccompanied = if answers.unaccompanied.is_some() {
        Answer::Yes
    } else {
        Answer::No
    };
    [
        (
            answers.prohibited,
            DeclaredAnswer::Prohibited,
            Reason::DeclaredProhibited,
        ),
        (answers.gold, DeclaredAnswer::Gold, Reason::DeclaredGold),
        (
            answers.over_allowance,
            DeclaredAnswer::OverAllowance,
            Reason::DeclaredOverAllowance,
        ),
        (
            answers.commercial,
            DeclaredAnswer::Commercial,
            Reason::DeclaredCommercial,
        ),
        (
            answers.for_others,
            DeclaredAnswer::ForOthers,
            Reason::DeclaredForOthers,
        ),
        (
            answers.cash_over_limit,
            DeclaredAnswer::CashOverLimit,
            Reason::DeclaredCash,
        ),
        (
            unaccompanied,
            DeclaredAnswer::Unaccompanied,
            Reason::DeclaredUnaccompanied,
        ),
    ]
}

fn members(case: &Case) -> impl Iterator<Item = (MemberIndex, &Traveller)> {
    (0..=u8::MAX)
        .map_while(MemberIndex::new)
        .zip(&case.travellers)
}
