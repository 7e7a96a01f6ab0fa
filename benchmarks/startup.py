"""Wall times of `convert --help`, of a run that has nothing left to do, and of a first prediction.

The second is compared with the first run of the same recipe in the same folder. The third is of a
new Python, from its start to the answer to a picture and its end.
"""

import os
import subprocess
import sys
import tempfile
import time

_PREDICT = """
import sys, numpy, convert
convert.open(sys.argv[1]).predict(numpy.zeros((360, 480, 3), numpy.uint8))
assert "tensorflow" not in sys.modules
"""


def main() -> None:
    """Print the times and their ratio."""
    helped = min(_seconds("--help") for _ in range(5))
    with tempfile.TemporaryDirectory() as home:
        first = _seconds("run", "deeplab-shapes", home=home)
        again = min(_seconds("run", "deeplab-shapes", home=home) for _ in range(3))
        out = f"{home}/models/out/deeplab-shapes"
        predicted = {
            name: min(_timed("-c", _PREDICT, f"{out}/{name}") for _ in range(5))
            for name in ("tflite-uint8", "onnx-uint8")
        }
    print(f"convert --help: {helped:.2f} s")
    print(
        f"convert run deeplab-shapes: {first:.1f} s, unchanged {again:.2f} s ({again / first:.3f})"
    )
    for name, seconds in predicted.items():
        print(f"import convert; convert.open({name!r}).predict(picture): {seconds:.2f} s")


def _seconds(*arguments: str, home: str = ".") -> float:
    return _timed("-m", "convert", *arguments, home=home)


def _timed(*arguments: str, home: str = ".") -> float:
    started = time.monotonic()
    environment = {**os.environ, "CONVERT_HOME": home}
    command = [sys.executable, *arguments]
    subprocess.run(command, env=environment, capture_output=True, check=True)
    return time.monotonic() - started


if __name__ == "__main__":
    main()
