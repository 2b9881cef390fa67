//! Lists as their author has them, and the list file that is made of them.

use crate::digest::{self, Digest};
use evidence::{BirthDate, Date, DocumentNumber, Name, Sensitive, StateCode, Version};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Lists as their author has them: in clear. Only [`Draft::to_toml`] leaves the author's desk.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Version of the lists.
    pub version: Version,
    /// Day of issue.
    pub issued: Date,
    /// Key of the digests; without one they are plain SHA-256, which a guesser of document numbers can search.
    pub key: Option<Sensitive<[u8; 32]>>,
    /// Documents by issuing state and number.
    pub documents: Vec<(StateCode, Sensitive<DocumentNumber>)>,
    /// Names as in the machine-readable zone, with birth dates.
    pub names: Vec<(Sensitive<Name>, Sensitive<BirthDate>)>,
}

impl Draft {
    /// The list file: digests in ascending order, so that their order tells nothing either.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let key = self.key.as_ref().map(Sensitive::expose);
        let documents: BTreeSet<Digest> = self
            .documents
            .iter()
            .map(|(state, number)| digest::of_document(key, *state, number.expose()))
            .collect();
        let names: BTreeSet<Digest> = self
            .names
            .iter()
            .map(|(name, birth)| digest::of_name(key, name.expose(), birth.expose()))
            .collect();
        let mut text = format!(
            "version = {}\nissued = {}\n",
            toml::Value::from(self.version.as_str()),
            self.issued
        );
        if let Some(key) = key {
            let _ = writeln!(text, "key = \"{}\"", hex::encode(key));
        }
        for (list, digests) in [("documents", documents), ("names", names)] {
            let _ = writeln!(text, "{list} = [");
            for digest in digests {
                let _ = writeln!(text, "  \"{}\",", hex::encode(digest));
            }
            text.push_str("]\n");
        }
        text
    }
}
