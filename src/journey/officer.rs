use thiserror::Error;

/// An officer's badge number: 1 to 16 of `A`-`Z`, `0`-`9` and `-`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OfficerId(String);

/// A badge number that is empty, too long, or holds a character that badges do not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a badge number is 1 to 16 characters of A-Z, 0-9 and '-'")]
pub struct OfficerIdError;

impl OfficerId {
    /// Reads a badge number.
    ///
    /// # Errors
    /// [`OfficerIdError`] if it is not one.
    pub fn parse(text: &str) -> Result<Self, OfficerIdError> {
        let fits = (1..=16).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-');
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(OfficerIdError)
        }
    }

    /// The badge number as printed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What an officer decides about a referral.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Decision {
    /// They may go: through the gate, or beside it when the gate cannot move.
    Released,
    /// They stay with the officer.
    Held,
    /// They go to secondary inspection.
    SentToInspection,
}

impl Decision {
    /// All of them, in the order in which the officer's panel shows them.
    pub const ALL: [Self; 3] = [Self::Released, Self::Held, Self::SentToInspection];

    /// The word that the journal keeps.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Released => "released",
            Self::Held => "held",
            Self::SentToInspection => "sent_to_inspection",
        }
    }
}

/// Why the officer decided so; one is required.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DecisionReason {
    /// The person was compared with the document by eye.
    IdentityConfirmed,
    /// The documents were examined and are in order.
    DocumentsInOrder,
    /// The goods were examined and are in order.
    GoodsInOrder,
    /// Duty was assessed and paid.
    DutyPaid,
    /// The goods must be examined.
    GoodsToExamine,
    /// The documents must be examined.
    DocumentsToExamine,
    /// Identity is in doubt.
    IdentityInDoubt,
    /// The lane failed, not the traveller.
    DeviceFault,
    /// Nobody is there any more.
    TravellerLeft,
}

impl DecisionReason {
    /// All of them, in the order in which the officer's panel shows them.
    pub const ALL: [Self; 9] = [
        Self::IdentityConfirmed,
        Self::DocumentsInOrder,
        Self::GoodsInOrder,
        Self::DutyPaid,
        Self::GoodsToExamine,
        Self::DocumentsToExamine,
        Self::IdentityInDoubt,
        Self::DeviceFault,
        Self::TravellerLeft,
    ];

    /// The code that the journal keeps.
    pub const fn code(self) -> &'static str {
        match self {
            Self::IdentityConfirmed => "D-01",
            Self::DocumentsInOrder => "D-02",
            Self::GoodsInOrder => "D-03",
            Self::DutyPaid => "D-04",
            Self::GoodsToExamine => "D-05",
            Self::DocumentsToExamine => "D-06",
            Self::IdentityInDoubt => "D-07",
            Self::DeviceFault => "D-08",
            Self::TravellerLeft => "D-09",
        }
    }
}

/// Why the gate is opened by hand while the lane does not run; one is required. There is no free text: somebody would
/// write a name into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HandReason {
    /// The gate is put into service.
    Commissioning,
    /// It is looked over, as it is from time to time.
    Inspection,
    /// Something about it is being mended.
    Repair,
    /// Somebody or something has to be let out.
    Rescue,
    /// Somebody is shown how it works.
    Training,
}

impl HandReason {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Commissioning,
        Self::Inspection,
        Self::Repair,
        Self::Rescue,
        Self::Training,
    ];

    /// The code that the journal keeps.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Commissioning => "H-01",
            Self::Inspection => "H-02",
            Self::Repair => "H-03",
            Self::Rescue => "H-04",
            Self::Training => "H-05",
        }
    }

    /// The word that an engineer gives.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Commissioning => "commissioning",
            Self::Inspection => "inspection",
            Self::Repair => "repair",
            Self::Rescue => "rescue",
            Self::Training => "training",
        }
    }
}
