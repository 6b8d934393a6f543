"""The detector: a small anchor-free network with two scales, whose output has the layout of YOLOv8's.

Plain 3x3 convolutions, because they are what WebAssembly runs fastest per useful multiplication.
"""

import torch
from torch import Tensor, nn

CLASSES = ("circle", "ring", "square", "triangle", "star", "cross")
WIDTH, HEIGHT = 320, 192
STRIDES = (8, 16)
# A side is at most exp(LIMIT) strides long: keeps half precision and int8 in range.
LIMIT = 4.0


class Conv(nn.Module):
    """Convolution, batch normalisation, ReLU; the first two become one when the graph is exported."""

    def __init__(self, inputs: int, outputs: int, size: int = 3, stride: int = 1):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=False)
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.norm(self.conv(x)))


class Residual(nn.Module):
    def __init__(self, channels: int, inner: int):
        super().__init__()
        self.body = nn.Sequential(Conv(channels, inner, 1), Conv(inner, channels, 3))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)


class Head(nn.Module):
    """Per place: 4 distances to the sides of the box (as logarithms, in strides), then a score per class."""

    def __init__(self, channels: int, hidden: int):
        super().__init__()
        self.box = nn.Sequential(Conv(channels, hidden), nn.Conv2d(hidden, 4, 1))
        self.scores = nn.Sequential(Conv(channels, hidden), nn.Conv2d(hidden, len(CLASSES), 1))
        # One place in a hundred has an object at first (RetinaNet's prior).
        nn.init.constant_(self.scores[-1].bias, -4.6)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return self.box(x), self.scores(x)


class Detector(nn.Module):
    """[N,3,192,320] RGB in 0..1 -> raw boxes [N,4,1200] and class logits [N,6,1200]."""

    def __init__(self, width: int = 16):
        super().__init__()
        c1, c2, c3, c4 = width, width * 3 // 2, width * 3, width * 5
        self.stage2 = nn.Sequential(Conv(3, c1, 3, 2), Conv(c1, c2, 3, 2), Residual(c2, c2 // 2))
        self.stage3 = nn.Sequential(Conv(c2, c3, 3, 2), Residual(c3, c3 // 2), Residual(c3, c3 // 2))
        self.stage4 = nn.Sequential(
            Conv(c3, c4, 3, 2), Residual(c4, c4 // 2), Residual(c4, c4 // 2), Residual(c4, c4 // 2)
        )
        self.down = Conv(c4, c3, 1)
        self.merge = Residual(c3, c3 // 2)
        self.heads = nn.ModuleList([Head(c3, c3 * 2 // 3), Head(c4, c3 * 2 // 3)])
        places = [places_of(stride) for stride in STRIDES]
        self.register_buffer("centres", torch.cat([p for p, _ in places], 1), persistent=False)
        self.register_buffer("strides", torch.cat([s for _, s in places], 1), persistent=False)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        at8 = self.stage3(self.stage2(images))
        at16 = self.stage4(at8)
        at8 = self.merge(at8 + nn.functional.interpolate(self.down(at16), scale_factor=2.0, mode="nearest"))
        boxes, scores = [], []
        for head, level in zip(self.heads, (at8, at16)):
            box, score = head(level)
            boxes.append(box.flatten(2))
            scores.append(score.flatten(2))
        return torch.cat(boxes, 2), torch.cat(scores, 2)

    def corners(self, raw: Tensor) -> Tensor:
        """Raw boxes [N,4,P] -> x1, y1, x2, y2 in input pixels."""
        sides = torch.exp(raw.clamp(-LIMIT, LIMIT)) * self.strides
        return torch.cat((self.centres - sides[:, :2], self.centres + sides[:, 2:]), 1)


class YoloLayout(nn.Module):
    """What is exported: one output [N,10,1200], rows cx, cy, width, height in input pixels, then scores in 0..1."""

    def __init__(self, detector: Detector):
        super().__init__()
        self.detector = detector

    def forward(self, images: Tensor) -> Tensor:
        raw, logits = self.detector(images)
        sides = torch.exp(raw.clamp(-LIMIT, LIMIT)) * self.detector.strides
        before, after = sides[:, :2], sides[:, 2:]
        centre = self.detector.centres + (after - before) * 0.5
        return torch.cat((centre, before + after, torch.sigmoid(logits)), 1)


def places_of(stride: int) -> tuple[Tensor, Tensor]:
    """Centres [2,P] of the cells in input pixels, row by row, and the stride of each [1,P]."""
    ys, xs = torch.meshgrid(
        torch.arange(HEIGHT // stride, dtype=torch.float32),
        torch.arange(WIDTH // stride, dtype=torch.float32),
        indexing="ij",
    )
    centres = (torch.stack((xs.flatten(), ys.flatten())) + 0.5) * stride
    return centres, torch.full((1, centres.shape[1]), float(stride))
