"""Draws single MRZ lines as a camera would bring them, with the truth beside them.

A strip is what `src/vision/mrz/strip.rs` cuts from a picture: 28 pixels high, 16 pixels a character,
levelled by a sliding mean and deviation. Every strip comes from its own seed, so a set is the same
on every machine. What befalls the line before it is seen stands in `light.py`.
"""

import sys

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

import light
from light import smooth_noise

cv2.setNumThreads(1)

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ<"
BLANK = len(ALPHABET)
CELL = 16
HEIGHT = 28
CELLS = 24
WIDTH = CELL * CELLS
FRAME = 4
# A frame belongs to a character when its middle is this near to the character's middle, in pixels.
REACH = 4.5

FINE = 24  # pixels a character in the master drawing
MASTER_H = 3 * FINE
MARGIN = 8  # either side of a glyph's cell, for serifs that lean out and for the warp
OCR_B = "/usr/share/fonts/opentype/ocr-b/"
DEJAVU = "/usr/share/fonts/truetype/dejavu/"
LIBERATION = "/usr/share/fonts/truetype/liberation/"


class Typeface:
    """Ink coverage (0..1) of each character, FINE pixels wide, MASTER_H high, capitals centred."""

    def __init__(self, path):
        probe = ImageFont.truetype(path, 200)
        size = FINE / (probe.getlength("H") / 200)
        font = ImageFont.truetype(path, 4 * size)
        box = font.getbbox("H")
        middle = (box[1] + box[3]) / 2
        self.glyphs = []
        for c in ALPHABET:
            picture = Image.new("L", (4 * (FINE + 2 * MARGIN), 4 * MASTER_H), 0)
            ImageDraw.Draw(picture).text((4 * MARGIN, 2 * MASTER_H - middle), c, font=font, fill=255)
            glyph = np.asarray(picture, np.float32) / 255
            self.glyphs.append(cv2.resize(glyph, (FINE + 2 * MARGIN, MASTER_H), interpolation=cv2.INTER_AREA))


def typefaces():
    """(typeface, share of the lines drawn with it): OCR-B, and what people without it print instead."""
    return [
        (Typeface(OCR_B + "OCRB.otf"), 0.60),
        (Typeface(OCR_B + "OCRBS.otf"), 0.22),
        (Typeface(OCR_B + "OCRBL.otf"), 0.04),
        (Typeface(DEJAVU + "DejaVuSansMono.ttf"), 0.05),
        (Typeface(DEJAVU + "DejaVuSansMono-Bold.ttf"), 0.03),
        (Typeface(LIBERATION + "LiberationMono-Regular.ttf"), 0.03),
        (Typeface(LIBERATION + "LiberationMono-Bold.ttf"), 0.03),
    ]


class Hand:
    """One printer: its typeface, stretched, slanted, thinned or fattened."""

    def __init__(self, rng, faces, weights):
        self.face = faces[rng.choice(len(faces), p=weights)]
        wide = tall = 1.0
        slant = 0.0
        if rng.random() < 0.6:
            wide, tall = rng.uniform(0.86, 1.1), rng.uniform(0.84, 1.16)
        if rng.random() < 0.2:
            slant = rng.normal() * 0.06
        cx, cy = (FINE + 2 * MARGIN) / 2 - 0.5, MASTER_H / 2 - 0.5
        self.warp = None
        if (wide, tall, slant) != (1.0, 1.0, 0.0):
            self.warp = np.float32(
                [[wide, -slant, cx - wide * cx + slant * cy], [0, tall, cy - tall * cy]]
            )
        fate = rng.random()
        self.weight = -1 if fate < 0.07 else 1 if fate < 0.17 else 2 if fate < 0.19 else 0
        self.cut = {}

    def glyph(self, c):
        if c not in self.cut:
            glyph = self.face.glyphs[ALPHABET.index(c)]
            if self.warp is not None:
                glyph = cv2.warpAffine(glyph, self.warp, (glyph.shape[1], glyph.shape[0]))
            if self.weight < 0:
                glyph = cv2.erode(glyph, CROSS)
            elif self.weight:
                glyph = cv2.dilate(glyph, CROSS, iterations=self.weight)
            self.cut[c] = glyph
        return self.cut[c]


CROSS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
LETTERS = "EEEEAAAARRRIIIOOTTTNNNSSSLLLCCUUDDPPMMHHGGBBFFYYWWKKVVXZJQ"
DOUBLES = "0OQD1IL5S8B2Z6G7YVU<KXCEFRPMNWHHNNMMTJ"


def text(rng, n):
    """n characters: names with fillers, numbers and dates, doubles, or anything at all."""
    kind = rng.random()
    out = ""
    if kind < 0.28:
        while len(out) < n + 40:
            out += "".join(rng.choice(list(LETTERS), rng.integers(2, 10)))
            out += "<" * int(rng.choice([1, 2, 1, 2, 3, 12, 20]))
    elif kind < 0.52:
        while len(out) < n + 40:
            out += "".join(str(d) for d in rng.integers(0, 10, rng.integers(3, 12)))
            out += "".join(rng.choice(list(ALPHABET), rng.integers(0, 5)))
            if rng.random() < 0.25:
                out += "<" * int(rng.integers(1, 15))
    elif kind < 0.64:
        out = "".join(rng.choice(list(DOUBLES), n + 40))
    else:
        out = "".join(rng.choice(list(ALPHABET), n + 40))
    start = rng.integers(0, 30)
    return out[start : start + n]


