"""Run a command; tell its wall and processor seconds and its largest memory.

Stands between the caller and the command, because Linux counts the memory that a process held
before it became another program, and the caller holds TensorFlow.
"""

import json
import os
import sys
import time


def main() -> int:
    """`timed.py TOLD COMMAND...` writes JSON to TOLD and exits as the command did."""
    told, command = sys.argv[1], sys.argv[2:]
    started = time.monotonic()
    child = os.posix_spawn(command[0], command, os.environ)
    _, status, used = os.wait4(child, 0)
    with open(told, "w") as file:
        json.dump(
            {
                "seconds": time.monotonic() - started,
                "cpu_seconds": used.ru_utime + used.ru_stime,
                "peak_mb": used.ru_maxrss / 1024,
            },
            file,
        )
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main())
