"""Wall times of `convert --help` and of a run that has nothing left to do.

The second is compared with the first run of the same recipe in the same folder.
"""

import os
import subprocess
import sys
import tempfile
import time


def main() -> None:
    """Print the times and their ratio."""
    helped = min(_seconds("--help") for _ in range(5))
    with tempfile.TemporaryDirectory() as home:
        first = _seconds("run", "deeplab-shapes", home=home)
        again = min(_seconds("run", "deeplab-shapes", home=home) for _ in range(3))
    print(f"convert --help: {helped:.2f} s")
    print(
        f"convert run deeplab-shapes: {first:.1f} s, unchanged {again:.2f} s ({again / first:.3f})"
    )


def _seconds(*arguments: str, home: str = ".") -> float:
    command = [sys.executable, "-m", "convert", *arguments]
    started = time.monotonic()
    environment = {**os.environ, "CONVERT_HOME": home}
    subprocess.run(command, env=environment, capture_output=True, check=True)
    return time.monotonic() - started


if __name__ == "__main__":
    main()