def put(ink, glyph, x, y):
    """Lays the glyph's cell at column x (its margin may lie outside), y pixels lower than the middle."""
    left, right = max(x - MARGIN, 0), min(x - MARGIN + glyph.shape[1], ink.shape[1])
    if right <= left:
        return
    part = glyph[:, left - x + MARGIN : right - x + MARGIN]
    if y > 0:
        place, part = ink[y:, left:right], part[:-y]
    elif y < 0:
        place, part = ink[:y, left:right], part[-y:]
    else:
        place = ink[:, left:right]
    np.maximum(place, part, out=place)


def ink_line(rng, hand, first, letters):
    """Ink coverage of the line, CELLS + 2 cells wide; the text starts at cell `first` (+1 of margin)."""
    width = (CELLS + 2) * FINE
    ink = np.zeros((MASTER_H, width), np.float32)
    loose = 0.0 if rng.random() < 0.5 else rng.random() * 1.1
    for i, c in enumerate(letters):
        x = (first + 1 + i) * FINE + int(round(rng.normal() * loose))
        put(ink, hand.glyph(c), x, int(round(rng.normal() * loose)))
    # Other print near the zone: the line before or after, where the cut comes near it.
    if rng.random() < 0.2:
        pitch = rng.uniform(0.6, 1.05)
        aside = rng.uniform(-1, 1)
        off = int(rng.uniform(1.36, 1.75) * FINE) * (1 if rng.random() < 0.5 else -1)
        a, b = sorted(rng.uniform(-2, CELLS + 4, 2))
        for n in range(int((b - a) / pitch)):
            c = ALPHABET[int(rng.integers(0, 37))]
            put(ink, hand.glyph(c), int((a + aside + n * pitch) * FINE), off)
    # Ink spread: blur, then a steep curve whose middle decides between bold and thin.
    ink = cv2.GaussianBlur(ink, (0, 0), rng.uniform(0.45, 1.9))
    fate = rng.random()
    if fate < 0.05:  # dots of a matrix printer
        y, x = np.ogrid[0:MASTER_H, 0:width]
        a, b = rng.uniform(2.3, 4.2, 2)
        ink = ink * (0.62 + 0.19 * (np.sin(x * (2 * np.pi / a)) + np.sin(y * (2 * np.pi / b))).astype(np.float32))
    elif fate < 0.17:  # ink that ran, toner that crumbled
        ink = ink + smooth_noise(rng, ink.shape, (MASTER_H / rng.uniform(1.2, 4), width / rng.uniform(1.2, 4))) * rng.uniform(0.04, 0.2) * (ink > 0.04)
    ink = np.clip((ink - rng.uniform(0.2, 0.6)) * rng.uniform(1.5, 6) + 0.5, 0, 1)
    if rng.random() < 0.35:  # worn or dry print
        wear = smooth_noise(rng, ink.shape, (MASTER_H / rng.uniform(1.5, 9), width / rng.uniform(1.5, 9)))
        ink *= np.clip(1 - rng.uniform(0.1, 0.75) * np.clip(wear, 0, 2), 0, 1)
    if rng.random() < 0.04:  # a printer's dead nozzles
        for _ in range(rng.integers(1, 4)):
            ink[int(rng.integers(0, MASTER_H)) :][: int(rng.integers(1, 3))] *= rng.uniform(0, 0.6)
    return ink


