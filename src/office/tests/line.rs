//! A lane's line and the office itself, with nothing pretended between them.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod place;

use evidence::{Decider, Decision};
use office::config::Repository;
use office::publish::{Life, new_keys, publish};
use place::cases::{self, case, lane, lists, policy_without_chance, question};
use place::history::History;
use place::{Place, asked};
use risk::line::{Disagreement, LaneHealth, LineState, RecordWords, Renewed, VerdictWords};
use risk::updates::{Looked, Updates, UpdatesConfig};
use risk::{Assessor, Client, ClientConfig, ClientError, Identity, LineOptions, Url, assess};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use time::OffsetDateTime;

/// The lane's certificate and key in a place's folder.
fn identity(place: &Place) -> Arc<Identity> {
    let both = place.identity("lane-3");
    let start = both.find("-----BEGIN PRIVATE KEY").unwrap();
    let (certificate, key) = both.split_at(start);
    let key = place.file("lane.key.pem", key);
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    Identity::load(&place.file("lane.crt.pem", certificate), &key).unwrap()
}

fn client(place: &Place, identity: Option<Arc<Identity>>) -> Client {
    let config = ClientConfig {
        office: Url::parse(&place.at("/")).unwrap(),
        lane: lane(),
        ca_pem: place.authority.ca_pem.clone().into_bytes(),
        deadline: Duration::from_secs(30),
    };
    let options = LineOptions {
        identity,
        ..LineOptions::default()
    };
    Client::with(config, options).unwrap()
}

#[tokio::test]
async fn a_lane_asks_delivers_and_reports_by_its_certificate() {
    let mut place = Place::guarded();
    let office = place.open().await;
    place.enroll("lane-3").await;
    let stranger = client(&place, None).assess_case(&asked()).await;
    assert!(stranger.is_err());
    let client = client(&place, Some(identity(&place)));
    assert_eq!(
        client.assess_case(&asked()).await.unwrap().decision,
        Decision::Refer
    );

    let history = History {
        lane: "lane-3",
        which: 1,
    };
    let body = RecordWords {
        lane: "lane-3",
        records: (1..=5).map(|seq| history.record(seq)).collect(),
        checkpoint: Some(history.checkpoint(5)),
    };
    for _ in 0..2 {
        let body = serde_json::to_vec(&body).unwrap();
        assert_eq!(client.deliver(body).await.unwrap(), 5);
    }
    let gap = RecordWords {
        records: vec![history.record(9)],
        checkpoint: None,
        ..body
    };
    let gap = client.deliver(serde_json::to_vec(&gap).unwrap()).await;
    assert!(matches!(gap, Err(ClientError::Refused { .. })), "{gap:?}");

    let health = LaneHealth {
        version: "0.1.0".to_owned(),
        policy: "2026-11".to_owned(),
        lists: "lists-1".to_owned(),
        lists_issued: "2026-11-23".to_owned(),
        outbox: 0,
        service: "in-service".to_owned(),
        gate: "shut".to_owned(),
        troubles: vec!["office-line-open".to_owned()],
    };
    client.report_health(&health).await.unwrap();

    let verdict = |decider| assess(&asked(), policy_without_chance(), lists(), decider);
    let mut mine = VerdictWords::from(&verdict(Decider::Lane));
    let disagreement = Disagreement {
        lane: "lane-3".to_owned(),
        question: asked().question_name(),
        lane_verdict: {
            mine.decision = risk::wire::DecisionWord::Clear;
            mine.reasons.clear();
            mine
        },
        office_verdict: VerdictWords::from(&verdict(Decider::Office)),
    };
    for _ in 0..2 {
        client.report_late(&disagreement).await.unwrap();
    }
    assert_eq!(client.status().borrow().state, LineState::Closed);
    office.stop().await.unwrap();
}

#[tokio::test]
async fn a_lane_renews_its_certificate_at_the_office() {
    let mut place = Place::guarded();
    let office = place.open().await;
    place.enroll("lane-3").await;
    let held = identity(&place);
    let client = client(&place, Some(Arc::clone(&held)));
    let before = held.validity();
    let due = OffsetDateTime::now_utc() + time::Duration::hours(23);
    let Renewed::Renewed(after) = client.renew_if_due(due).await.unwrap() else {
        panic!("not renewed");
    };
    assert!(after.until > before.until);
    assert!(client.assess_case(&asked()).await.is_ok());
    office.stop().await.unwrap();
}

#[tokio::test]
async fn an_edition_comes_from_the_office_to_a_running_lane() {
    let mut place = Place::guarded();
    let [edition, keys, repository] =
        ["drafted", "keys", "repository"].map(|name| place.folder.path().join(name));
    let now = OffsetDateTime::now_utc();
    new_keys(&keys, (3, 2), now, Life::default()).unwrap();
    fs::create_dir(&edition).unwrap();
    let write = |version: &str| {
        let lists = risk::Draft {
            version: evidence::Version::parse(version).unwrap(),
            ..cases::draft()
        };
        fs::write(edition.join("policy.toml"), cases::POLICY).unwrap();
        fs::write(edition.join("lists.toml"), lists.to_toml()).unwrap();
        publish(&edition, &repository, &keys, now, Life::default()).unwrap();
    };
    fs::write(large(&place), vec![7; 300_000]).unwrap();
    write("lists-1");
    place.config.repository = Some(Repository {
        folder: repository.clone(),
    });
    let office = place.open().await;
    place.enroll("lane-3").await;
    let client = client(&place, Some(identity(&place)));
    let config = UpdatesConfig {
        root: keys.join("1.root.json"),
        repository: None,
        every: Duration::from_secs(600),
        folder: place.folder.path().join("lane"),
    };
    let (mut updates, none) = Updates::open(config, client).unwrap();
    assert!(none.is_none());
    // A download that broke off in the middle.
    let laid = fs::read_dir(repository.join("targets")).unwrap();
    let laid = laid.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let digest = laid.filter_map(|name| Some(name.strip_suffix(".large.bin")?.to_owned()));
    let part = format!("lane/store/{}.part", digest.last().unwrap());
    fs::write(place.folder.path().join(part), vec![7; 200_000]).unwrap();

    let assessor = Assessor::new(lane(), policy_without_chance().clone(), lists().clone());
    let clock = || jiff::Timestamp::from_second(now.unix_timestamp()).unwrap();
    for version in ["lists-1", "lists-2"] {
        write(version);
        let Looked::Renewed(new) = updates.look(clock()).await.unwrap() else {
            panic!("nothing new");
        };
        assessor.renew(*new);
        let answer = assessor.verdict(&question(&case(&[30], vec![]))).await;
        assert_eq!(answer.verdict.lists.as_str(), version);
    }
    assert!(matches!(
        updates.look(clock()).await.unwrap(),
        Looked::Unchanged
    ));
    office.stop().await.unwrap();
}

fn large(place: &Place) -> PathBuf {
    place.folder.path().join("drafted/large.bin")
}
