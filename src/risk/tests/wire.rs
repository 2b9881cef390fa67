//! The words between lane and office: what is written reads back, and nothing else is read.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod cases;

use cases::{any_case, case, lists, policy};
use evidence::Decider;
use proptest::prelude::*;
use risk::wire::{AnswerError, AssessmentRequest, AssessmentResponse};
use risk::{Case, assess};

fn words(case: &Case) -> serde_json::Value {
    serde_json::to_value(AssessmentRequest::from(case)).unwrap()
}

fn read(words: serde_json::Value) -> Result<Case, String> {
    let request: AssessmentRequest =
        serde_json::from_value(words).map_err(|error| error.to_string())?;
    Case::try_from(&request).map_err(|error| error.to_string())
}

#[test]
fn the_words_of_format_2_never_change() {
    let goods = vec![cases::owned(
        0,
        cases::line(evidence::GoodsKind::WineOrBeer, 2_250, 9_000),
    )];
    let text = serde_json::to_string(&AssessmentRequest::from(&case(&[30], goods))).unwrap();
    assert_eq!(
        text,
        r#"{"format":2,"question":"lane-3/J42-1","on":"2026-11-23","travellers":[{"state":"UTO","number":"L898902C3","primary":"ERIKSSON","secondary":"ANNA MARIA","birth":"19961123","nationality":"UTO","document":{"kind":"passport","expiry":"2031-01-01","name_truncated":false}}],"answers":{"prohibited":false,"gold":false,"over_allowance":false,"commercial":false,"for_others":false,"cash_over_limit":false,"unaccompanied_pieces":0},"goods":[{"kind":"wine-or-beer","quantity":2250,"packages":1,"value_yen":9000,"name":"as declared","owner":0}],"flight":"JL61","departure":"HEL"}"#
    );
}

#[test]
fn a_spoilt_question_is_refused_and_nothing_of_it_is_repeated() {
    let good = words(&case(
        &[30],
        vec![cases::line(evidence::GoodsKind::Other, 1, 1)],
    ));
    assert!(read(good.clone()).is_ok());
    for (pointer, value, field) in [
        ("/format", "1", "format"),
        ("/flight", "\"JL061\"", "flight"),
        ("/departure", "\"hel\"", "departure"),
        (
            "/travellers/0/nationality",
            "\"ZZZ\"",
            "travellers.nationality",
        ),
        (
            "/travellers/0/document/expiry",
            "\"2031-02-30\"",
            "travellers.document",
        ),
        ("/question", "\"lane-3/J42\"", "question"),
        ("/question", "\"lane-3/J+42-1\"", "question"),
        ("/question", "\"lane-3/J042-1\"", "question"),
        ("/question", "\"lane 3/J42-1\"", "question"),
        ("/question", "\"/J42-1\"", "question"),
        ("/on", "\"2026-02-30\"", "on"),
        ("/travellers", "[]", "travellers"),
        ("/travellers/0/state", "\"ZZZ\"", "travellers.state"),
        ("/travellers/0/number", "\"l898902c3\"", "travellers.number"),
        (
            "/travellers/0/primary",
            "\"Eriksson\"",
            "travellers.primary",
        ),
        ("/travellers/0/birth", "\"19960230\"", "travellers.birth"),
        ("/travellers/0/birth", "\"1996<<01\"", "travellers.birth"),
        ("/travellers/0/birth", "\"1996-1-1\"", "travellers.birth"),
        ("/travellers/0/birth", "\"日本語\"", "travellers.birth"),
        ("/goods/0/quantity", "0", "goods.quantity"),
        ("/goods/0/packages", "0", "goods.quantity"),
        ("/goods/0/name", "\"\"", "goods.name"),
        ("/goods/0/name", "\"a\\nb\"", "goods.name"),
    ] {
        let mut spoilt = good.clone();
        *spoilt.pointer_mut(pointer).unwrap() = serde_json::from_str(value).unwrap();
        let error = read(spoilt).unwrap_err();
        assert!(
            error.starts_with(&format!("`{field}`")),
            "{pointer} {error}"
        );
    }
    for (pointer, key) in [
        ("", "more"),
        ("/travellers/0", "sex"),
        ("/answers", "more"),
        ("/goods/0", "colour"),
    ] {
        let mut spoilt = good.clone();
        spoilt.pointer_mut(pointer).unwrap()[key] = true.into();
        assert!(read(spoilt).unwrap_err().contains("unknown field"));
    }
    let mut owned = good.clone();
    owned["goods"][0]["owner"] = 1.into();
    assert!(read(owned).unwrap_err().starts_with("`goods.owner`"));
}

