"""Draws single MRZ lines as a camera would bring them, with the truth beside them.

A strip is what `src/vision/mrz/strip.rs` cuts from a picture: 28 pixels high, 16 pixels a character,
levelled by a sliding mean and deviation. Every strip comes from its own seed, so a set is the same
on every machine.
"""

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

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

FINE = 32  # pixels a character in the master drawing
MASTER_H = 3 * FINE
OCR_B = "/usr/share/fonts/opentype/ocr-b/"
DEJAVU = "/usr/share/fonts/truetype/dejavu/"


class Typeface:
    """Ink coverage (0..1) of each character, FINE pixels wide, MASTER_H high, baseline centred."""

    def __init__(self, path, height=1.0):
        probe = ImageFont.truetype(path, 200)
        size = int(round(FINE / (probe.getlength("H") / 200)))
        font = ImageFont.truetype(path, size)
        box = font.getbbox("H")
        middle = (box[1] + box[3]) / 2
        self.glyphs = []
        for c in ALPHABET:
            picture = Image.new("L", (FINE + 16, MASTER_H), 0)
            ImageDraw.Draw(picture).text((8, MASTER_H / 2 - middle), c, font=font, fill=255)
            glyph = np.asarray(picture, np.float32) / 255
            if height != 1.0:
                shift = MASTER_H / 2 * (1 - height)
                matrix = np.float32([[1, 0, 0], [0, height, shift]])
                glyph = cv2.warpAffine(glyph, matrix, (glyph.shape[1], glyph.shape[0]))
            self.glyphs.append(glyph)


def typefaces():
    """(typeface, share of the lines drawn with it)"""
    return [
        (Typeface(OCR_B + "OCRB.otf"), 0.52),
        (Typeface(OCR_B + "OCRBS.otf"), 0.18),
        (Typeface(OCR_B + "OCRB.otf", 0.9), 0.14),
        (Typeface(OCR_B + "OCRBL.otf"), 0.04),
        (Typeface(DEJAVU + "DejaVuSansMono.ttf"), 0.07),
        (Typeface(DEJAVU + "DejaVuSansMono-Bold.ttf"), 0.05),
    ]


LETTERS = "EEEEAAAARRRIIIOOTTTNNNSSSLLLCCUUDDPPMMHHGGBBFFYYWWKKVVXZJQ"


def text(rng, n):
    """n characters: names with fillers, numbers, or anything at all."""
    kind = rng.random()
    out = ""
    if kind < 0.30:
        while len(out) < n + 40:
            out += "".join(rng.choice(list(LETTERS), rng.integers(2, 10)))
            out += "<" * int(rng.choice([1, 2, 1, 2, 3, 12, 20]))
    elif kind < 0.55:
        while len(out) < n + 40:
            out += "".join(str(d) for d in rng.integers(0, 10, rng.integers(3, 12)))
            out += "".join(rng.choice(list(ALPHABET), rng.integers(0, 5)))
            if rng.random() < 0.25:
                out += "<" * int(rng.integers(1, 15))
    else:
        out = "".join(rng.choice(list(ALPHABET), n + 40))
    start = rng.integers(0, 30)
    return out[start : start + n]


def smooth_noise(rng, shape, coarse):
    """A smooth random field in about -1..1."""
    small = rng.standard_normal((max(2, int(coarse[0])), max(2, int(coarse[1])))).astype(np.float32)
    return cv2.resize(small, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)


def ink_line(rng, faces, weights, first, letters):
    """Ink coverage of the line, CELLS + 2 cells wide; the text starts at cell `first` (+1 of margin)."""
    width = (CELLS + 2) * FINE
    ink = np.zeros((MASTER_H, width + 16), np.float32)
    face = faces[rng.choice(len(faces), p=weights)]
    loose = 0.0 if rng.random() < 0.5 else rng.random() * 0.9
    for i, c in enumerate(letters):
        glyph = face.glyphs[ALPHABET.index(c)]
        x = (first + 1 + i) * FINE + int(round(rng.normal() * loose))
        y = int(round(rng.normal() * loose))
        if y:
            glyph = np.roll(glyph, y, 0)
        x = min(max(x, 0), width + 16 - glyph.shape[1])
        place = ink[:, x : x + glyph.shape[1]]
        np.maximum(place, glyph, out=place)
    ink = ink[:, 8 : 8 + width]
    # Ink spread: blur, then a steep curve whose middle decides between bold and thin.
    sigma = rng.uniform(0.6, 2.6)
    middle = rng.uniform(0.22, 0.62)
    ink = cv2.GaussianBlur(ink, (0, 0), sigma)
    ink = np.clip((ink - middle) * rng.uniform(1.5, 6) + 0.5, 0, 1)
    if rng.random() < 0.35:  # worn or dry print
        wear = smooth_noise(rng, ink.shape, (MASTER_H / rng.uniform(2, 12), width / rng.uniform(2, 12)))
        ink *= np.clip(1 - rng.uniform(0.1, 0.6) * np.clip(wear, 0, 2), 0, 1)
    return ink


