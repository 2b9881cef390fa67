//! Which gate a command is for, and whether it may be used now.

use std::fs;
use std::path::Path;

use gate::tape::TapeMap;
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
    /// The same map, as a recording keeps it.
    pub(super) tape_map: TapeMap,
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
        let tape_map = match &config.map {
            Map::Controller => TapeMap::Controller,
            Map::RelayBox => TapeMap::RelayBox,
            Map::File(path) => TapeMap::Text(fs::read_to_string(path)?),
        };
        Ok(Self {
            port: config.port.clone(),
            map,
            tape_map,
            config: Some(config),
        })
    }

    fn bare(arguments: &Arguments, path: &str) -> anyhow::Result<Self> {
        let (tape_map, read) = match arguments.map.as_deref() {
            None | Some("controller") => (TapeMap::Controller, RegisterMap::controller()),
            Some("relay-box") => (TapeMap::RelayBox, RegisterMap::relay_box()),
            Some(file) => read_map(Path::new(file)),
        };
        let map = read.map_err(|error| {
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
            tape_map,
            config: None,
        })
    }

    /// Takes the commands away, so that nothing can be moved.
    pub(super) fn hands_off(mut self) -> Self {
        self.map.commands.clear();
        self
    }
}

fn read_map(file: &Path) -> (TapeMap, Result<RegisterMap, MapError>) {
    let text = fs::read_to_string(file).map_err(|source| MapError::Unreadable {
        path: file.to_owned(),
        source,
    });
    match text {
        Ok(text) => {
            let map = text.parse();
            (TapeMap::Text(text), map)
        }
        Err(error) => (TapeMap::Controller, Err(error)),
    }
}
