//! Rules that hold from one day to another, each with its name and its source.

use super::PolicyError;
use evidence::{Date, RuleId};
use toml::value::Datetime;

#[derive(Clone, Debug)]
pub(super) struct Dated<T> {
    pub(super) id: RuleId,
    from: Date,
    to: Option<Date>,
    pub(super) rule: T,
}

impl<T> Dated<T> {
    pub(super) fn valid_on(&self, day: Date) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to)
    }

    pub(super) fn overlaps(&self, other: &Self) -> bool {
        self.to.is_none_or(|to| other.from <= to) && other.to.is_none_or(|to| self.from <= to)
    }
}

/// What every dated rule of the file has.
pub(super) struct Head {
    pub(super) id: String,
    pub(super) valid_from: Datetime,
    pub(super) valid_to: Option<Datetime>,
    pub(super) source: String,
}

/// Where a rule's authority comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Authority {
    /// A published page.
    Page,
    /// A published page, or an order of the customs house itself.
    PageOrOrder,
}

pub(super) fn dated<T>(
    key: &'static str,
    rule: usize,
    head: Head,
    authority: Authority,
    value: T,
) -> Result<Dated<T>, PolicyError> {
    let id = RuleId::parse(&head.id).ok_or(PolicyError::Id { key, rule })?;
    let from = day_of(head.valid_from).ok_or(PolicyError::Day {
        key,
        rule,
        field: "valid_from",
    })?;
    let to = match head.valid_to {
        Some(to) => Some(day_of(to).ok_or(PolicyError::Day {
            key,
            rule,
            field: "valid_to",
        })?),
        None => None,
    };
    if to.is_some_and(|to| to < from) {
        return Err(PolicyError::EndsBeforeItBegins { key, rule });
    }
    let page = head.source.starts_with("https://");
    let order = authority == Authority::PageOrOrder
        && head
            .source
            .strip_prefix("order: ")
            .is_some_and(|order| !order.trim().is_empty());
    if !page && !order {
        return Err(PolicyError::Source { key, rule });
    }
    Ok(Dated {
        id,
        from,
        to,
        rule: value,
    })
}

pub(super) fn no_overlap<T>(
    key: &'static str,
    rules: &[Dated<T>],
    same: impl Fn(&T, &T) -> bool,
) -> Result<(), PolicyError> {
    for (first, one) in rules.iter().enumerate() {
        for (second, other) in rules.iter().enumerate().skip(first + 1) {
            if same(&one.rule, &other.rule) && one.overlaps(other) {
                return Err(PolicyError::Overlap {
                    key,
                    first: first + 1,
                    second: second + 1,
                });
            }
        }
    }
    Ok(())
}

/// A TOML local date; a date with a time of day is none.
pub(crate) fn day_of(value: Datetime) -> Option<Date> {
    let (Some(date), None, None) = (value.date, value.time, value.offset) else {
        return None;
    };
    let month = time::Month::try_from(date.month).ok()?;
    Date::from_calendar_date(i32::from(date.year), month, date.day).ok()
}

pub(crate) fn line_of(text: &str, span: Option<std::ops::Range<usize>>) -> usize {
    let end = span.map_or(0, |span| span.start).min(text.len());
    1 + text.as_bytes()[..end]
        .iter()
        .filter(|byte| **byte == b'\n')
        .count()
}