def paper(rng, shape, contrast):
    """The background's departure from its level: security print, stains, edges."""
    h, w = shape
    field = np.zeros(shape, np.float32)
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    if rng.random() < 0.55:
        for _ in range(rng.integers(1, 4)):
            angle, period = rng.uniform(0, np.pi), rng.uniform(6, 120)
            bend = smooth_noise(rng, shape, (2, rng.integers(2, 12))) * rng.uniform(0, 6)
            wave = np.sin((np.cos(angle) * x + np.sin(angle) * y) * (2 * np.pi / period) + bend)
            if rng.random() < 0.4:
                wave = (wave > rng.uniform(0, 0.9)).astype(np.float32)
            field += wave * contrast * rng.uniform(0.02, 0.16)
    if rng.random() < 0.3:
        field += smooth_noise(rng, shape, (h / 6, w / 6)) * contrast * rng.uniform(0.02, 0.15)
    if rng.random() < 0.10:  # a line or a fibre across
        for _ in range(rng.integers(1, 4)):
            p = (int(rng.integers(0, w)), int(rng.integers(0, h)))
            q = (int(rng.integers(0, w)), int(rng.integers(0, h)))
            cv2.line(field, p, q, float(-contrast * rng.uniform(0.1, 0.7)), int(rng.integers(1, 4)))
    return field


def surroundings(rng, field, first, count, contrast):
    """What stands left and right of the text, above and below it."""
    h, w = field.shape
    left, right = (first + 1) * FINE, (first + 1 + count) * FINE
    for a, b in ((0, left - int(rng.uniform(0.2, 0.9) * FINE)), (right + int(rng.uniform(0.2, 0.9) * FINE), w)):
        if b - a < 4 or rng.random() < 0.45:
            continue
        kind = rng.random()
        if kind < 0.35:
            field[:, a:b] += contrast * rng.uniform(-1.6, 0.6)
        elif kind < 0.7:
            field[:, a:b] += smooth_noise(rng, (h, b - a), (h / rng.uniform(3, 20), (b - a) / rng.uniform(3, 20))) * contrast * 0.7
        else:
            for _ in range(rng.integers(1, 6)):
                p = (int(rng.integers(a, b)), int(rng.integers(0, h)))
                q = (int(rng.integers(a, b)), int(rng.integers(0, h)))
                cv2.line(field, p, q, float(-contrast), int(rng.integers(1, 7)))
    if rng.random() < 0.15:
        edge = int(rng.uniform(0.0, 0.24) * h)
        level = contrast * rng.uniform(-1.2, 0.5)
        if rng.random() < 0.5:
            field[:edge] += level
        else:
            field[h - edge :] += level


