"""What every test may use."""

import os
from pathlib import Path

import pytest

_SHARED = Path(os.environ.get("CONVERT_SHARED", Path(__file__).parents[2] / "shared"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real models and pictures, which lies beside the checkout where there is one."""
    if not (_SHARED / "mirror").is_dir() or not (_SHARED / "data").is_dir():
        pytest.skip(f"no real models and pictures at {_SHARED} (set CONVERT_SHARED)")
    return _SHARED


@pytest.fixture(scope="session")
def browser() -> None:
    """A Chromium and the packages that pages load, or the reason why the test is skipped."""
    from convert.web import browser, packages

    reason = browser.missing() or packages.missing()
    if reason:
        pytest.skip(f"web runtimes: {reason}")


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the settings of whoever runs it, but for the browser: it is the tests' tool."""
    for name in [name for name in os.environ if name.startswith("CONVERT_")]:
        if name != "CONVERT_BROWSER":
            monkeypatch.delenv(name)
