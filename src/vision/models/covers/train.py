#!/usr/bin/env python3
"""Fit the two heads that tell a covered mouth and covered eyes from YuNet's inner values, and write face/covering.bin.

    python3 src/vision/models/covers/train.py --models DIR --portraits FOLDER [--held FOLDER] --out src/vision/face/covering.bin

See the README beside this file for where the portraits come from.
"""

import argparse
import pathlib

import cv2
import numpy as np
import onnx
import onnxruntime
from onnx import helper
from sklearn.linear_model import LogisticRegression

from draw import ALLOWED, EYES, MOUTH, Face, fit, warp

SEED = 20261
# The crop that the heads see: the template 1.4 times as large in 160 pixels, its (56, 72) at (80, 86).
SIDE, SCALE, CENTRE = 160, 1.4, (80, 86)
# Added to the odds from which a thing counts as covered: a mask is told so surely that free faces can have more room.
ROOM = {"mouth": 0.4, "eyes": 0.0}
# Left, right, top and bottom in the template; the means of these rectangles, 64 channels each, are a head's input.
MOUTH_TAP, MOUTH_STRIDE = "214", 8
MOUTH_REGIONS = [[(40, 72, 86, 100)], [(44, 68, 100, 110)], [(48, 64, 62, 76)]]
EYES_TAP, EYES_STRIDE = "205", 4
EYES_REGIONS = [[(28, 48, 44, 60), (64, 84, 44, 60)], [(48, 64, 44, 58)], [(30, 82, 22, 38)]]


