//! Power cuts: a child process fetches as a lane does and is killed, at every request and in every step after the last.

use crate::cases::lane;
use crate::depot::{Depot, after, large, renewed, version};
use risk::updates::{Updates, UpdatesConfig};
use risk::{Client, ClientConfig, Url};
use std::env;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const PLACE: &str = "SEKISHO_TEST_LANE";
const OFFICE: &str = "SEKISHO_TEST_OFFICE";

/// The child's part; nothing when it is run as a test.
#[tokio::test]
async fn a_lane_at_work() {
    let (Ok(place), Ok(office)) = (env::var(PLACE), env::var(OFFICE)) else {
        return;
    };
    let place = std::path::PathBuf::from(place);
    let client = Client::new(ClientConfig {
        office: Url::parse(&office).unwrap(),
        lane: lane(),
        ca_pem: std::fs::read(place.join("ca.pem")).unwrap(),
        deadline: risk::DEADLINE,
    })
    .unwrap();
    let config = UpdatesConfig {
        root: place.join("lane.root.json"),
        repository: None,
        every: Duration::from_secs(600),
        folder: place.join("lane"),
    };
    let (mut updates, held) = Updates::open(config, client).unwrap();
    assert!(held.is_some());
    renewed(updates.look(after(1)).await.unwrap());
}

fn set_to_work(depot: &Depot) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "power::a_lane_at_work"])
        .env(PLACE, depot.folder.path())
        .env(OFFICE, format!("https://{}/", depot.addr))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Lets a child fetch and kills it: at its request of this number, or so many turns after the last of its requests.
fn cut(depot: &Depot, last: &str, request: Option<u32>, turns: u32) {
    let child = Arc::new(Mutex::new(None));
    let (killing, last) = (Arc::clone(&child), last.to_owned());
    let mut left = request;
    let (done, over) = std::sync::mpsc::channel();
    depot.when_asked(move |path, _| {
        if let Some(left) = &mut left {
            *left -= 1;
            if *left == 0 {
                let mut child: std::sync::MutexGuard<'_, Option<Child>> = killing.lock().unwrap();
                child.as_mut().unwrap().kill().unwrap();
                let _ = done.send(());
            }
        } else if path.contains(&last) {
            let _ = done.send(());
        }
    });
    {
        let mut child = child.lock().unwrap();
        *child = Some(set_to_work(depot));
    }
    // A child that needs fewer requests ends by itself, and closes the channel with the next hook.
    let _ = over.recv_timeout(Duration::from_secs(30));
    if request.is_none() {
        for _ in 0..turns {
            std::hint::spin_loop();
        }
    }
    let mut child = child.lock().unwrap().take().unwrap();
    let _ = child.kill();
    child.wait().unwrap();
    depot.honest();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_power_cut_at_any_moment_leaves_an_edition() {
    let depot = Depot::new().await;
    depot.publish();
    std::fs::write(depot.path("ca.pem"), &depot.authority.ca_pem).unwrap();
    let (mut updates, _) = depot.open();
    renewed(updates.look(after(1)).await.unwrap());
    drop(updates);
    let requests = (1..=5).map(|request| (Some(request), 0));
    let moments = (0..10).map(|moment| (None, moment * moment * 25_000));
    let (mut old, mut new) = (0, 0);
    for (turn, (request, turns)) in requests.chain(moments).enumerate() {
        let (before, next) = (format!("lists-{}", turn + 1), format!("lists-{}", turn + 2));
        depot.write(&next, &large(u8::try_from(turn).unwrap()));
        depot.publish();
        // Files are fetched by name: lists.toml comes last but the policy, which never changes.
        tokio::task::block_in_place(|| cut(&depot, ".lists.toml", request, turns));

        let (mut updates, held) = depot.open();
        let held = held.unwrap_or_else(|| panic!("{turn}: no edition"));
        match version(&held) {
            held if held == before => {
                old += 1;
                assert_eq!(
                    version(&renewed(updates.look(after(1)).await.unwrap())),
                    next
                );
            }
            held if held == next => new += 1,
            other => panic!("{turn}: {other}"),
        }
    }
    assert!(old >= 5, "killed too late: {old} old, {new} new");
}
