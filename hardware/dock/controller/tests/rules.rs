//! The pretend controller's rules, with time given in.

use std::time::Duration;

use gate::{Alarm, Evacuation, Lamp, Leaf, Mains, Obstruction, Order};
use proptest::prelude::*;

use crate::machine::{Heard, Machine, Travel};
use crate::seen::{Cause, Deed, Verdict};
use crate::walkers::Walker;

const MS: Duration = Duration::from_millis(1);

fn heard(order: Order, persons: u16) -> Heard {
    Heard {
        order,
        persons,
        ticket: 0,
    }
}

/// Lets time pass with the heartbeat fed, as a living link does.
fn pass(machine: &mut Machine, time: Duration) {
    for _ in 0..time.as_millis() / 50 {
        machine.beat();
        machine.advance(50 * MS);
    }
}

fn opened(persons: u16) -> Machine {
    let mut machine = Machine::new(Travel::default());
    assert_eq!(machine.obey(heard(Order::Open, persons)), Verdict::Accepted);
    pass(&mut machine, 1000 * MS);
    assert_eq!(machine.snapshot().leaf, Leaf::Open);
    machine
}

#[test]
fn the_leaf_takes_its_time_to_open_and_to_close() {
    let mut machine = Machine::new(Travel::default());
    machine.obey(heard(Order::Open, 1));
    pass(&mut machine, 550 * MS);
    assert_eq!(machine.snapshot().leaf, Leaf::Opening);
    pass(&mut machine, 50 * MS);
    assert_eq!(machine.snapshot().leaf, Leaf::Open);
    machine.obey(heard(Order::Lock, 0));
    pass(&mut machine, 850 * MS);
    assert_eq!(machine.snapshot().leaf, Leaf::Closing);
    pass(&mut machine, 100 * MS);
    assert_eq!(machine.snapshot().leaf, Leaf::Closed);
    assert!(machine.snapshot().locked);
}

#[test]
fn every_walker_is_counted_once_and_one_too_many_is_tailgating() {
    for walkers in [
        vec![Walker::Adult],
        vec![
            Walker::Adult,
            Walker::Child,
            Walker::Trolley,
            Walker::Wheelchair,
        ],
        vec![Walker::Child, Walker::Tailgater, Walker::Tailgater],
    ] {
        let count = u16::try_from(walkers.len()).unwrap();
        for permitted in [count, count - 1] {
            let mut machine = opened(permitted);
            machine.walk(walkers.clone());
            pass(&mut machine, 20_000 * MS);
            let now = machine.snapshot();
            assert_eq!(
                (now.passed, now.waiting, now.inside),
                (count, 0, 0),
                "{walkers:?}"
            );
            assert_eq!(
                now.tailgate == Alarm::Raised,
                permitted < count,
                "{walkers:?}"
            );
            assert_eq!(now.wrong_way, Alarm::Quiet, "{walkers:?}");
        }
    }
}

#[test]
fn a_closing_leaf_turns_round_before_an_obstruction_and_closes_when_it_is_gone() {
    let mut machine = opened(1);
    machine.obey(heard(Order::Close, 0));
    pass(&mut machine, 400 * MS);
    machine.stand(true);
    pass(&mut machine, 50 * MS);
    assert_eq!(machine.snapshot().leaf, Leaf::Opening);
    pass(&mut machine, 5000 * MS);
    assert_eq!(machine.snapshot().leaf, Leaf::Open);
    machine.stand(false);
    pass(&mut machine, 2000 * MS);
    assert_eq!(machine.snapshot().leaf, Leaf::Closed);
}

#[test]
fn the_fire_input_opens_whatever_the_bus_says() {
    let mut machine = Machine::new(Travel::default());
    machine.obey(heard(Order::Lock, 0));
    machine.fire(true);
    for order in [Order::Lock, Order::Close, Order::Open] {
        assert_eq!(machine.obey(heard(order, 1)), Verdict::Evacuating);
    }
    machine.reboot();
    machine.advance(700 * MS);
    assert_eq!(
        (machine.snapshot().leaf, machine.snapshot().evacuation),
        (Leaf::Open, Evacuation::On)
    );
    machine.fire(false);
    pass(&mut machine, 5000 * MS);
    assert_eq!(
        machine.snapshot().leaf,
        Leaf::Open,
        "it stays open until a command"
    );
    assert_eq!(machine.obey(heard(Order::Close, 0)), Verdict::Accepted);
    pass(&mut machine, 1000 * MS);
    assert_eq!(machine.snapshot().leaf, Leaf::Closed);
}

