//! Sequences of operations: anything may be done to the gate and its line, in any order, with any bytes on the bus.

use std::num::NonZeroU8;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use controller::{Bus, Cause, Deed, Faulty, Plug, Snapshot, TROUBLES, Travel, Walker};
use gate::{
    Alarm, Command, Lamp, Link, Mains, News, Obstruction, PortFactory as _, RegisterMap, Sounder,
    Timings,
};
use tokio::io::AsyncWriteExt as _;
use tokio::time::{sleep, timeout};

const WALKERS: [Walker; 6] = [
    Walker::Adult,
    Walker::Child,
    Walker::Trolley,
    Walker::Wheelchair,
    Walker::Tailgater,
    Walker::TurnsBack,
];

/// What the link was told to do, and what the gate did.
#[derive(Default)]
struct Ledger {
    ordered: u64,
    opened: u64,
    evacuations: u64,
    evacuated: u64,
    /// Bytes that nobody here made may be a command; then no opening is too many.
    strangers: bool,
    warranted: bool,
}

impl Ledger {
    fn look(&mut self, before: &Snapshot, after: &Snapshot, deeds: &[Deed]) {
        for deed in deeds {
            if let Deed::Opened { cause } = deed {
                self.warranted = true;
                match cause {
                    Cause::Command => self.opened += 1,
                    Cause::Evacuate => self.evacuated += 1,
                    Cause::Fire | Cause::MainsLost => {}
                }
            }
        }
        let blocked =
            (before.obstruction, after.obstruction) == (Obstruction::Blocked, Obstruction::Blocked);
        assert!(
            !blocked || after.position >= before.position,
            "closes on somebody: {after:?}"
        );
        let opens = before.position == 0 && after.position > 0;
        assert!(
            !opens || self.warranted || after.forced == Alarm::Raised,
            "opens for nothing: {after:?}"
        );
        let held = after.fire || after.mains == Mains::Lost;
        assert!(
            !held || after.jammed || after.position >= before.position,
            "closes against fire or spring: {after:?}"
        );
        if before.position > 0 && after.position == 0 {
            self.warranted = false;
        }
        assert!(
            self.strangers || (self.opened <= self.ordered && self.evacuated <= self.evacuations),
            "obeys what was not ordered"
        );
    }
}

/// One operation after another: a byte says which, the next says how, and some time passes. True when the gate opened
/// by an order of the link's.
pub fn gate_operations(input: &[u8]) -> bool {
    let tokio = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime of one thread");
    // A day is long enough for whatever has not come to light by then.
    tokio.block_on(live(&input[..input.len().min(400)]))
}

async fn live(input: &[u8]) -> bool {
    let map = || RegisterMap::controller().expect("the shipped map");
    let bus = Bus::new(map(), Travel::default(), 19_200);
    let ledger = Arc::new(Mutex::new(Ledger::default()));
    let watching = Arc::clone(&ledger);
    bus.watch(move |before, after, deeds| {
        watching
            .lock()
            .expect("nobody panics with it")
            .look(before, after, deeds);
    });
    let seed = u64::from(input.first().copied().unwrap_or(0));
    let line = Faulty::new(bus.clone(), seed).delay(0, Duration::from_millis(700));
    let cabling = line.cabling();
    let (link, mut news) = Link::spawn(line, map(), Timings::default());
    let ear = tokio::spawn(async move {
        let mut known = false;
        while let Some(news) = news.recv().await {
            assert!(
                known || !matches!(news, News::Changed(_)),
                "changed before it was known"
            );
            known = !matches!(news, News::Lost(_));
        }
    });
    for pair in input.chunks_exact(2) {
        let (what, how) = (pair[0], pair[1]);
        let command = match what % 32 {
            0..=3 => Some(Command::Open {
                persons: NonZeroU8::MIN.saturating_add(how % 4),
            }),
            4 | 5 => Some(Command::Close),
            6 => Some(Command::Lock),
            7 => Some(Command::Evacuate),
            8 => Some(Command::ClearFault),
            9 => Some(Command::Lamp(Lamp::Go)),
            10 => Some(Command::Sounder(Sounder::Alarm)),
            _ => None,
        };
        if let Some(command) = command {
            {
                let mut ledger = ledger.lock().expect("nobody panics with it");
                ledger.ordered += u64::from(matches!(command, Command::Open { .. }));
                ledger.evacuations += u64::from(command == Command::Evacuate);
            }
            // Some commands are withdrawn before they are done.
            let patience = Duration::from_millis(10) * u32::from(how);
            let _done_or_not = timeout(patience, link.command(command)).await;
            continue;
        }
        let on = how & 1 == 1;
        let walker = WALKERS[usize::from(how) % WALKERS.len()];
        match what % 32 {
            11 => bus.touch(|machine| machine.fire(on)),
            12 => bus.touch(|machine| machine.mains(on)),
            13 => bus.touch(|machine| machine.jam(on)),
            14 => bus.touch(|machine| machine.stand(on)),
            15 => bus.touch(controller::Machine::force),
            16 => bus.touch(controller::Machine::leave),
            17 => bus.touch(controller::Machine::walk_wrong_way),
            18 => bus.reboot(),
            19 => bus.plug([Plug::In, Plug::Out, Plug::Cut][usize::from(how % 3)]),
            20 => cabling.set(TROUBLES[usize::from(how) % TROUBLES.len()], 300),
            21 => cabling.mend(),
            22 => {
                ledger.lock().expect("nobody panics with it").strangers = true;
                let from = usize::from(how) % input.len();
                if let Ok(mut port) = bus.clone().open().await {
                    let _taken_or_not = port.write_all(&input[from..]).await;
                }
            }
            23..=25 => bus.touch(|machine| machine.walk([walker])),
            _ => sleep(Duration::from_millis(10) * u32::from(how)).await,
        }
    }
    drop(link);
    assert!(ear.await.is_ok(), "the link told nonsense");
    let ledger = ledger.lock().expect("nobody panics with it");
    ledger.ordered > 0 && ledger.opened > 0 && !ledger.strangers
}
