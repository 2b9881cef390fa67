"""Other people out of two: portraits mixed, reshaped, aged, turned and made to laugh.

A crop is 256 pixels square, template scale 1.4, the template's (56, 72) at (128, 133.12); see draw.py.
"""

import cv2
import numpy as np

SIDE, SCALE = 256, 1.4
Y, X = np.mgrid[:SIDE, :SIDE].astype(np.float32)


def place(x, y):
    """A place of the template in the crop."""
    return (x - 56) * SCALE + SIDE / 2, (y - 72) * SCALE + 0.52 * SIDE


def bell(x, y, across, down):
    cx, cy = place(x, y)
    return np.exp(-(((X - cx) / (across * SCALE)) ** 2 + ((Y - cy) / (down * SCALE)) ** 2) / 2)


def moved(pixels, from_x, from_y):
    return cv2.remap(pixels.astype(np.float32), from_x.astype(np.float32), from_y.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def smooth_field(rng, cells, reach, channels=2):
    field = rng.normal(0, reach, (cells, cells, channels)).astype(np.float32)
    return cv2.resize(field, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC).reshape(SIDE, SIDE, channels)


def mixed(one, other, rng):
    """One face's upper half with the other's lower, or both laid over each other; eyes and mouths lie at the same places."""
    weight = rng.uniform(0.25, 0.75)
    if rng.random() < 0.5:
        edge = place(56, rng.uniform(60, 76))[1]
        weight = 1 / (1 + np.exp((Y - edge) / rng.uniform(4, 14)))
        weight = weight if rng.random() < 0.5 else 1 - weight
        # The second face takes the first one's colour, so that no seam is seen.
        skin = lambda p: np.median(p[150:170, 105:151].reshape(-1, 3), 0) + 1
        other = (other * (skin(one) / skin(other))).clip(0, 255)
        weight = weight[..., None]
    return one * weight + other * (1 - weight)


def reshaped(pixels, rng):
    """Other proportions: smooth shifts, and eyes, nose, mouth and jaw each larger or smaller, higher or lower."""
    dx, dy = np.zeros_like(X), np.zeros_like(X)
    for cells, reach in ((4, 8.0), (7, 3.5)):
        field = smooth_field(rng, cells, reach)
        dx, dy = dx + field[..., 0], dy + field[..., 1]
    middle = np.exp(-(((X - SIDE / 2) / (0.3 * SIDE)) ** 2 + ((Y - 0.52 * SIDE) / (0.3 * SIDE)) ** 2))
    dx, dy = dx * (1 - 0.45 * middle), dy * (1 - 0.45 * middle)
    for x, y, across, down in ((38, 52, 11, 8), (74, 52, 11, 8), (56, 72, 9, 11), (56, 92, 15, 9), (56, 112, 24, 12)):
        near, (cx, cy) = bell(x, y, across, down), place(x, y)
        if x == 38:
            wide, high, lift = rng.normal(0, 0.14), rng.normal(0, 0.2), rng.normal(0, 1.5)
        elif x != 74:
            wide, high, lift = rng.normal(0, 0.16), rng.normal(0, 0.16), rng.normal(0, 2.5)
        dx -= near * (X - cx) * wide
        dy -= near * ((Y - cy) * high + lift)
    return moved(pixels, X + dx, Y + dy)


def laughing(pixels, rng):
    """The mouth wide, and most often open: teeth, the dark behind them, the cheeks' folds."""
    wide = rng.uniform(0.05, 0.4)
    near, (cx, cy) = bell(56, 92, 17, 9), place(56, 92)
    lift = bell(40, 90, 6, 6) + bell(72, 90, 6, 6)
    pixels = moved(pixels, X - near * (X - cx) * wide, Y + lift * rng.uniform(0, 5))
    for x in (34, 78):
        fold = np.exp(-(((X - place(x, 0)[0]) + (1 if x > 56 else -1) * -0.35 * (Y - place(0, 84)[1])) / (1.3 * SCALE)) ** 2) * bell(x, 84, 9, 9)
        pixels = pixels * (1 - rng.uniform(0, 0.3) * fold)[..., None]
    if rng.random() < 0.3:
        return pixels
    gap, half = rng.uniform(2, 13) * SCALE, rng.uniform(12, 20) * SCALE
    lip = cy + rng.uniform(-1, 1) * SCALE
    bend = rng.uniform(0, 0.35)
    # The lower lip and the chin go down; between the lips the mouth opens in a crescent or an oval.
    upper = lip - bend * gap * (1 - ((X - cx) / half) ** 2).clip(0, 1) + bend * gap
    opening = gap * np.sqrt((1 - ((X - cx) / half) ** 2).clip(0, 1))
    reach = np.exp(-((np.abs(X - cx) / (1.8 * half)) ** 4))
    below = (Y - upper).clip(0, None)
    shift = np.where(Y > upper + opening, opening, below) * reach * np.exp(-((below / (40 * SCALE)) ** 2))
    out = moved(pixels, X, Y - shift)
    inside = ((Y > upper) & (Y < upper + opening)).astype(np.float32)
    dark = np.array([30, 25, 60]) * rng.uniform(0.2, 1.4) * np.ones_like(out)
    deep = rng.uniform(0.3, 1.2) * gap
    teeth = ((Y - upper < min(deep, 6 * SCALE)) & (np.abs(X - cx) < half * rng.uniform(0.7, 0.95))).astype(np.float32)
    rows = 1 - 0.25 * (np.abs((X - cx) / (4.2 * SCALE) % 1 - 0.5) > 0.44)
    white = np.array([200, 220, 230]) * rng.uniform(0.55, 1.1) * rows[..., None]
    teeth = (teeth * (rng.random() < 0.8))[..., None]
    mouth = dark * (1 - teeth) + white * teeth
    inside = cv2.GaussianBlur(inside, (0, 0), 0.7 * SCALE)[..., None]
    return out * (1 - inside) + mouth * inside


def turned(pixels, rng):
    """The head turned by up to a third of a right angle, or nodding a little, as a cylinder's picture would."""
    yaw, pitch = np.radians(rng.uniform(-30, 30)), np.radians(rng.normal(0, 7))
    radius = 62 * SCALE
    u = ((X - SIDE / 2) / radius).clip(-0.999, 0.999)
    v = ((Y - 0.52 * SIDE) / (1.5 * radius)).clip(-0.999, 0.999)
    # What is near the camera moves more than the ears.
    from_u = np.sin((np.arcsin(u) - yaw).clip(-1.5, 1.5)) + np.sin(yaw)
    from_v = np.sin((np.arcsin(v) - pitch).clip(-1.5, 1.5)) + np.sin(pitch)
    weight = np.exp(-((np.hypot(u, v) / 0.95) ** 6))
    out = moved(pixels, X + (from_u - u) * radius * weight, Y + (from_v - v) * 1.5 * radius * weight)
    shade = 1 + 0.35 * np.sin(yaw) * u * rng.uniform(-1, 1)
    return out * shade[..., None]


def aged(pixels, rng):
    """Folds beside the mouth, bags under the eyes, lines on the forehead."""
    dark = np.zeros_like(X)
    for x, side in ((36, -1), (76, 1)):
        line = (X - place(x, 0)[0]) - side * rng.uniform(0.2, 0.6) * (Y - place(0, 86)[1])
        dark += rng.uniform(0, 0.35) * np.exp(-((line / (rng.uniform(0.8, 2) * SCALE)) ** 2)) * bell(x, 86, 10, 9)
    for x in (38, 74):
        dark += rng.uniform(0, 0.3) * np.exp(-(((Y - place(0, rng.uniform(60, 64))[1]) / (1.2 * SCALE)) ** 2)) * bell(x, 62, 8, 6)
    for y in rng.uniform(22, 40, 3):
        dark += rng.uniform(0, 0.15) * np.exp(-(((Y - place(0, y)[1] + 2 * smooth_field(rng, 5, 1.0, 1)[..., 0]) / SCALE) ** 2)) * bell(56, y, 24, 6)
    return pixels * (1 - dark.clip(0, 0.6))[..., None]


def lit(pixels, rng):
    """Another skin, and a lamp's shadow of nose, brows and chin."""
    tone = rng.uniform(0.3, 1.25) if rng.random() < 0.65 else 1.0
    tint = np.array([tone * rng.uniform(0.82, 1.1), tone * rng.uniform(0.9, 1.05), tone ** 0.8])
    out = 255 * (pixels / 255).clip(0, 1) ** rng.uniform(0.75, 1.3) * tint
    if rng.random() < 0.4:
        shadow = np.zeros_like(X)
        for x, y, across, down in ((38, 48, 9, 6), (74, 48, 9, 6), (56 + rng.normal(0, 6), 80, 7, 5), (56, 106, 20, 4)):
            shadow += bell(x, y, across, down)
        out = out * (1 - rng.uniform(0.1, 0.55) * shadow.clip(0, 1))[..., None]
    return out.clip(0, 255)


def someone(crops, rng):
    """A person who is none of those in `crops`."""
    one = crops[rng.integers(len(crops))]
    one = one[:, ::-1] if rng.random() < 0.5 else one
    if len(crops) > 1 and rng.random() < 0.5:
        other = crops[rng.integers(len(crops))]
        one = mixed(one, other[:, ::-1] if rng.random() < 0.5 else other, rng)
    one = reshaped(np.ascontiguousarray(one), rng)
    if rng.random() < 0.4:
        one = aged(one, rng)
    if rng.random() < 0.45:
        one = laughing(one, rng)
    return lit(one, rng)
