#![allow(clippy::unwrap_used, clippy::expect_used)]
use proptest::prelude::*;

use super::*;
use crate::plan::Reading;
use crate::words::*;

const CONTROLLER: &str = include_str!("../maps/controller.toml");
const RELAY_BOX: &str = include_str!("../maps/relay-box.toml");

#[test]
fn both_shipped_maps_parse() {
    let controller = RegisterMap::controller().unwrap();
    assert_eq!(controller.commands.len(), ORDERS.len());
    assert_eq!(controller.heartbeat, Some(4));
    let relays = RegisterMap::relay_box().unwrap();
    assert!(relays.acknowledge.is_none() && relays.heartbeat.is_none());
    assert!(!relays.commands.contains_key(&Order::ClearFault));
}

/// (what is replaced, by what, the key that the error names, a word of its cure)
const MISTAKES: &[(&str, &str, &str, &str)] = &[
    ("unit = 1", "unit = 0", "`unit`", "1 to 247"),
    ("unit = 1", "unit = 248", "`unit`", "1 to 247"),
    ("unit = 1", "unti = 1", "unti", "unit"),
    (
        "heartbeat = { table = \"holding\"",
        "heartbeat = { table = \"coil\"",
        "`heartbeat.table`",
        "holding",
    ),
    (
        "heartbeat = { table = \"holding\", address = 4",
        "heartbeat = { table = \"holding\", address = 2",
        "heartbeat register",
        "of its own",
    ),
    (
        "\nopen = [",
        "\nopne = [",
        "`commands.opne`",
        "the commands are open",
    ),
    (
        "\nclose = [",
        "\n# close = [",
        "`commands.close`",
        "say what to write",
    ),
    (
        "values = [1, \"persons\", \"ticket\"]",
        "values = [1, \"person\", \"ticket\"]",
        "`commands.open.values`",
        "\"persons\" and \"ticket\"",
    ),
    (
        "values = [1, \"persons\", \"ticket\"]",
        "values = []",
        "`commands.open.values`",
        "1 to 123",
    ),
    (
        "values = [1, \"persons\", \"ticket\"]",
        "values = [70000]",
        "`commands.open.values`",
        "0 to 65535",
    ),
    (
        "address = 0, values = [1, \"persons\"",
        "address = 65534, values = [1, \"persons\"",
        "`commands.open.values`",
        "start lower",
    ),
    (
        "open = [{ table = \"holding\"",
        "open = [{ table = \"input\"",
        "`commands.open.table`",
        "\"coil\" or \"holding\"",
    ),
    (
        "[acknowledge]",
        "[acknowledged]",
        "acknowledged",
        "acknowledge",
    ),
    (
        "ticket = { table = \"input\"",
        "ticket = { table = \"discrete\"",
        "`acknowledge.ticket.table`",
        "\"input\"",
    ),
    (
        "refused = { 2",
        "refused = { 1",
        "`acknowledge.refused.1`",
        "acknowledge.accepted",
    ),
    (
        "refused = { 2",
        "refused = { two",
        "`acknowledge.refused.two`",
        "0 to 65535",
    ),
    (
        "opening = 1, open = 2",
        "opening = 2, open = 2",
        "`status.leaf`",
        "its own code",
    ),
    (
        "leaf = { table = \"input\"",
        "# leaf = { table = \"input\"",
        "`status.leaf`",
        "leaf_open and leaf_closed",
    ),
    (
        "passed = { table = \"input\", address = 1",
        "passed = { table = \"input\", address = 1, divide = 0",
        "`status.passed.divide`",
        "1 or more",
    ),
    (
        "passed = { table = \"input\", address = 1",
        "passed = { table = \"input\", address = 1, bit = 3",
        "`status.passed`",
        "take `bit`",
    ),
    (
        "mains = { table = \"discrete\"",
        "mains = { table = \"input\"",
        "`status.mains.bit`",
        "0 to 15",
    ),
    (
        "mains = { table = \"discrete\"",
        "mains = { bit = 1, table = \"discrete\"",
        "`status.mains.bit`",
        "take it out",
    ),
    (
        "mains = { table = \"discrete\"",
        "mains = { bit = 16, table = \"input\"",
        "`status.mains.bit`",
        "0 to 15",
    ),
    (
        "mains = { table = \"discrete\"",
        "mains = { divide = 2, table = \"discrete\"",
        "`status.mains.divide`",
        "take it out",
    ),
    (
        "mains = { table = \"discrete\"",
        "mains = { table = \"discreet\"",
        "discreet",
        "discrete",
    ),
    (
        "mains = { table = \"discrete\", address = 7",
        "mains = { table = \"discrete\", address = -7",
        "-7",
        "u16",
    ),
];

