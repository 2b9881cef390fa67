//! What is personal goes when its time is over, and a record in the tree says so.

use serde_json::{Value, json};

use crate::body::canonical;

/// What an `erased` record says: these fields are gone from every record up to this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Erased {
    pub(crate) fields: Vec<String>,
    pub(crate) through: u64,
    /// Unix milliseconds: what was committed before.
    pub(crate) before: i64,
    /// How many fields went.
    pub(crate) count: u64,
}

impl Erased {
    pub(crate) fn read(body: &str) -> Option<Self> {
        let body: Value = serde_json::from_str(body).ok()?;
        let field = |field: &Value| field.as_str().map(str::to_owned);
        Some(Self {
            fields: body["fields"]
                .as_array()?
                .iter()
                .map(field)
                .collect::<Option<_>>()?,
            through: body["through"].as_u64()?,
            before: body["before"].as_i64()?,
            count: body["count"].as_u64()?,
        })
    }

    pub(crate) fn body(&self) -> String {
        canonical(&json!({
            "fields": self.fields,
            "through": self.through,
            "before": self.before,
            "count": self.count,
        }))
    }
}
