//! When a record was committed, as the caller's clock said.

/// Milliseconds since 1970-01-01T00:00:00Z. Clocks jump: the order of records is their `seq`, never this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp(i64);

impl Stamp {
    /// The stamp that many milliseconds after 1970-01-01T00:00:00Z.
    pub const fn new(unix_milliseconds: i64) -> Self {
        Self(unix_milliseconds)
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub const fn unix_milliseconds(self) -> i64 {
        self.0
    }
}
