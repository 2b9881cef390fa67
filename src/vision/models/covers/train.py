#!/usr/bin/env python3
"""Fit the two heads that tell a covered mouth and covered eyes from YuNet's inner values, and write face/covering.bin.

    python3 src/vision/models/covers/train.py --models DIR [--held FOLDER] --out src/vision/face/covering.bin

`DIR` is what models/fetch.py fills, the two portraits among it; people.py makes many people of them.
"""

import argparse
import concurrent.futures
import itertools
import pathlib

import cv2
import numpy as np
import onnx
import onnxruntime
from onnx import helper
from sklearn.linear_model import LogisticRegression

from draw import ALLOWED, EYES, MOUTH, Face, fit, warp
from people import someone, turned

SEED = 20261
# The crop that the heads see: the template 1.4 times as large in 160 pixels, its (56, 72) at (80, 86).
SIDE, SCALE, CENTRE = 160, 1.4, (80, 86)
SITTERS = ["astronaut.png", "grace_hopper.jpg"]
# So many free faces of one sitter may be called covered by a head that knows the other alone. A mouth is told more surely.
FREE_REFUSED = {"mouth": 0.01, "eyes": 0.015}
# So many samples are drawn with one sequence of chance, in a process of its own.
CHUNK = 2000
THINGS = {"mouth": MOUTH, "eyes": EYES, "none": ALLOWED}
SHARES = {
    "mouth": dict.fromkeys(MOUTH, 1) | {"hand": 6, "thing": 6},
    "eyes": dict.fromkeys(EYES, 1) | {"dark glasses": 2},
    "none": {"nothing": 6, "glasses": 2.5, "beard": 4, "cap": 1, "collar": 1, "headscarf": 1.5, "shoulder": 1, "lipstick": 0.5},
}
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


def portraits(net, pictures):
    """(name, crop of 256 pixels about the face) of every face in the pictures that looks at the camera."""
    for path in pictures:
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


def chosen(rng, weights):
    names = list(weights)
    shares = np.array([weights[name] for name in names], float)
    return names[rng.choice(len(names), p=shares / shares.sum())]


def dressed(face, group, thing, rng):
    """Puts the thing on, and now and then what may go with it."""
    if group != "none" and rng.random() < 0.3:
        ALLOWED[rng.choice(["cap", "headscarf", "collar"])](face)
    if (group == "mouth" or thing == "beard") and rng.random() < 0.25:
        face.glasses()
    if group == "eyes" and rng.random() < 0.15:
        face.beard()
    THINGS[group][thing](face)


def seen(net, pixels, rng):
    """A head's features through a camera, or nothing where no face is found."""
    pixels = camera(pixels, rng)
    middle = np.array(pixels.shape[1::-1]) / 2
    for face in net.faces(pixels, 0.4):
        if face[1] < middle[0] < face[1] + face[3] and face[2] < middle[1] < face[2] + face[4]:
            marks = face[5] + rng.normal(0, 0.012 * face[3], (5, 2))
            return net.features(warp(pixels, fit(marks, SCALE, CENTRE), SIDE))
    return None


def held_askew(pixels, rng):
    if rng.random() < 0.5:
        pixels = np.ascontiguousarray(pixels[:, ::-1])
    turn = cv2.getRotationMatrix2D((128, 133), rng.normal(0, 5), rng.uniform(0.9, 1.1))
    turn[0] *= rng.uniform(0.94, 1.06)
    return cv2.warpAffine(pixels.astype(np.float32), turn, (256, 256), borderMode=cv2.BORDER_REPLICATE)


def made_up(models, folder, chunk):
    """Samples of people made of the portraits: a half of each one's alone, so that they can be held against each other."""
    net, rng = Net(models / "face_detection.onnx"), np.random.default_rng([SEED, chunk])
    crops = [crop for name in SITTERS for _, crop in portraits(net, [folder / name])]
    return list(people(net, crops, rng))


def people(net, crops, rng):
    pools = [[index] for index in range(len(crops))]
    pools += [list(range(len(crops)))] * len(crops)
    for index in range(CHUNK):
        pool = pools[index % len(pools)]
        group = chosen(rng, {"mouth": 0.33, "eyes": 0.27, "none": 0.4})
        thing = chosen(rng, SHARES[group])
        face = Face(held_askew(someone([crops[i] for i in pool], rng), rng), 1.4, rng)
        dressed(face, group, thing, rng)
        pixels = turned(face.pixels, rng).clip(0, 255) if rng.random() < 0.45 else face.pixels
        features = seen(net, pixels, rng)
        if features:
            yield pool[0] if len(pool) == 1 else -1, group, thing, *features


