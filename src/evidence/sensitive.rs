//! Personal values that cannot be printed by accident.

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

/// A personal value: it has no `Display` and no `Serialize`, its `Debug` prints `[hidden]`, and its memory is
/// overwritten when it is dropped.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sensitive<T: Zeroize>(T);

impl<T: Zeroize> Sensitive<T> {
    /// Takes the value in.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// Lends the value. Every call is a place to ask whether the value leaves the lane.
    pub const fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> fmt::Debug for Sensitive<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hidden]")
    }
}

impl<T: Zeroize> Drop for Sensitive<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<T: Zeroize> ZeroizeOnDrop for Sensitive<T> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_hides_the_value() {
        let hidden = Sensitive::new(String::from("L898902C3"));
        assert_eq!(format!("{hidden:?}"), "[hidden]");
        assert_eq!(hidden.expose(), "L898902C3");
    }
}
