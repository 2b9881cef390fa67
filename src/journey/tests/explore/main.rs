//! Every situation that three travellers, a bad disk, a bad gate, late answers, an officer and a fire can bring
//! the lane into, within stated budgets; and for each rule the proof that the search would notice its absence.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::panic,
    missing_docs,
    unreachable_pub
)]

mod cast;
mod mutants;
mod world;

use std::sync::LazyLock;

use cast::Cast;
use evidence::{Decision as Outcome, QuestionId};
use journey::{Decision, Effect, Event, Lane, Service};
use stateright::{Checker, HasDiscoveries, Model, Property};
use world::{Asked, Budget, Happening, Step, World};

static CAST: LazyLock<Cast> = LazyLock::new(Cast::assemble);

struct Checkpoint {
    step: Step,
    budget: Budget,
}

impl Model for Checkpoint {
    type State = World;
    type Action = Happening;

    fn init_states(&self) -> Vec<World> {
        vec![World::begin(self.budget)]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Happening>) {
        if world.violation.is_none() {
            world.happenings(actions);
        }
    }

    fn next_state(&self, world: &World, happening: Happening) -> Option<World> {
        let next = world.after(&CAST, self.step, happening);
        (next != *world).then_some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        fn kept(world: &World, rule: u8) -> bool {
            world.violation.is_none_or(|(broken, _)| broken != rule)
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
                    lane.service == Service::Evacuating
                        && effects.first() == Some(&Effect::Evacuate)
                },
            ),
            Property::always(
                "rule 5: what was forgotten cannot be reached",
                |_, world: &World| {
                    let reachable = world::reachable(&world.lane);
                    world.forgotten.iter().all(|who| {
                        let number = CAST.documents[usize::from(*who)].number.expose().as_str();
                        !reachable.contains(&number)
                    })
                },
            ),
            Property::always(
                "rule 6: an answer to another question is ignored",
                |model: &Self, world: &World| {
                    strangers(world).into_iter().all(|event| {
                        (model.step)(&world.lane, event) == (world.lane.clone(), Vec::new())
                    })
                },
            ),
            Property::always(
                "rule 7: only a recorded decision ends a referral",
                |_, world: &World| kept(world, 7),
            ),
            Property::sometimes(
                "a family passes",
                |_, world: &World| matches!(world.lane.stage(), Some(journey::Stage::Closing { passage, .. }) if passage.passed == 2),
            ),
            Property::sometimes("an officer's release passes", |_, world: &World| {
                matches!(world.lane.stage(), Some(journey::Stage::Passing(_)))
                    && world.granted.iter().any(|ground| {
                        world.recorded.contains(ground)
                            && !world.asked.contains(&Asked::Risk(*ground))
                    })
            }),
            Property::sometimes(
                "the next party is served after a fire",
                |_, world: &World| {
                    world.evacuated
                        && world.lane.service == Service::InService
                        && world.lane.journey.is_some()
                },
            ),
            Property::sometimes("a referral outlasts a fire", |_, world: &World| {
                world.lane.service == Service::Evacuating && world.lane.journey.is_some()
            }),
        ]
    }
}

/// Answers and expiries that name something that the lane does not wait for.
fn strangers(world: &World) -> Vec<Event> {
    let mut events = Vec::new();
    for asked in world.asked.iter().filter(|asked| !world.awaits(**asked)) {
        let happening = match *asked {
            Asked::Open(question, code, document) => Happening::Opened(question, code, document),
            Asked::Face(question) => Happening::Face(question, world::Seen::Alike),
            Asked::Risk(question) => Happening::Risk(question, Outcome::Clear),
        };
        events.push(world.event(&CAST, happening));
    }
    events.extend(world.stale.iter().map(|deadline| Event::Expired(*deadline)));
    if let Some(journey) = &world.lane.journey {
        let nobody = QuestionId {
            journey: journey.id,
            serial: u32::MAX,
        };
        events.push(world::decided(nobody, Decision::Released));
    }
    events
}

const CALM: Budget = Budget {
    journeys: 2,
    fire: 0,
    gate_faults: 0,
    camera_faults: 0,
    lost_records: 0,
    expiries: 1,
    repeats: 1,
    touches: 0,
    alarms: 0,
    orders: 0,
};

/// Each search spends its troubles on one theme, two journeys long, so that the themes can meet in pairs
/// without the whole being too large for a test.
const THEMES: [(&str, Budget); 5] = [
    (
        "late answers and expiries",
        Budget {
            expiries: 2,
            repeats: 2,
            touches: 1,
            ..CALM
        },
    ),
    (
        "a bad gate",
        Budget {
            gate_faults: 1,
            alarms: 1,
            ..CALM
        },
    ),
    (
        "a bad disk",
        Budget {
            lost_records: 1,
            camera_faults: 1,
            ..CALM
        },
    ),
    (
        "a fire",
        Budget {
            fire: 1,
            gate_faults: 1,
            expiries: 0,
            ..CALM
        },
    ),
    (
        "orders",
        Budget {
            orders: 1,
            fire: 1,
            lost_records: 1,
            expiries: 0,
            repeats: 0,
            ..CALM
        },
    ),
];

fn search(step: Step, budget: Budget) -> impl Checker<Checkpoint> {
    Checkpoint { step, budget }
        .checker()
        .threads(2)
        .spawn_bfs()
        .join()
}

fn real(lane: &Lane, event: Event) -> (Lane, Vec<Effect>) {
    lane.step(event)
}

#[test]
fn the_seven_rules_hold_in_every_situation() {
    let mut states = 0;
    let mut reached = std::collections::BTreeSet::new();
    for (theme, budget) in THEMES {
        let checker = search(real, budget);
        println!(
            "{theme}: {} states, {} after merging, depth {}",
            checker.state_count(),
            checker.unique_state_count(),
            checker.max_depth()
        );
        states += checker.unique_state_count();
        for (name, path) in checker.discoveries() {
            if name.starts_with("rule") {
                panic!(
                    "{name}, broken under {theme}:\n{:#?}\n{:?}",
                    path.clone().into_actions(),
                    path.last_state().violation
                );
            }
            reached.insert(name);
        }
    }
    println!("explored {states} different situations");
    assert_eq!(
        reached.len(),
        4,
        "not every rare situation was reached: {reached:?}"
    );
    assert!(
        states > 100_000,
        "the search has become too small to mean much: {states} situations"
    );
}

#[test]
fn each_rule_is_seen_to_break_when_its_guard_is_gone() {
    for (rule, mutant, budget) in mutants::all(CALM) {
        let checkpoint = Checkpoint {
            step: mutant,
            budget,
        };
        let names = checkpoint
            .properties()
            .into_iter()
            .map(|property| property.name);
        let awaited = names.filter(|name| name.starts_with(rule)).collect();
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
