use std::fmt;

use evidence::MemberIndex;
use zeroize::Zeroize;

/// A colour picture, overwritten when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    width: u32,
    height: u32,
    rgb: Vec<u8>,
}

/// Where a live picture comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Camera {
    /// The camera that sees passports and codes.
    Documents,
    /// The camera that sees faces. Its picture is shown mirrored, as people know themselves.
    Face,
}

/// What is recognised in a live picture and how far its reading has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outline {
    /// The corners in order around the thing, in pixels of the picture.
    pub corners: [(i32, i32); 4],
    /// 0 to 1000 per mille; at 1000 it is read and the outline is solid.
    pub progress: u16,
}

/// One frame of what a camera sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LivePicture {
    /// Which camera.
    pub camera: Camera,
    /// The frame.
    pub picture: Picture,
    /// What is recognised in it.
    pub outline: Option<Outline>,
}

/// A member's pictures for the officer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidencePicture {
    /// Whose.
    pub member: MemberIndex,
    /// The document's portrait.
    pub portrait: Option<Picture>,
    /// The face at the lane.
    pub live: Option<Picture>,
}

impl Picture {
    /// A picture of three bytes a pixel, red first, row by row from the top. `None` if the bytes are not exactly
    /// `3 * width * height`, or there are none.
    pub fn new(width: u32, height: u32, rgb: Vec<u8>) -> Option<Self> {
        let bytes = usize::try_from(width)
            .ok()?
            .checked_mul(usize::try_from(height).ok()?)?
            .checked_mul(3)?;
        (bytes > 0 && rgb.len() == bytes).then_some(Self { width, height, rgb })
    }

    /// Pixels from left to right.
    pub const fn width(&self) -> u32 {
        self.width
    }

    /// Pixels from top to bottom.
    pub const fn height(&self) -> u32 {
        self.height
    }

    /// The bytes.
    pub fn rgb(&self) -> &[u8] {
        &self.rgb
    }

    /// Left and right exchanged.
    #[must_use]
    pub fn mirrored(&self) -> Self {
        let row = self.rgb.len() / (self.height as usize).max(1);
        let mut rgb = Vec::with_capacity(self.rgb.len());
        for line in self.rgb.chunks_exact(row.max(3)) {
            for pixel in line.chunks_exact(3).rev() {
                rgb.extend_from_slice(pixel);
            }
        }
        Self {
            width: self.width,
            height: self.height,
            rgb,
        }
    }
}

impl Drop for Picture {
    fn drop(&mut self) {
        self.rgb.zeroize();
    }
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Picture({} x {})", self.width, self.height)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn bytes_must_fill_the_picture() {
        assert!(Picture::new(2, 1, vec![0; 6]).is_some());
        for (width, height, bytes) in [(2, 1, 5), (0, 0, 0), (u32::MAX, u32::MAX, 6)] {
            assert!(Picture::new(width, height, vec![0; bytes]).is_none());
        }
    }

    #[test]
    fn mirroring_exchanges_columns_only() {
        let picture = Picture::new(2, 2, vec![1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]).unwrap();
        assert_eq!(
            picture.mirrored().rgb(),
            [2, 2, 2, 1, 1, 1, 4, 4, 4, 3, 3, 3]
        );
        assert_eq!(picture.mirrored().mirrored(), picture);
    }
}
