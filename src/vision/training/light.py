"""What befalls a printed line before it is pixels: security print, films, light, lens, camera, file."""

import cv2
import numpy as np


def smooth_noise(rng, shape, coarse):
    """A smooth random field in about -1..1."""
    small = rng.standard_normal((max(2, int(coarse[0])), max(2, int(coarse[1])))).astype(np.float32)
    return cv2.resize(small, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)


def scribble(rng, field, count, strength, thickest):
    h, w = field.shape
    for _ in range(count):
        p = (int(rng.integers(-w // 8, w)), int(rng.integers(-h, 2 * h)))
        q = (int(rng.integers(0, w + w // 8)), int(rng.integers(-h, 2 * h)))
        cv2.line(field, p, q, float(strength(rng)), int(rng.integers(1, thickest + 1)))


def paper(rng, shape, contrast):
    """The background's departure from its level: security print, stains, edges."""
    h, w = shape
    field = np.zeros(shape, np.float32)
    if rng.random() < 0.6:
        y, x = (axis.astype(np.float32) for axis in np.ogrid[0:h, 0:w])
        for _ in range(rng.integers(1, 4)):
            angle, period = rng.uniform(0, np.pi), rng.uniform(4, 90)
            bend = smooth_noise(rng, shape, (2, rng.integers(2, 12))) * rng.uniform(0, 6)
            step = 2 * np.pi / period
            wave = np.sin(float(np.cos(angle) * step) * x + float(np.sin(angle) * step) * y + bend)
            if rng.random() < 0.5:  # lines rather than waves
                wave = -(wave > rng.uniform(0, 0.95)).astype(np.float32)
            field += wave * contrast * rng.uniform(0.02, 0.12 if rng.random() < 0.6 else 0.34)
    if rng.random() < 0.3:
        field += smooth_noise(rng, shape, (h / 4.5, w / 4.5)) * contrast * rng.uniform(0.02, 0.2)
    if rng.random() < 0.12:  # a line or a fibre across, a stamp's edge
        scribble(rng, field, rng.integers(1, 5), lambda r: -contrast * r.uniform(0.1, 0.8), 3)
    if rng.random() < 0.22:  # rings of a seal, curves of a stamp, darker than the paper's own print
        for _ in range(rng.integers(1, 5)):
            centre = (int(rng.integers(0, w)), int(rng.integers(-h, 2 * h)))
            axes = (int(rng.uniform(0.3, 3.5) * h), int(rng.uniform(0.3, 3.5) * h))
            shade = float(-contrast * rng.uniform(0.1, 0.9))
            cv2.ellipse(field, centre, axes, rng.uniform(0, 180), 0, 360, shade, int(rng.integers(1, 4)))
    return field


def surroundings(rng, field, text, contrast, fine):
    """What stands left and right of the text (first cell, count), above and below it."""
    h, w = field.shape
    first, count = text
    left, right = (first + 1) * fine, (first + 1 + count) * fine
    for a, b in ((0, left - int(rng.uniform(0.2, 0.9) * fine)), (right + int(rng.uniform(0.2, 0.9) * fine), w)):
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
                cv2.line(field, p, q, float(-contrast), int(rng.integers(1, 6)))
    if rng.random() < 0.2:  # the page's end, a rule, the portrait
        edge = int(rng.uniform(0.0, 0.26) * h)
        level = contrast * rng.uniform(-1.3, 0.6)
        place = field[:edge] if rng.random() < 0.5 else field[h - edge :]
        place += level


def overlay(rng, scene, base, contrast):
    """Films over the print: embossing, holograms, laminate that scatters. Changes the scene in place."""
    h, w = scene.shape
    fate = rng.random()
    if fate < 0.10:  # shapes brighter or darker than all below them
        if rng.random() < 0.5:
            strokes = np.zeros_like(scene)
            scribble(rng, strokes, rng.integers(2, 10), lambda r: contrast * r.uniform(-0.25, 0.5), 5)
            scene += cv2.GaussianBlur(strokes, (0, 0), rng.uniform(0.5, 2))
        else:
            y, x = np.ogrid[0:h, 0:w]
            cx, cy, period = rng.uniform(0, w), rng.uniform(-h, 2 * h), rng.uniform(5, 40)
            rings = np.sin(np.hypot(x - cx, y - cy) * (2 * np.pi / period)).astype(np.float32)
            mask = np.clip(smooth_noise(rng, scene.shape, (2, rng.integers(3, 9))), 0, 1)
            scene += rings * mask * contrast * rng.uniform(0.1, 0.45)
    elif fate < 0.21:  # the print shows through weakly, in places
        veil = np.clip(smooth_noise(rng, scene.shape, (rng.integers(2, 4), rng.integers(2, 9))), 0, 1) * rng.uniform(0.3, 0.9)
        scene += (base + contrast * rng.uniform(-0.3, 0.5) - scene) * np.minimum(veil, 0.84)


def dense_print(rng, field, contrast, fine):
    """Security print as strong as letters: fine rulings in layers, a halftone's dots. Changes the field in place."""
    h, w = field.shape
    y, x = (axis.astype(np.float32) for axis in np.ogrid[0:h, 0:w])
    for _ in range(rng.integers(1, 5)):
        angle = rng.uniform(0, np.pi)
        step = 2 * np.pi / (fine * np.exp(rng.uniform(np.log(0.12), np.log(1.6))))
        bend = smooth_noise(rng, field.shape, (2, rng.integers(2, 9))) * rng.uniform(0, 6)
        wave = np.sin(float(np.cos(angle) * step) * x + float(np.sin(angle) * step) * y + bend)
        kind = rng.random()
        if kind < 0.45:  # lines
            wave = -(wave > rng.uniform(0.2, 0.95)).astype(np.float32)
        elif kind < 0.6:  # dots
            wave = wave * np.sin(float(-np.sin(angle) * step) * x + float(np.cos(angle) * step) * y)
        if rng.random() < 0.4:
            wave = wave * np.clip(smooth_noise(rng, field.shape, (3, rng.integers(3, 9))), 0, 1)
        field += wave * contrast * rng.uniform(0.04, 0.42)


def other_print(rng, field, glyphs, contrast, fine):
    """A stamp's letters, or the back page's showing through. Changes the field in place."""
    h, w = field.shape
    if rng.random() < 0.5:
        stamp = np.zeros((h, w), np.uint8)
        words = "".join(rng.choice(list("ABCDEHIKLMNOPRSTUX 0123456789"), rng.integers(3, 14)))
        at = (int(rng.uniform(-0.1, 0.9) * w), int(rng.uniform(0.3, 1.2) * h))
        cv2.putText(stamp, words, at, int(rng.integers(0, 4)), rng.uniform(0.05, 0.2) * fine, 255, int(rng.integers(1, 6)), cv2.LINE_AA)
        turn = cv2.getRotationMatrix2D((w / 2, h / 2), rng.normal() * 15, 1.0)
        field -= cv2.warpAffine(stamp, turn, (w, h)) * np.float32(contrast * rng.uniform(0.1, 0.6) / 255)
        return
    behind = np.zeros((h, w), np.float32)
    pitch = rng.uniform(0.4, 1.3) * fine
    down = int(rng.uniform(-0.6, 0.6) * fine)
    for n in range(int(w / pitch)):
        glyph = glyphs[int(rng.integers(0, len(glyphs)))]
        left = int(n * pitch)
        width = min(glyph.shape[1], w - left)
        if width > 4 and rng.random() < 0.85:
            place = behind[:, left : left + width]
            np.maximum(place, np.roll(glyph[:, :width], down, 0), out=place)
    if rng.random() < 0.8:
        behind = behind[:, ::-1]
    field -= cv2.GaussianBlur(behind, (0, 0), rng.uniform(0.5, 3)) * contrast * rng.uniform(0.03, 0.3)


def wear(rng, ink, fine):
    """Print that came off: in patches of a letter's size, in streaks. Changes the ink in place."""
    h, w = ink.shape
    if rng.random() < 0.7:
        patch = rng.uniform(0.2, 2.2) * fine
        off = smooth_noise(rng, ink.shape, (h / patch, w / patch))
        ink *= np.clip(1 - rng.uniform(0.15, 0.9) * np.clip(off + rng.uniform(-0.5, 0.5), 0, 2), 0, 1)
    else:
        streaks = np.zeros_like(ink)
        lean = rng.uniform(0, np.pi)
        for _ in range(rng.integers(3, 40)):
            x, y, far = rng.uniform(0, w), rng.uniform(0, h), rng.uniform(0.3, 4) * fine
            angle = lean + rng.normal() * 0.2
            end = (int(x + far * np.cos(angle)), int(y + far * np.sin(angle)))
            cv2.line(streaks, (int(x), int(y)), end, float(rng.uniform(0.3, 1)), int(rng.integers(1, 4)), cv2.LINE_AA)
        ink *= 1 - streaks


def hairs(rng, scene, base, contrast):
    """Hairs, creases and scratches over the print, dark or bright. Changes the scene in place."""
    h, w = scene.shape
    for _ in range(rng.integers(1, 5)):
        line = np.zeros_like(scene)
        thick = int(rng.integers(1, 4))
        if rng.random() < 0.6:
            centre = (int(rng.integers(0, w)), int(rng.integers(-2 * h, 3 * h)))
            axes = (int(rng.uniform(0.5, 6) * h), int(rng.uniform(0.5, 6) * h))
            cv2.ellipse(line, centre, axes, rng.uniform(0, 180), 0, 360, 1.0, thick, cv2.LINE_AA)
        else:
            points = np.cumsum(rng.normal(0, (0.35 * h, 0.12 * h), (9, 2)) + (rng.normal() * 0.4 * h, 0), 0)
            points += (rng.uniform(0, w), rng.uniform(0, h))
            cv2.polylines(line, [points.astype(np.int32)], False, 1.0, thick, cv2.LINE_AA)
        if rng.random() < 0.3:
            line = cv2.GaussianBlur(line, (0, 0), rng.uniform(0.5, 2.5))
        shade = base + contrast * (rng.uniform(-1.2, -0.2) if rng.random() < 0.65 else rng.uniform(0.0, 0.4))
        scene += (shade - scene) * line * rng.uniform(0.4, 1)


def glare(rng, shot, pitch, level, contrast):
    """One to three lights in the laminate: what lies below fades, the sensor may fill up."""
    h, w = shot.shape
    y, x = (axis.astype(np.float32) for axis in np.ogrid[0:h, 0:w])
    for _ in range(rng.integers(1, 4)):
        cx, cy = rng.uniform(0, w), rng.uniform(-0.3 * h, 1.3 * h)
        rx, ry = rng.uniform(0.7, 7) * pitch, rng.uniform(0.4, 3) * pitch
        lean = rng.normal() * 0.6
        spot = (((x - cx) + lean * (y - cy)) / rx) ** 2 + ((y - cy) / ry) ** 2
        spot = np.exp(-(spot ** rng.uniform(0.7, 2.5))).astype(np.float32)
        if rng.random() < 0.5:
            shot += spot * rng.uniform(0.2, 2.0) * max(contrast, 40)
        else:
            shot += (min(level + contrast * rng.uniform(0.2, 1.2), 262) - shot) * spot * rng.uniform(0.3, 0.96)


def smear(rng, shot, pitch):
    """Motion, mostly along the line or across it."""
    length = max(2, int(rng.uniform(0.08, 0.36) * pitch) + 1)
    kernel = np.zeros((length, length), np.float32)
    angle = rng.uniform(0, np.pi) if rng.random() < 0.5 else rng.choice([0, np.pi / 2]) + rng.normal() * 0.1
    c = (length - 1) / 2
    for t in np.linspace(-c, c, 4 * length):
        kernel[int(round(c + t * np.sin(angle))), int(round(c + t * np.cos(angle)))] += 1
    return cv2.filter2D(shot, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REPLICATE)


def filed(shot, quality):
    coded = cv2.imencode(".jpg", np.clip(shot, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, int(quality)])[1]
    return cv2.imdecode(coded, 0)


def photograph(rng, scene, level, contrast, fine, mild):
    """The scene as pixels of a camera whose characters are `pitch` pixels apart: (shot, pitch, phase).

    A mild photograph has no glare, no motion and no hard shadow."""
    h, w = scene.shape
    grown = 1.0
    if rng.random() < 0.14:  # a small picture that somebody enlarged
        pitch = float(rng.uniform(6.2, 11))
        grown = rng.uniform(1.3, 3)
    elif rng.random() < 0.25:
        pitch = float(rng.uniform(6, 9.5))
    else:
        pitch = float(np.exp(rng.uniform(np.log(6.6), np.log(30))))
    scale = pitch / fine
    if scale < 0.9:
        scene = cv2.GaussianBlur(scene, (0, 0), rng.uniform(0.3, 0.48) / scale)
    cw, ch = int(np.ceil(w * scale)), int(np.ceil(h * scale))
    phase = rng.uniform(0, 1, 2)
    matrix = np.float32([[scale, 0, phase[0] - 0.5], [0, scale, phase[1] - 0.5]])
    shot = cv2.warpAffine(scene, matrix, (cw, ch), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    if rng.random() < 0.6:  # uneven light
        shot *= 1 + smooth_noise(rng, shot.shape, (2, rng.integers(2, 5))) * rng.uniform(0.02, 0.25)
    if not mild and rng.random() < 0.2:  # a shadow's edge
        y, x = np.ogrid[0:ch, 0:cw]
        angle = rng.uniform(0, 2 * np.pi)
        far = np.cos(angle) * (x - rng.uniform(0, cw)) / pitch + np.sin(angle) * (y - rng.uniform(0, ch)) / pitch
        far = far.astype(np.float32)
        soft = rng.uniform(0.05, 2)
        shot *= 1 - rng.uniform(0.15, 0.65) / (1 + np.exp(-np.clip(far / soft, -30, 30)))
    if not mild and rng.random() < 0.34:
        glare(rng, shot, pitch, level, contrast)
    # Optics: from sharp to as blurred as a reader may hope for.
    sigma = max(0.0, rng.normal(0.05, 0.075)) * pitch
    if sigma > 0.2:
        shot = cv2.GaussianBlur(shot, (0, 0), sigma)
    if not mild and rng.random() < 0.24:
        shot = smear(rng, shot, pitch)
    if rng.random() < 0.3:  # a tone curve
        gamma = float(np.exp(rng.normal() * 0.35))
        shot = 255 * (np.clip(shot, 0, 255) / 255) ** gamma
    if rng.random() < 0.8:
        noise = rng.standard_normal(shot.shape).astype(np.float32) * rng.uniform(0.4, (0.06 if mild else 0.11) * contrast + 1)
        if rng.random() < 0.35:
            noise = cv2.GaussianBlur(noise, (0, 0), 0.7) * 1.8
        shot = shot + noise
    if rng.random() < 0.3:  # a camera's own sharpening, with its halos
        shot = shot + (shot - cv2.GaussianBlur(shot, (0, 0), rng.uniform(0.7, 2.2))) * rng.uniform(0.3, 3)
    if rng.random() < 0.05:  # a black and white scan
        shot = np.where(shot > level - contrast * rng.uniform(0.35, 0.65), 255.0, 0.0)
    shot = np.clip(shot, 0, 255).astype(np.uint8)
    if rng.random() < 0.55:
        # Coarse files of small print leave nothing to read.
        shot = filed(shot, rng.uniform(max(15, 48 - 3 * pitch), 95))
    if grown > 1:
        how = (cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_CUBIC, cv2.INTER_NEAREST)[int(rng.integers(0, 4))]
        # Pixel corners stay at whole numbers, as resizing does.
        shot = cv2.resize(shot, None, fx=grown, fy=grown, interpolation=how)
        pitch, phase = pitch * grown, phase * grown
        if rng.random() < 0.5:
            shot = filed(shot, rng.uniform(30, 95))
    return shot, pitch, phase
