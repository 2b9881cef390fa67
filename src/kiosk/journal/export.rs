//! `kiosk journal export`: the record as lines that anybody can check.

use std::io::{self, BufWriter, Write as _};

use journal::{ExportError, Privacy, export as write};

use super::arguments::Export;
use super::{Outcome, Trouble, of_record, opened, wrong};
use crate::provisions;

pub(super) fn export(arguments: &Export) -> anyhow::Result<()> {
    let (config, reader) = opened(&arguments.config)?;
    let key = provisions::lane_key(&config).map_err(|complaint| wrong(&config, complaint))?;
    let privacy = if arguments.personal {
        Privacy::Told
    } else {
        Privacy::Withheld
    };
    let mut out = BufWriter::new(io::stdout().lock());
    write(&reader, &key, arguments.after, privacy, &mut out)
        .and_then(|_| Ok(out.flush()?))
        .map_err(|error| match error {
            ExportError::Journal(error) => of_record(&error),
            ExportError::Write(error) => Trouble::new(
                Outcome::OutOfReach,
                format!("the export cannot be written ({error})"),
                "what was written of it is no whole export",
            ),
        })?;
    Ok(())
}
