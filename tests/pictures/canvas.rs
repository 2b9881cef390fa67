use ab_glyph::{Font, FontVec, GlyphId, Point, PxScale, ScaleFont};

/// An 8-bit sRGB colour.
pub(crate) type Ink = [u8; 3];

/// A drawing surface in millimetres: 8-bit sRGB with alpha, the origin where the owner wants it.
pub(crate) struct Canvas {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) per_mm: f32,
    /// Millimetre coordinates of the upper left corner.
    pub(crate) origin: (f32, f32),
    pub(crate) rgba: Vec<u8>,
}

impl Canvas {
    /// A transparent surface over `width` x `height` millimetres.
    pub(crate) fn new(origin: (f32, f32), size: (f32, f32), per_mm: f32) -> Self {
        let (width, height) = (
            (size.0 * per_mm).ceil() as usize,
            (size.1 * per_mm).ceil() as usize,
        );
        Self {
            width,
            height,
            per_mm,
            origin,
            rgba: vec![0; width * height * 4],
        }
    }

    /// Millimetres to pixels.
    fn px(&self, x: f32, y: f32) -> (f32, f32) {
        (
            (x - self.origin.0) * self.per_mm,
            (y - self.origin.1) * self.per_mm,
        )
    }

    /// Lays ink over one pixel.
    pub(crate) fn blend(&mut self, x: i32, y: i32, ink: Ink, alpha: f32) {
        if x < 0 || y < 0 || x >= self.width as i32 || y >= self.height as i32 || alpha <= 0.0 {
            return;
        }
        let at = (y as usize * self.width + x as usize) * 4;
        let Some(pixel) = self.rgba.get_mut(at..at + 4) else {
            return;
        };
        if alpha >= 1.0 {
            pixel[..3].copy_from_slice(&ink);
            pixel[3] = 255;
            return;
        }
        let below = f32::from(pixel[3]) / 255.0;
        let over = alpha.min(1.0);
        let out = over + below * (1.0 - over);
        let share = over / out;
        for (channel, &value) in pixel.iter_mut().zip(&ink) {
            let old = f32::from(*channel);
            *channel = (old + (f32::from(value) - old) * share + 0.5) as u8;
        }
        pixel[3] = (out * 255.0 + 0.5) as u8;
    }

    /// Darkens what is already drawn and leaves the empty surface empty.
    pub(crate) fn shade(&mut self, x: i32, y: i32, factor: f32) {
        if x < 0 || y < 0 || x >= self.width as i32 || y >= self.height as i32 {
            return;
        }
        let at = (y as usize * self.width + x as usize) * 4;
        for channel in &mut self.rgba[at..at + 3] {
            *channel = (f32::from(*channel) * factor + 0.5).min(255.0) as u8;
        }
    }

    /// Calls `paint` with pixel and millimetre coordinates for every pixel of a box; what it returns is laid over.
    pub(crate) fn paint(
        &mut self,
        left_top: (f32, f32),
        right_bottom: (f32, f32),
        mut paint: impl FnMut(f32, f32) -> Option<(Ink, f32)>,
    ) {
        let (x0, y0) = self.px(left_top.0, left_top.1);
        let (x1, y1) = self.px(right_bottom.0, right_bottom.1);
        for y in ((y0 + 0.01).floor().max(0.0) as i32)
            ..((y1 - 0.01).ceil().min(self.height as f32) as i32)
        {
            let my = self.origin.1 + (y as f32 + 0.5) / self.per_mm;
            for x in ((x0 + 0.01).floor().max(0.0) as i32)
                ..((x1 - 0.01).ceil().min(self.width as f32) as i32)
            {
                let mx = self.origin.0 + (x as f32 + 0.5) / self.per_mm;
                if let Some((ink, alpha)) = paint(mx, my) {
                    self.blend(x, y, ink, alpha);
                }
            }
        }
    }

    /// A rectangle with round corners.
    #[expect(clippy::too_many_arguments, reason = "a rectangle is four numbers")]
    pub(crate) fn panel(
        &mut self,
        x: f32,
        y: f32,
        w: f32,
        h: f32,
        radius: f32,
        ink: Ink,
        alpha: f32,
    ) {
        // The middle needs no distances: only the frame around it is measured.
        let inset = radius + 0.2;
        let (left, top) = self.px(x + inset, y + inset);
        let (right, bottom) = self.px(x + w - inset, y + h - inset);
        let rows = (top.max(0.0) as usize)..(bottom.clamp(0.0, self.height as f32) as usize);
        let columns = (left.max(0.0) as usize)..(right.clamp(0.0, self.width as f32) as usize);
        for row in rows.clone() {
            for column in columns.clone() {
                self.blend(column as i32, row as i32, ink, alpha);
            }
        }
        let (edge, origin) = (self.per_mm, self.origin);
        let mm = |origin: f32, pixel: usize| origin + pixel as f32 / edge;
        let (mut y0, mut y1) = (y - 0.1, y + h + 0.1);
        let mut sides = vec![];
        if !rows.is_empty() && !columns.is_empty() {
            (y0, y1) = (mm(origin.1, rows.start), mm(origin.1, rows.end));
            sides.push((x - 0.1, mm(origin.0, columns.start), y0, y1));
            sides.push((mm(origin.0, columns.end), x + w + 0.1, y0, y1));
            sides.push((x - 0.1, x + w + 0.1, y1, y + h + 0.1));
            (y1, y0) = (y0, y - 0.1);
        }
        sides.push((x - 0.1, x + w + 0.1, y0, y1));
        for (x0, x1, y0, y1) in sides {
            self.paint((x0, y0), (x1, y1), |mx, my| {
                let inside =
                    -round_box(mx - x - w / 2.0, my - y - h / 2.0, w / 2.0, h / 2.0, radius);
                let cover = (inside * edge + 0.5).clamp(0.0, 1.0);
                (cover > 0.0).then_some((ink, cover * alpha))
            });
        }
    }

