"""Which places answer for which object, and how wrong they are.

Assignment: task alignment (Feng et al., TOOD, 2021, equation 5): score^a * IoU^b, the k best places inside each box.
Losses: CIoU (Zheng et al., 2020) for boxes; binary cross entropy against the aligned quality for classes.
"""

import math

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from data import MIN_VISIBILITY
from model import Detector

ALPHA, BETA, TOP = 0.5, 6.0, 9
BOX_WEIGHT = 5.0


def loss_of(detector: Detector, images: Tensor, objects: Tensor) -> tuple[Tensor, dict[str, float]]:
    raw, logits = detector(images)
    corners = detector.corners(raw).transpose(1, 2)  # [N,P,4]
    logits = logits.transpose(1, 2)  # [N,P,C]
    counts = (objects[..., 0] >= 0) & (objects[..., 5] >= MIN_VISIBILITY)
    with torch.no_grad():
        owner, quality = assign(corners, logits.sigmoid(), objects, counts, detector.centres)
        hidden = inside(detector.centres, objects[..., 1:5]) & ((objects[..., 0] >= 0) & ~counts)[..., None]
    taken = owner >= 0  # [N,P]
    which = owner.clamp(min=0)
    labels = objects[..., 0].gather(1, which).long().clamp(min=0)
    target = torch.zeros_like(logits)
    target.scatter_(2, labels[..., None], (quality * taken)[..., None])
    # A place inside something that can hardly be seen may say what it likes.
    free = hidden.any(1) & ~taken
    entropy = binary_cross_entropy_with_logits(logits, target, reduction="none") * (~free)[..., None]
    total = target.sum().clamp(min=1)
    scores_loss = entropy.sum() / total
    boxes = objects[..., 1:5].gather(1, which[..., None].expand(-1, -1, 4))
    weight = target.sum(2)[taken]
    box_loss = ((1 - ciou(corners[taken], boxes[taken])) * weight).sum() / total
    return scores_loss + BOX_WEIGHT * box_loss, {"scores": scores_loss.item(), "boxes": box_loss.item()}


def assign(
    corners: Tensor, scores: Tensor, objects: Tensor, counts: Tensor, centres: Tensor
) -> tuple[Tensor, Tensor]:
    """Owner of each place [N,P] (index of an object, -1 for none) and the quality asked of it, 0..1."""
    boxes = objects[..., 1:5]
    overlap = iou(boxes[:, :, None], corners[:, None]).clamp(min=0)  # [N,M,P]
    labels = objects[..., 0].long().clamp(min=0)
    of_class = scores.gather(2, labels[:, None].expand(-1, scores.shape[1], -1)).transpose(1, 2)
    within = inside(centres, boxes) & counts[..., None]
    alignment = of_class**ALPHA * overlap**BETA * within
    best = alignment.topk(TOP, 2).indices
    chosen = torch.zeros_like(within).scatter_(2, best, True) & within
    # A place wanted by several objects goes to the one it overlaps most.
    claim = torch.where(chosen, overlap + 1e-9, torch.zeros_like(overlap))
    strongest, owner = claim.max(1)
    owner = torch.where(strongest > 0, owner, torch.full_like(owner, -1))
    mine = chosen & (owner[:, None] == torch.arange(boxes.shape[1])[None, :, None])
    alignment = alignment * mine
    peak = alignment.amax(2, keepdim=True)
    reach = (overlap * mine).amax(2, keepdim=True)
    quality = (alignment / (peak + 1e-9) * reach).amax(1)
    return owner, quality


def inside(centres: Tensor, boxes: Tensor) -> Tensor:
    """[N,M,P]: whether the place's centre lies in the box."""
    x, y = centres[0], centres[1]
    left, top, right, bottom = (boxes[..., i, None] for i in range(4))
    return (x > left) & (x < right) & (y > top) & (y < bottom)


def iou(a: Tensor, b: Tensor) -> Tensor:
    width = (torch.minimum(a[..., 2], b[..., 2]) - torch.maximum(a[..., 0], b[..., 0])).clamp(min=0)
    height = (torch.minimum(a[..., 3], b[..., 3]) - torch.maximum(a[..., 1], b[..., 1])).clamp(min=0)
    both = width * height
    return both / (area(a) + area(b) - both + 1e-9)


def area(boxes: Tensor) -> Tensor:
    return (boxes[..., 2] - boxes[..., 0]) * (boxes[..., 3] - boxes[..., 1])


def ciou(a: Tensor, b: Tensor) -> Tensor:
    overlap = iou(a, b)
    width = torch.maximum(a[..., 2], b[..., 2]) - torch.minimum(a[..., 0], b[..., 0])
    height = torch.maximum(a[..., 3], b[..., 3]) - torch.minimum(a[..., 1], b[..., 1])
    apart = ((a[..., 0] + a[..., 2] - b[..., 0] - b[..., 2]) ** 2 + (a[..., 1] + a[..., 3] - b[..., 1] - b[..., 3]) ** 2) / 4
    shape_a = torch.atan((a[..., 2] - a[..., 0]) / (a[..., 3] - a[..., 1] + 1e-9))
    shape_b = torch.atan((b[..., 2] - b[..., 0]) / (b[..., 3] - b[..., 1] + 1e-9))
    shape = 4 / math.pi**2 * (shape_a - shape_b) ** 2
    with torch.no_grad():
        trade = shape / (1 - overlap + shape + 1e-9)
    return overlap - apart / (width**2 + height**2 + 1e-9) - trade * shape
