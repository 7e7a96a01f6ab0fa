"""What is installed here, what runs here, and what to do about the rest."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from convert.runtimes import RUNTIMES
from convert.runtimes.base import Runtime
from convert.stages.doctor.browser import in_browser
from convert.stages.doctor.finding import Finding, judged
from convert.stages.doctor.hardware import arithmetic, busyness, room
from convert.stages.doctor.installed import command, declared, interpreter, package
from convert.stages.doctor.settings import settings

__all__ = ["Finding", "doctor"]


def doctor(environment: Mapping[str, str] = os.environ) -> tuple[Finding, ...]:
    """Look at Python, the packages, the runtimes, the machine, PATH and the settings.

    Nothing that takes seconds is imported; a browser is started where there is one.
    """
    python, requirements = declared()
    return (
        interpreter(python),
        *(package(need) for need in requirements if not need.marker or need.marker.evaluate()),
        *(_runtime(runtime) for runtime in RUNTIMES.values()),
        *in_browser(environment),
        arithmetic(),
        busyness(),
        room(Path(environment.get("CONVERT_HOME") or ".").absolute()),
        command(shutil.which("convert", path=environment.get("PATH"))),
        *settings(environment),
    )


def _runtime(runtime: Runtime) -> Finding:
    missing = runtime.missing()
    gives = "accuracy and times" if runtime.MEASURED else "accuracy only"
    return judged(
        "runtime",
        runtime.NAME,
        missing is None,
        missing or f"{runtime.version()} runs {runtime.TARGET} files ({gives})",
        f"Until then no {runtime.TARGET} file can be made: none is published unproven.",
    )
