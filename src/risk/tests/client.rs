//! Every way in which an office can fail a lane, and what the lane makes of it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod cases;
#[path = "cases/pretend.rs"]
mod pretend;
#[path = "cases/tls.rs"]
mod tls;

use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use cases::{case, lane, line, lists, policy_without_chance, question};
use evidence::{Decider, Decision};
use pretend::{HASTY, PATIENT, Pretend, Raw, Say, client, config, right_answer};
use risk::{
    Assessor, Blame, Case, Client, ClientConfig, ClientError, ClientSetupError, Url, assess,
};
use std::future::pending;
use std::net::TcpListener;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tls::Authority;

fn asked() -> Case {
    case(&[30], vec![line(evidence::GoodsKind::Cigars, 51, 1)])
}

async fn fails(pretend: &Pretend) -> ClientError {
    let error = pretend
        .client(PATIENT)
        .assess_case(&asked())
        .await
        .unwrap_err();
    let shown = format!("{error} {error:?}");
    for personal in ["ERIKSSON", "L898902C3", "as declared"] {
        assert!(!shown.contains(personal), "{shown}");
    }
    error
}

#[tokio::test]
async fn an_answer_in_time_is_the_verdict() {
    let pretend = Pretend::answering(|_, headers, body| async move {
        assert_eq!(headers[header::CONTENT_TYPE], "application/json");
        right_answer(&body).into_response()
    })
    .await;
    let verdict = pretend
        .client(PATIENT)
        .assess(&question(&asked()))
        .await
        .unwrap();
    assert_eq!(
        verdict,
        assess(&asked(), policy_without_chance(), lists(), Decider::Office)
    );
    assert_eq!(verdict.decision, Decision::Refer);
}

#[tokio::test]
async fn an_office_that_accepts_and_says_nothing_is_late() {
    let authority = Authority::new();
    // The system accepts into the backlog; nobody ever speaks.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = client(silent.local_addr().unwrap(), &authority, HASTY);
    let error = client.assess_case(&asked()).await.unwrap_err();
    assert!(matches!(error, ClientError::Late(HASTY)), "{error:?}");
    assert_eq!(error.blame(), Blame::Service);
}

#[tokio::test]
async fn an_office_that_reads_and_never_answers_is_late() {
    let pretend = Pretend::answering(|_, _, _| pending()).await;
    // The handshake of an unoptimised build has to fit in as well.
    let error = pretend
        .client(Duration::from_secs(1))
        .assess_case(&asked())
        .await
        .unwrap_err();
    assert!(matches!(error, ClientError::Late(_)), "{error:?}");
}

#[tokio::test]
async fn nobody_there_is_unreachable() {
    let authority = Authority::new();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = closed.local_addr().unwrap();
    drop(closed);
    let error = client(addr, &authority, PATIENT)
        .assess_case(&asked())
        .await
        .unwrap_err();
    assert!(matches!(error, ClientError::Unreachable(_)), "{error:?}");
}

