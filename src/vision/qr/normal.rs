//! Linear least squares over many places with few unknowns.

/// Places of which products are summed at a time.
const BATCH: usize = 256;

/// Least squares with a pull towards given weights.
pub(super) struct Normal<const TAPS: usize> {
    /// The lower half of a symmetric matrix.
    matrix: [[f32; TAPS]; TAPS],
    right: [f32; TAPS],
    /// Taps and what is wanted of them, place after place, that are not in the sums yet.
    taps: Box<[[f32; BATCH]; TAPS]>,
    wanted: [f32; BATCH],
    filled: usize,
}

/// In sixteen sums, so that every machine gets the same.
#[inline(always)]
fn product(a: &[f32; BATCH], b: &[f32; BATCH]) -> f32 {
    let mut sums = [0.0f32; 16];
    for (a, b) in a.as_chunks::<16>().0.iter().zip(b.as_chunks::<16>().0) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
    sums.iter().sum()
}

impl<const TAPS: usize> Normal<TAPS> {
    pub(super) fn about(weights: &[f32; TAPS], pull: f32) -> Self {
        let mut normal = Self {
            matrix: [[0.0; TAPS]; TAPS],
            right: [0.0; TAPS],
            taps: Box::new([[0.0; BATCH]; TAPS]),
            wanted: [0.0; BATCH],
            filled: 0,
        };
        for (i, &weight) in weights.iter().enumerate() {
            normal.matrix[i][i] = pull;
            normal.right[i] = pull * weight;
        }
        normal
    }

    /// `root` is the square root of the place's weight.
    #[inline(always)]
    pub(super) fn add(&mut self, taps: &[f32; TAPS], wanted: f32, root: f32) {
        for (row, tap) in self.taps.iter_mut().zip(taps) {
            row[self.filled] = tap * root;
        }
        self.wanted[self.filled] = wanted * root;
        self.filled += 1;
        if self.filled == BATCH {
            self.flush();
        }
    }

    #[inline(always)]
    fn flush(&mut self) {
        for i in 0..TAPS {
            self.taps[i][self.filled..].fill(0.0);
        }
        self.wanted[self.filled..].fill(0.0);
        for i in 0..TAPS {
            self.right[i] += product(&self.taps[i], &self.wanted);
            for j in 0..=i {
                self.matrix[i][j] += product(&self.taps[i], &self.taps[j]);
            }
        }
        self.filled = 0;
    }

    /// By Cholesky's factors.
    #[inline(always)]
    pub(super) fn solved(mut self) -> Option<[f32; TAPS]> {
        self.flush();
        let m = &mut self.matrix.map(|row| row.map(f64::from));
        for i in 0..TAPS {
            for j in 0..=i {
                let sum: f64 = (0..j).map(|k| m[i][k] * m[j][k]).sum();
                let rest = m[i][j] - sum;
                if i == j {
                    if rest <= 0.0 {
                        return None;
                    }
                    m[i][i] = rest.sqrt();
                } else {
                    m[i][j] = rest / m[j][j];
                }
            }
        }
        let mut half = [0.0f64; TAPS];
        for i in 0..TAPS {
            let sum: f64 = (0..i).map(|k| m[i][k] * half[k]).sum();
            half[i] = (f64::from(self.right[i]) - sum) / m[i][i];
        }
        let mut weights = [0.0f64; TAPS];
        for i in (0..TAPS).rev() {
            let sum: f64 = (i + 1..TAPS).map(|k| m[k][i] * weights[k]).sum();
            weights[i] = (half[i] - sum) / m[i][i];
        }
        Some(weights.map(|w| w as f32))
    }
}
