"""The apps, served with the embedded model."""

from collections.abc import Iterator
from typing import Any

import pytest

from .visit import (
    SCENE,
    serving,
    with_camera,
    write_video,
)


@pytest.fixture(scope="module")
def served(road: Any) -> Iterator[str]:
    """The apps' address."""
    with serving(road.convert) as told:
        assert len(told["published"]) == 9
        assert told["left_out"] == told["unreadable"] == {}
        yield told["address"].removesuffix("index.html")


@pytest.fixture(scope="module")
def playwright() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="module")
def chrome(playwright: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A browser whose camera shows one drawn scene."""
    video = write_video(tmp_path_factory.mktemp("camera") / "scene.y4m", [SCENE.image] * 3)
    browser = with_camera(playwright, video)
    yield browser
    browser.close()
