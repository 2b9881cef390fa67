"""Trains the MRZ line reader and writes it as ONNX. See README.md."""

import argparse
import time

import numpy as np
import torch
from torch import nn

from lines import ALPHABET, BLANK, HEIGHT, WIDTH, Lines


def block(i, o, kernel=3, stride=1, padding=1):
    return nn.Sequential(nn.Conv2d(i, o, kernel, stride, padding, bias=False), nn.BatchNorm2d(o), nn.ReLU())


class LineReader(nn.Module):
    """Strip [n, 1, 28, 16 c] -> log-probabilities [n, 38, 4 c]: every frame is 4 pixels wide."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            block(1, 16, 5, 2, 2),
            block(16, 32),
            block(32, 48, 3, 2),
            block(48, 64),
            block(64, 96, 3, (2, 1)),
            nn.Dropout2d(0.05),
            block(96, 128, (4, 3), 1, (0, 1)),
            block(128, 128, (1, 3), 1, (0, 1)),
            nn.Dropout2d(0.1),
            nn.Conv2d(128, BLANK + 1, 1),
        )

    def forward(self, strip):
        return torch.log_softmax(self.body(strip).squeeze(2), 1)


def batch_of(lines, seeds):
    pairs = [lines.strip(int(s)) for s in seeds]
    x = torch.from_numpy(np.stack([p[0] for p in pairs]))[:, None]
    return x, torch.from_numpy(np.stack([p[1] for p in pairs]))


def main():
    ask = argparse.ArgumentParser()
    ask.add_argument("--strips", type=int, default=110_000)
    ask.add_argument("--batch", type=int, default=48)
    ask.add_argument("--rate", type=float, default=4e-3)
    ask.add_argument("--threads", type=int, default=1)
    ask.add_argument("--seed", type=int, default=9303)
    ask.add_argument("--into", default="../mrz/line_reader.onnx")
    given = ask.parse_args()

    torch.set_num_threads(given.threads)
    torch.manual_seed(given.seed)
    torch.use_deterministic_algorithms(True)
    lines = Lines()
    net = LineReader()
    print("parameters", sum(p.numel() for p in net.parameters()), flush=True)
    steps = given.strips // given.batch
    optimiser = torch.optim.AdamW(net.parameters(), lr=given.rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, given.rate, total_steps=steps, pct_start=0.15)
    loss_of = nn.NLLLoss()
    # Training seeds and held-out seeds never meet.
    held_x, held_y = batch_of(lines, range(10**9, 10**9 + 384))
    began, shown = time.time(), 0.0
    for step in range(steps):
        first = given.seed * 10**7 + step * given.batch
        x, y = batch_of(lines, range(first, first + given.batch))
        loss = loss_of(net(x), y)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimiser.step()
        schedule.step()
        shown += loss.item()
        if (step + 1) % 50 == 0:
            note = f"{step + 1}/{steps} loss {shown / 50:.4f} {time.time() - began:.0f} s"
            shown = 0.0
            if (step + 1) % 200 == 0:
                net.eval()
                with torch.no_grad():
                    said = net(held_x).argmax(1)
                ink = held_y != BLANK
                note += f" held-out frames {(said[ink] == held_y[ink]).float().mean():.4f}"
                net.train()
                export(net, given.into)
            print(note, flush=True)
    export(net, given.into)


def export(net, path):
    was = net.training
    net.eval()
    torch.onnx.export(
        net,
        torch.zeros(1, 1, HEIGHT, WIDTH),
        path,
        input_names=["strip"],
        output_names=["frames"],
        dynamic_axes={"strip": {0: "lines", 3: "width"}, "frames": {0: "lines", 2: "frames"}},
        opset_version=17,
    )
    net.train(was)


if __name__ == "__main__":
    assert len(ALPHABET) == 37
    main()
