"""Trains the MRZ line reader and writes it as ONNX. See README.md."""

import argparse
import multiprocessing
import os
import time

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper
from torch import nn

from lines import ALPHABET, BLANK, HEIGHT, WIDTH, Lines

HELD_OUT = range(10**9, 10**9 + 512)  # no training seed comes near these


def block(i, o, kernel=3, stride=1, padding=1):
    return nn.Sequential(nn.Conv2d(i, o, kernel, stride, padding, bias=False), nn.BatchNorm2d(o), nn.ReLU())


class Beside(nn.Module):
    """A block's word added to what was known."""

    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, x):
        return x + self.inner(x)


def quick():
    """Strip [n, 1, 28, 16 c] -> scores [n, 38, 1, 4 c]: every frame is 4 pixels wide.

    Most of the reading happens at a quarter of the width: half of it would cost twice the time."""
    return [
        block(1, 16, 5, 2, 2),
        block(16, 40, 3, 2),
        block(40, 64),
        block(64, 96, 3, (2, 1)),
        block(96, 160, (4, 3), 1, (0, 1)),
        Beside(block(160, 160, (1, 3), 1, (0, 1))),
        Beside(block(160, 160, (1, 3), 1, (0, 1))),
        nn.Dropout2d(0.05),
        nn.Conv2d(160, BLANK + 1, 1),
    ]


def careful():
    """The same, at three and a half times the price: for print in which the quick one is in doubt."""
    return [
        block(1, 24, 5, 2, 2),
        block(24, 48, 3, (1, 2)),
        block(48, 64, 3, (2, 1)),
        Beside(block(64, 64)),
        block(64, 128, 3, (2, 1)),
        Beside(block(128, 128)),
        block(128, 256, (4, 3), 1, (0, 1)),
        Beside(block(256, 256, (1, 5), 1, (0, 2))),
        Beside(block(256, 256, (1, 5), 1, (0, 2))),
        nn.Dropout2d(0.05),
        nn.Conv2d(256, BLANK + 1, 1),
    ]


class LineReader(nn.Module):
    """Strip [n, 1, 28, 16 c] -> log-probabilities [n, 38, 4 c]."""

    def __init__(self, body):
        super().__init__()
        self.body = nn.Sequential(*body)

    def forward(self, strip):
        return torch.log_softmax(self.body(strip).squeeze(2).float(), 1)


# Layers, strips, highest rate, whether the lines are the harder ones.
NETS = {"quick": (quick, 320_000, 4e-3, False), "careful": (careful, 768_000, 3e-3, True)}

LINES = None


def batch_of(asked):
    seeds, harder = asked
    global LINES
    if LINES is None or LINES.harder != harder:
        LINES = Lines(harder)
    pairs = [LINES.strip(seed) for seed in seeds]
    return np.stack([p[0] for p in pairs])[:, None], np.stack([p[1] for p in pairs])


def tensors(batch):
    x, y = batch
    return torch.from_numpy(x).to(memory_format=torch.channels_last), torch.from_numpy(y)


def main():
    ask = argparse.ArgumentParser()
    ask.add_argument("--net", choices=NETS, default="quick")
    ask.add_argument("--strips", type=int, help="each is seen once; the default is the shipped net's")
    ask.add_argument("--batch", type=int, default=64)
    ask.add_argument("--threads", type=int, default=1)
    ask.add_argument("--drawers", type=int, default=1, help="processes that draw strips; the net does not depend on it")
    ask.add_argument("--seed", type=int, default=9303)
    ask.add_argument("--into", required=True)
    given = ask.parse_args()

    torch.set_num_threads(given.threads)
    torch.manual_seed(given.seed)
    torch.use_deterministic_algorithms(True)
    layers, strips, rate, harder = NETS[given.net]
    net = LineReader(layers()).to(memory_format=torch.channels_last)
    print("parameters", sum(p.numel() for p in net.parameters()), flush=True)
    steps = (given.strips or strips) // given.batch
    optimiser = torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=steps, pct_start=0.12)
    loss_of = nn.NLLLoss()
    first = given.seed * 10**7
    seeds = ((range(first + n * given.batch, first + (n + 1) * given.batch), harder) for n in range(steps))
    with multiprocessing.get_context("fork").Pool(given.drawers) as drawers:
        held = [(HELD_OUT[n : n + 64], False) for n in range(0, len(HELD_OUT), 64)]
        held = [tensors(b) for b in drawers.map(batch_of, held)]
        began, shown = time.time(), 0.0
        for step, batch in enumerate(drawn(drawers, seeds, 8 * given.drawers)):
            x, y = tensors(batch)
            with torch.autocast("cpu", torch.bfloat16):
                said = net(x)
            loss = loss_of(said, y)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 5.0)
            optimiser.step()
            schedule.step()
            shown += loss.item()
            if (step + 1) % 50 == 0:
                note = f"{step + 1}/{steps} loss {shown / 50:.4f} {time.time() - began:.0f} s"
                shown = 0.0
                if (step + 1) % 250 == 0:
                    note += f" held-out characters {told(net, held):.4f}"
                    export(net, given.into)
                print(note, flush=True)
    print(f"held-out characters {told(net, held):.4f}")
    export(net, given.into)


def drawn(drawers, seeds, ahead):
    """The batches in their order, not more than `ahead` of them waiting."""
    waiting = []
    for some in seeds:
        waiting.append(drawers.apply_async(batch_of, (some,)))
        if len(waiting) >= ahead:
            yield waiting.pop(0).get()
    for batch in waiting:
        yield batch.get()


def told(net, held):
    """Share of the held-out frames with ink that are named rightly."""
    net.eval()
    right = count = 0
    with torch.no_grad():
        for x, y in held:
            ink = y != BLANK
            right += (net(x).argmax(1)[ink] == y[ink]).sum().item()
            count += ink.sum().item()
    net.train()
    return right / count


def export(net, path):
    """Writes beside the file and puts it in place, so that an interrupted run leaves a whole one."""
    was = net.training
    net.eval()
    torch.onnx.export(
        net,
        torch.zeros(1, 1, HEIGHT, WIDTH),
        path + ".part",
        input_names=["strip"],
        output_names=["frames"],
        dynamic_axes={"strip": {0: "lines", 3: "width"}, "frames": {0: "lines", 2: "frames"}},
        opset_version=17,
    )
    onnx.save(lightened(onnx.load(path + ".part")), path + ".part")
    os.replace(path + ".part", path)
    net.train(was)


def lightened(model):
    """The same net with eight bits for each of its weights and a scale for each output channel."""
    graph = model.graph
    weights = {w.name: w for w in graph.initializer if len(w.dims) == 4}
    for name, weight in weights.items():
        values = numpy_helper.to_array(weight)
        scale = np.abs(values).reshape(len(values), -1).max(1).astype(np.float32) / 127
        scale = np.maximum(scale, np.finfo(np.float32).tiny)
        small = np.rint(values / scale[:, None, None, None]).astype(np.int8)
        weight.CopyFrom(numpy_helper.from_array(small, name + ".int8"))
        graph.initializer.append(numpy_helper.from_array(scale, name + ".scale"))
        node = helper.make_node("DequantizeLinear", [name + ".int8", name + ".scale"], [name], axis=0)
        graph.node.insert(0, node)
    onnx.checker.check_model(model)
    return model


if __name__ == "__main__":
    assert len(ALPHABET) == 37
    main()
