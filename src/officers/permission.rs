//! The table of roles and permissions.

use journey::Decision;

/// What an officer is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Decides referrals and keeps an eye on the lanes.
    Officer,
    /// An officer who also answers for the others.
    Supervisor,
    /// Keeps the lane working; decides nothing about travellers.
    Engineer,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Officer, Self::Supervisor, Self::Engineer];

    /// The word that the roster uses.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Officer => "officer",
            Self::Supervisor => "supervisor",
            Self::Engineer => "engineer",
        }
    }

    /// The role of a word, the reverse of [`Self::word`].
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }
}

/// What can be done at the panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Decide a referral so.
    Decide(Decision),
    /// Take the lane out of service, or bring it back.
    OrderService,
    /// Open the gate although no journey is there to open it for.
    OpenGateByHand,
    /// Move the gate and look through the cameras while the lane is out of service.
    TestDevices,
    /// Read what the journal keeps.
    ReadJournal,
}

/// The table. Whoever decides about travellers does not also adjust the devices that read them, except that everybody
/// may stop a lane: stopping is always safe.
pub(crate) const fn may(role: Role, action: Action) -> bool {
    match (action, role) {
        (
            Action::Decide(Decision::Released | Decision::Held | Decision::SentToInspection),
            role,
        ) => {
            matches!(role, Role::Officer | Role::Supervisor)
        }
        (Action::OrderService, Role::Officer | Role::Supervisor | Role::Engineer) => true,
        (Action::OpenGateByHand | Action::ReadJournal, role) => matches!(role, Role::Supervisor),
        (Action::TestDevices, role) => matches!(role, Role::Engineer),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table() {
        // officer, supervisor, engineer
        for (action, expected) in [
            (Action::Decide(Decision::Released), [true, true, false]),
            (Action::Decide(Decision::Held), [true, true, false]),
            (
                Action::Decide(Decision::SentToInspection),
                [true, true, false],
            ),
            (Action::OrderService, [true, true, true]),
            (Action::OpenGateByHand, [false, true, false]),
            (Action::TestDevices, [false, false, true]),
            (Action::ReadJournal, [false, true, false]),
        ] {
            assert_eq!(
                Role::ALL.map(|role| may(role, action)),
                expected,
                "{action:?}"
            );
        }
    }

    #[test]
    fn every_role_reads_back() {
        for role in Role::ALL {
            assert_eq!(Role::of_word(role.word()), Some(role));
        }
        assert_eq!(Role::of_word("Officer"), None);
    }
}
