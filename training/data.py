"""Rendered frames and their truth, as tensors."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from model import HEIGHT, WIDTH

# Less of an object than this is neither asked for nor counted as wrong (core/truth.ts says the same).
MIN_VISIBILITY = 0.3
MAX_OBJECTS = 24


@dataclass(frozen=True)
class Frames:
    """images uint8 [N,3,192,320]; objects float32 [N,24,6]: class, x1, y1, x2, y2, visibility; class -1 is no object."""

    images: np.ndarray
    objects: Tensor

    def __len__(self) -> int:
        return len(self.images)

    def batch(self, which: np.ndarray, flips: np.random.Generator | None) -> tuple[Tensor, Tensor]:
        """Images in 0..1 and objects; mirrored at random where `flips` is given."""
        images = torch.from_numpy(self.images[which])
        objects = self.objects[which].clone()
        if flips is not None:
            left_right = torch.from_numpy(flips.random(len(which)) < 0.5)
            images[left_right] = images[left_right].flip(3)
            mirrored = objects[left_right]
            objects[left_right, :, 1], objects[left_right, :, 3] = WIDTH - mirrored[:, :, 3], WIDTH - mirrored[:, :, 1]
            # Nothing in a scene is always up: light from above is the only hint, and a weak one.
            up_down = torch.from_numpy(flips.random(len(which)) < 0.2)
            images[up_down] = images[up_down].flip(2)
            mirrored = objects[up_down]
            objects[up_down, :, 2], objects[up_down, :, 4] = HEIGHT - mirrored[:, :, 4], HEIGHT - mirrored[:, :, 2]
        return images.float().div_(255).contiguous(memory_format=torch.channels_last), objects


def load(folder: Path) -> Frames:
    images = np.memmap(folder / "images.u8", np.uint8, "r").reshape(-1, 3, HEIGHT, WIDTH)
    frames = json.loads((folder / "truth.json").read_text())["frames"]
    objects = torch.full((len(frames), MAX_OBJECTS, 6), -1.0)
    for i, frame in enumerate(frames):
        for j, (label, x, y, width, height, visibility) in enumerate(frame["objects"][:MAX_OBJECTS]):
            objects[i, j] = torch.tensor([label, x, y, x + width, y + height, visibility])
    if len(frames) != len(images):
        raise ValueError(f"{folder}: {len(images)} images and the truth of {len(frames)}")
    return Frames(images, objects)
