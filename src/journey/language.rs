use evidence::StateCode;

/// A language in which the lane speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Language {
    /// English, which also stands in where the traveller's own language is not there yet.
    #[default]
    English,
    /// Japanese.
    Japanese,
}

impl Language {
    /// All of them, in the order in which the screen offers them.
    pub const ALL: [Self; 2] = [Self::Japanese, Self::English];

    /// The first guess: the language of the state that issued the passport.
    pub fn of_state(state: StateCode) -> Self {
        if state.as_str() == "JPN" {
            Self::Japanese
        } else {
            Self::English
        }
    }

    /// The BCP 47 tag, which is also the translation folder's name.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Japanese => "ja",
        }
    }

    /// Reads a BCP 47 tag as [`Self::tag`] writes it.
    pub fn of_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.tag() == tag)
    }
}
