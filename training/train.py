"""Trains the detector on rendered frames and keeps the running mean of its weights.

    python train.py --data FOLDER --check FOLDER --out FOLDER [--epochs 7] [--seed 1]

One thread: with the same seed, data and versions the weights come out the same.
"""

import argparse
import copy
import json
import math
import time
from pathlib import Path

import numpy as np
import torch

from accuracy import detections, mean_average_precision
from data import Frames, load
from loss import loss_of
from model import CLASSES, Detector

BATCH = 16
PEAK_RATE = 4e-3
WARM_STEPS = 300


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--check", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=7)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    torch.use_deterministic_algorithms(True)
    random = np.random.default_rng(options.seed)
    options.out.mkdir(parents=True, exist_ok=True)
    frames, check = load(options.data), load(options.check)
    detector = Detector().to(memory_format=torch.channels_last)
    mean = copy.deepcopy(detector).eval()
    optimiser = torch.optim.AdamW(groups_of(detector), lr=PEAK_RATE)
    steps = len(frames) // BATCH
    total = steps * options.epochs
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: rate_at(step, total))
    began = time.monotonic()
    with open(options.out / "log.jsonl", "w") as log:
        for epoch in range(options.epochs):
            detector.train()
            order = random.permutation(len(frames))[: steps * BATCH].reshape(steps, BATCH)
            sums = {"scores": 0.0, "boxes": 0.0}
            for step, which in enumerate(order):
                images, objects = frames.batch(np.sort(which), random)
                loss, parts = loss_of(detector, images, objects)
                optimiser.zero_grad(set_to_none=True)
                loss.backward()
                torch.nn.utils.clip_grad_norm_(detector.parameters(), 10.0)
                optimiser.step()
                schedule.step()
                follow(mean, detector, epoch * steps + step)
                for name, value in parts.items():
                    sums[name] += value / steps
            line = {"epoch": epoch + 1, **{name: round(value, 4) for name, value in sums.items()}}
            if epoch % 3 == 2 or epoch == options.epochs - 1:
                at50, overall = judge(mean, check)
                line |= {"map50": round(at50, 4), "map": round(overall, 4)}
            line["minutes"] = round((time.monotonic() - began) / 60, 1)
            print(json.dumps(line), flush=True)
            log.write(json.dumps(line) + "\n")
            log.flush()
            torch.save(mean.state_dict(), options.out / "detector.pt")


def groups_of(detector: Detector) -> list[dict]:
    """Decay for the kernels only: scales and biases of one value each are left alone."""
    kernels = [p for p in detector.parameters() if p.ndim > 1]
    others = [p for p in detector.parameters() if p.ndim <= 1]
    return [{"params": kernels, "weight_decay": 0.02}, {"params": others, "weight_decay": 0.0}]


def rate_at(step: int, total: int) -> float:
    """Share of the peak: a straight rise, then half a cosine down to a hundredth."""
    if step < WARM_STEPS:
        return (step + 1) / WARM_STEPS
    share = min(1.0, (step - WARM_STEPS) / max(1, total - WARM_STEPS))
    return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * share))


@torch.no_grad()
def follow(mean: Detector, detector: Detector, step: int) -> None:
    """Exponential running mean, quicker at the beginning."""
    keep = min(0.998, (1 + step) / (10 + step))
    for kept, new in zip(mean.state_dict().values(), detector.state_dict().values()):
        if kept.dtype.is_floating_point:
            kept.lerp_(new, 1 - keep)
        else:
            kept.copy_(new)


@torch.no_grad()
def judge(detector: Detector, frames: Frames) -> tuple[float, float]:
    found = []
    for start in range(0, len(frames), 50):
        images, _ = frames.batch(np.arange(start, min(len(frames), start + 50)), None)
        raw, logits = detector(images)
        corners, scores = detector.corners(raw).transpose(1, 2), logits.sigmoid().transpose(1, 2)
        found += [detections(*frame) for frame in zip(corners, scores)]
    return mean_average_precision(found, frames.objects, len(CLASSES))


if __name__ == "__main__":
    main()
