//! Whether the lane serves: devices, orders, evacuation.

use super::{Effects, await_next, give_up};
use crate::{
    Cause, Device, Effect, Lamp, Lane, Look, OfficerId, Record, Service, Stage, lane::Order,
};

pub(super) fn failed(lane: &mut Lane, device: Device, effects: &mut Effects) {
    if lane.troubles.has(device) {
        return;
    }
    lane.troubles = lane.troubles.with(device);
    effects.push(Effect::Record(Record::DeviceChanged {
        device,
        works: false,
    }));
    if device == Device::Gate {
        // Whatever it does now, nobody hears of it.
        lane.gate_open = true;
    }
    settle_failure(lane, device, effects);
}

/// The journal cannot be written, so nothing may be decided; and that cannot be recorded either.
pub(super) fn record_failed(lane: &mut Lane, effects: &mut Effects) {
    if lane.troubles.has(Device::Journal) {
        return;
    }
    lane.troubles = lane.troubles.with(Device::Journal);
    lane.settle();
    if lane.service == Service::Evacuating {
        return;
    }
    // Nobody may be let through who cannot be put on record, and no deadline will close the gate from here on.
    if lane.may_close() {
        effects.push(Effect::CloseGate);
    }
    effects.push(Effect::Look(Look::Nothing));
    effects.push(Effect::Light(Lamp::Off));
}

pub(super) fn recovered(lane: &mut Lane, device: Device, effects: &mut Effects) {
    if !lane.troubles.has(device) {
        return;
    }
    lane.troubles = lane.troubles.without(device);
    effects.push(Effect::Record(Record::DeviceChanged {
        device,
        works: true,
    }));
    if device == Device::Journal {
        // Its steps since then did not take place and its deadlines may have passed unheard.
        give_up(lane, Cause::DeviceFailed(device), effects);
    }
    if device == Device::Gate && lane.may_close() {
        effects.push(Effect::CloseGate);
    }
    lane.settle();
    if lane.stands_by() {
        // A gate that had no power has no lamp lit; a journal that was away had the lamps put out.
        await_next(lane, effects);
    }
}

fn settle_failure(lane: &mut Lane, device: Device, effects: &mut Effects) {
    let needs = match lane.stage() {
        None => false,
        Some(Stage::Gathering(_)) => true,
        Some(Stage::Reviewing(_) | Stage::Facing { .. }) => device != Device::DocumentCamera,
        Some(
            Stage::AwaitingRisk { .. }
            | Stage::Releasing(_)
            | Stage::Passing(_)
            | Stage::Closing { .. },
        ) => {
            matches!(device, Device::Gate | Device::Journal)
        }
        Some(Stage::Referred { .. }) => false,
    };
    if needs {
        give_up(lane, Cause::DeviceFailed(device), effects);
    }
    lane.settle();
    if lane.journey.is_none() {
        await_next(lane, effects);
    }
}

/// Takes travellers again, if nothing stands against it any more.
pub(super) fn reopen(lane: &mut Lane, effects: &mut Effects) {
    let before = lane.service;
    lane.settle();
    if lane.journey.is_none() && before != lane.service {
        await_next(lane, effects);
    }
}

pub(super) fn evacuate(lane: &mut Lane, effects: &mut Effects) {
    effects.push(Effect::Evacuate);
    if lane.service == Service::Evacuating {
        return;
    }
    lane.service = Service::Evacuating;
    lane.gate_open = true;
    effects.push(Effect::Record(Record::Evacuation { began: true }));
    // A referral waits for its officer even now; everybody else is simply let out.
    if lane
        .journey
        .as_ref()
        .is_some_and(|journey| !matches!(journey.stage, Stage::Referred { .. }))
        && let Some(mut journey) = lane.journey.take()
    {
        effects.push(Effect::Record(journey.interrupted()));
        journey.disarm(effects);
        effects.push(Effect::Forget(journey.id));
    }
    await_next(lane, effects);
}

pub(super) fn evacuation_ended(lane: &mut Lane, effects: &mut Effects) {
    if lane.service != Service::Evacuating {
        return;
    }
    effects.push(Effect::Record(Record::Evacuation { began: false }));
    lane.service = Service::OutOfService;
    lane.order = Order::LookFirst;
    await_next(lane, effects);
}

pub(super) fn drain(lane: &mut Lane, officer: Option<OfficerId>, effects: &mut Effects) {
    if lane.order != Order::Serve {
        return;
    }
    lane.order = Order::Rest;
    effects.push(Effect::Record(Record::ServiceOrdered {
        officer,
        open: false,
    }));
    reopen(lane, effects);
}

pub(super) fn resume(lane: &mut Lane, officer: OfficerId, effects: &mut Effects) {
    if lane.order == Order::Serve || lane.service == Service::Evacuating {
        return;
    }
    lane.order = Order::Serve;
    effects.push(Effect::Record(Record::ServiceOrdered {
        officer: Some(officer),
        open: true,
    }));
    if lane.may_close() && lane.stands_by() {
        effects.push(Effect::CloseGate);
    }
    reopen(lane, effects);
}
