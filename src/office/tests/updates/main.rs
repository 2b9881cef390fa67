//! Editions on their way from the author's desk to a running lane.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod attacks;
mod author;
#[path = "../../../risk/tests/cases/mod.rs"]
mod cases;
mod delta;
mod depot;
mod power;
#[path = "../../../risk/tests/cases/tls.rs"]
mod tls;

use cases::{case, lane, lists, policy_without_chance, question};
use depot::{Depot, after, behind, kept, large, moment, renewed, version};
use risk::Assessor;
use risk::updates::{Looked, UpdateError, Updates, status_on_disk};
use std::fs;
use time::Duration;

#[tokio::test]
async fn a_lane_gets_an_edition_and_has_it_after_a_restart_without_a_line() {
    let depot = Depot::new().await;
    let published = depot.publish();
    assert_eq!(
        (published.edition, published.files, published.new_files),
        (1, 3, 3)
    );
    let (mut updates, none) = depot.open();
    assert!(none.is_none());
    let edition = renewed(updates.look(after(1)).await.unwrap());
    assert_eq!(version(&edition), "lists-1");
    let status = updates.status().borrow().clone();
    assert_eq!(status.edition, Some(1));
    assert_eq!(status.confirmed, Some(moment() + Duration::hours(1)));
    assert_eq!(status.word_good_until, Some(moment() + Duration::days(2)));
    assert!(matches!(
        updates.look(after(2)).await.unwrap(),
        Looked::Unchanged
    ));

    drop(updates);
    let (mut updates, held) = depot.open();
    assert_eq!(version(&held.unwrap()), "lists-1");
    // Months later, without a word from the office: the lane goes on with what it has.
    depot.when_asked(|_, reply| reply.status = "500 Internal Server Error");
    assert!(updates.look(after(24 * 100)).await.is_err());
    drop(updates);
    let (updates, held) = depot.open();
    assert_eq!(version(&held.unwrap()), "lists-1");
    let status = updates.status().borrow().clone();
    assert_eq!(status.confirmed, Some(moment() + Duration::hours(2)));
    assert_eq!(status.word_good_until, Some(moment() + Duration::days(2)));
    // Whoever looks beside the running lane sees the same.
    assert_eq!(status_on_disk(&depot.path("lane")), status);
}

#[tokio::test]
async fn a_running_lane_judges_by_the_new_edition_from_the_next_question_on() {
    let (_depot, mut updates) = behind().await;
    let assessor = Assessor::new(lane(), policy_without_chance().clone(), lists().clone());
    let running = assessor.clone();
    let asked = question(&case(&[30], vec![]));
    assert_eq!(
        running.verdict(&asked).await.verdict.lists.as_str(),
        "lists-1"
    );
    assessor.renew(renewed(updates.look(after(1)).await.unwrap()));
    assert_eq!(
        running.verdict(&asked).await.verdict.lists.as_str(),
        "lists-2"
    );
}

#[tokio::test]
async fn a_lane_that_keeps_looking_follows_what_is_published() {
    let depot = Depot::new().await;
    depot.publish_now();
    let mut config = depot.config();
    config.every = std::time::Duration::from_millis(20);
    let (mut updates, _) = Updates::open(config, depot.client()).unwrap();
    let mut status = updates.status();
    let assessor = Assessor::new(lane(), policy_without_chance().clone(), lists().clone());
    let keeping = assessor.clone();
    let keeper = tokio::spawn(async move { updates.keep(&keeping).await });
    for turn in 1..4 {
        status
            .wait_for(|status| status.edition == Some(turn))
            .await
            .unwrap();
        depot.when_asked(|_, reply| reply.status = "503 Service Unavailable");
        status
            .wait_for(|status| status.trouble.is_some())
            .await
            .unwrap();
        let name = format!("lists-{turn}");
        assert_eq!(assessor.edition().lists.version().as_str(), name);
        depot.write(&format!("lists-{}", turn + 1), &large(1));
        depot.publish_now();
        depot.honest();
    }
    keeper.abort();
}

#[tokio::test]
async fn what_did_not_change_is_not_fetched_again() {
    let (depot, mut updates) = behind().await;
    assert_eq!(
        version(&renewed(updates.look(after(1)).await.unwrap())),
        "lists-2"
    );
    let fetched: Vec<_> = depot.sent().into_iter().map(|(path, ..)| path).collect();
    let targets: Vec<_> = fetched
        .iter()
        .filter(|path| path.contains("/targets/"))
        .collect();
    assert_eq!(targets.len(), 1, "{fetched:?}");
    assert!(targets[0].ends_with(".lists.toml"));
    // What only the first edition needed is gone.
    let mut kept: Vec<_> = fs::read_dir(depot.path("lane/store")).unwrap().collect();
    assert_eq!(kept.len(), 3);
    kept.clear();
    assert_eq!(
        fs::read_dir(depot.path("lane/editions")).unwrap().count(),
        1
    );
}

