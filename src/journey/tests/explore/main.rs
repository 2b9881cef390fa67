//! Every situation that three travellers, late and doubled answers, bad devices, a bad disk, an officer and a fire can
//! bring the lane into; and for each rule the proof that the search would notice its absence.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::panic,
    missing_docs,
    unreachable_pub
)]

#[path = "../cast/mod.rs"]
mod cast;
mod happening;
mod mutants;
mod situation;
mod world;

use std::{collections::BTreeSet, sync::LazyLock};

use cast::Cast;
use happening::{Disk, Happening};
use journey::{Cause, Code, Device, Effect, Event, Lane, Service, Stage};
use stateright::{Checker, HasDiscoveries, Model, Property};
use world::{Step, World};

static CAST: LazyLock<Cast> = LazyLock::new(Cast::assemble);

struct Checkpoint {
    step: Step,
}

impl Model for Checkpoint {
    type State = World;
    type Action = (Happening, Disk);

    fn init_states(&self) -> Vec<World> {
        vec![World::begin()]
    }

    fn actions(&self, world: &World, actions: &mut Vec<(Happening, Disk)>) {
        if !world.broken.is_empty() {
            return;
        }
        for happening in happening::all(&world.lane) {
            actions.extend([(happening, Disk::Takes), (happening, Disk::Refuses)]);
        }
    }

    fn next_state(&self, world: &World, (happening, disk): (Happening, Disk)) -> Option<World> {
        world.after(&CAST, self.step, happening, disk)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        fn kept(world: &World, rule: u8) -> bool {
            world.broken.iter().all(|(broken, _)| *broken != rule)
        }
        vec![
            Property::always(
                "rule 1: the gate opens only for the party that its warrant names",
                |_, world: &World| kept(world, 1),
            ),
            Property::always(
                "rule 2: every opening follows a committed record",
                |_, world: &World| kept(world, 2),
            ),
            Property::always(
                "rule 3: what no human owns has a deadline armed",
                |_, world: &World| {
                    world::owned_by_human(&world.lane)
                        || world.lane.journey.as_ref().is_some_and(|journey| {
                            journey.deadline.is_some() && journey.deadline == world.armed
                        })
                },
            ),
            Property::always(
                "rule 4: evacuation is obeyed from everywhere",
                |model: &Self, world: &World| {
                    let (lane, effects) = (model.step)(&world.lane, Event::EvacuationSignalled);
                    kept(world, 4)
                        && lane.service == Service::Evacuating
                        && effects.first() == Some(&Effect::Evacuate)
                },
            ),
            Property::always(
                "rule 5: what was forgotten cannot be reached",
                |_, world: &World| kept(world, 5),
            ),
            Property::always(
                "rule 6: an answer to another question is ignored",
                |model: &Self, world: &World| {
                    happening::strangers(&CAST, &world.lane)
                        .into_iter()
                        .all(|event| {
                            let (lane, effects) = (model.step)(&world.lane, event);
                            effects.is_empty() && lane == world.lane
                        })
                },
            ),
            Property::always(
                "rule 7: only a recorded decision ends a referral",
                |_, world: &World| kept(world, 7),
            ),
            Property::sometimes(
                "a family passes",
                |_, world: &World| matches!(world.lane.stage(), Some(Stage::Closing { passage, .. }) if passage.passed == 2),
            ),
            Property::sometimes(
                "a party without a code passes, by an officer's release",
                |_, world: &World| matches!(world.lane.stage(), Some(Stage::Passing(passage)) if passage.known.code == Code::Missing),
            ),
            Property::sometimes(
                "somebody is tailgated through and the gate still closes",
                |_, world: &World| matches!(world.lane.stage(), Some(Stage::Closing { passage, .. }) if passage.passed > passage.persons.get()),
            ),
            Property::sometimes(
                "a third traveller's passport lies among a family's",
                |_, world: &World| matches!(world.lane.stage(), Some(Stage::Gathering(known)) if known.documents.len() == 3),
            ),
            Property::sometimes("a referral outlasts a fire", |_, world: &World| {
                world.lane.service == Service::Evacuating && world.lane.journey.is_some()
            }),
            Property::sometimes(
                "a party is in the gate when the journal fails",
                |_, world: &World| {
                    world.lane.troubles.has(Device::Journal)
                        && matches!(world.lane.stage(), Some(Stage::Passing(_)))
                },
            ),
            Property::sometimes(
                "a party is served to its end by a lane that drains",
                |_, world: &World| {
                    world.lane.service == Service::Draining
                        && matches!(world.lane.stage(), Some(Stage::Closing { .. }))
                },
            ),
            Property::sometimes(
                "the gate fails with a party in it",
                |_, world: &World| matches!(world.lane.stage(), Some(Stage::Referred { referral, .. }) if referral.causes.contains(&Cause::DeviceFailed(Device::Gate))),
            ),
        ]
    }
}

fn real(lane: &Lane, event: Event) -> (Lane, Vec<Effect>) {
    lane.step(event)
}

#[test]
fn the_seven_rules_hold_in_every_situation() {
    let checkpoint = Checkpoint { step: real };
    let rare: BTreeSet<_> = checkpoint
        .properties()
        .into_iter()
        .map(|property| property.name)
        .filter(|name| !name.starts_with("rule"))
        .collect();
    let checker = checkpoint
        .checker()
        .threads(2)
        .finish_when(HasDiscoveries::AnyFailures)
        .spawn_bfs()
        .join();
    let situations = checker.unique_state_count();
    println!(
        "{situations} situations and {} ways between them, the farthest {} steps from the first",
        checker.state_count(),
        checker.max_depth(),
    );
    let mut reached = BTreeSet::new();
    for (name, path) in checker.discoveries() {
        if name.starts_with("rule") {
            panic!(
                "{name}; broken by\n{:#?}\n{:?}",
                path.clone().into_actions(),
                path.last_state().broken
            );
        }
        reached.insert(name);
    }
    assert_eq!(reached, rare, "not every rare situation was reached");
    assert!(
        situations > 200_000,
        "the search has become too small to mean much: {situations} situations"
    );
}

#[test]
fn each_rule_is_seen_to_break_when_its_guard_is_gone() {
    for (rule, step) in mutants::ALL {
        let checkpoint = Checkpoint { step };
        let awaited = checkpoint
            .properties()
            .into_iter()
            .map(|property| property.name)
            .filter(|name| name.starts_with(rule))
            .collect();
        let checker = checkpoint
            .checker()
            .threads(2)
            .finish_when(HasDiscoveries::AllOf(awaited))
            .spawn_bfs()
            .join();
        let broken: Vec<_> = checker
            .discoveries()
            .into_keys()
            .filter(|name| name.starts_with("rule"))
            .collect();
        assert!(
            broken.iter().any(|name| name.starts_with(rule)),
            "{rule} without its guard went unnoticed; broken: {broken:?}"
        );
    }
}