#[test]
fn lost_mains_open_and_a_close_is_refused_until_they_return() {
    let mut machine = Machine::new(Travel::default());
    machine.mains(false);
    pass(&mut machine, 1000 * MS);
    assert_eq!(
        (machine.snapshot().leaf, machine.snapshot().mains),
        (Leaf::Open, Mains::Lost)
    );
    assert_eq!(machine.obey(heard(Order::Close, 0)), Verdict::NoMains);
    machine.mains(true);
    pass(&mut machine, 1000 * MS);
    assert_eq!(machine.snapshot().leaf, Leaf::Open);
    assert_eq!(machine.obey(heard(Order::Close, 0)), Verdict::Accepted);
}

#[test]
fn a_jam_is_a_fault_until_it_is_freed_and_cleared() {
    let mut machine = Machine::new(Travel::default());
    machine.obey(heard(Order::Open, 1));
    pass(&mut machine, 300 * MS);
    machine.jam(true);
    pass(&mut machine, 500 * MS);
    assert_eq!(
        (machine.snapshot().leaf, machine.snapshot().fault),
        (Leaf::Between, 1)
    );
    assert_eq!(machine.obey(heard(Order::Close, 0)), Verdict::Faulty);
    assert_eq!(machine.obey(heard(Order::ClearFault, 0)), Verdict::Accepted);
    assert_eq!(machine.obey(heard(Order::Close, 0)), Verdict::Accepted);
    pass(&mut machine, 500 * MS);
    assert_eq!(machine.snapshot().fault, 1, "it is still wedged");
    machine.jam(false);
    machine.obey(heard(Order::ClearFault, 0));
    pass(&mut machine, 500 * MS);
    assert_eq!(
        machine.snapshot().leaf,
        Leaf::Between,
        "it waits for a command"
    );
    machine.obey(heard(Order::Close, 0));
    pass(&mut machine, 1000 * MS);
    assert_eq!(machine.snapshot().leaf, Leaf::Closed);
}

#[test]
fn without_a_heartbeat_the_gate_closes_and_locks_but_not_in_an_evacuation() {
    let mut machine = opened(1);
    machine.advance(5000 * MS);
    let now = machine.snapshot();
    assert_eq!(
        (now.leaf, now.locked, now.watchdog_tripped),
        (Leaf::Closed, true, true)
    );
    let mut machine = opened(1);
    machine.obey(heard(Order::Evacuate, 0));
    machine.advance(10_000 * MS);
    assert_eq!(machine.snapshot().leaf, Leaf::Open);
    machine.reboot();
    machine.advance(10_000 * MS);
    assert_eq!(
        machine.snapshot().leaf,
        Leaf::Open,
        "a reboot forgets no evacuation"
    );
}

#[test]
fn a_reboot_in_mid_travel_leaves_the_leaf_where_it_is_until_told() {
    let mut machine = Machine::new(Travel::default());
    machine.obey(heard(Order::Open, 1));
    pass(&mut machine, 300 * MS);
    machine.reboot();
    pass(&mut machine, 3000 * MS);
    assert_eq!(machine.snapshot().leaf, Leaf::Between);
    assert!(
        (490..=510).contains(&machine.snapshot().position),
        "half way"
    );
    machine.obey(heard(Order::Close, 0));
    pass(&mut machine, 500 * MS);
    assert_eq!(machine.snapshot().leaf, Leaf::Closed);
}

#[test]
fn one_who_comes_from_the_exit_or_pushes_raises_an_alarm() {
    let mut machine = opened(1);
    machine.walk_wrong_way();
    pass(&mut machine, 5000 * MS);
    let now = machine.snapshot();
    assert_eq!(
        (now.wrong_way, now.passed, now.inside),
        (Alarm::Raised, 0, 0)
    );
    machine.obey(heard(Order::Lock, 0));
    pass(&mut machine, 2000 * MS);
    machine.force();
    assert_eq!(machine.snapshot().forced, Alarm::Raised);
}