    /// A thin curve through points, `thickness` in millimetres. Steep and flat parts are equally thick.
    pub(crate) fn stroke(
        &mut self,
        points: impl Iterator<Item = (f32, f32)>,
        thickness: f32,
        ink: Ink,
        alpha: f32,
    ) {
        let mut last: Option<(f32, f32)> = None;
        let reach = (thickness * self.per_mm / 2.0).max(0.3);
        for (x, y) in points {
            let here = self.px(x, y);
            if let Some(from) = last {
                self.segment(from, here, reach, ink, alpha);
            }
            last = Some(here);
        }
    }

    fn segment(&mut self, from: (f32, f32), to: (f32, f32), reach: f32, ink: Ink, alpha: f32) {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        // Walk along the longer axis and cover the band across it once, so that overlaps never add up.
        let across = (dx * dx + dy * dy).sqrt().max(1e-6);
        if dx.abs() >= dy.abs() {
            let (a, b) = if dx >= 0.0 { (from, to) } else { (to, from) };
            let slope = dy / dx.abs().max(1e-6) * dx.signum();
            let band = reach * across / dx.abs().max(1e-6);
            for x in (a.0.round() as i32)..(b.0.round() as i32) {
                let y = a.1 + (x as f32 + 0.5 - a.0) * slope - 0.5;
                for row in ((y - band - 0.5).floor() as i32)..=((y + band + 0.5).ceil() as i32) {
                    let cover = (band + 0.5 - (row as f32 - y).abs())
                        .clamp(0.0, 1.0)
                        .min(2.0 * band);
                    self.blend(x, row, ink, cover * alpha);
                }
            }
        } else {
            let (a, b) = if dy >= 0.0 { (from, to) } else { (to, from) };
            let slope = dx / dy.abs().max(1e-6) * dy.signum();
            let band = reach * across / dy.abs().max(1e-6);
            for y in (a.1.round() as i32)..(b.1.round() as i32) {
                let x = a.0 + (y as f32 + 0.5 - a.1) * slope - 0.5;
                for column in ((x - band - 0.5).floor() as i32)..=((x + band + 0.5).ceil() as i32) {
                    let cover = (band + 0.5 - (column as f32 - x).abs())
                        .clamp(0.0, 1.0)
                        .min(2.0 * band);
                    self.blend(column, y, ink, cover * alpha);
                }
            }
        }
    }

    /// One glyph with its origin on the baseline at `x`, `y`; `em` in millimetres.
    fn glyph(
        &mut self,
        font: &FontVec,
        id: GlyphId,
        (x, y): (f32, f32),
        em: f32,
        ink: Ink,
        alpha: f32,
    ) {
        let glyph = id.with_scale_and_position(em_scale(font, em * self.per_mm), {
            let (px, py) = self.px(x, y);
            Point { x: px, y: py }
        });
        if let Some(outline) = font.outline_glyph(glyph) {
            let bounds = outline.px_bounds();
            outline.draw(|gx, gy, cover| {
                self.blend(
                    bounds.min.x as i32 + gx as i32,
                    bounds.min.y as i32 + gy as i32,
                    ink,
                    cover * alpha,
                );
            });
        }
    }

    /// A line of text; returns its width in millimetres.
    pub(crate) fn text(
        &mut self,
        font: &FontVec,
        (x, baseline): (f32, f32),
        em: f32,
        text: &str,
        ink: Ink,
        alpha: f32,
    ) -> f32 {
        let mut at = x;
        for letter in text.chars() {
            let id = font.glyph_id(letter);
            self.glyph(font, id, (at, baseline), em, ink, alpha);
            at += advance(font, id, em);
        }
        at - x
    }

    /// Letters at a fixed pitch, as OCR-B is printed: each centred in its cell.
    pub(crate) fn pitched(
        &mut self,
        font: &FontVec,
        (x, baseline): (f32, f32),
        pitch: f32,
        text: &str,
        ink: Ink,
        alpha: f32,
    ) {
        let zero = advance(font, font.glyph_id('0'), 1.0).max(0.1);
        let em = pitch / zero;
        for (cell, letter) in text.chars().enumerate() {
            let id = font.glyph_id(letter);
            let slack = pitch - advance(font, id, em);
            self.glyph(
                font,
                id,
                (x + cell as f32 * pitch + slack / 2.0, baseline),
                em,
                ink,
                alpha,
            );
        }
    }
}

fn em_scale(font: &FontVec, em_px: f32) -> PxScale {
    let units = font.units_per_em().unwrap_or(1000.0);
    PxScale::from(em_px * font.height_unscaled() / units)
}

fn advance(font: &FontVec, id: GlyphId, em: f32) -> f32 {
    font.as_scaled(em_scale(font, em)).h_advance(id)
}

/// Width of a text in millimetres.
pub(crate) fn text_width(font: &FontVec, em: f32, text: &str) -> f32 {
    text.chars()
        .map(|letter| advance(font, font.glyph_id(letter), em))
        .sum()
}

/// Signed distance to a rectangle with round corners about the origin.
pub(crate) fn round_box(x: f32, y: f32, half_w: f32, half_h: f32, radius: f32) -> f32 {
    let (qx, qy) = (x.abs() - half_w + radius, y.abs() - half_h + radius);
    qx.max(0.0).hypot(qy.max(0.0)) + qx.max(qy).min(0.0) - radius
}
