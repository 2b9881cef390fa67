//! An office under strain: too many questions, a database that hangs, a request that drags on.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod place;

use place::{Place, asked, problem};
use reqwest::StatusCode;
use risk::{Case, ClientError};
use rusqlite::Connection;
use std::io::Read;
use std::net::TcpStream;

/// Holds the database's only write lock until it is dropped.
fn hold(place: &Place) -> Connection {
    let connection = Connection::open(&place.config.database).unwrap();
    connection.execute_batch("BEGIN IMMEDIATE").unwrap();
    connection
}

fn next(serial: u32) -> Case {
    let mut case = asked();
    case.id.serial = serial;
    case
}

#[tokio::test]
async fn one_question_too_many_is_sent_away_at_once() {
    let mut place = Place::new();
    place.config.limits.concurrent_requests = 1;
    let office = place.open().await;
    let held = hold(&place);
    let client = place.client();
    let (one, other) = (next(1), next(2));
    let asking = [
        tokio::spawn({
            let client = client.clone();
            async move { client.assess_case(&one).await }
        }),
        tokio::spawn(async move { client.assess_case(&other).await }),
    ];
    let [mut first, mut second] = asking;
    // Whoever has the place waits for the database, so that whoever is answered first was sent away.
    let (sent_away, waiting) = tokio::select! {
        answer = &mut first => (answer.unwrap(), second),
        answer = &mut second => (answer.unwrap(), first),
    };
    let error = sent_away.unwrap_err();
    assert!(
        matches!(
            error,
            ClientError::Trouble {
                status: StatusCode::SERVICE_UNAVAILABLE,
                ..
            }
        ),
        "{error:?}"
    );
    drop(held);
    assert!(waiting.await.unwrap().is_ok());
    office.stop().await.unwrap();
}

#[tokio::test]
async fn a_question_that_drags_on_is_late_and_can_be_asked_again() {
    let mut place = Place::new();
    place.config.limits.request_ms = 200;
    let office = place.open().await;
    let held = hold(&place);
    let late = place.ask(&asked()).await;
    assert_eq!(late.headers()["retry-after"], "1");
    assert_eq!(
        problem(late).await,
        (StatusCode::SERVICE_UNAVAILABLE, "late".to_owned())
    );
    drop(held);
    office.cut().await.unwrap();

    place.config.limits.request_ms = 30_000;
    let office = place.open().await;
    assert_eq!(place.ask(&asked()).await.status(), StatusCode::OK);
    office.stop().await.unwrap();
}

#[tokio::test]
async fn a_database_that_hangs_is_a_problem_and_no_verdict() {
    let mut place = Place::new();
    let office = place.open().await;
    let held = hold(&place);
    let broken = place.ask(&asked()).await;
    assert_eq!(
        problem(broken).await,
        (StatusCode::INTERNAL_SERVER_ERROR, "broken".to_owned())
    );
    drop(held);
    assert_eq!(place.ask(&asked()).await.status(), StatusCode::OK);
    office.stop().await.unwrap();
}

#[tokio::test]
async fn a_line_that_never_speaks_tls_is_closed() {
    let mut place = Place::new();
    let office = place.open().await;
    let addr = office.addr();
    let closed = tokio::task::spawn_blocking(move || {
        let mut line = TcpStream::connect(addr).unwrap();
        line.read_to_end(&mut Vec::new())
    });
    assert!(closed.await.unwrap().is_ok());
    office.stop().await.unwrap();
}
