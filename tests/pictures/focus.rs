use crate::scene::Linear;

/// Mean over a disc, by running sums along each row.
pub(crate) fn disc(hall: &mut Linear, radius: f32) {
    if radius < 0.5 {
        return;
    }
    let (w, h) = (hall.width, hall.height);
    let reach = radius.ceil() as isize;
    let mut sums = vec![0.0_f64; (w + 1) * 3 * h];
    for y in 0..h {
        for x in 0..w {
            for channel in 0..3 {
                let at = (y * (w + 1) + x) * 3 + channel;
                sums[at + 3] = sums[at] + f64::from(hall.light[(y * w + x) * 3 + channel]);
            }
        }
    }
    let halves: Vec<(isize, isize)> = (-reach..=reach)
        .filter_map(|dy| {
            let span = radius * radius - (dy * dy) as f32;
            (span >= 0.0).then(|| (dy, (span.sqrt() + 0.3) as isize))
        })
        .collect();
    for y in 0..h {
        for x in 0..w {
            let mut total = [0.0_f64; 3];
            let mut count = 0_isize;
            for &(dy, half) in &halves {
                let row = (y as isize + dy).clamp(0, h as isize - 1) as usize * (w + 1);
                let begin = (x as isize - half).max(0) as usize;
                let end = (x as isize + half + 1).min(w as isize) as usize;
                count += (end - begin) as isize;
                for (channel, sum) in total.iter_mut().enumerate() {
                    *sum += sums[(row + end) * 3 + channel] - sums[(row + begin) * 3 + channel];
                }
            }
            for (channel, sum) in total.iter().enumerate() {
                hall.light[(y * w + x) * 3 + channel] = (sum / count.max(1) as f64) as f32;
            }
        }
    }
}

/// A smooth enlargement to a frame's size.
pub(crate) fn enlarge(hall: &Linear, width: usize, height: usize) -> Linear {
    let mut light = vec![0.0; width * height * 3];
    let place = |i: usize, n: usize, small: usize| {
        let at = ((i as f32 + 0.5) * small as f32 / n as f32 - 0.5).clamp(0.0, (small - 1) as f32);
        let cell = (at as usize).min(small.saturating_sub(2));
        let t = at - cell as f32;
        // A smooth step hides the grid of the small picture.
        (cell, t * t * (3.0 - 2.0 * t) * 0.5 + t * 0.5)
    };
    let columns: Vec<(usize, f32)> = (0..width).map(|x| place(x, width, hall.width)).collect();
    let row = hall.width * 3;
    let mut between = vec![0.0_f32; row];
    for (y, out) in light.chunks_exact_mut(width * 3).enumerate() {
        let (cell, t) = place(y, height, hall.height);
        let (upper, lower) = (
            &hall.light[cell * row..(cell + 1) * row],
            &hall.light[(cell + 1) * row..(cell + 2) * row],
        );
        for ((b, u), l) in between.iter_mut().zip(upper).zip(lower) {
            *b = u + (l - u) * t;
        }
        for (pixel, &(cell, t)) in out.chunks_exact_mut(3).zip(&columns) {
            let pair = &between[cell * 3..cell * 3 + 6];
            for channel in 0..3 {
                pixel[channel] = pair[channel] + (pair[channel + 3] - pair[channel]) * t;
            }
        }
    }
    Linear {
        width,
        height,
        light,
    }
}
