//! Plane geometry: the map from a zone's characters and rows to the picture.

/// A projective map of the plane, row-major.
#[derive(Debug, Clone, Copy)]
pub(super) struct Homography(pub(super) [f64; 9]);

/// One correspondence with its weight: (u, v) is seen at (x, y).
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair {
    pub(super) u: f64,
    pub(super) v: f64,
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) weight: f64,
}

impl Homography {
    pub(super) fn map(&self, u: f64, v: f64) -> (f64, f64) {
        let m = &self.0;
        let w = m[6] * u + m[7] * v + m[8];
        let w = if w.abs() < 1e-9 { 1e-9 } else { w };
        (
            (m[0] * u + m[1] * v + m[2]) / w,
            (m[3] * u + m[4] * v + m[5]) / w,
        )
    }

    /// `self` after `first`.
    pub(super) fn after(&self, first: &Self) -> Self {
        let (a, b) = (&self.0, &first.0);
        Self(std::array::from_fn(|n| {
            (0..3).map(|k| a[n / 3 * 3 + k] * b[k * 3 + n % 3]).sum()
        }))
    }

    /// The way back; None of a map that flattens the plane.
    pub(super) fn inverse(&self) -> Option<Self> {
        let m = &self.0;
        let minor = |a: usize, b: usize, c: usize, d: usize| m[a] * m[d] - m[b] * m[c];
        let adjugate = [
            minor(4, 5, 7, 8),
            -minor(1, 2, 7, 8),
            minor(1, 2, 4, 5),
            -minor(3, 5, 6, 8),
            minor(0, 2, 6, 8),
            -minor(0, 2, 3, 5),
            minor(3, 4, 6, 7),
            -minor(0, 1, 6, 7),
            minor(0, 1, 3, 4),
        ];
        let determinant = m[0] * adjugate[0] + m[1] * adjugate[3] + m[2] * adjugate[6];
        (determinant.is_finite() && determinant.abs() > 1e-12)
            .then(|| Self(adjugate.map(|v| v / determinant)))
    }

    /// Weighted least squares over the pairs; None when they do not span the plane.
    pub(super) fn fit(pairs: &[Pair]) -> Option<Self> {
        let n: f64 = pairs.iter().map(|p| p.weight).sum();
        if pairs.len() < 4 || n <= 0.0 {
            return None;
        }
        let mean = |f: fn(&Pair) -> f64| pairs.iter().map(|p| p.weight * f(p)).sum::<f64>() / n;
        let (mu, mv, mx, my) = (mean(|p| p.u), mean(|p| p.v), mean(|p| p.x), mean(|p| p.y));
        let spread = |f: &dyn Fn(&Pair) -> f64| {
            (pairs.iter().map(|p| p.weight * f(p)).sum::<f64>() / n)
                .sqrt()
                .max(1e-9)
        };
        let (su, sv) = (
            spread(&|p| (p.u - mu).powi(2)),
            spread(&|p| (p.v - mv).powi(2)),
        );
        let sx = spread(&|p| (p.x - mx).powi(2) + (p.y - my).powi(2));
        let mut normal = [[0.0f64; 9]; 8];
        for pair in pairs {
            let (u, v) = ((pair.u - mu) / su, (pair.v - mv) / sv);
            let (x, y) = ((pair.x - mx) / sx, (pair.y - my) / sx);
            let lines = [
                ([u, v, 1.0, 0.0, 0.0, 0.0, -x * u, -x * v], x),
                ([0.0, 0.0, 0.0, u, v, 1.0, -y * u, -y * v], y),
            ];
            for (line, goal) in lines {
                for (row, &a) in normal.iter_mut().zip(&line) {
                    for (cell, &b) in row.iter_mut().zip(&line) {
                        *cell += pair.weight * a * b;
                    }
                    row[8] += pair.weight * a * goal;
                }
            }
        }
        // Two rows of text say little about the perspective across them: without evidence it stays small.
        normal[6][6] += 2e-4 * n;
        normal[7][7] += 2e-3 * n;
        let h = solve(normal)?;
        let inner = Self([h[0], h[1], h[2], h[3], h[4], h[5], h[6], h[7], 1.0]);
        let before = Self([
            1.0 / su,
            0.0,
            -mu / su,
            0.0,
            1.0 / sv,
            -mv / sv,
            0.0,
            0.0,
            1.0,
        ]);
        let behind = Self([sx, 0.0, mx, 0.0, sx, my, 0.0, 0.0, 1.0]);
        Some(behind.after(&inner).after(&before))
    }
}