#[test]
fn a_mistake_in_a_map_is_named_with_its_cure() {
    for (was, is, key, cure) in MISTAKES {
        assert!(CONTROLLER.contains(was), "{was} is not in the map");
        let error = CONTROLLER
            .replacen(was, is, 1)
            .parse::<RegisterMap>()
            .expect_err(is)
            .to_string();
        assert!(error.contains(key), "{is}: {error}");
        assert!(error.contains(cure), "{is}: {error}");
    }
}

#[test]
fn tickets_and_acknowledgement_go_together() {
    let deaf = CONTROLLER
        .replace("\"ticket\"]", "7]")
        .parse::<RegisterMap>()
        .expect_err("no ticket")
        .to_string();
    assert!(deaf.contains("`acknowledge` is there"), "{deaf}");
    let start = CONTROLLER.find("[acknowledge]").unwrap();
    let end = CONTROLLER.find("[status]").unwrap();
    let mute = [&CONTROLLER[..start], &CONTROLLER[end..]]
        .concat()
        .parse::<RegisterMap>()
        .expect_err("no word");
    assert!(
        mute.to_string().contains("`acknowledge` is missing"),
        "{mute}"
    );
}

#[test]
fn a_poll_takes_one_read_for_each_table_of_the_shipped_maps() {
    let read = |table, address, count| Reading {
        table,
        address,
        count,
    };
    assert_eq!(
        RegisterMap::controller().unwrap().readings(),
        [read(Table::Discrete, 0, 8), read(Table::Input, 0, 7)]
    );
    assert_eq!(
        RegisterMap::relay_box().unwrap().readings(),
        [read(Table::Discrete, 0, 7)]
    );
}

#[test]
fn a_gap_splits_reads_unless_the_map_allows_it() {
    let holed = CONTROLLER.replace(
        "table = \"discrete\", address = 7",
        "table = \"discrete\", address = 9",
    );
    assert_eq!(holed.parse::<RegisterMap>().unwrap().readings().len(), 3);
    let spanned = holed
        .replace("gap = 0", "gap = 2")
        .parse::<RegisterMap>()
        .unwrap();
    assert_eq!(spanned.readings().len(), 2);
}

#[test]
fn normally_closed_contacts_read_a_cut_wire_as_danger() {
    let map = RegisterMap::relay_box().unwrap();
    let dead: Image = (0..7).map(|at| ((Table::Discrete, at), 0)).collect();
    let status = map.status(&dead).unwrap();
    assert_eq!(status.obstruction, Obstruction::Blocked);
    assert_eq!(status.evacuation, Evacuation::On);
    assert_eq!(status.mains, Mains::Lost);
    assert_eq!(status.leaf, Leaf::Between);
}

#[test]
fn both_end_switches_at_once_are_unreadable() {
    let map = RegisterMap::relay_box().unwrap();
    let image: Image = (0..7).map(|at| ((Table::Discrete, at), 1)).collect();
    assert_eq!(
        map.status(&image).expect_err("broken switch").field,
        "status.leaf_open"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_text_makes_the_parser_panic(text in ".{0,400}") {
        let _either_way = text.parse::<RegisterMap>();
    }

    /// A map with a hole torn into it either parses or names a reason.
    #[test]
    fn a_torn_map_never_panics(start in 0_usize..6000, length in 0_usize..200, junk in "[\\PC]{0,20}", relay in any::<bool>()) {
        let whole = if relay { RELAY_BOX } else { CONTROLLER };
        let cut = |at: usize| (0..=at.min(whole.len())).rev().find(|at| whole.is_char_boundary(*at)).unwrap_or(0);
        let (from, to) = (cut(start), cut(start + length));
        let torn = [&whole[..from], &junk, &whole[to..]].concat();
        if let Err(error) = torn.parse::<RegisterMap>() {
            prop_assert!(!error.to_string().is_empty());
        }
    }

    /// Whatever a device holds, a bit or number written through a point reads back through it.
    #[test]
    fn points_read_what_they_put(address in any::<u16>(), bit in 0_u8..16, inverted in any::<bool>(), before in any::<u16>(),
        yes in any::<bool>(), number in 0_u16..1000, divide in 1_u16..60) {
        let mut image = Image::from([((Table::Input, address), before)]);
        let point = Bit { table: Table::Input, address, bit: Some(bit), inverted };
        point.put(yes, &mut image);
        prop_assert_eq!(point.of(&image), Some(yes));
        prop_assert_eq!(image[&(Table::Input, address)] & !(1 << bit), before & !(1 << bit));
        let point = Number { table: Table::Input, address, divide };
        point.put(number, &mut image);
        prop_assert_eq!(point.of(&image), Some(number));
    }

    #[test]
    fn no_image_makes_the_status_panic(words in proptest::collection::vec(any::<u16>(), 16), relay in any::<bool>()) {
        let map = if relay { RegisterMap::relay_box() } else { RegisterMap::controller() }.unwrap();
        let mut image = Image::new();
        for (at, word) in (0..).zip(words) {
            image.insert((Table::Input, at), word);
            image.insert((Table::Discrete, at), word & 1);
        }
        let _either_way = map.status(&image);
    }
}
