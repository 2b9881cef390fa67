"""Things drawn onto a face: what covers it, and what a traveller may keep on.

Places are in SFace's template of 112 x 112 (eyes at (38, 52) and (74, 52), mouth corners at (42, 92) and (71, 92)).
"""

import cv2
import numpy as np

TEMPLATE = np.array([[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]])
CLOTHS = ["plain", "white", "black", "surgical", "stripes", "checks", "blotches", "fine", "dots", "flowers"]


def fit(landmarks, scale, centre):
    """The similarity that brings five landmarks to the template, `scale` times as large, its (56, 72) at `centre`."""
    target = (TEMPLATE - [56, 72]) * scale + np.asarray(centre, float)
    rows, values = [], []
    for (x, y), (u, v) in zip(landmarks, target):
        rows += [[x, -y, 1, 0], [y, x, 0, 1]]
        values += [u, v]
    a, b, dx, dy = np.linalg.lstsq(np.array(rows), np.array(values), rcond=None)[0]
    return np.array([[a, -b, dx], [b, a, dy]])


def warp(picture, matrix, side):
    """The square crop; averaged first where it makes the picture smaller."""
    shrink = np.hypot(matrix[0, 0], matrix[1, 0])
    if shrink < 0.9:
        picture = cv2.GaussianBlur(picture, (0, 0), 0.45 * np.sqrt(1 / shrink**2 - 1) + 1e-3)
    return cv2.warpAffine(picture.astype(np.float32), matrix, (side, side), flags=cv2.INTER_LINEAR)


