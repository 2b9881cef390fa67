//! Somebody between author and lane, or an author in error: the edition in place stays.

use crate::depot::{Reply, after, behind, kept, large, moment, renewed, version};
use office::publish::{Life, PublishError, new_keys, publish, refresh, renew};
use risk::updates::{Looked, UpdateBlame, UpdateError};
use sigstore_tuf::Error as Tuf;
use std::fs;
use time::Duration;

#[tokio::test]
async fn an_old_timestamp_is_refused() {
    let (depot, mut updates) = behind().await;
    let old = depot.metadata("timestamp.json");
    renewed(updates.look(after(1)).await.unwrap());
    depot.write("lists-3", &large(1));
    depot.publish();
    renewed(updates.look(after(1)).await.unwrap());
    depot.give("timestamp.json", old);
    let error = kept(&depot, &mut updates, 2).await;
    assert!(
        matches!(error, UpdateError::Metadata(Tuf::Rollback { .. })),
        "{error:?}"
    );
    assert_eq!(error.blame(), UpdateBlame::Service);
    // Nor after a restart: what was seen once is the least from then on.
    drop(updates);
    let (mut updates, held) = depot.open();
    assert_eq!(version(&held.unwrap()), "lists-3");
    depot.give("timestamp.json", depot.metadata("timestamp.json"));
    assert!(matches!(
        updates.look(after(2)).await.unwrap(),
        Looked::Unchanged
    ));
}

#[tokio::test]
async fn an_older_snapshot_and_the_targets_of_another_are_refused() {
    for (name, other) in [
        ("2.snapshot.json", "1.snapshot.json"),
        ("2.targets.json", "1.targets.json"),
    ] {
        let (depot, mut updates) = behind().await;
        depot.give(name, depot.metadata(other));
        let error = kept(&depot, &mut updates, 1).await;
        assert!(
            matches!(error, UpdateError::Metadata(Tuf::IntegrityMismatch(_))),
            "{error:?}"
        );
        assert_eq!(
            version(&renewed(updates.look(after(1)).await.unwrap())),
            "lists-2"
        );
    }
}

#[tokio::test]
async fn another_ones_signature_is_refused() {
    let (depot, mut updates) = behind().await;
    let strange = depot.path("strange");
    new_keys(&strange.join("keys"), (1, 1), moment(), Life::default()).unwrap();
    let place = strange.join("repository");
    for _ in 0..3 {
        publish(
            &depot.path("edition"),
            &place,
            &strange.join("keys"),
            moment(),
            Life::default(),
        )
        .unwrap();
    }
    depot.give(
        "timestamp.json",
        fs::read(place.join("metadata/timestamp.json")).unwrap(),
    );
    let error = kept(&depot, &mut updates, 1).await;
    assert!(
        matches!(error, UpdateError::Metadata(Tuf::ThresholdNotMet { .. })),
        "{error:?}"
    );
    depot.give(
        "2.root.json",
        fs::read(strange.join("keys/root.json")).unwrap(),
    );
    let error = kept(&depot, &mut updates, 1).await;
    assert!(
        matches!(error, UpdateError::Metadata(Tuf::BadRootVersion { .. })),
        "{error:?}"
    );
    renew(&strange.join("keys"), None, moment(), Life::default()).unwrap();
    depot.give(
        "2.root.json",
        fs::read(strange.join("keys/root.json")).unwrap(),
    );
    let error = kept(&depot, &mut updates, 1).await;
    assert!(
        matches!(error, UpdateError::Metadata(Tuf::ThresholdNotMet { .. })),
        "{error:?}"
    );
}

#[tokio::test]
async fn what_has_run_out_is_refused_and_a_refresh_is_enough() {
    let (depot, mut updates) = behind().await;
    let error = kept(&depot, &mut updates, 49).await;
    assert!(
        matches!(error, UpdateError::Metadata(Tuf::Expired { .. })),
        "{error:?}"
    );
    assert_eq!(error.blame(), UpdateBlame::Author);
    assert!(
        error.in_full().contains("office publish --refresh"),
        "{}",
        error.in_full()
    );

    let files = |name: &str| depot.metadata(name);
    let before = (files("2.snapshot.json"), files("2.targets.json"));
    depot.refresh(moment() + Duration::hours(48));
    assert_eq!(before, (files("2.snapshot.json"), files("2.targets.json")));
    assert_eq!(
        version(&renewed(updates.look(after(49)).await.unwrap())),
        "lists-2"
    );
    // A quarter later a refresh is no longer enough.
    let late = refresh(
        &depot.repository(),
        &depot.keys(),
        moment() + Duration::days(91),
        Life::default(),
    );
    assert!(
        matches!(late, Err(PublishError::Refused(Tuf::Expired { .. }))),
        "{late:?}"
    );
}