#[test]
fn one_who_turns_back_is_not_counted() {
    let mut machine = opened(1);
    machine.walk([Walker::Adult]);
    pass(&mut machine, 300 * MS);
    machine.leave();
    pass(&mut machine, 3000 * MS);
    let now = machine.snapshot();
    assert_eq!(
        (now.passed, now.inside, now.wrong_way),
        (0, 0, Alarm::Quiet)
    );
}

#[derive(Clone, Debug)]
enum Happening {
    Said(Order, u16),
    Walked(Walker),
    WrongWay,
    Left,
    Stood(bool),
    Jammed(bool),
    Burnt(bool),
    Powered(bool),
    Rebooted,
    Forced,
    Beaten,
}

fn happening() -> impl Strategy<Value = Happening> {
    use Happening::*;
    let order = proptest::sample::select(vec![
        Order::Open,
        Order::Close,
        Order::Lock,
        Order::Evacuate,
        Order::Lamp(Lamp::Go),
        Order::ClearFault,
    ]);
    let walker = proptest::sample::select(vec![
        Walker::Adult,
        Walker::Child,
        Walker::Trolley,
        Walker::Wheelchair,
        Walker::Tailgater,
    ]);
    prop_oneof![
        6 => (order, 1_u16..5).prop_map(|(order, persons)| Said(order, persons)),
        4 => walker.prop_map(Walked),
        1 => Just(WrongWay),
        1 => Just(Left),
        2 => any::<bool>().prop_map(Stood),
        1 => any::<bool>().prop_map(Jammed),
        1 => any::<bool>().prop_map(Burnt),
        1 => any::<bool>().prop_map(Powered),
        1 => Just(Rebooted),
        1 => Just(Forced),
        6 => Just(Beaten),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever happens, in whatever order: the leaf never closes further while somebody stands in its path, and it never
    /// opens unless a command, the fire input, lost mains, an obstruction or a push is the reason.
    #[test]
    fn it_never_closes_on_anybody_and_never_opens_for_nothing(days in proptest::collection::vec((happening(), 0_u64..1500), 1..60)) {
        let mut machine = Machine::new(Travel::default());
        let mut warranted = false;
        for (happening, wait) in days {
            match happening {
                Happening::Said(order, persons) => { machine.obey(heard(order, persons)); }
                Happening::Walked(walker) => machine.walk([walker]),
                Happening::WrongWay => machine.walk_wrong_way(),
                Happening::Left => machine.leave(),
                Happening::Stood(on) => machine.stand(on),
                Happening::Jammed(on) => machine.jam(on),
                Happening::Burnt(on) => machine.fire(on),
                Happening::Powered(on) => machine.mains(on),
                Happening::Rebooted => machine.reboot(),
                Happening::Forced => machine.force(),
                Happening::Beaten => machine.beat(),
            }
            for _ in 0..wait / 5 {
                let before = machine.snapshot();
                machine.advance(5 * MS);
                let after = machine.snapshot();
                let blocked = (before.obstruction, after.obstruction) == (Obstruction::Blocked, Obstruction::Blocked);
                prop_assert!(!blocked || after.position >= before.position, "closes on somebody: {after:?}");
                for deed in machine.deeds() {
                    match deed {
                        Deed::Opened { cause: Cause::Command | Cause::Evacuate | Cause::Fire | Cause::MainsLost } => warranted = true,
                        Deed::Commanded { .. } | Deed::Passed { .. } | Deed::WatchdogTripped | Deed::Booted => {}
                    }
                }
                let from_shut = before.position == 0 && after.position > 0;
                prop_assert!(!from_shut || warranted, "opens for nothing: {after:?}");
                if after.position == 0 && !matches!(after.leaf, Leaf::Opening) {
                    warranted = warranted && (after.fire || after.evacuation == Evacuation::On || after.mains == Mains::Lost || after.jammed || after.booting || after.fault != 0);
                }
            }
        }
    }
}