class Net:
    def __init__(self, path):
        model = onnx.load(str(path))
        for tap in (MOUTH_TAP, EYES_TAP):
            model.graph.output.append(helper.make_tensor_value_info(tap, onnx.TensorProto.FLOAT, None))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        self.session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])

    def run(self, names, pixels):
        height, width = (-(-n // 32) * 32 for n in pixels.shape[:2])
        padded = np.zeros((height, width, 3), np.float32)
        padded[: pixels.shape[0], : pixels.shape[1]] = pixels
        return self.session.run(names, {"input": np.ascontiguousarray(padded.transpose(2, 0, 1)[None])})

    def faces(self, pixels, least):
        """(score, left, top, width, height, landmarks) of each grid cell above the least score, best first, unsuppressed."""
        found = []
        for stride in (8, 16, 32):
            cls, obj, box, points = (o.reshape(-1, n) for o, n in zip(self.run([f"{k}_{stride}" for k in ("cls", "obj", "bbox", "kps")], pixels), (1, 1, 4, 10)))
            score = np.sqrt(cls.clip(0, 1) * obj.clip(0, 1))[:, 0]
            columns = -(-pixels.shape[1] // 32) * 32 // stride
            for i in np.nonzero(score > least)[0]:
                cell = np.array([i % columns, i // columns])
                size = np.exp(box[i, 2:]) * stride
                corner = (cell + box[i, :2]) * stride - size / 2
                found.append((score[i], *corner, *size, (points[i].reshape(5, 2) + cell) * stride))
        return sorted(found, key=lambda f: -f[0])

    def features(self, crop):
        mouth, eyes = self.run([MOUTH_TAP, EYES_TAP], crop)
        return means(mouth[0], MOUTH_STRIDE, MOUTH_REGIONS), means(eyes[0], EYES_STRIDE, EYES_REGIONS)


def means(values, stride, regions):
    out = []
    for rectangles in regions:
        parts = []
        for left, right, top, bottom in rectangles:
            x0, x1 = (int(np.floor(((x - 56) * SCALE + CENTRE[0]) / stride + 0.5)) for x in (left, right))
            y0, y1 = (int(np.floor(((y - 72) * SCALE + CENTRE[1]) / stride + 0.5)) for y in (top, bottom))
            parts.append(values[:, y0 : max(y1, y0 + 1), x0 : max(x1, x0 + 1)].mean((1, 2)))
        out.append(np.mean(parts, 0))
    return np.concatenate(out)


def portraits(net, folder):
    """(name, crop of 256 pixels about the face) of every face in a folder's pictures that looks at the camera."""
    for path in sorted(pathlib.Path(folder).iterdir()):
        picture = cv2.imread(str(path))
        if picture is None:
            continue
        shrink = max(1, max(picture.shape[:2]) / 640)
        small = cv2.resize(picture, None, fx=1 / shrink, fy=1 / shrink, interpolation=cv2.INTER_AREA)
        kept = []
        for face in net.faces(small.astype(np.float32), 0.84):
            centre = np.array([face[1] + face[3] / 2, face[2] + face[4] / 2])
            if face[3] * shrink < 70 or any(np.hypot(*(centre - c)) < w / 2 for c, w in kept):
                continue
            kept.append((centre, face[3]))
            right_eye, left_eye, nose, right_mouth, left_mouth = face[5]
            across, eyes, mouth = left_eye - right_eye, (left_eye + right_eye) / 2, (left_mouth + right_mouth) / 2
            apart = np.hypot(*across)
            along = lambda p: (p - eyes) @ across / apart
            down = lambda p: ((p - eyes)[1] * across[0] - (p - eyes)[0] * across[1]) / apart
            if abs(along(nose) - along(mouth) / 2) / apart < 0.2 and abs(down(nose) / down(mouth) - 0.56) < 0.2:
                crop = warp(picture, fit(face[5] * shrink, 1.4, (128, 133.12)), 256)
                yield f"{path.name} {len(kept)}", crop


def camera(pixels, rng):
    """Another light, another lens, another size on the sensor."""
    height, width = pixels.shape[:2]
    y, x = np.mgrid[:height, :width] / width - 0.5
    angle = rng.uniform(0, 2 * np.pi)
    light = rng.uniform(0.5, 1.15) * (1 + rng.uniform(0, 0.4) * (x * np.cos(angle) + y * np.sin(angle)))
    out = pixels * light[..., None] * (1 + rng.normal(0, 0.07, 3))
    out = 255 * (out / 255).clip(0, 1) ** rng.uniform(0.8, 1.25)
    # 49 pixels between the eyes become 30 or more: smaller faces are asked to come closer before anything else.
    shrink = rng.uniform(0.62, 1.0)
    out = cv2.resize(out.astype(np.float32), None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    out = cv2.GaussianBlur(out, (0, 0), rng.uniform(0.25, 0.8))
    out = (out + rng.normal(0, rng.uniform(0.5, 4), out.shape)).clip(0, 255)
    if rng.random() < 0.4:
        good, code = cv2.imencode(".jpg", out.astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(70, 95))])
        out = cv2.imdecode(code, cv2.IMREAD_COLOR).astype(np.float32)
    return out


def someone_else(pixels, rng):
    """The same face with other proportions and another skin, for want of more people."""
    side = pixels.shape[0]
    y, x = np.mgrid[:side, :side].astype(np.float32)
    shift = np.zeros((side, side, 2), np.float32)
    # Smooth shifts of a few pixels, the landmarks' places least.
    for cells, reach in ((4, 9.0), (7, 4.0)):
        field = rng.normal(0, reach, (cells, cells, 2)).astype(np.float32)
        shift += cv2.resize(field, (side, side), interpolation=cv2.INTER_CUBIC)
    middle = np.exp(-(((x - side / 2) / (0.3 * side)) ** 2 + ((y - 0.52 * side) / (0.3 * side)) ** 2))
    shift *= (1 - 0.45 * middle)[..., None]
    out = cv2.remap(pixels.astype(np.float32), x + shift[..., 0], y + shift[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    tone = rng.uniform(0.35, 1.25) if rng.random() < 0.6 else 1.0
    tint = np.array([tone * rng.uniform(0.85, 1.1), tone * rng.uniform(0.93, 1.05), tone ** 0.8])
    return (255 * (out / 255).clip(0, 1) ** rng.uniform(0.75, 1.3) * tint).clip(0, 255)


def samples(net, faces, times, seed, vary):
    rng = np.random.default_rng(seed)
    for name, crop in faces:
        for group, things in (("mouth", MOUTH), ("eyes", EYES), ("none", ALLOWED)):
            for thing, draw in things.items():
                # The cloths of masks and scarves are many; every group weighs about the same.
                for _ in range(times * {"mouth": 1, "eyes": 4, "none": 4}[group] * (3 if thing == "nothing" else 1) * (3 if thing in ("hand", "thing") else 1)):
                    pixels = crop
                    if rng.random() < 0.5:
                        pixels = np.ascontiguousarray(pixels[:, ::-1])
                    turn = cv2.getRotationMatrix2D((128, 133), rng.normal(0, 5), rng.uniform(0.9, 1.1))
                    turn[0] *= rng.uniform(0.94, 1.06)
                    pixels = cv2.warpAffine(pixels, turn, (256, 256), borderMode=cv2.BORDER_REPLICATE)
                    if vary:
                        pixels = someone_else(pixels, rng)
                    face = Face(pixels, 1.4, rng)
                    if group != "none" and rng.random() < 0.3:
                        ALLOWED[rng.choice(["cap", "headscarf", "collar"])](face)
                    if group == "mouth" and rng.random() < 0.25:
                        face.glasses()
                    draw(face)
                    seen = camera(face.pixels, rng)
                    middle = np.array(seen.shape[1::-1]) / 2
                    found = [f for f in net.faces(seen, 0.4) if f[1] < middle[0] < f[1] + f[3] and f[2] < middle[1] < f[2] + f[4]]
                    if found:
                        marks = found[0][5] + rng.normal(0, 0.012 * found[0][3], (5, 2))
                        yield name, group, thing, *net.features(warp(seen, fit(marks, SCALE, CENTRE), SIDE))


def head(inputs, covered, weight):
    """Logistic regression on standardised inputs, as weights of the plain inputs."""
    mean, deviation = inputs.mean(0), inputs.std(0) + 1e-6
    model = LogisticRegression(C=0.01, max_iter=3000)
    model.fit((inputs - mean) / deviation, covered, sample_weight=weight)
    weights = model.coef_[0] / deviation
    return weights, model.intercept_[0] - weights @ mean


def least_odds(inputs, covered, weight, person):
    """The odds that one free face in a hundred exceeds when its person was not trained on: four people are few."""
    scores = np.zeros(len(covered))
    for name in np.unique(person):
        out = person == name
        weights, bias = head(inputs[~out], covered[~out], weight[~out])
        scores[out] = inputs[out] @ weights + bias
    least = np.quantile(scores[~covered], 0.99)
    print(f"  leaving one portrait out: from {least:.2f} up {(scores[covered] >= least).mean():.2%} of the covers are refused")
    return least


def report(title, score, group, thing, wanted):
    print(title)
    for name in dict.fromkeys(thing):
        at = thing == name
        print(f"  {name:18} {group[at][0]:6} called covered {(score[at] > 0).mean():6.1%} of {at.sum()}")
    free, cover = group == "none", group == wanted
    print(f"  all: covers refused {(score[cover] > 0).mean():.2%}, free faces refused {(score[free] > 0).mean():.2%}")


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--models", type=pathlib.Path, required=True)
    arguments.add_argument("--portraits", type=pathlib.Path, required=True)
    arguments.add_argument("--held", type=pathlib.Path)
    arguments.add_argument("--times", type=int, default=4)
    arguments.add_argument("--out", type=pathlib.Path)
    arguments = arguments.parse_args()
    net = Net(arguments.models / "face_detection.onnx")

    def gather(folder, times, seed, vary):
        faces = list(portraits(net, folder))
        rows = list(samples(net, faces, times, seed, vary))
        print(f"{folder}: {len(faces)} faces, {len(rows)} samples", flush=True)
        return [np.array(column) for column in zip(*rows)]

    name, group, thing, mouth, eyes = gather(arguments.portraits, arguments.times, SEED, True)
    held = gather(arguments.held, 1, SEED + 1, False) if arguments.held else None
    numbers = []
    for index, wanted, inputs in ((3, "mouth", mouth), (4, "eyes", eyes)):
        use = np.isin(group, [wanted, "none"])
        cover = group == wanted
        weight = np.where(cover, 0.5 / cover[use].mean(), 0.7 / (1 - cover[use].mean()))
        weights, bias = head(inputs[use], cover[use], weight[use])
        bias -= least_odds(inputs[use], cover[use], weight[use], name[use]) + ROOM[wanted]
        numbers += [*weights, bias]
        report(f"{wanted}: trained on", inputs @ weights + bias, group, thing, wanted)
        if held:
            report(f"{wanted}: other people", held[index] @ weights + bias, held[1], held[2], wanted)
            kinds = np.array([t.split()[0] for t in thing])
            held_kinds = np.array([t.split()[0] for t in held[2]])
            for kind in dict.fromkeys(kinds[cover]):
                without = use & ~(cover & (kinds == kind))
                w, b = head(inputs[without], cover[without], weight[without])
                # As strict on free faces of other people as the head that was trained on all.
                free = held[1] == "none"
                spread = np.quantile(held[index][free] @ w + b, 1 - (held[index][free] @ weights + bias > 0).mean())
                at = held_kinds == kind
                print(f"  other people, {kind} never trained: {(held[index][at] @ w + b > spread).mean():.1%} of {at.sum()}")
    if arguments.out:
        arguments.out.write_bytes(np.array(numbers, "<f4").tobytes())
        print(f"wrote {len(numbers)} numbers to {arguments.out}")


if __name__ == "__main__":
    main()
