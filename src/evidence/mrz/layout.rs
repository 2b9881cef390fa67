//! Where each field stands. Lines and columns count from 0 here, columns half-open.

use super::Field;

/// A run of characters in one line.
#[derive(Clone, Copy)]
pub(super) struct Span {
    pub(super) line: usize,
    pub(super) from: usize,
    pub(super) to: usize,
}

impl Span {
    pub(super) const fn length(self) -> usize {
        self.to - self.from
    }

    pub(super) fn of<'a>(self, lines: &[&'a str]) -> &'a str {
        lines
            .get(self.line)
            .and_then(|line| line.get(self.from..self.to))
            .unwrap_or_default()
    }

    /// The character at which the span begins.
    pub(super) fn first(self, lines: &[&str]) -> u8 {
        self.of(lines).bytes().next().unwrap_or(b'<')
    }
}

const fn span(line: usize, from: usize, to: usize) -> Span {
    Span { line, from, to }
}

const fn digit(line: usize, at: usize) -> Span {
    span(line, at, at + 1)
}

/// The fields of one format.
pub(super) struct Layout {
    pub(super) code: Span,
    pub(super) issuing_state: Span,
    pub(super) name: Span,
    pub(super) number: Span,
    pub(super) number_check: Span,
    pub(super) nationality: Span,
    pub(super) birth: Span,
    pub(super) birth_check: Span,
    pub(super) sex: Span,
    pub(super) expiry: Span,
    pub(super) expiry_check: Span,
    pub(super) optional: [Option<Span>; 2],
    pub(super) optional_check: Option<Span>,
    /// The composite check digit, and what it covers.
    pub(super) composite: Option<(Span, &'static [Span])>,
    /// Whether a number of more than nine characters continues in the first optional field.
    pub(super) long_number: bool,
}

impl Layout {
    /// Every character of the format belongs to exactly one of these.
    pub(super) fn spans(&self) -> impl Iterator<Item = (Field, Span, bool)> {
        [
            (Field::DocumentCode, Some(self.code), false),
            (Field::IssuingState, Some(self.issuing_state), false),
            (Field::Name, Some(self.name), false),
            (Field::Number, Some(self.number), false),
            (Field::Number, Some(self.number_check), true),
            (Field::Nationality, Some(self.nationality), false),
            (Field::Birth, Some(self.birth), false),
            (Field::Birth, Some(self.birth_check), true),
            (Field::Sex, Some(self.sex), false),
            (Field::Expiry, Some(self.expiry), false),
            (Field::Expiry, Some(self.expiry_check), true),
            (Field::Optional, self.optional[0], false),
            (Field::Optional, self.optional[1], false),
            (Field::Optional, self.optional_check, true),
            (Field::Composite, self.composite.map(|(at, _)| at), true),
        ]
        .into_iter()
        .filter_map(|(field, span, check)| span.map(|span| (field, span, check)))
    }
}

/// Doc 9303-5 section 4.2.
pub(super) static TD1: Layout = Layout {
    code: span(0, 0, 2),
    issuing_state: span(0, 2, 5),
    number: span(0, 5, 14),
    number_check: digit(0, 14),
    birth: span(1, 0, 6),
    birth_check: digit(1, 6),
    sex: digit(1, 7),
    expiry: span(1, 8, 14),
    expiry_check: digit(1, 14),
    nationality: span(1, 15, 18),
    name: span(2, 0, 30),
    optional: [Some(span(0, 15, 30)), Some(span(1, 18, 29))],
    optional_check: None,
    composite: Some((
        digit(1, 29),
        &[
            span(0, 5, 30),
            span(1, 0, 7),
            span(1, 8, 15),
            span(1, 18, 29),
        ],
    )),
    long_number: true,
};

const TWO_LINES: Layout = Layout {
    code: span(0, 0, 2),
    issuing_state: span(0, 2, 5),
    name: span(0, 5, 36),
    number: span(1, 0, 9),
    number_check: digit(1, 9),
    nationality: span(1, 10, 13),
    birth: span(1, 13, 19),
    birth_check: digit(1, 19),
    sex: digit(1, 20),
    expiry: span(1, 21, 27),
    expiry_check: digit(1, 27),
    optional: [Some(span(1, 28, 36)), None],
    optional_check: None,
    composite: None,
    long_number: false,
};

/// Doc 9303-6 section 4.2.
pub(super) static TD2: Layout = Layout {
    optional: [Some(span(1, 28, 35)), None],
    composite: Some((
        digit(1, 35),
        &[span(1, 0, 10), span(1, 13, 20), span(1, 21, 35)],
    )),
    long_number: true,
    ..TWO_LINES
};

/// Doc 9303-4 section 4.2.
pub(super) static TD3: Layout = Layout {
    name: span(0, 5, 44),
    optional: [Some(span(1, 28, 42)), None],
    optional_check: Some(digit(1, 42)),
    composite: Some((
        digit(1, 43),
        &[span(1, 0, 10), span(1, 13, 20), span(1, 21, 43)],
    )),
    ..TWO_LINES
};

/// Doc 9303-7: no composite check digit.
pub(super) static MRV_A: Layout = Layout {
    name: span(0, 5, 44),
    optional: [Some(span(1, 28, 44)), None],
    ..TWO_LINES
};

/// Doc 9303-7: no composite check digit.
pub(super) static MRV_B: Layout = TWO_LINES;