def cut(rng, shot, pitch, phase):
    """The strip as the finder would cut it, with the finder's small errors.

    Returns the strip and, for a character at master cell k, its middle's x in the strip."""
    sx = rng.uniform(0.93, 1.07)
    sy = rng.uniform(0.8, 1.22)
    dx, dy = rng.uniform(-0.5, 0.5) * CELL, float(np.clip(rng.normal() * 1.2, -3, 3))
    rot, shear = np.tan(np.radians(rng.normal() * 1.2)), np.tan(np.radians(rng.normal() * 6))
    bend = rng.normal() * 0.9
    v, u = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    u, v = u + 0.5, v + 0.5
    du, dv = u - WIDTH / 2, v - HEIGHT / 2
    line = dv + rot * du + bend * ((du / (WIDTH / 2)) ** 2 - 0.33)
    x_cells = (du / sx + dx + shear * dv) / CELL + (CELLS + 2) / 2
    y_cells = (line / sy + dy) / CELL + 1.5
    if rng.random() < 0.35:  # paper that is not flat, letters that are not the font's
        size = rng.uniform(0.01, 0.045)
        grain = (HEIGHT / rng.uniform(5, 20), WIDTH / rng.uniform(6, 40))
        x_cells += smooth_noise(rng, x_cells.shape, grain) * np.float32(size)
        y_cells += smooth_noise(rng, x_cells.shape, grain) * np.float32(size)
    map_x = (x_cells * pitch + phase[0] - 0.5).astype(np.float32)
    map_y = (y_cells * pitch + phase[1] - 0.5).astype(np.float32)
    if rng.random() < 0.06:  # the picture ends near the line; its border goes on for ever
        edge = rng.uniform(0.62, 0.95) * pitch
        middle = 1.5 * pitch + phase[1]
        if rng.random() < 0.5:
            map_y = np.minimum(map_y, np.float32(middle + edge))
        else:
            map_y = np.maximum(map_y, np.float32(middle - edge))
    # Two by two samples a pixel where the camera is finer than the strip, as the reader takes.
    if pitch > 1.3 * CELL:
        q = 0.25 * pitch / CELL
        strip = np.zeros((HEIGHT, WIDTH), np.float32)
        for ox in (-q, q):
            for oy in (-q, q):
                strip += cv2.remap(shot, map_x + np.float32(ox), map_y + np.float32(oy), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        strip /= 4
    else:
        strip = cv2.remap(shot, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE).astype(np.float32)

    def middle(k):
        du = ((k + 1.5 - (CELLS + 2) / 2) * CELL - dx) * sx
        return du + WIDTH / 2

    return strip, middle


WINDOW = 5 * CELL  # half: the levelling looks at 5 characters either side


def level(strip):
    """Subtracts the sliding mean and divides by the sliding deviation; strip.rs does the same."""
    s = strip.astype(np.float64)
    h, w = s.shape
    one, two = np.zeros(w + 1), np.zeros(w + 1)
    np.cumsum(s.sum(0), out=one[1:])
    np.cumsum((s * s).sum(0), out=two[1:])
    a = np.maximum(np.arange(w) - WINDOW, 0)
    b = np.minimum(np.arange(w) + WINDOW + 1, w)
    n = (b - a) * h
    mean = (one[b] - one[a]) / n
    var = np.maximum((two[b] - two[a]) / n - mean * mean, 0)
    return ((s - mean) / (np.sqrt(var) + 2.0)).astype(np.float32)


class Lines:
    """Lines as `strip` draws them; harder ones have, six times in ten, what would spoil most letters for one look."""

    def __init__(self, harder=False):
        self.harder = harder
        pairs = typefaces()
        self.faces = [f for f, _ in pairs]
        weights = np.array([w for _, w in pairs])
        self.weights = weights / weights.sum()

    def strip(self, seed):
        """(levelled strip HEIGHT x WIDTH, labels per frame WIDTH / FRAME)"""
        rng = np.random.default_rng(seed)
        first, count = -1, CELLS + 2
        if rng.random() < 0.45:
            first = int(rng.integers(0, 7))
            count = int(rng.integers(8, CELLS + 2 - first)) if rng.random() < 0.5 else CELLS + 1 - first
            if rng.random() < 0.5:
                first, count = -1, int(rng.integers(CELLS - 6, CELLS + 1))
        letters = "" if rng.random() < 0.03 else text(rng, count)
        contrast = float(np.exp(rng.uniform(np.log(12), np.log(200))))
        low = max(contrast * 0.9, 30)
        base = rng.uniform(low, max(low + 1, 255 - (rng.random() < 0.8) * 10))
        hand = Hand(rng, self.faces, self.weights)
        ink = ink_line(rng, hand, first, letters)
        field = light.paper(rng, ink.shape, contrast)
        # Drawn from its own numbers, so that the plain lines stay what they were.
        worse = np.random.default_rng([seed, 1])
        harder = self.harder and worse.random() < 0.6
        if harder and worse.random() < 0.45:
            light.dense_print(worse, field, contrast, FINE)
        if harder and worse.random() < 0.15:
            light.other_print(worse, field, hand.face.glyphs, contrast, FINE)
        if harder and worse.random() < 0.4:
            light.wear(worse, ink, FINE)
        light.surroundings(rng, field, (first, len(letters)), contrast, FINE)
        scene = base + field - ink * contrast
        if harder and worse.random() < 0.3:
            light.hairs(worse, scene, base, contrast)
        mild = rng.random() < 0.4
        if not mild:
            light.overlay(rng, scene, base, contrast)
        shot, pitch, phase = light.photograph(rng, scene, base, contrast, FINE, mild)
        strip, middle = cut(rng, shot, pitch, phase)
        labels = np.full(WIDTH // FRAME, BLANK, np.int64)
        if letters:
            frames = np.arange(WIDTH // FRAME) * FRAME + 0.5
            away = np.abs(frames[:, None] - middle(first + np.arange(len(letters)))[None])
            nearest = away.argmin(1)
            named = np.array([ALPHABET.index(c) for c in letters])
            labels = np.where(away.min(1) < REACH, named[nearest], BLANK)
        return level(strip), labels


if __name__ == "__main__":
    lines = Lines(harder="harder" in sys.argv)
    sheet = [np.clip(lines.strip(seed)[0] * 50 + 140, 0, 255).astype(np.uint8) for seed in range(48)]
    cv2.imwrite("strips.png", np.vstack([np.hstack(sheet[n : n + 2]) for n in range(0, 48, 2)]))