class Face:
    """A face crop of `side` pixels, template scale `scale`, its (56, 72) at (side / 2, 0.52 side)."""

    def __init__(self, pixels, scale, rng):
        self.pixels, self.scale, self.rng, self.side = pixels.astype(np.float32), scale, rng, pixels.shape[0]

    def at(self, points):
        return (np.asarray(points, np.float32) - [56, 72]) * self.scale + [self.side / 2, self.side * 0.52]

    def jitter(self, points, by):
        return np.asarray(points, np.float32) + self.rng.normal(0, by, (len(points), 2))

    def skin(self):
        (x0, y0), (x1, y1) = self.at([[46, 58], [66, 70]]).astype(int)
        return np.median(self.pixels[y0:y1, x0:x1].reshape(-1, 3), 0)

    def cloth(self, kind):
        rng, side = self.rng, self.side
        y, x = np.mgrid[:side, :side] * (1.2 / self.scale)
        colour = lambda: rng.uniform(0, 255, 3)
        flat = lambda c: np.tile(np.asarray(c, np.float32), (side, side, 1))
        if kind == "white":
            out = flat(rng.uniform(195, 248) + rng.normal(0, 5, 3))
        elif kind == "black":
            out = flat(rng.uniform(4, 45) + rng.normal(0, 3, 3))
        elif kind == "surgical":
            out = flat(np.array([[215, 195, 140], [205, 205, 160], [200, 170, 220]][rng.integers(3)]) * rng.uniform(0.65, 1.1))
        elif kind == "stripes":
            angle, pitch = rng.uniform(0, np.pi), rng.uniform(0.15, 1.2)
            out = np.where((np.sin((x * np.cos(angle) + y * np.sin(angle)) * pitch) > rng.uniform(-0.6, 0.6))[..., None], colour(), colour())
        elif kind == "checks":
            pitch = rng.uniform(0.15, 0.8)
            out = np.where(((np.sin(x * pitch) > 0) ^ (np.sin(y * pitch) > 0))[..., None], colour(), colour())
        elif kind in ("blotches", "fine", "flowers"):
            cells = {"blotches": rng.integers(6, 16), "fine": rng.integers(30, 60), "flowers": rng.integers(12, 30)}[kind]
            field = rng.uniform(0, 255, (cells, cells, 3)).astype(np.float32)
            how = cv2.INTER_NEAREST if rng.random() < 0.3 else cv2.INTER_CUBIC
            out = cv2.resize(field, (side, side), interpolation=how) * rng.uniform(0.4, 1) + rng.uniform(0, 80)
            if kind == "flowers":
                out = np.where(out.mean(2, keepdims=True) > 130, colour(), colour())
        elif kind == "dots":
            pitch, radius = rng.uniform(5, 14), rng.uniform(0.15, 0.42)
            u, v = x / pitch, y / pitch
            u = u + 0.5 * (np.floor(v) % 2)
            out = np.where((np.hypot(u % 1 - 0.5, v % 1 - 0.5) < radius)[..., None], colour(), colour())
        else:
            out = flat(colour())
        return out.astype(np.float32) + rng.normal(0, 2, (side, side, 1))

    def folds(self, cloth):
        rng, side = self.rng, self.side
        y, x = np.mgrid[:side, :side]
        round_off = 1 - rng.uniform(0.2, 0.6) * np.clip(((x - side / 2) / (side * 0.3)) ** 2, 0, 1)
        waves = cv2.resize(rng.normal(0, 1, (9, 9)).astype(np.float32), (side, side), interpolation=cv2.INTER_CUBIC)
        out = cloth * (round_off * (1 + rng.uniform(0.03, 0.18) * waves))[..., None]
        if rng.random() < 0.5:
            out = out * (1 + rng.uniform(0.03, 0.15) * np.sin(y * rng.uniform(0.15, 0.6) / self.scale + rng.uniform(0, 6)))[..., None]
        return out

    def put(self, polygon, cloth, soft=0.8, folded=True):
        mask = np.zeros((self.side, self.side), np.float32)
        cv2.fillPoly(mask, [self.at(polygon).round().astype(np.int32)], 1.0, cv2.LINE_AA)
        mask = cv2.GaussianBlur(mask, (0, 0), soft * self.scale)[..., None]
        cloth = self.folds(cloth) if folded else cloth
        self.pixels = (self.pixels * (1 - mask) + np.clip(cloth, 0, 255) * mask).clip(0, 255)

    def line(self, a, b, colour, width):
        p, q = (tuple(int(v) for v in point) for point in self.at([a, b]))
        cv2.line(self.pixels, p, q, [float(v) for v in colour], max(1, round(width * self.scale)), cv2.LINE_AA)

    # --- what covers ---

    def mask(self, kind):
        top = self.rng.uniform(58, 74)
        points = [[20, top + 9], [38, top + 1], [56, top - 4], [74, top + 1], [92, top + 9], [88, 100], [72, 117], [56, 121], [40, 117], [24, 100]]
        cloth = self.cloth(kind)
        self.put(self.jitter(points, 1.8), cloth)
        if self.rng.random() < 0.6:
            tone = cloth.mean((0, 1))
            self.line((22, top + 10), (10, top - 8), tone, 1)
            self.line((90, top + 10), (102, top - 8), tone, 1)

    def scarf(self, kind):
        top = self.rng.uniform(60, 82)
        points = [[-20, top + 8], [28, top + 1], [56, top - 4], [84, top + 1], [132, top + 8], [140, 220], [-28, 220]]
        self.put(self.jitter(points, 2.5), self.cloth(kind), 1.2)

    def hand(self, over_eyes=False):
        rng = self.rng
        tone = self.skin() * rng.uniform(0.7, 1.2) + rng.normal(0, 4, 3)
        top = rng.uniform(40, 46) if over_eyes else rng.uniform(76, 88)
        low = top + (rng.uniform(20, 26) if over_eyes else rng.uniform(30, 40))
        points = np.array([[14, top + 5], [56, top - 2], [98, top], [108, (top + low) / 2], [100, low], [58, low + 3], [16, low - 3]])
        flip = rng.random() < 0.5
        turn = lambda p: p * [-1, 1] + [112, 0] if flip else p
        before = self.pixels.copy()
        self.put(turn(self.jitter(points, 2)), np.tile(tone.astype(np.float32), (self.side, self.side, 1)), 0.9)
        y = top + 3
        while y < low - 3:
            bend = rng.normal(0, 1.5, 3)
            dark = tone * rng.uniform(0.4, 0.75)
            for (x0, x1), (b0, b1) in zip([(16, 52), (52, 92)], [(bend[0], bend[1]), (bend[1], bend[2])]):
                p, q = turn(np.array([[x0, y + b0], [x1, y + b1]]))
                self.line(p, q, dark, rng.uniform(0.6, 1.6))
            y += rng.uniform(6.5, 10)
        blend = rng.uniform(0.0, 0.06)
        self.pixels = cv2.GaussianBlur(self.pixels * (1 - blend) + before * blend, (0, 0), 0.4 * self.scale)

    def thing(self):
        """A cup, a phone, a sheet of paper before the mouth."""
        rng = self.rng
        x, y, w, h = rng.uniform(46, 66), rng.uniform(88, 98), rng.uniform(18, 34), rng.uniform(16, 34)
        turn = rng.normal(0, 0.25)
        corners = np.array([[-w, -h], [w, -h], [w, h], [-w, h]]) / [1, 1.25]
        rotate = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
        self.put(corners @ rotate + [x, max(y, 78 + h / 1.25)], self.cloth(rng.choice(CLOTHS)), 0.4, rng.random() < 0.5)

    def dark_glasses(self):
        rng, side = self.rng, self.side
        through, tint = rng.uniform(0, 0.28), rng.uniform(3, 60, 3)
        if rng.random() < 0.2:
            tint = rng.uniform(40, 200, 3)
        radius, flat, square = rng.uniform(12, 21), rng.uniform(0.65, 1), rng.uniform(0.45, 1)
        frame = rng.uniform(0, 70, 3)
        y, x = np.mgrid[:side, :side]
        for cx in (37.5, 74.5):
            turn = np.linspace(0, 2 * np.pi, 40)
            power = lambda v: np.sign(v) * abs(v) ** square
            outline = np.stack([cx + radius * power(np.cos(turn)), 53 + radius * flat * power(np.sin(turn))], 1)
            mask = np.zeros((side, side), np.float32)
            cv2.fillPoly(mask, [self.at(outline).round().astype(np.int32)], 1.0, cv2.LINE_AA)
            mask = cv2.GaussianBlur(mask, (0, 0), 0.5 * self.scale)[..., None]
            glow = self.at([[cx + rng.normal(0, 6), 53 + rng.normal(0, 5)]])[0]
            spot = np.exp(-((x - glow[0]) ** 2 + (y - glow[1]) ** 2) / (2 * (rng.uniform(2, 8) * self.scale) ** 2))[..., None]
            shade = tint * (1 + rng.uniform(-0.5, 0.9) * (y[..., None] - side / 2) / side)
            lens = self.pixels * through + shade + spot * rng.uniform(0, 170)
            self.pixels = self.pixels * (1 - mask) + lens.clip(0, 255) * mask
            cv2.polylines(self.pixels, [self.at(outline).round().astype(np.int32)], True, frame.tolist(), max(1, round(rng.uniform(0.5, 2.5) * self.scale)), cv2.LINE_AA)
        self.bridge(radius, frame)

    def bridge(self, radius, colour):
        self.line((37.5 + radius, 51), (74.5 - radius, 51), colour, 1.6)
        self.line((37.5 - radius, 52), (12, 49), colour, 1.6)
        self.line((74.5 + radius, 52), (100, 49), colour, 1.6)

    def eye_mask(self):
        top, low = self.rng.uniform(34, 42), self.rng.uniform(60, 66)
        self.put(self.jitter([[8, top + 4], [56, top], [104, top + 4], [102, low], [60, low - 3], [52, low - 3], [10, low]], 1.5), self.cloth(self.rng.choice(CLOTHS)))

    def visor(self):
        """A cap's peak, and its shadow over the eyes."""
        rng = self.rng
        line = self.at([[0, rng.uniform(60, 70)]])[0][1]
        y, x = np.mgrid[: self.side, : self.side]
        slope = rng.normal(0, 0.12)
        fade = 1 / (1 + np.exp((y + slope * (x - self.side / 2) - line) / (rng.uniform(0.8, 3) * self.scale)))
        self.pixels = self.pixels * (1 - fade * (1 - rng.uniform(0.06, 0.2)))[..., None]
        brim = rng.uniform(36, 46)
        self.put(self.jitter([[-20, -80], [132, -80], [132, brim - 8], [98, brim + 2], [56, brim - 2], [14, brim + 2], [-20, brim - 8]], 1.5), self.cloth(rng.choice(CLOTHS)))

    def fringe(self):
        """Hair over both eyes."""
        rng = self.rng
        low = rng.uniform(60, 68)
        points = [[8, -10], [104, -10], [100, low - 6]] + [[x, low + rng.normal(0, 2.5)] for x in range(92, 18, -8)] + [[12, low - 6]]
        self.put(points, self.hair(), 0.6)

    def hair(self):
        strands = cv2.GaussianBlur(self.rng.normal(0, 1, (self.side, self.side)).astype(np.float32), (0, 0), sigmaX=0.5 * self.scale, sigmaY=4 * self.scale)
        strands /= strands.std()
        tone = np.array([[18, 20, 26], [30, 45, 70], [90, 130, 160], [120, 120, 125]][self.rng.integers(4)]) * self.rng.uniform(0.7, 1.3)
        return tone * (1 + 0.22 * strands[..., None])

    # --- what may stay ---

    def glasses(self):
        rng = self.rng
        radius, colour, width = rng.uniform(11.5, 18), rng.uniform(0, 170, 3), rng.uniform(0.6, 3.2)
        for cx in (37.5, 74.5):
            x, y = (int(v) for v in self.at([[cx, 53]])[0])
            r = radius * self.scale
            if rng.random() < 0.5:
                cv2.ellipse(self.pixels, (x, y), (int(r), int(r * 0.85)), 0, 0, 360, colour.tolist(), max(1, round(width * self.scale)), cv2.LINE_AA)
            else:
                cv2.rectangle(self.pixels, (int(x - r), int(y - r * 0.7)), (int(x + r), int(y + r * 0.75)), colour.tolist(), max(1, round(width * self.scale)), cv2.LINE_AA)
            if rng.random() < 0.4:
                spot = np.zeros((self.side, self.side), np.float32)
                cv2.ellipse(spot, (int(x + rng.normal(0, 4) * self.scale), int(y - rng.uniform(1, 6) * self.scale)), (int(4 * self.scale), int(2 * self.scale)), rng.uniform(0, 180), 0, 360, 1, -1, cv2.LINE_AA)
                self.pixels = self.pixels + (255 - self.pixels) * (cv2.GaussianBlur(spot, (0, 0), self.scale) * rng.uniform(0.2, 0.7))[..., None]
        self.bridge(radius, colour)

    def beard(self):
        rng = self.rng
        mask = np.zeros((self.side, self.side), np.float32)
        lip = 80 + rng.uniform(-1, 3)
        cv2.fillPoly(mask, [self.at(self.jitter([[18, 66], [26, 80], [40, lip + 2], [56, lip], [72, lip + 2], [86, 80], [94, 66], [90, 102], [74, 122], [56, 126], [38, 122], [22, 102]], 1.5)).astype(np.int32)], 1.0)
        x, y = (int(v) for v in self.at([[56, 92.5]])[0])
        cv2.ellipse(mask, (x, y), (int(rng.uniform(14, 18) * self.scale), int(rng.uniform(3.5, 6) * self.scale)), 0, 0, 360, 0, -1)
        mask = cv2.GaussianBlur(mask, (0, 0), 1.5 * self.scale)[..., None] * rng.uniform(0.3, 0.95)
        self.pixels = (self.pixels * (1 - mask) + self.hair() * mask).clip(0, 255)

    def cap(self):
        low = self.rng.uniform(16, 30)
        self.put(self.jitter([[-20, -80], [132, -80], [132, low - 6], [102, low + 2], [56, low], [10, low + 2], [-20, low - 6]], 1.5), self.cloth(self.rng.choice(CLOTHS)))

    def collar(self):
        """A scarf or collar that leaves mouth and chin free."""
        top = self.rng.uniform(117, 126)
        self.put(self.jitter([[-20, top + 4], [56, top + self.rng.uniform(0, 8)], [132, top + 4], [140, 240], [-28, 240]], 2), self.cloth(self.rng.choice(CLOTHS)), 1)

    def shoulder(self):
        """A bare or clad shoulder before the chin of a head that is turned."""
        rng = self.rng
        tone = self.skin() * rng.uniform(0.75, 1.25) if rng.random() < 0.6 else rng.uniform(0, 255, 3)
        cloth = np.tile(tone.astype(np.float32), (self.side, self.side, 1))
        top, low = rng.uniform(104, 114), rng.uniform(124, 140)
        points = np.array([[-20, low + 30], [10, low], [40, top + 6], [64, top], [90, top + 4], [132, top + 24], [140, 240], [-28, 240]])
        flip = rng.random() < 0.5
        self.put(self.jitter(points * [-1, 1] + [112, 0] if flip else points, 2), cloth, 1.2)

    def headscarf(self):
        """Cloth all round the face, the face free."""
        cloth = self.folds(self.cloth(self.rng.choice(CLOTHS)))
        mask = np.ones((self.side, self.side), np.float32)
        x, y = self.at([[56, 70]])[0]
        cv2.ellipse(mask, (int(x), int(y)), (int(self.rng.uniform(43, 50) * self.scale), int(self.rng.uniform(50, 56) * self.scale)), 0, 0, 360, 0, -1)
        reach = np.zeros_like(mask)
        cv2.ellipse(reach, (int(x), int(y)), (int(64 * self.scale), int(78 * self.scale)), 0, 0, 360, 1, -1)
        mask = cv2.GaussianBlur(mask * reach, (0, 0), 0.8 * self.scale)[..., None]
        self.pixels = self.pixels * (1 - mask) + cloth.clip(0, 255) * mask

    def lipstick(self):
        spot = np.zeros((self.side, self.side), np.float32)
        x, y = (int(v) for v in self.at([[56, 92.5]])[0])
        cv2.ellipse(spot, (x, y), (int(15 * self.scale), int(4 * self.scale)), 0, 0, 360, 1, -1)
        spot = cv2.GaussianBlur(spot, (0, 0), self.scale)[..., None] * self.rng.uniform(0.2, 0.6)
        self.pixels = self.pixels * (1 - spot) + self.pixels * np.array([0.5, 0.45, 1.15]) * spot


MOUTH = {f"mask {k}": (lambda f, k=k: f.mask(k)) for k in CLOTHS} | {f"scarf {k}": (lambda f, k=k: f.scarf(k)) for k in CLOTHS}
MOUTH |= {"hand": Face.hand, "thing": Face.thing}
EYES = {"dark glasses": Face.dark_glasses, "eye mask": Face.eye_mask, "visor": Face.visor, "hand over eyes": lambda f: f.hand(True), "fringe": Face.fringe}
ALLOWED = {"nothing": lambda f: None, "glasses": Face.glasses, "beard": Face.beard, "cap": Face.cap, "collar": Face.collar, "headscarf": Face.headscarf, "shoulder": Face.shoulder, "lipstick": Face.lipstick}
