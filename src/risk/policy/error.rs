//! What is wrong with a policy file.

use evidence::RuleId;

/// Why a policy file is refused; the text names the key and the cure.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// Not TOML, or a key that is missing, misspelt or of another kind.
    #[error("line {line}: {message}")]
    Syntax {
        /// Line in the file, from 1.
        line: usize,
        /// What the reader says; it names keys, never the value of `random.key`.
        message: String,
    },
    /// `version` is empty or too long.
    #[error("`version`: write 1 to 40 visible characters without spaces")]
    Version,
    /// `issued` is no calendar day.
    #[error("`issued` has to be a day such as 2026-11-23")]
    Issued,
    /// A rule has no name that can be written down.
    #[error("`{key}`, rule {rule}: `id` has to be 1 to 40 characters of a-z, 0-9, `.` and `-`")]
    Id {
        /// The table.
        key: &'static str,
        /// Position of the rule, from 1.
        rule: usize,
    },
    /// Two rules have one name, so that a verdict would not tell which of them spoke.
    #[error("the id `{0}` is given twice; every rule has its own, and never that of an older rule")]
    SameId(RuleId),
    /// A rule of `[[rule]]` that no traveller or every traveller meets.
    #[error("`rule` {rule}: {cure}")]
    Condition {
        /// Position of the rule, from 1.
        rule: usize,
        /// What to write.
        cure: &'static str,
    },
    /// Threshold or weights of the names.
    #[error("`names.{field}`: {cure}")]
    Names {
        /// The key.
        field: &'static str,
        /// What to write.
        cure: &'static str,
    },
    /// `random.key` is no key.
    #[error(
        "`random.key`: write 64 hexadecimal digits (32 bytes); `openssl rand -hex 32` makes them"
    )]
    Key,
    /// `random.per_mille` is over 1000.
    #[error("`random.per_mille` is {0}: write 0 to 1000")]
    PerMille(u16),
    /// A date is no calendar day.
    #[error("`{key}`, rule {rule}: `{field}` has to be a day such as 2026-11-23")]
    Day {
        /// `referral`, `allowance` or `rule`.
        key: &'static str,
        /// Position of the rule, from 1.
        rule: usize,
        /// `valid_from` or `valid_to`.
        field: &'static str,
    },
    /// A rule ends before it begins.
    #[error("`{key}`, rule {rule}: `valid_to` is before `valid_from`; exchange them")]
    EndsBeforeItBegins {
        /// `referral`, `allowance` or `rule`.
        key: &'static str,
        /// Position of the rule, from 1.
        rule: usize,
    },
    /// A rule names no source.
    #[error(
        "`{key}`, rule {rule}: `source` has to be the https address of the page that states the rule (of `[[rule]]` also `order: ` and who ordered it)"
    )]
    Source {
        /// `referral`, `allowance` or `rule`.
        key: &'static str,
        /// Position of the rule, from 1.
        rule: usize,
    },
    /// Two rules for the same thing are valid on the same day.
    #[error(
        "`{key}`, rules {first} and {second} are valid on the same day; end one with `valid_to`"
    )]
    Overlap {
        /// `referral`, `allowance` or `rule`.
        key: &'static str,
        /// Position of one rule, from 1.
        first: usize,
        /// Position of the other.
        second: usize,
    },
    /// There is no allowance rule at all.
    #[error(
        "no `[[allowance]]` rule: without one every traveller is referred; add the one of customs answer 7104"
    )]
    NoAllowance,
    /// A quantity of tobacco is nought, or so large that shares of it cannot be counted.
    #[error("`allowance.{field}`, rule {rule}: write 1 to 10000, as customs answer 7104 does")]
    Tobacco {
        /// Position of the rule, from 1.
        rule: usize,
        /// The key.
        field: &'static str,
    },
}
