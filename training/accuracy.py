"""COCO's mean average precision, as `src/metrics/meanAveragePrecision.ts` computes it: for a look while training.

The figures of the card come from the browser, not from here.
"""

import numpy as np
import torch
from torch import Tensor

from data import MIN_VISIBILITY
from loss import iou

THRESHOLDS = np.arange(0.5, 0.96, 0.05)


def detections(corners: Tensor, scores: Tensor, threshold: float = 0.01, overlap: float = 0.6) -> np.ndarray:
    """Of one frame, after suppression class by class: rows class, score, x1, y1, x2, y2, best first. [P,4], [P,C]."""
    best, label = scores.max(1)
    keep = torch.nonzero(best > threshold).flatten()
    keep = keep[best[keep].argsort(descending=True)][:100]
    boxes, best, label = corners[keep], best[keep], label[keep]
    overlaps = iou(boxes[:, None], boxes[None]) * (label[:, None] == label[None])
    kept: list[int] = []
    for i in range(len(keep)):
        if all(overlaps[i, j] <= overlap for j in kept):
            kept.append(i)
    return torch.cat((label[kept, None].float(), best[kept, None], boxes[kept]), 1).numpy()


def mean_average_precision(found: list[np.ndarray], truth: Tensor, classes: int) -> tuple[float, float]:
    """mAP at 0.5 and over 0.5..0.95."""
    table = np.array([[average_precision(found, truth, c, t) for t in THRESHOLDS] for c in range(classes)])
    return float(np.nanmean(table[:, 0])), float(np.nanmean(table))


def average_precision(found: list[np.ndarray], truth: Tensor, label: int, threshold: float) -> float:
    hits: list[tuple[float, bool]] = []
    total = 0
    for frame, objects in zip(found, truth):
        of_class = objects[objects[:, 0] == label]
        ignored = (of_class[:, 5] < MIN_VISIBILITY).numpy()
        total += int((~ignored).sum())
        mine = frame[frame[:, 0] == label]
        overlaps = iou(torch.from_numpy(mine[:, None, 2:6]), of_class[None, :, 1:5]).numpy()
        taken = np.zeros(len(of_class), bool)
        for row, (score, overlap) in enumerate(zip(mine[:, 1], overlaps)):
            free = np.where(taken | ignored | (overlap < threshold), -1, overlap)
            if len(free) and free.max() >= 0:
                taken[free.argmax()] = True
                hits.append((score, True))
            elif not (len(overlap) and (overlap[ignored] >= threshold).any()):
                hits.append((score, False))
    if total == 0:
        return float("nan")
    hits.sort(key=lambda hit: -hit[0])
    right = np.cumsum([hit for _, hit in hits])
    recall = right / total
    precision = right / np.arange(1, len(hits) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1] if len(hits) else precision
    places = np.searchsorted(recall, np.linspace(0, 1, 101))
    return float(np.mean([envelope[p] if p < len(envelope) else 0.0 for p in places]))
