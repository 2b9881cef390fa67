//! Which gate a command is for, and whether it may be used now.

use std::fs;
use std::path::Path;

use gate::tape::{CONTROLLER, RELAY_BOX};
use gate::{MapError, RegisterMap, SerialPort};

use super::arguments::Line as Arguments;
use super::{Outcome, Trouble};
use crate::config::Map;
use crate::doctor::running;
use crate::{Config, ConfigError, chain, provisions};

/// A gate that no lane is using.
pub(super) struct Line {
    pub(super) port: SerialPort,
    pub(super) map: RegisterMap,
    /// The same map's text, which a recording keeps.
    pub(super) map_text: String,
    /// The lane's configuration, where there is one.
    pub(super) config: Option<Config>,
}

impl Line {
    pub(super) fn of(arguments: &Arguments) -> anyhow::Result<Self> {
        match (&arguments.config, &arguments.port) {
            (Some(file), _) => Self::of_lane(Config::load(file)?),
            (None, Some(path)) => Self::bare(arguments, path),
            (None, None) => Err(Trouble::new(
                Outcome::Configuration,
                "which gate?",
                "give --config or --port",
            )
            .into()),
        }
    }

    fn of_lane(config: Config) -> anyhow::Result<Self> {
        let complaints = |complaint| ConfigError::Complaints {
            path: config.file.clone(),
            complaints: vec![complaint],
        };
        let map = provisions::map(&config).map_err(complaints)?;
        if let Some(process) = running(&config) {
            return Err(Trouble::new(
                Outcome::NotTried,
                format!("the lane runs ({process}), and the gate is its own"),
                "stop the lane first (systemctl stop sekisho-kiosk); the party in it finishes",
            )
            .into());
        }
        let map_text = match &config.map {
            Map::Controller => CONTROLLER.to_owned(),
            Map::RelayBox => RELAY_BOX.to_owned(),
            Map::File(path) => fs::read_to_string(path)?,
        };
        Ok(Self {
            port: config.port.clone(),
            map,
            map_text,
            config: Some(config),
        })
    }

    fn bare(arguments: &Arguments, path: &str) -> anyhow::Result<Self> {
        let read = match arguments.map.as_deref() {
            None | Some("controller") => Ok(CONTROLLER.to_owned()),
            Some("relay-box") => Ok(RELAY_BOX.to_owned()),
            Some(file) => read(Path::new(file)),
        };
        let parsed = read.and_then(|text| text.parse().map(|map| (map, text)));
        let (map, map_text) = parsed.map_err(|error| {
            Trouble::new(
                Outcome::Configuration,
                format!("--map: {}", chain(&error)),
                "begin with a copy of hardware/gate/maps/controller.toml, which explains every key",
            )
        })?;
        let parity = arguments.parity.map(gate::Parity::from);
        Ok(Self {
            port: SerialPort {
                path: path.to_owned(),
                baud: arguments.baud.unwrap_or(19_200),
                parity: parity.unwrap_or_default(),
            },
            map,
            map_text,
            config: None,
        })
    }

    /// Takes the commands away, so that nothing can be moved.
    pub(super) fn hands_off(mut self) -> Self {
        self.map.commands.clear();
        self
    }
}

fn read(file: &Path) -> Result<String, MapError> {
    fs::read_to_string(file).map_err(|source| MapError::Unreadable {
        path: file.to_owned(),
        source,
    })
}