def photograph(rng, ink, field, level, contrast):
    """The line as pixels of a camera whose characters are `pitch` pixels apart."""
    h, w = ink.shape
    pitch = float(np.exp(rng.uniform(np.log(6.6), np.log(30))))
    scene = level + field - ink * contrast
    scale = pitch / FINE
    if scale < 0.9:
        scene = cv2.GaussianBlur(scene, (0, 0), 0.42 / scale)
    cw, ch = int(np.ceil(w * scale)), int(np.ceil(h * scale))
    phase = rng.uniform(0, 1, 2)
    matrix = np.float32([[scale, 0, phase[0] - 0.5], [0, scale, phase[1] - 0.5]])
    shot = cv2.warpAffine(scene, matrix, (cw, ch), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    # Light
    if rng.random() < 0.6:
        shot *= 1 + smooth_noise(rng, shot.shape, (2, rng.integers(2, 5))) * rng.uniform(0.02, 0.25)
    if rng.random() < 0.16:  # glare
        y, x = np.mgrid[0:ch, 0:cw].astype(np.float32)
        cx, cy = rng.uniform(0, cw), rng.uniform(0, ch)
        rx, ry = rng.uniform(0.8, 6) * pitch, rng.uniform(0.5, 3) * pitch
        shot += np.exp(-(((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2)) * rng.uniform(20, 220)
    # Optics: from sharp to as blurred as a reader may hope for.
    sigma = max(0.0, rng.normal(0.055, 0.075)) * pitch
    if sigma > 0.2:
        shot = cv2.GaussianBlur(shot, (0, 0), sigma)
    if rng.random() < 0.18:  # motion
        length = max(2, int(rng.uniform(0.08, 0.34) * pitch) + 1)
        kernel = np.zeros((length, length), np.float32)
        angle = rng.uniform(0, np.pi)
        c = (length - 1) / 2
        for t in np.linspace(-c, c, 4 * length):
            kernel[int(round(c + t * np.sin(angle))), int(round(c + t * np.cos(angle)))] += 1
        shot = cv2.filter2D(shot, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REPLICATE)
    if rng.random() < 0.8:
        noise = rng.standard_normal(shot.shape).astype(np.float32) * rng.uniform(0.5, 0.11 * contrast + 2)
        if rng.random() < 0.3:
            noise = cv2.GaussianBlur(noise, (0, 0), 0.7) * 1.8
        shot = shot + noise
    if rng.random() < 0.25:  # a camera's own sharpening
        shot = shot + (shot - cv2.GaussianBlur(shot, (0, 0), rng.uniform(0.8, 2))) * rng.uniform(0.3, 2)
    if rng.random() < 0.05:  # a black and white scan
        shot = np.where(shot > level - contrast * rng.uniform(0.35, 0.65), 255.0, 0.0)
    shot = np.clip(shot, 0, 255).astype(np.uint8)
    if rng.random() < 0.55:
        quality = int(rng.uniform(18, 95))
        shot = cv2.imdecode(cv2.imencode(".jpg", shot, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], 0)
    return shot, pitch, phase


def cut(rng, shot, pitch, phase):
    """The strip as the finder would cut it, with the finder's small errors.

    Returns the strip and, for a character at master cell k, its middle's x in the strip."""
    sx = rng.uniform(0.94, 1.06)
    sy = rng.uniform(0.84, 1.18)
    dx, dy = rng.uniform(-0.5, 0.5) * CELL, rng.normal() * 0.9
    rot, shear = np.tan(np.radians(rng.normal() * 1.1)), np.tan(np.radians(rng.normal() * 5))
    bend = rng.normal() * 0.8
    v, u = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    u, v = u + 0.5, v + 0.5
    du, dv = u - WIDTH / 2, v - HEIGHT / 2
    line = dv + rot * du + bend * ((du / (WIDTH / 2)) ** 2 - 0.33)
    x_cells = (du / sx + dx + shear * dv) / CELL + (CELLS + 2) / 2
    y_cells = (line / sy + dy) / CELL + 1.5
    map_x = (x_cells * pitch + phase[0] - 0.5).astype(np.float32)
    map_y = (y_cells * pitch + phase[1] - 0.5).astype(np.float32)
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
    return ((s - mean) / (np.sqrt(var) + 4.0)).astype(np.float32)


class Lines:
    def __init__(self):
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
        empty = rng.random() < 0.03
        letters = "" if empty else text(rng, count)
        contrast = float(np.exp(rng.uniform(np.log(22), np.log(200))))
        low = max(contrast * 0.9, 40)
        base = rng.uniform(low, max(low + 1, 255 - (rng.random() < 0.8) * 10))
        ink = ink_line(rng, self.faces, self.weights, first, letters)
        field = paper(rng, ink.shape, contrast)
        surroundings(rng, field, first, len(letters), contrast)
        shot, pitch, phase = photograph(rng, ink, field, base, contrast)
        strip, middle = cut(rng, shot, pitch, phase)
        labels = np.full(WIDTH // FRAME, BLANK, np.int64)
        frames = np.arange(WIDTH // FRAME) * FRAME + 0.5
        for i, c in enumerate(letters):
            near = np.abs(frames - middle(first + i)) < REACH
            labels[near] = ALPHABET.index(c)
        return level(strip), labels


if __name__ == "__main__":
    lines = Lines()
    sheet = [np.clip(lines.strip(seed)[0] * 50 + 140, 0, 255) for seed in range(24)]
    cv2.imwrite("strips.png", np.concatenate(sheet))
