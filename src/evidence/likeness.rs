//! What a face reading says, in whole per mille: the lane decides with integers so that a replay decides the same.

macro_rules! per_mille {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $name(u16);

        impl $name {
            /// The value, or `None` above 1000 per mille.
            pub const fn new(per_mille: u16) -> Option<Self> {
                if per_mille <= 1000 { Some(Self(per_mille)) } else { None }
            }

            /// The value in per mille, 0 to 1000.
            pub const fn per_mille(self) -> u16 {
                self.0
            }
        }
    };
}

per_mille! {
    /// How alike two faces are: 0 is nothing in common, 1000 the same picture. Thresholds belong to the journey.
    Likeness
}

per_mille! {
    /// How fit a face picture is for comparison (after ISO/IEC 29794-5): 1000 is best.
    Quality
}

/// What the way a face was presented calls for (ISO/IEC 30107-1: a presentation is bona fide, or an attack). The lane's
/// signals are weak, and none of them is proof: they can call for an officer's eyes, and never say that somebody deceives.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Presentation {
    /// Nothing speaks against a person before the camera.
    BonaFide,
    /// It may be a picture, a screen or a mask: an officer has to look.
    NeedsOfficer,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thousand_is_the_most() {
        assert_eq!(Likeness::new(1000).map(Likeness::per_mille), Some(1000));
        assert_eq!(Likeness::new(1001), None);
        assert_eq!(Quality::new(0).map(Quality::per_mille), Some(0));
        assert!(Quality::new(3) < Quality::new(4));
    }
}
