/// SplitMix64: small, seedable, the same on every machine.
#[derive(Clone, Debug)]
pub(crate) struct Chance(u64);

/// One well-mixed value for a number.
pub(crate) fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

impl Chance {
    pub(crate) fn new(seed: u64, purpose: u64) -> Self {
        Self(mix(seed) ^ mix(purpose.wrapping_mul(0xD134_2543_DE82_EF95)))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
    }

    /// Uniform in `0..1`.
    pub(crate) fn unit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1_u64 << 24) as f32
    }

    pub(crate) fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// Uniform in `-reach..reach`.
    pub(crate) fn around(&mut self, reach: f32) -> f32 {
        self.between(-reach, reach)
    }

    pub(crate) fn one_in(&mut self, n: u64) -> bool {
        self.next().is_multiple_of(n)
    }
}

/// Smooth value noise in `0..1` with one cell per unit.
pub(crate) fn value_noise(seed: u64, x: f32, y: f32) -> f32 {
    let (fx, fy) = (x.floor(), y.floor());
    let (tx, ty) = (x - fx, y - fy);
    let (sx, sy) = (tx * tx * (3.0 - 2.0 * tx), ty * ty * (3.0 - 2.0 * ty));
    let at = |dx: i64, dy: i64| {
        let cell = (fx as i64 + dx).wrapping_mul(0x1F1F_1F1F)
            ^ (fy as i64 + dy).wrapping_mul(0x5851_F42D_4C95);
        (mix(seed ^ cell as u64) >> 40) as f32 / (1_u64 << 24) as f32
    };
    let top = at(0, 0) + (at(1, 0) - at(0, 0)) * sx;
    let low = at(0, 1) + (at(1, 1) - at(0, 1)) * sx;
    top + (low - top) * sy
}

/// Three octaves of [`value_noise`], in `0..1`.
pub(crate) fn cloud(seed: u64, x: f32, y: f32) -> f32 {
    (value_noise(seed, x, y) * 4.0
        + value_noise(seed ^ 1, x * 2.1, y * 2.1) * 2.0
        + value_noise(seed ^ 2, x * 4.3, y * 4.3))
        / 7.0
}

/// `0` below `low`, `1` above `high`, smooth between.
pub(crate) fn smooth(low: f32, high: f32, x: f32) -> f32 {
    let t = ((x - low) / (high - low)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}
