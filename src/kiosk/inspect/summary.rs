//! What a run came to: how many pictures showed what, and how long the readers took.

use std::fmt;

use vision::inspect::{Inspection, Reader};

/// Counts and times over a run's pictures and frames.
#[derive(Debug, Default)]
pub(super) struct Summary {
    codes: usize,
    zones: usize,
    valid: usize,
    faces: usize,
    unread: usize,
    /// Milliseconds of each reader, in the order of [`Reader::ALL`].
    ms: [Vec<f64>; Reader::ALL.len()],
}

impl Summary {
    pub(super) fn add(&mut self, seen: &Inspection) {
        self.codes += usize::from(!seen.codes.is_empty());
        self.faces += usize::from(!seen.faces.is_empty());
        if let Some(zone) = &seen.mrz {
            let lines: Vec<&str> = zone.lines.iter().map(String::as_str).collect();
            self.zones += 1;
            self.valid += usize::from(evidence::mrz::is_valid(&lines));
        }
        self.times([seen.ms.qr, seen.ms.mrz, seen.ms.face]);
    }

    /// A file or a frame that could not be read.
    pub(super) fn miss(&mut self) {
        self.unread += 1;
    }

    fn times(&mut self, ms: [f64; Reader::ALL.len()]) {
        for (times, ms) in self.ms.iter_mut().zip(ms) {
            times.push(ms);
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} pictures: {} with a code, {} with a zone ({} valid), {} with a face; {} could not be read",
            self.ms[0].len(),
            self.codes,
            self.zones,
            self.valid,
            self.faces,
            self.unread
        )?;
        if self.ms[0].is_empty() {
            return Ok(());
        }
        writeln!(f, "ms      median      p95      max")?;
        for (reader, times) in Reader::ALL.iter().zip(&self.ms) {
            let mut times = times.clone();
            times.sort_by(f64::total_cmp);
            // The nearest rank: a time that was measured, not one between two.
            let rank = |share: usize| times[(times.len() * share).div_ceil(100).max(1) - 1];
            writeln!(
                f,
                "{:<4} {:>9.1} {:>8.1} {:>8.1}",
                reader.name(),
                rank(50),
                rank(95),
                rank(100)
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_and_the_slowest_twentieth_are_times_that_were_measured() {
        let mut summary = Summary::default();
        for ms in (1..=40).rev() {
            summary.times([f64::from(ms), 7.0, 0.25]);
        }
        summary.miss();
        assert_eq!(
            summary.to_string(),
            "40 pictures: 0 with a code, 0 with a zone (0 valid), 0 with a face; 1 could not be read\n\
             ms      median      p95      max\n\
             qr        20.0     38.0     40.0\n\
             mrz        7.0      7.0      7.0\n\
             face       0.2      0.2      0.2\n"
        );
        assert!(!Summary::default().to_string().contains("median"));
    }
}