def as_they_are(net, crops, rng):
    """Samples of other people's portraits, nothing about them changed but what they wear and the camera."""
    for name, crop in enumerate(crops):
        for group, things in THINGS.items():
            for thing in things:
                for _ in range({"nothing": 12, "beard": 6, "hand": 3, "thing": 3}.get(thing, 1 if group == "mouth" else 3)):
                    face = Face(held_askew(crop, rng), 1.4, rng)
                    dressed(face, group, thing, rng)
                    features = seen(net, face.pixels, rng)
                    if features:
                        yield name, group, thing, *features


def head(inputs, covered, weight):
    """Logistic regression on standardised inputs, as weights of the plain inputs."""
    mean, deviation = inputs.mean(0), inputs.std(0) + 1e-6
    model = LogisticRegression(C=0.01, max_iter=3000)
    model.fit((inputs - mean) / deviation, covered, sample_weight=weight)
    weights = model.coef_[0] / deviation
    return weights, model.intercept_[0] - weights @ mean


def least_odds(inputs, covered, weight, person, share):
    """The odds that so many free faces exceed of a sitter whose portrait was not trained on."""
    scores = np.full(len(covered), np.nan)
    for name in np.unique(person[person >= 0]):
        out, others = person == name, (person >= 0) & (person != name)
        weights, bias = head(inputs[others], covered[others], weight[others])
        scores[out] = inputs[out] @ weights + bias
    known = ~np.isnan(scores)
    least = np.quantile(scores[known & ~covered], 1 - share)
    print(f"  one sitter by the other: from {least:.2f} up {(scores[known & covered] >= least).mean():.2%} of the covers are refused")
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
    arguments.add_argument("--portraits", type=pathlib.Path, help="the folder of models where it is not given")
    arguments.add_argument("--held", type=pathlib.Path)
    arguments.add_argument("--chunks", type=int, default=4, help=f"of {CHUNK} samples each")
    arguments.add_argument("--out", type=pathlib.Path)
    arguments = arguments.parse_args()
    net = Net(arguments.models / "face_detection.onnx")
    folder = arguments.portraits or arguments.models
    columns = lambda rows: [np.array(column) for column in zip(*rows)]
    with concurrent.futures.ProcessPoolExecutor() as pool:
        chunks = pool.map(made_up, *zip(*((arguments.models, folder, chunk) for chunk in range(arguments.chunks))))
        name, group, thing, mouth, eyes = columns(itertools.chain.from_iterable(chunks))
    print(f"{len(SITTERS)} sitters, {len(name)} samples", flush=True)
    held = None
    if arguments.held:
        others = [crop for _, crop in portraits(net, sorted(arguments.held.iterdir()))]
        held = columns(as_they_are(net, others, np.random.default_rng(SEED + 1)))
        print(f"{arguments.held}: {len(others)} faces, {len(held[0])} samples", flush=True)
    numbers = []
    for index, wanted, inputs in ((3, "mouth", mouth), (4, "eyes", eyes)):
        use = np.isin(group, [wanted, "none"])
        cover = group == wanted
        weight = np.where(cover, 0.5 / cover[use].mean(), 0.7 / (1 - cover[use].mean()))
        weights, bias = head(inputs[use], cover[use], weight[use])
        bias -= least_odds(inputs[use], cover[use], weight[use], name[use], FREE_REFUSED[wanted])
        numbers += [*weights, bias]
        report(f"{wanted}: trained on", inputs @ weights + bias, group, thing, wanted)
        if held:
            score = held[index] @ weights + bias
            report(f"{wanted}: other people", score, held[1], held[2], wanted)
            free, hidden = held[1] == "none", held[1] == wanted
            for share in (0.01, 0.02, 0.05):
                print(f"  were {share:.0%} of their free faces refused: covers {(score[hidden] > np.quantile(score[free], 1 - share)).mean():.1%}")
            print("  free faces refused by person:", " ".join(f"{(score[free & (held[0] == n)] > 0).mean():.0%}" for n in np.unique(held[0])))
    if arguments.out:
        arguments.out.write_bytes(np.array(numbers, "<f4").tobytes())
        print(f"wrote {len(numbers)} numbers to {arguments.out}")


if __name__ == "__main__":
    main()
