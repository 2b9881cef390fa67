//! What a rule saw, in a line of figures beside its name in the policy. Names and codes are those of the policy, so that they
//! read the same in every language.

use evidence::{Certainty, Fact, Feature, Ground, Measure, Reason};

/// Every rule with this reason, and what it saw.
pub(crate) fn of(reason: Reason, grounds: &[Ground]) -> String {
    let lines: Vec<String> = grounds
        .iter()
        .filter(|ground| ground.reason == reason)
        .map(|ground| {
            let figures = ground.evidence.iter().filter_map(figure);
            std::iter::once(ground.rule.to_string())
                .chain(figures)
                .collect::<Vec<_>>()
                .join(" \u{b7} ")
        })
        .collect();
    lines.join("\n")
}

/// None for what the reason itself says already.
fn figure(fact: &Fact) -> Option<String> {
    Some(match fact {
        Fact::AnsweredYes | Fact::NoDocument | Fact::ListsExpired | Fact::NoRuleForTheDay => {
            return None;
        }
        Fact::Pieces(pieces) => format!("{pieces}"),
        Fact::Amount {
            measure,
            declared,
            free,
        } => {
            let unit = match measure {
                Measure::Millilitres => "ml",
                Measure::TobaccoPerMille => "\u{2030}",
                Measure::TenthsOfOunce => "/10 oz",
                Measure::Yen => "JPY",
            };
            format!("{declared} / {free} {unit}")
        }
        Fact::Travellers(travellers) => format!("{travellers}"),
        Fact::YoungerThan { years, travellers } => format!("{travellers} < {years}"),
        Fact::Kind(kind) => format!("{kind:?}"),
        Fact::IssuedBy(state) | Fact::Nationality(state) => state.as_str().to_owned(),
        Fact::ExpiresIn(days) => format!("{days} d"),
        Fact::Flight(flight) => flight.to_string(),
        Fact::Departure(airport) => airport.to_string(),
        Fact::Listed(Certainty::Exact) => return None,
        Fact::Listed(Certainty::Probable { wrong_per_million }) => {
            format!("\u{b1} {wrong_per_million} / 1,000,000")
        }
        Fact::Entry(entry) => format!("#{entry}"),
        Fact::Likeness { score, threshold } => format!("{score} \u{2265} {threshold}"),
        Fact::Weighed {
            feature,
            alike,
            weight,
        } => {
            let feature = match feature {
                Feature::Name => "name",
                Feature::Birth => "birth",
                Feature::Nationality => "nationality",
            };
            format!("{feature} {alike} \u{d7} {weight}")
        }
        Fact::Drawn { per_mille } => format!("{per_mille} \u{2030}"),
        Fact::ListsAge { days, allowed } => format!("{days} / {allowed} d"),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use evidence::{Allowance, MemberIndex, RuleId};

    use super::*;

    #[test]
    fn a_likeness_shows_every_weight() {
        let member = MemberIndex::new(1).unwrap();
        let weighed = |feature, alike, weight| Fact::Weighed {
            feature,
            alike,
            weight,
        };
        let grounds = [
            Ground {
                rule: RuleId::parse("names.watched").unwrap(),
                reason: Reason::NameListed(member),
                evidence: vec![
                    Fact::Listed(Certainty::Exact),
                    Fact::Likeness {
                        score: 912,
                        threshold: 820,
                    },
                    weighed(Feature::Name, 874, 700),
                    weighed(Feature::Birth, 1000, 300),
                ],
                told: None,
            },
            Ground {
                rule: RuleId::parse("goods.alcohol").unwrap(),
                reason: Reason::AllowanceExceeded(Allowance::Alcohol),
                evidence: vec![Fact::Amount {
                    measure: Measure::Millilitres,
                    declared: 3000,
                    free: 2280,
                }],
                told: None,
            },
        ];
        assert_eq!(
            of(Reason::NameListed(member), &grounds),
            "names.watched \u{b7} 912 \u{2265} 820 \u{b7} name 874 \u{d7} 700 \u{b7} birth 1000 \u{d7} 300"
        );
        assert_eq!(
            of(Reason::AllowanceExceeded(Allowance::Alcohol), &grounds),
            "goods.alcohol \u{b7} 3000 / 2280 ml"
        );
        assert_eq!(of(Reason::RandomSelection, &grounds), "");
    }
}