#[tokio::test]
async fn a_download_goes_on_where_it_was_cut() {
    let depot = Depot::new().await;
    depot.publish();
    let mut cuts = 3;
    depot.when_asked(move |path, reply| {
        if path.ends_with("large.bin") && cuts > 0 {
            cuts -= 1;
            reply.cut = Some(100_000);
        }
    });
    let (mut updates, _) = depot.open();
    renewed(updates.look(after(1)).await.unwrap());
    let sent = depot.sent_of("large.bin");
    assert_eq!(sent.len(), 4, "{sent:?}");
    let whole: usize = large(1).len();
    assert_eq!(sent.last().unwrap().0 + sent.last().unwrap().1, whole);
    assert!(
        sent.windows(2).all(|pair| pair[0].0 < pair[1].0),
        "{sent:?}"
    );
}

#[tokio::test]
async fn a_download_goes_on_after_a_power_cut() {
    let depot = Depot::new().await;
    depot.publish();
    let mut first = true;
    depot.when_asked(move |path, reply| {
        if path.ends_with("large.bin") {
            if first {
                reply.cut = Some(300_000);
            } else {
                reply.status = "503 Service Unavailable";
            }
            first = false;
        }
    });
    let (mut updates, _) = depot.open();
    let error = kept(&depot, &mut updates, 1).await;
    assert!(
        matches!(error, UpdateError::Fetch(risk::ClientError::Trouble { .. })),
        "{error:?}"
    );
    drop(updates);
    depot.sent();
    let (mut updates, _) = depot.open();
    renewed(updates.look(after(2)).await.unwrap());
    let sent = depot.sent_of("large.bin");
    let [(from, count)] = sent[..] else {
        panic!("{sent:?}")
    };
    assert!(from > 100_000, "{from}");
    assert_eq!(from + count, large(1).len());
}

#[tokio::test]
async fn a_server_without_parts_serves_too() {
    let depot = Depot::new().await;
    depot.publish();
    let mut cuts = 1;
    depot.when_asked(move |path, reply| {
        reply.ranges = false;
        if path.ends_with("large.bin") && cuts > 0 {
            cuts -= 1;
            reply.cut = Some(100_000);
        }
    });
    let (mut updates, _) = depot.open();
    renewed(updates.look(after(1)).await.unwrap());
}

#[tokio::test]
async fn a_spoilt_disk_is_noticed_and_mended() {
    let (depot, mut updates) = behind().await;
    renewed(updates.look(after(1)).await.unwrap());
    drop(updates);
    // The files of an edition are links to the shelf: both are spoilt.
    let policy = depot.path("lane/current/policy.toml");
    fs::write(&policy, fs::read_to_string(&policy).unwrap() + "# spoilt\n").unwrap();
    let (mut updates, held) = depot.open();
    assert!(held.is_none());
    let status = updates.status().borrow().clone();
    assert_eq!(status.edition, None);
    assert!(
        status
            .trouble
            .unwrap()
            .contains("not the file that was signed")
    );
    assert_eq!(
        version(&renewed(updates.look(after(1)).await.unwrap())),
        "lists-2"
    );
    drop(updates);
    let (updates, held) = depot.open();
    assert_eq!(version(&held.unwrap()), "lists-2");
    let second = Updates::open(depot.config(), depot.client());
    assert!(matches!(second, Err(UpdateError::InUse(_))), "{second:?}");
    drop(updates);
    let signed = depot.path("lane/current/signed.json");
    fs::write(
        &signed,
        fs::read_to_string(&signed)
            .unwrap()
            .replace("lists.toml", "lasts.toml"),
    )
    .unwrap();
    assert!(depot.open().1.is_none());
}

#[tokio::test]
async fn what_a_killed_program_left_is_done_again() {
    let (depot, updates) = behind().await;
    drop(updates);
    let lane = depot.path("lane");
    // Half an edition, half a file, a link that was not exchanged.
    fs::create_dir(lane.join("editions/2")).unwrap();
    fs::write(lane.join("editions/2/policy.toml"), "half").unwrap();
    std::os::unix::fs::symlink("editions/2", lane.join("current.new")).unwrap();
    fs::write(lane.join("store/0123.part"), "half").unwrap();
    let (mut updates, held) = depot.open();
    assert_eq!(version(&held.unwrap()), "lists-1");
    assert_eq!(
        version(&renewed(updates.look(after(1)).await.unwrap())),
        "lists-2"
    );
    drop(updates);
    assert_eq!(version(&depot.open().1.unwrap()), "lists-2");
    assert!(!lane.join("store/0123.part").exists());
    assert!(lane.join("current.new").symlink_metadata().is_err());
}
