"""Writes the trained detector as ONNX, with an int8 (QDQ) and a half-precision twin.

    python export.py --weights FILE --data FOLDER --out FOLDER

The arithmetic that turns distances into boxes stays in float32 in all three: it costs nothing, and coordinates need it.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import onnx
import torch
from onnxconverter_common.float16 import convert_float_to_float16
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from data import Frames, load
from model import CLASSES, HEIGHT, STRIDES, WIDTH, Detector, YoloLayout

OPSET = 17
CALIBRATION_FRAMES = 200
METADATA = {
    "description": "Shapes detector of Weir: circle, ring, square, triangle, star, cross",
    "author": "Weir",
    "license": "MIT",
    "task": "detect",
    "names": json.dumps(dict(enumerate(CLASSES))),
    "imgsz": json.dumps([HEIGHT, WIDTH]),
    "stride": str(max(STRIDES)),
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True, help="rendered frames that int8 is calibrated with")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    detector = Detector()
    detector.load_state_dict(torch.load(options.weights, weights_only=True))
    full = options.out / "shapes.onnx"
    export(detector, full)
    export_half(full, options.out / "shapes-fp16.onnx")
    export_int8(full, options.out / "shapes-int8.onnx", load(options.data))
    for path in sorted(options.out.glob("shapes*.onnx")):
        print(path.name, path.stat().st_size)


def export(detector: Detector, path: Path) -> None:
    images = torch.zeros(2, 3, HEIGHT, WIDTH)
    torch.onnx.export(
        YoloLayout(detector).eval(),
        (images,),
        str(path),
        input_names=["images"],
        output_names=["output0"],
        dynamic_axes={"images": {0: "batch"}, "output0": {0: "batch"}},
        opset_version=OPSET,
        dynamo=False,
    )
    model = onnx.load(path)
    # The exporter loses the two sizes that do not depend on the batch.
    _, rows, places = model.graph.output[0].type.tensor_type.shape.dim
    rows.dim_value = 4 + len(CLASSES)
    places.dim_value = sum((HEIGHT // stride) * (WIDTH // stride) for stride in STRIDES)
    finish(model, path)


def export_half(full: Path, path: Path) -> None:
    model = onnx.load(full)
    half = convert_float_to_float16(model, keep_io_types=True, node_block_list=decoding(model))
    finish(half, path)


def export_int8(full: Path, path: Path, frames: Frames) -> None:
    prepared = path.with_suffix(".prepared.onnx")
    quant_pre_process(str(full), str(prepared), skip_symbolic_shape=True)
    model = onnx.load(prepared)
    quantize_static(
        str(prepared),
        str(path),
        Calibration(frames),
        quant_format=QuantFormat.QDQ,
        per_channel=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        # The last convolutions are a hundredth of the work, and their steps would be steps of the boxes.
        nodes_to_exclude=[*decoding(model), *last_convolutions(model)],
    )
    prepared.unlink()
    finish(onnx.load(path), path)


class Calibration(CalibrationDataReader):
    def __init__(self, frames: Frames):
        step = max(1, len(frames) // CALIBRATION_FRAMES)
        self.images = iter(frames.images[::step][:CALIBRATION_FRAMES])

    def get_next(self) -> dict[str, np.ndarray] | None:
        image = next(self.images, None)
        return None if image is None else {"images": image[None].astype(np.float32) / 255}


def last_convolutions(model: onnx.ModelProto) -> list[str]:
    """The four that give distances and scores: 4 or 6 channels out."""
    shapes = {tensor.name: tensor.dims for tensor in model.graph.initializer}
    return [
        node.name
        for node in model.graph.node
        if node.op_type == "Conv" and shapes[node.input[1]][0] in (4, len(CLASSES))
    ]


def decoding(model: onnx.ModelProto) -> list[str]:
    """Everything after the last convolutions."""
    after = {out for node in model.graph.node if node.name in last_convolutions(model) for out in node.output}
    names = []
    for node in model.graph.node:
        if after.intersection(node.input):
            after.update(node.output)
            names.append(node.name)
    return names


def finish(model: onnx.ModelProto, path: Path) -> None:
    """The same bytes for the same weights: no producer's version, no local paths."""
    model.producer_name, model.producer_version, model.doc_string = "weir", "", ""
    for node in model.graph.node:
        node.doc_string = ""
    del model.metadata_props[:]
    onnx.helper.set_model_props(model, METADATA)
    onnx.checker.check_model(model)
    onnx.save(model, path)


if __name__ == "__main__":
    main()
