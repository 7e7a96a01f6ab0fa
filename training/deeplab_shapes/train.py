"""Train the miniature DeepLab on drawn scenes and freeze it.

Run it as `python -m training.deeplab_shapes.train`; `--evaluate` measures the file that is there.
"""

import argparse
import tempfile
from pathlib import Path

from convert.datasets.scenes import CLASSES, SPLITS, TRAINING
from training.deeplab_shapes.evaluate import class_ious
from training.deeplab_shapes.fit import Training, fit
from training.deeplab_shapes.frozen import freeze

GRAPH = Path("models/raw/deeplab-shapes/frozen_inference_graph.pb")
SELECTION = TRAINING[-200:]
"""Seeds that choices between trainings are made on."""


def main() -> None:
    """Train, freeze, write and measure; or only measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--evaluate", action="store_true", help="measure the file on val")
    for field, value in vars(Training()).items():
        parser.add_argument(f"--{field.replace('_', '-')}", type=type(value), default=value)
    parser.add_argument("--output", type=Path, default=GRAPH)
    arguments = vars(parser.parse_args())
    evaluate, output = arguments.pop("evaluate"), arguments.pop("output")
    if evaluate:
        report(output, "val", SPLITS["val"])
        return
    train(Training(**arguments), output)
    report(output, "selection", SELECTION)


def train(training: Training, output: Path) -> None:
    """Train from scratch and write the frozen graph."""
    with tempfile.TemporaryDirectory() as directory:
        frozen = freeze(fit(training, Path(directory)))
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_bytes(frozen)


def report(graph: Path, name: str, seeds: range) -> None:
    """Print the mean IoU of a frozen graph and that of every class."""
    frozen = graph.read_bytes()
    ious = class_ious(frozen, seeds)
    each = ", ".join(f"{label} {iou:.4f}" for label, iou in zip(CLASSES, ious, strict=True))
    print(f"{name}: mIoU {ious.mean():.4f} ({each}), {len(frozen):,} bytes")


if __name__ == "__main__":
    main()
