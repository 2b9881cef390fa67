//! What is touched, found by its label, is what the runtime hears.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod glass;

use evidence::{JourneyId, QuestionId};
use glass::Glass;
use journey::{Decision, DecisionReason, Language, Touch};
use ui::{Intent, Settings, Size, samples};

fn glass_showing(name: &str, language: Language) -> Glass {
    let glass = Glass::new(&glass::settings());
    let (name, screen) = samples()
        .into_iter()
        .find(|(known, _)| *known == name)
        .unwrap();
    glass.show(name, screen, language);
    glass
}

#[test]
fn travellers_touches_reach_the_lane() {
    let table = [
        (
            "reviewing",
            Language::English,
            "Yes, that is right",
            Touch::Confirm,
        ),
        ("reviewing", Language::English, "Not right", Touch::Dispute),
        (
            "reviewing",
            Language::Japanese,
            "はい、合っています",
            Touch::Confirm,
        ),
        (
            "reviewing-family",
            Language::Japanese,
            "ちがいます",
            Touch::Dispute,
        ),
        (
            "reviewing-family",
            Language::English,
            "More time",
            Touch::MoreTime,
        ),
        (
            "gathering-nearing",
            Language::Japanese,
            "時間を延長",
            Touch::MoreTime,
        ),
        (
            "face-family",
            Language::English,
            "More time",
            Touch::MoreTime,
        ),
        ("go-family", Language::English, "More time", Touch::MoreTime),
        (
            "attract",
            Language::English,
            "Ask an officer",
            Touch::AskOfficer,
        ),
        ("face", Language::Japanese, "係員を呼ぶ", Touch::AskOfficer),
    ];
    for (name, language, label, touch) in table {
        let glass = glass_showing(name, language);
        glass.click(label);
        assert_eq!(
            glass.take_intents(),
            [Intent::Touched(touch)],
            "{label} of {name}"
        );
    }
}

#[test]
fn one_touch_changes_the_language_on_every_travellers_screen() {
    let glass = Glass::new(&glass::settings());
    for (name, screen) in samples() {
        if ["evacuating", "sign-in", "desk"]
            .iter()
            .any(|other| name.starts_with(other))
        {
            continue;
        }
        glass.show(name, screen.clone(), Language::English);
        glass.click("日本語");
        glass.show(name, screen, Language::Japanese);
        glass.click("English");
        let told = [Language::Japanese, Language::English]
            .map(|language| Intent::Touched(Touch::Language(language)));
        assert_eq!(glass.take_intents(), told, "{name}");
    }
}

#[test]
fn an_officer_signs_in_by_touch() {
    for size in Size::ALL {
        let glass = Glass::new(&Settings {
            size: Some(size),
            ..glass::settings()
        });
        let (_, screen) = samples()
            .into_iter()
            .find(|(name, _)| *name == "sign-in")
            .unwrap();
        glass.show("sign-in", screen, Language::English);
        for key in [
            "Key K", "Key 9", "Clear", "Key J", "Key P", "Key -", "Key 7", "Next", "Key 1",
            "Key 2", "Key 0", "Sign in",
        ] {
            glass.click(key);
        }
        assert_eq!(
            glass.take_intents(),
            [Intent::SignIn {
                badge: "JP-7".to_owned(),
                pin: "120".to_owned()
            }]
        );
        // The PIN does not stay for the next try.
        glass.click("Sign in");
        assert_eq!(glass.take_intents(), []);
        glass.click("Back to travellers");
        assert_eq!(glass.take_intents(), [Intent::LeavePanel]);
    }
}

#[test]
fn a_badge_and_a_pin_never_print() {
    let intent = Intent::SignIn {
        badge: "JP-7".to_owned(),
        pin: "120".to_owned(),
    };
    assert_eq!(format!("{intent:?}"), "SignIn { .. }");
}

#[test]
fn a_decision_needs_a_reason_and_names_its_referral() {
    let decisions = [
        (
            "Release",
            Decision::Released,
            "Identity confirmed by eye",
            DecisionReason::IdentityConfirmed,
        ),
        (
            "Hold",
            Decision::Held,
            "Identity in doubt",
            DecisionReason::IdentityInDoubt,
        ),
        (
            "Send to inspection",
            Decision::SentToInspection,
            "Goods to be examined",
            DecisionReason::GoodsToExamine,
        ),
    ];
    let glass = glass_showing("desk-family", Language::English);
    for (act, decision, why, reason) in decisions {
        glass.click("Record the decision");
        glass.click(act);
        glass.click("Record the decision");
        assert_eq!(
            glass.take_intents(),
            [],
            "nothing is decided without a reason"
        );
        glass.click(why);
        glass.click("Record the decision");
        let referral = QuestionId {
            journey: JourneyId::new(42),
            serial: 9,
        };
        assert_eq!(
            glass.take_intents(),
            [Intent::Decide {
                referral,
                decision,
                reason
            }]
        );
    }
}

#[test]
fn the_panel_is_opened_left_and_orders_service() {
    let glass = glass_showing("out-of-service", Language::English);
    glass.click("Staff");
    assert_eq!(glass.take_intents(), [Intent::OpenPanel]);
    let glass = glass_showing("desk", Language::English);
    glass.click("Take out of service");
    glass.click("Leave the panel");
    assert_eq!(
        glass.take_intents(),
        [Intent::OrderService { open: false }, Intent::LeavePanel]
    );
    let glass = glass_showing("desk-idle", Language::Japanese);
    glass.click("運用を再開");
    assert_eq!(glass.take_intents(), [Intent::OrderService { open: true }]);
}

#[test]
fn alarms_stand_on_the_panel_until_an_officer_has_seen_them() {
    for (name, language, seen) in [
        ("desk-alarms", Language::English, "Seen: end the alarm"),
        (
            "desk-family-alarm",
            Language::Japanese,
            "確認して警報を止める",
        ),
    ] {
        let glass = glass_showing(name, language);
        glass.click(seen);
        assert_eq!(glass.take_intents(), [Intent::SawAlarms]);
    }
}