#[test]
fn an_answer_that_is_none_is_refused() {
    let answer = |text: &str| {
        serde_json::from_str::<AssessmentResponse>(text)
            .unwrap()
            .verdict_on("lane-3/J42-1")
    };
    let text = r#"{"format":2,"question":"lane-3/J42-1","decision":"refer","reasons":[{"code":"R-301","member":2}],"policy":"p","lists":"l","grounds":[{"rule":"lists.document","code":"R-301","member":2,"evidence":[{"fact":"listed","wrong_per_million":15}]}],"draw":"0101010101010101010101010101010101010101010101010101010101010101"}"#;
    assert!(answer(text).is_ok());
    for (from, to, error) in [
        ("\"format\":2", "\"format\":1", AnswerError::Format(1)),
        ("lists.document", "Lists!", AnswerError::Ground),
        (
            "}]}],\"draw\"",
            "}],\"told\":\"document\"}],\"draw\"",
            AnswerError::Ground,
        ),
        (
            "\"code\":\"R-301\",\"member\":2,\"evidence\"",
            "\"code\":\"R-302\",\"member\":2,\"evidence\"",
            AnswerError::Contradiction,
        ),
        ("\"0101", "\"01", AnswerError::Draw),
        ("J42-1", "J42-2", AnswerError::AnotherQuestion),
        ("lane-3/", "lane-4/", AnswerError::AnotherQuestion),
        ("refer", "clear", AnswerError::Contradiction),
        (
            r#"{"code":"R-301","member":2}"#,
            "",
            AnswerError::Contradiction,
        ),
        (
            r#"[{"code":"R-301""#,
            r#"[{"code":"R-999""#,
            AnswerError::Reason,
        ),
        (r#","member":2}]"#, "}]", AnswerError::Reason),
        ("\"member\":2}]", "\"member\":10}]", AnswerError::Reason),
        ("\"p\"", "\"\"", AnswerError::Edition("policy")),
        ("\"l\"", "\"two words\"", AnswerError::Edition("lists")),
    ] {
        assert!(text.contains(from));
        assert_eq!(answer(&text.replace(from, to)).unwrap_err(), error);
    }
}

proptest! {
    #[test]
    fn a_question_reads_back(case in any_case()) {
        prop_assert_eq!(read(words(&case)).unwrap(), case);
    }

    #[test]
    fn a_verdict_reads_back(case in any_case()) {
        let verdict = assess(&case, policy(), lists(), Decider::Office);
        let name = case.question_name();
        let text = serde_json::to_vec(&AssessmentResponse::new(&name, &verdict)).unwrap();
        let response: AssessmentResponse = serde_json::from_slice(&text).unwrap();
        prop_assert_eq!(response.verdict_on(&name).unwrap(), verdict);
    }

    #[test]
    fn garbage_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(serde_json::from_slice::<AssessmentRequest>(&bytes).is_err());
        prop_assert!(serde_json::from_slice::<AssessmentResponse>(&bytes).is_err());
    }

    #[test]
    fn a_spoilt_byte_gives_another_case_or_an_error(case in any_case(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut text = serde_json::to_vec(&AssessmentRequest::from(&case)).unwrap();
        let at = at.index(text.len());
        prop_assume!(text[at] != byte);
        text[at] = byte;
        if let Ok(request) = serde_json::from_slice::<AssessmentRequest>(&text) {
            let _ = Case::try_from(&request);
        }
    }
}
