//! The author's keys, and what is published with them.

use crate::depot::{Depot, after, behind, large, moment, renewed, version};
use office::publish::{KeyError, Life, PublishError, Role, new_keys, publish, refresh, renew};
use risk::updates::UpdateError;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

#[tokio::test]
async fn roots_and_keys_change_and_the_lane_follows() {
    let (depot, mut updates) = behind().await;
    for (role, turn) in [
        (Some(Role::Targets), 3),
        (Some(Role::Root), 4),
        (Some(Role::Timestamp), 5),
        (Some(Role::Snapshot), 6),
        (None, 7),
    ] {
        renew(&depot.keys(), role, moment(), Life::default()).unwrap();
        let name = format!("lists-{turn}");
        depot.write(&name, &large(1));
        depot.publish();
        assert_eq!(
            version(&renewed(updates.look(after(1)).await.unwrap())),
            name
        );
    }
    drop(updates);
    assert_eq!(version(&depot.open().1.unwrap()), "lists-7");
    // A new lane, set up with the first root, follows all of them.
    fs::remove_dir_all(depot.path("lane")).unwrap();
    let (mut updates, none) = depot.open();
    assert!(none.is_none());
    assert_eq!(
        version(&renewed(updates.look(after(1)).await.unwrap())),
        "lists-7"
    );
}

#[tokio::test]
async fn only_an_edition_is_published_and_only_with_the_keys() {
    let depot = Depot::new().await;
    let publish_it = || {
        publish(
            &depot.path("edition"),
            &depot.repository(),
            &depot.keys(),
            moment(),
            Life::default(),
        )
    };
    let nothing = refresh(
        &depot.repository(),
        &depot.keys(),
        moment(),
        Life::default(),
    );
    assert!(
        matches!(nothing, Err(PublishError::Nothing(_))),
        "{nothing:?}"
    );

    let policy = depot.path("edition/policy.toml");
    fs::write(&policy, "version = 1").unwrap();
    assert!(matches!(publish_it(), Err(PublishError::Edition(..))));
    depot.write("lists-1", b"small");
    fs::create_dir(depot.path("edition/folder")).unwrap();
    assert!(matches!(publish_it(), Err(PublishError::Name(_))));
    fs::remove_dir(depot.path("edition/folder")).unwrap();
    fs::write(depot.path("edition/.hidden"), "").unwrap();
    assert!(matches!(publish_it(), Err(PublishError::Name(_))));
    fs::remove_file(depot.path("edition/.hidden")).unwrap();
    assert_eq!(
        fs::read_dir(depot.repository().join("metadata"))
            .unwrap()
            .count(),
        0
    );

    // A key that the root does not name.
    let other = depot.path("other");
    new_keys(&other, (1, 1), moment(), Life::default()).unwrap();
    let (mine, theirs) = (
        depot.keys().join("targets.key.pem"),
        other.join("targets.key.pem"),
    );
    let saved = fs::read(&mine).unwrap();
    fs::copy(&theirs, &mine).unwrap();
    assert!(matches!(
        publish_it(),
        Err(PublishError::Key(KeyError::Unnamed(_)))
    ));
    fs::write(&mine, saved).unwrap();
    assert_eq!(publish_it().unwrap().edition, 1);
}

#[test]
fn keys_are_secret_and_never_overwritten_and_a_root_needs_enough_of_them() {
    let folder = tempfile::TempDir::new().unwrap();
    let keys = folder.path().join("keys");
    new_keys(&keys, (3, 2), moment(), Life::default()).unwrap();
    for entry in fs::read_dir(&keys).unwrap() {
        let path = entry.unwrap().path();
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        let secret = path.to_string_lossy().ends_with(".key.pem");
        assert_eq!(
            mode,
            if secret { 0o600 } else { 0o644 },
            "{}",
            path.display()
        );
    }
    assert!(new_keys(&keys, (3, 2), moment(), Life::default()).is_err());
    for wrong in [(3, 0), (1, 2), (17, 1)] {
        let made = new_keys(&folder.path().join("no"), wrong, moment(), Life::default());
        assert!(matches!(
            made,
            Err(PublishError::Key(KeyError::Threshold { .. }))
        ));
    }
    fs::remove_file(keys.join("root-1.key.pem")).unwrap();
    assert_eq!(renew(&keys, None, moment(), Life::default()).unwrap(), 2);
    fs::remove_file(keys.join("root-2.key.pem")).unwrap();
    let short = renew(&keys, None, moment(), Life::default());
    assert!(
        matches!(
            short,
            Err(PublishError::Key(KeyError::TooFew {
                needed: 2,
                found: 1
            }))
        ),
        "{short:?}"
    );
}

#[test]
fn a_power_cut_while_keys_change_is_mended_by_the_next_command() {
    let folder = tempfile::TempDir::new().unwrap();
    let keys = folder.path().join("keys");
    new_keys(&keys, (1, 1), moment(), Life::default()).unwrap();
    renew(&keys, Some(Role::Targets), moment(), Life::default()).unwrap();
    // The root names the new key, which has not taken its place.
    let (key, new) = (
        keys.join("targets.key.pem"),
        keys.join("targets.key.pem.new"),
    );
    fs::rename(&key, &new).unwrap();
    fs::rename(keys.join("targets.key.pem.1.retired"), &key).unwrap();
    let edition = folder.path().join("edition");
    fs::create_dir(&edition).unwrap();
    fs::write(edition.join("policy.toml"), crate::cases::POLICY).unwrap();
    fs::write(edition.join("lists.toml"), crate::cases::draft().to_toml()).unwrap();
    let publish_it = || {
        publish(
            &edition,
            &folder.path().join("repository"),
            &keys,
            moment(),
            Life::default(),
        )
    };
    assert_eq!(publish_it().unwrap().edition, 1);
    assert!(!new.exists());
    // A new key that no root names yet stays aside.
    new_keys(
        &folder.path().join("other"),
        (1, 1),
        moment(),
        Life::default(),
    )
    .unwrap();
    fs::copy(folder.path().join("other/targets.key.pem"), &new).unwrap();
    assert_eq!(publish_it().unwrap().edition, 2);
    renew(&keys, Some(Role::Targets), moment(), Life::default()).unwrap();
    assert_eq!(publish_it().unwrap().edition, 3);
}

#[tokio::test]
async fn after_stolen_keys_a_smaller_number_is_followed_and_never_before() {
    let (depot, mut updates) = behind().await;
    for _ in 0..3 {
        depot.publish();
    }
    renewed(updates.look(after(1)).await.unwrap());
    assert_eq!(updates.status().borrow().edition, Some(5));
    // A repository begun anew, with the same keys: its numbers are old ones.
    fs::remove_dir_all(depot.repository()).unwrap();
    depot.write("lists-6", &large(1));
    depot.publish();
    assert!(updates.look(after(1)).await.is_err());
    // A lane that lost what it had seen, and has its edition still.
    drop(updates);
    fs::remove_dir_all(depot.path("lane/metadata")).unwrap();
    let (mut updates, held) = depot.open();
    assert_eq!(version(&held.unwrap()), "lists-2");
    let error = updates.look(after(1)).await.unwrap_err();
    assert!(
        matches!(error, UpdateError::Older { number: 1 }),
        "{error:?}"
    );

    for role in [Role::Targets, Role::Snapshot, Role::Timestamp] {
        renew(&depot.keys(), Some(role), moment(), Life::default()).unwrap();
    }
    depot.publish();
    let edition = renewed(updates.look(after(1)).await.unwrap());
    assert_eq!(version(&edition), "lists-6");
    assert_eq!(updates.status().borrow().edition, Some(2));
}
