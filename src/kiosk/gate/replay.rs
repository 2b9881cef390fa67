//! `kiosk gate replay`: what the link makes of a recording.

use std::fs;

use gate::Timings;
use gate::tape::{Pace, Played, Recording, replay};
use serde_json::json;

use super::arguments::Replay as Arguments;
use super::watch::Teller;
use super::{Form, Outcome, Trouble};
use crate::chain;

pub(super) async fn play(arguments: Arguments) -> anyhow::Result<Outcome> {
    let form = if arguments.json {
        Form::Json
    } else {
        Form::Text
    };
    let file = arguments.file.display();
    let refused = |says: String, cure: &str| {
        Trouble::new(Outcome::Configuration, format!("{file}: {says}"), cure)
    };
    let bytes = fs::read(&arguments.file).map_err(|error| {
        refused(
            format!("cannot be read ({error})"),
            "check the path and the file's rights",
        )
    })?;
    let text = String::from_utf8(bytes).map_err(|_| {
        refused(
            "is no text".to_owned(),
            "give a file that `kiosk gate record` has made",
        )
    })?;
    let recording = text.parse::<Recording>().map_err(|error| {
        refused(
            format!("{error}"),
            "give a file that `kiosk gate record` has made; hardware/gate/tape.rs explains its lines",
        )
    })?;
    let map = recording.head.register_map().map_err(|error| {
        refused(
            format!("its register map does not serve: {}", chain(&error)),
            "replay it with the release that recorded it",
        )
    })?;
    let pace = if arguments.real_time {
        Pace::Recorded
    } else {
        Pace::Fast
    };
    let mut teller = Teller::new(form);
    let mut failure = None;
    let ended = replay(
        &recording,
        map.clone(),
        Timings::default(),
        pace,
        |played| {
            let told = match played {
                Played::News { at, news } => teller.news(at, None, &news, &map),
                Played::Done {
                    at,
                    command,
                    result,
                } => {
                    let error = result.as_ref().err().map(|error| chain(error));
                    let words = match &error {
                        None => format!("{}: done", command.order()),
                        Some(error) => format!("not done: {error}"),
                    };
                    match form {
                        Form::Text => teller.text(at, &words),
                        Form::Json => teller.json(
                            at,
                            None,
                            json!({ "event": "command", "command": command.order().key(), "error": error }),
                        ),
                    }
                }
            };
            if let Err(error) = told {
                failure.get_or_insert(error);
            }
        },
    )
    .await;
    if let Some(error) = failure {
        return Err(error);
    }
    ended.map_err(|diverged| {
        Trouble::new(
            Outcome::AtFault,
            format!("{file}: {diverged}"),
            "the link behaves differently now: compare the release, which stands in the recording's head",
        )
    })?;
    Ok(Outcome::Well)
}