#[tokio::test]
async fn endless_files_are_cut_short() {
    for name in [
        "timestamp.json",
        "2.snapshot.json",
        "2.targets.json",
        "3.root.json",
        "lists.toml",
    ] {
        let (depot, mut updates) = behind().await;
        depot.when_asked(move |path, reply| {
            if path.ends_with(name) {
                reply.status = "200 OK";
                reply.endless = true;
            }
        });
        if name == "3.root.json" {
            renew(&depot.keys(), None, moment(), Life::default()).unwrap();
            depot.publish();
        }
        let error = kept(&depot, &mut updates, 1).await;
        assert!(
            matches!(error, UpdateError::Fetch(risk::ClientError::TooLong(_))),
            "{name}: {error:?}"
        );
        assert_eq!(
            version(&renewed(updates.look(after(1)).await.unwrap())),
            "lists-2"
        );
    }
}

#[tokio::test]
async fn a_tampered_short_or_missing_file_is_refused() {
    type Change = fn(&mut Reply);
    type Check = fn(&UpdateError) -> bool;
    let cases: [(Change, Check); 4] = [
        (
            |reply| reply.body[7] ^= 1,
            |error| matches!(error, UpdateError::Tampered(_)),
        ),
        (
            |reply| reply.body.truncate(100),
            |error| matches!(error, UpdateError::Tampered(_)),
        ),
        (
            |reply| reply.body.clear(),
            |error| matches!(error, UpdateError::Tampered(_)),
        ),
        (
            |reply| reply.status = "404 Not Found",
            |error| matches!(error, UpdateError::Absent(_)),
        ),
    ];
    for (turn, (change, expected)) in cases.into_iter().enumerate() {
        let (depot, mut updates) = behind().await;
        depot.when_asked(move |path, reply| {
            if path.ends_with("lists.toml") {
                change(reply);
            }
        });
        let error = kept(&depot, &mut updates, 1).await;
        assert!(expected(&error), "{turn}: {error:?}");
        assert_eq!(
            version(&renewed(updates.look(after(1)).await.unwrap())),
            "lists-2"
        );
    }
}

#[tokio::test]
async fn a_signed_edition_that_cannot_be_judged_by_or_would_leave_its_folder_is_refused() {
    let (depot, mut updates) = behind().await;
    depot.sign_changed(|targets| {
        let file = targets["targets"]["large.bin"].clone();
        targets["targets"]["policy.toml"] = file;
    });
    let digest_of_large = {
        let targets: serde_json::Value =
            serde_json::from_slice(&depot.metadata("3.targets.json")).unwrap();
        targets["signed"]["targets"]["policy.toml"]["hashes"]["sha256"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let place = depot.repository().join("targets");
    fs::copy(
        place.join(format!("{digest_of_large}.large.bin")),
        place.join(format!("{digest_of_large}.policy.toml")),
    )
    .unwrap();
    let error = kept(&depot, &mut updates, 1).await;
    assert!(matches!(error, UpdateError::Edition(_)), "{error:?}");
    assert_eq!(error.blame(), UpdateBlame::Author);

    for name in ["../escape", "a/b", ".hidden", "signed.json", ""] {
        depot.sign_changed(|targets| {
            let file = targets["targets"]["large.bin"].clone();
            targets["targets"][name] = file;
        });
        let error = kept(&depot, &mut updates, 1).await;
        assert!(
            matches!(&error, UpdateError::Name(found) if found == name),
            "{error:?}"
        );
        depot.sign_changed(|targets| {
            targets["targets"].as_object_mut().unwrap().remove(name);
        });
    }
    depot.sign_changed(|targets| targets["targets"]["large.bin"]["length"] = (5_u64 << 30).into());
    let error = kept(&depot, &mut updates, 1).await;
    assert!(matches!(error, UpdateError::TooLarge), "{error:?}");
    drop(updates);
    assert_eq!(version(&depot.open().1.unwrap()), "lists-1");
}