#[tokio::test]
async fn somebody_else_is_not_trusted() {
    let pretend =
        Pretend::answering(|_, _, body| async move { right_answer(&body).into_response() }).await;
    let error = client(pretend.addr, &Authority::new(), PATIENT)
        .assess_case(&asked())
        .await
        .unwrap_err();
    assert!(matches!(error, ClientError::Untrusted(_)), "{error:?}");
    assert_eq!(pretend.asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_certificate_of_another_day_or_another_name_is_not_trusted() {
    for (name, days, dates) in [
        ("127.0.0.1", (-30, -1), true),
        ("127.0.0.1", (1, 30), true),
        ("office.example", (-1, 30), false),
    ] {
        let office = Raw::showing(Say::Cut("".into()), |authority| {
            authority.of_days(name, days)
        })
        .await;
        let error = client(office.addr, &office.authority, PATIENT)
            .assess_case(&asked())
            .await
            .unwrap_err();
        match dates {
            true => {
                assert!(matches!(error, ClientError::UntrustedToday(_)), "{error:?}");
                assert!(error.to_string().contains("this lane's clock"), "{error}");
            }
            false => assert!(matches!(error, ClientError::Untrusted(_)), "{error:?}"),
        }
        assert_eq!(office.asked(), 0);
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let pretend = Pretend::answering(|_, _, _| async {
        (
            StatusCode::TEMPORARY_REDIRECT,
            [(header::LOCATION, "/elsewhere")],
        )
            .into_response()
    })
    .await;
    assert!(matches!(
        fails(&pretend).await,
        ClientError::Trouble {
            status: StatusCode::TEMPORARY_REDIRECT,
            ..
        }
    ));
    assert_eq!(pretend.asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn refusals_and_troubles_are_told_apart() {
    let problem = r#"{"type":"urn:sekisho:problem:busy","title":"Too many","status":503}"#;
    let trouble = fails(&Pretend::saying(StatusCode::SERVICE_UNAVAILABLE, problem).await).await;
    assert_eq!(
        trouble.to_string(),
        "the office is in trouble: 503 Service Unavailable (Too many)"
    );
    assert_eq!(trouble.blame(), Blame::Service);

    let plain = fails(&Pretend::saying(StatusCode::INTERNAL_SERVER_ERROR, "<html>").await).await;
    assert!(
        matches!(plain, ClientError::Trouble { title: None, .. }),
        "{plain:?}"
    );
    let empty = fails(&Pretend::saying(StatusCode::NO_CONTENT, "").await).await;
    assert!(matches!(empty, ClientError::Trouble { .. }), "{empty:?}");

    let refused = fails(&Pretend::saying(StatusCode::CONFLICT, "").await).await;
    assert!(
        matches!(
            refused,
            ClientError::Refused {
                status: StatusCode::CONFLICT,
                ..
            }
        ),
        "{refused:?}"
    );
    assert_eq!(refused.blame(), Blame::Us);
}

#[tokio::test]
async fn garbage_is_unreadable() {
    for garbage in [
        "",
        "null",
        "{}",
        "[1,2",
        "<html>",
        "{\"format\":2,\"more\":2}",
        "\u{0}\u{0}",
    ] {
        let error = fails(&Pretend::saying(StatusCode::OK, garbage).await).await;
        assert!(
            matches!(error, ClientError::Unreadable(_)),
            "{garbage} {error:?}"
        );
    }
    let endless = fails(&Pretend::saying(StatusCode::OK, " ".repeat(70_000)).await).await;
    assert!(matches!(endless, ClientError::TooLong(_)), "{endless:?}");
}

#[tokio::test]
async fn an_answer_to_another_question_is_no_answer() {
    let pretend = Pretend::answering(|_, _, body| async move {
        right_answer(&body)
            .replace("J42-1", "J41-1")
            .into_response()
    })
    .await;
    assert!(matches!(fails(&pretend).await, ClientError::Unusable(_)));
}

#[tokio::test]
async fn a_broken_connection_is_tried_again_with_the_same_words() {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hearing = Arc::clone(&heard);
    let breaking_twice = Pretend::answering(move |turn, _, body| {
        hearing.lock().unwrap().push(body.clone());
        async move {
            if turn < 2 {
                // Ends the connection's task without a word in the log.
                std::panic::resume_unwind(Box::new(()));
            }
            right_answer(&body).into_response()
        }
    })
    .await;
    assert!(
        breaking_twice
            .client(PATIENT)
            .assess_case(&asked())
            .await
            .is_ok()
    );
    let heard = heard.lock().unwrap().clone();
    assert_eq!(heard.len(), 3);
    assert!(heard.iter().all(|words| *words == heard[0]));

    let breaking =
        Pretend::answering(|_, _, _| async { std::panic::resume_unwind(Box::new(())) }).await;
    assert!(matches!(
        fails(&breaking).await,
        ClientError::Interrupted(_)
    ));
    assert_eq!(breaking.asked.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn an_answer_that_is_cut_off_is_none() {
    let whole = "HTTP/1.1 200 OK\r\ncontent-length: 400\r\n\r\n{\"format\":1,\"question\":";
    let office = Raw::saying(Say::Cut(whole.into())).await;
    let error = client(office.addr, &office.authority, PATIENT)
        .assess_case(&asked())
        .await
        .unwrap_err();
    assert!(matches!(error, ClientError::Interrupted(_)), "{error:?}");
    assert_eq!(office.asked(), 3);
}

#[tokio::test]
async fn half_an_answer_is_late() {
    let half = "HTTP/1.1 200 OK\r\ncontent-length: 400\r\n\r\n{\"format\":1,";
    let office = Raw::saying(Say::Halt(half.into())).await;
    let deadline = Duration::from_secs(1);
    let error = client(office.addr, &office.authority, deadline)
        .assess_case(&asked())
        .await
        .unwrap_err();
    assert!(matches!(error, ClientError::Late(_)), "{error:?}");
}

#[tokio::test]
async fn an_answer_without_end_is_cut_short() {
    for head in [
        "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 9000000000\r\n\r\n",
        "HTTP/1.1 503 Service Unavailable\r\n\r\n",
    ] {
        let office = Raw::saying(Say::Endless(head.into())).await;
        let error = client(office.addr, &office.authority, PATIENT)
            .assess_case(&asked())
            .await
            .unwrap_err();
        assert!(matches!(error, ClientError::TooLong(_)), "{error:?}");
        assert_eq!(office.asked(), 1);
    }
    let office = Raw::saying(Say::Endless("HTTP/1.1 200 OK\r\nx: ".into())).await;
    let error = client(office.addr, &office.authority, PATIENT)
        .assess_case(&asked())
        .await
        .unwrap_err();
    assert!(matches!(error, ClientError::Interrupted(_)), "{error:?}");
}

#[tokio::test]
async fn no_http_is_no_answer() {
    let office = Raw::saying(Say::Cut("SSH-2.0-OpenSSH_9.2\r\n".into())).await;
    let error = client(office.addr, &office.authority, PATIENT)
        .assess_case(&asked())
        .await
        .unwrap_err();
    assert!(matches!(error, ClientError::Interrupted(_)), "{error:?}");
}

#[tokio::test]
async fn the_lane_decides_when_the_office_does_not() {
    let pretend = Pretend::saying(StatusCode::OK, "garbage").await;
    let assessor = Assessor::new(lane(), policy_without_chance().clone(), lists().clone())
        .with_office(pretend.client(PATIENT));
    let answer = assessor.verdict(&question(&asked())).await;
    assert_eq!(
        answer.verdict,
        assess(&asked(), policy_without_chance(), lists(), Decider::Lane)
    );
    assert!(matches!(answer.fallback, Some(ClientError::Unreadable(_))));
}

#[test]
fn a_client_is_not_made_of_a_wrong_configuration() {
    let authority = Authority::new();
    let good = config("127.0.0.1:1".parse().unwrap(), &authority, PATIENT);
    let plain = ClientConfig {
        office: Url::parse("http://127.0.0.1:1/").unwrap(),
        ..good.clone()
    };
    assert!(matches!(Client::new(plain), Err(ClientSetupError::Address)));
    let nobody = ClientConfig {
        ca_pem: Vec::new(),
        ..good.clone()
    };
    assert!(matches!(
        Client::new(nobody),
        Err(ClientSetupError::NoAuthority)
    ));
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let broken = ClientConfig {
        ca_pem: broken.into(),
        ..good
    };
    assert!(Client::new(broken).is_err());
}
