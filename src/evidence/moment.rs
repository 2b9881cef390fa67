//! A point in time as an event brings it. There is no clock here.

use time::{Date, OffsetDateTime, UtcOffset};

/// A second, counted from 1970-01-01T00:00:00Z without leap seconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Moment(i64);

impl Moment {
    /// The moment that many seconds after 1970-01-01T00:00:00Z.
    pub const fn new(unix_seconds: i64) -> Self {
        Self(unix_seconds)
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub const fn unix_seconds(self) -> i64 {
        self.0
    }

    /// The moment this many seconds later; stays at the ends of the range.
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// The calendar date at a place with this offset. Years beyond -9999 and 9999 stay at the last date there is.
    pub fn date_at(self, offset: UtcOffset) -> Date {
        let last = if self.0 < 0 { Date::MIN } else { Date::MAX };
        OffsetDateTime::from_unix_timestamp(self.0)
            .ok()
            .and_then(|utc| utc.checked_to_offset(offset))
            .map_or(last, OffsetDateTime::date)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use time::macros::{date, offset};

    #[test]
    fn tokyo_is_a_day_ahead_in_the_evening() {
        let evening = Moment::new(1_798_732_800); // 2026-12-31T16:00:00Z
        assert_eq!(evening.date_at(UtcOffset::UTC), date!(2026 - 12 - 31));
        assert_eq!(evening.date_at(offset!(+9)), date!(2027 - 01 - 01));
    }

    #[test]
    fn the_ends_of_time_do_not_panic() {
        assert_eq!(Moment::new(i64::MAX).date_at(UtcOffset::UTC), Date::MAX);
        assert_eq!(Moment::new(i64::MIN).date_at(offset!(-12)), Date::MIN);
    }
}
