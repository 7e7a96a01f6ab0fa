"""Where files are pulled to."""

import pytest


@pytest.fixture
def raw(tmp_path):
    return tmp_path / "models" / "raw"