/// Gaussian elimination with pivots over N unknowns; M is N + 1.
pub(super) fn solve<const N: usize, const M: usize>(mut a: [[f64; M]; N]) -> Option<[f64; N]> {
    for column in 0..N {
        let pivot =
            (column..N).max_by(|&p, &q| a[p][column].abs().total_cmp(&a[q][column].abs()))?;
        a.swap(column, pivot);
        if !a[column][column].is_finite() || a[column][column].abs() < 1e-12 {
            return None;
        }
        let lead = a[column];
        for row in a.iter_mut().skip(column + 1) {
            let factor = row[column] / lead[column];
            for (cell, &value) in row.iter_mut().zip(&lead).skip(column) {
                *cell -= factor * value;
            }
        }
    }
    let mut answer = [0.0; N];
    for row in (0..N).rev() {
        let known: f64 = (row + 1..N).map(|k| a[row][k] * answer[k]).sum();
        answer[row] = (a[row][N] - known) / a[row][row];
    }
    answer.iter().all(|v| v.is_finite()).then_some(answer)
}

/// A parabola over -1..1 of its own span, held constant outside.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Bend {
    middle: f64,
    half: f64,
    terms: [f64; 3],
}

impl Bend {
    /// Robust fit through (u, value); nought where there is too little to go by.
    pub(super) fn fit(points: &[(f64, f64)]) -> Self {
        if points.len() < 8 {
            return Self::default();
        }
        let (low, high) = points
            .iter()
            .fold((f64::MAX, f64::MIN), |(a, b), p| (a.min(p.0), b.max(p.0)));
        let (middle, half) = ((low + high) / 2.0, ((high - low) / 2.0).max(1.0));
        let mut bend = Self {
            middle,
            half,
            terms: [0.0; 3],
        };
        for _ in 0..3 {
            let mut normal = [[0.0f64; 4]; 3];
            for &(u, value) in points {
                let s = (u - middle) / half;
                let weight = 1.0 / (1.0 + ((value - bend.at(u)) / 0.08).powi(2));
                let terms = [1.0, s, s * s];
                for (row, a) in normal.iter_mut().zip(terms) {
                    for (cell, b) in row.iter_mut().zip(terms) {
                        *cell += weight * a * b;
                    }
                    row[3] += weight * a * value;
                }
            }
            for (n, row) in normal.iter_mut().enumerate() {
                row[n] += 1.0;
            }
            let Some(terms) = solve(normal) else {
                return Self::default();
            };
            bend.terms = terms;
        }
        bend
    }

    pub(super) fn at(&self, u: f64) -> f64 {
        if self.half <= 0.0 {
            return 0.0;
        }
        let s = ((u - self.middle) / self.half).clamp(-1.1, 1.1);
        self.terms[0] + self.terms[1] * s + self.terms[2] * s * s
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    #[test]
    fn a_map_is_found_again_from_its_points() {
        let truth = Homography([12.0, 3.0, 100.0, 2.0, 30.0, 400.0, 2e-4, -1e-3, 1.0]);
        let pairs: Vec<Pair> = (0..44)
            .flat_map(|k| [0.0, 1.0].map(|v| (f64::from(k) + 0.5, v)))
            .map(|(u, v)| {
                let (x, y) = truth.map(u, v);
                Pair {
                    u,
                    v,
                    x,
                    y,
                    weight: 1.0,
                }
            })
            .collect();
        let found = Homography::fit(&pairs).unwrap();
        for (u, v) in [(0.0, 0.0), (44.0, 0.0), (44.0, 1.0), (22.0, 0.5)] {
            let (a, b) = (truth.map(u, v), found.map(u, v));
            assert!((a.0 - b.0).hypot(a.1 - b.1) < 0.6, "{a:?} {b:?}");
        }
        let (u, v) = found
            .inverse()
            .map(|back| {
                let (x, y) = found.map(7.0, 0.25);
                back.map(x, y)
            })
            .unwrap();
        assert!((u - 7.0).abs() < 1e-6 && (v - 0.25).abs() < 1e-6);
    }

    #[test]
    fn points_on_one_line_or_none_are_no_plane() {
        assert!(Homography::fit(&[]).is_none());
        assert!(solve([[0.0, 0.0, 1.0], [0.0, 0.0, 1.0]]).is_none());
    }
}
