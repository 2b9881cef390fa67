//! The link against the pretend controller on a bus in memory, with the clock paused.

use std::num::NonZeroU8;
use std::time::Duration;

use gate::{Command, Leaf, Link, LinkError, News, PortFactory, RegisterMap, Status, Timings};
use tokio::sync::mpsc::Receiver;
use tokio::time::timeout;

use crate::{Bus, Faulty, Plug, Travel, Trouble, Walker};

const PATIENCE: Duration = Duration::from_secs(30);

fn map() -> RegisterMap {
    RegisterMap::controller().unwrap()
}

fn bus() -> Bus {
    Bus::new(map(), Travel::default(), 19_200)
}

fn lane(line: impl PortFactory) -> (Link, Receiver<News>) {
    Link::spawn(line, map(), Timings::default())
}

fn open(persons: u8) -> Command {
    Command::Open {
        persons: NonZeroU8::new(persons).unwrap(),
    }
}

/// Waits until the gate says so, whatever else is said before.
async fn sees(news: &mut Receiver<News>, what: impl Fn(&Status) -> bool) -> Status {
    loop {
        match timeout(PATIENCE, news.recv()).await.unwrap().unwrap() {
            News::Connected(status) | News::Changed(status) if what(&status) => return status,
            News::Connected(_) | News::Changed(_) | News::Lost(_) => {}
        }
    }
}

async fn lost(news: &mut Receiver<News>) -> std::sync::Arc<LinkError> {
    loop {
        if let News::Lost(error) = timeout(PATIENCE, news.recv()).await.unwrap().unwrap() {
            return error;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_reboot_in_mid_passage_forgets_nobody_who_was_counted_before() {
    let bus = bus();
    let (link, mut news) = lane(bus.clone());
    link.command(open(2)).await.unwrap();
    bus.touch(|machine| machine.walk([Walker::Adult]));
    sees(&mut news, |status| status.passed == 1).await;
    bus.reboot();
    lost(&mut news).await;
    // The leaf stays open in a reboot, and two more walk through.
    bus.touch(|machine| machine.walk([Walker::Adult, Walker::Adult]));
    assert_eq!(sees(&mut news, |status| status.passed > 1).await.passed, 2);
    sees(&mut news, |status| status.passed == 3).await;
    assert_eq!(bus.snapshot().passed, 2, "the controller knows of two");
    link.command(Command::Close).await.unwrap();
    sees(&mut news, |status| status.leaf == Leaf::Closed).await;
    link.command(open(1)).await.unwrap();
    assert_eq!(
        sees(&mut news, |status| status.leaf == Leaf::Open)
            .await
            .passed,
        0,
        "an opening begins at nought"
    );
}

#[tokio::test(start_paused = true)]
async fn a_wrong_baud_rate_is_told_as_lost_and_never_as_a_gate() {
    for ours in [9_600, 38_400, 115_200] {
        let bus = bus();
        let line = Faulty::new(bus.clone(), 5).misread(1000, 19_200, ours);
        let cabling = line.cabling();
        let (_link, mut news) = lane(line);
        match timeout(PATIENCE, news.recv()).await.unwrap().unwrap() {
            News::Lost(_) => {}
            other => panic!("{ours}: {other:?}"),
        }
        cabling.mend();
        assert_eq!(sees(&mut news, |_| true).await.leaf, Leaf::Closed);
    }
}

#[tokio::test(start_paused = true)]
async fn a_foreign_slave_is_never_taken_for_the_gate() {
    let bus = bus();
    let line = Faulty::new(bus.clone(), 9).foreign(1000);
    let cabling = line.cabling();
    let (_link, mut news) = lane(line);
    match timeout(PATIENCE, news.recv()).await.unwrap().unwrap() {
        News::Lost(_) => {}
        other => panic!("{other:?}"),
    }
    assert!(cabling.met(Trouble::Foreign) > 0);
    cabling.mend();
    sees(&mut news, |_| true).await;
}

#[tokio::test(start_paused = true)]
async fn unplugged_is_told_within_its_time_and_so_is_the_return() {
    let bus = bus();
    let (link, mut news) = lane(bus.clone());
    sees(&mut news, |_| true).await;
    for plug in [Plug::Out, Plug::Cut] {
        bus.plug(plug);
        timeout(Duration::from_secs(2), lost(&mut news))
            .await
            .unwrap();
        let refused = link.command(open(1)).await;
        assert!(
            matches!(refused, Err(LinkError::OutOfReach { .. })),
            "{refused:?}"
        );
        bus.plug(Plug::In);
        timeout(Duration::from_secs(3), sees(&mut news, |_| true))
            .await
            .unwrap();
        assert_eq!(
            bus.snapshot().leaf,
            Leaf::Closed,
            "coming back moves nothing"
        );
    }
}
