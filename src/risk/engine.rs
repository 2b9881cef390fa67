//! The engine: one case, one verdict. The same facts, policy and lists give the same verdict everywhere.

use crate::allowance;
use crate::case::{Case, Traveller};
use crate::lists::Lists;
use crate::names::Likeness;
use crate::policy::{DeclaredAnswer, Policy};
use evidence::{
    Answer, Answers, Certainty, Date, Decider, Decision, Fact, Ground, MemberIndex, Reason, RuleId,
    Told, Verdict,
};

/// Judges a case. The party is clear when no rule speaks against it; reasons and grounds come in the order of [`Reason`].
///
/// A day for which the policy has no allowance rule refers as [`Reason::ListsOutOfDate`]: what the lane knows is then
/// not of that day.
#[must_use]
pub fn assess(case: &Case, policy: &Policy, lists: &Lists, decider: Decider) -> Verdict {
    let mut grounds = Vec::new();
    answers(case, policy, &mut grounds);
    goods(case, policy, &mut grounds);
    for (member, traveller) in case.members() {
        document(member, traveller, policy, lists, &mut grounds);
        name(member, traveller, policy, lists, &mut grounds);
    }
    let drawing = policy.picks();
    let key = drawing.day_key(case.on);
    if key.picks(drawing.per_mille, &case.lane, case.id.journey) {
        let drawn = Fact::Drawn {
            per_mille: drawing.per_mille,
        };
        grounds.push(ground(
            &drawing.id,
            Reason::RandomSelection,
            vec![drawn],
            None,
        ));
    }
    age(case, policy, lists, &mut grounds);
    grounds.extend(
        policy
            .own_rules(case)
            .into_iter()
            .map(|(rule, (reason, seen, told))| ground(rule, reason, seen, told)),
    );
    grounds.sort_by(|one, other| (one.reason, &one.rule).cmp(&(other.reason, &other.rule)));
    let mut reasons: Vec<Reason> = grounds.iter().map(|ground| ground.reason).collect();
    reasons.dedup();
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
        grounds,
        draw: Some(key.commitment()),
    }
}

fn ground(rule: &RuleId, reason: Reason, evidence: Vec<Fact>, told: Option<Told>) -> Ground {
    Ground {
        rule: rule.clone(),
        reason,
        evidence,
        told,
    }
}

fn answers(case: &Case, policy: &Policy, grounds: &mut Vec<Ground>) {
    for (given, answer, reason) in declared(&case.answers) {
        if !given.is_yes() {
            continue;
        }
        let Some(rule) = policy.referral(answer, case.on) else {
            continue;
        };
        let pieces = (answer == DeclaredAnswer::Unaccompanied)
            .then_some(case.answers.unaccompanied)
            .flatten();
        let seen = pieces.map_or(Fact::AnsweredYes, Fact::Pieces);
        grounds.push(ground(rule, reason, vec![seen], Some(Told::Answers)));
    }
}

fn goods(case: &Case, policy: &Policy, grounds: &mut Vec<Ground>) {
    let Some((rule, allowances)) = policy.allowance(case.on) else {
        return;
    };
    for excess in allowance::exceeded(case, allowances) {
        let amount = Fact::Amount {
            measure: excess.measure,
            declared: excess.declared,
            free: excess.free,
        };
        let party = u8::try_from(case.travellers.len()).unwrap_or(u8::MAX);
        grounds.push(ground(
            rule,
            Reason::AllowanceExceeded(excess.allowance),
            vec![amount, Fact::Travellers(party)],
            Some(Told::Goods(excess.allowance)),
        ));
    }
}

fn document(
    member: MemberIndex,
    traveller: &Traveller,
    policy: &Policy,
    lists: &Lists,
    grounds: &mut Vec<Ground>,
) {
    let Some(certainty) = lists.document(traveller.state, traveller.number.expose()) else {
        return;
    };
    grounds.push(ground(
        &policy.documents.id,
        Reason::DocumentListed(member),
        vec![Fact::Listed(certainty), Fact::IssuedBy(traveller.state)],
        None,
    ));
}

fn name(
    member: MemberIndex,
    traveller: &Traveller,
    policy: &Policy,
    lists: &Lists,
    grounds: &mut Vec<Ground>,
) {
    let mut seen = Vec::new();
    if lists.has_name(traveller.name.expose(), traveller.birth.expose()) {
        seen.push(Fact::Listed(Certainty::Exact));
    }
    if let Some(hit) = lists.nearest_name(traveller, &policy.names.bar) {
        seen.extend(likeness(&hit));
    }
    if !seen.is_empty() {
        grounds.push(ground(
            &policy.names.id,
            Reason::NameListed(member),
            seen,
            None,
        ));
    }
}

fn likeness(hit: &Likeness) -> impl Iterator<Item = Fact> {
    let score = Fact::Likeness {
        score: hit.score,
        threshold: hit.threshold,
    };
    let parts = hit.parts.clone();
    [Fact::Entry(hit.entry), score]
        .into_iter()
        .chain(parts.into_iter().map(|part| Fact::Weighed {
            feature: part.feature,
            alike: part.alike,
            weight: part.weight,
        }))
}

/// Whether lists are too old, or have ended, to clear anybody on this day: the engine then refers as
/// [`Reason::ListsOutOfDate`].
#[must_use]
pub fn lists_are_too_old(policy: &Policy, lists: &Lists, on: Date) -> bool {
    let days = on.to_julian_day() - lists.issued().to_julian_day();
    days > i32::from(policy.lists.greatest_age_days)
        || lists.expires().is_some_and(|last| on > last)
}

fn age(case: &Case, policy: &Policy, lists: &Lists, grounds: &mut Vec<Ground>) {
    let days = case.on.to_julian_day() - lists.issued().to_julian_day();
    let allowed = policy.lists.greatest_age_days;
    let mut seen = Vec::new();
    if days > i32::from(allowed) {
        seen.push(Fact::ListsAge { days, allowed });
    }
    if lists.expires().is_some_and(|last| case.on > last) {
        seen.push(Fact::ListsExpired);
    }
    if policy.allowance(case.on).is_none() {
        seen.push(Fact::NoRuleForTheDay);
    }
    if !seen.is_empty() {
        grounds.push(ground(
            &policy.lists.id,
            Reason::ListsOutOfDate,
            seen,
            Some(Told::Gate),
        ));
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
