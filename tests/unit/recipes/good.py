"""A good recipe's file, and what is said of it once it is changed."""

from pathlib import Path

import pytest
import tomlkit

from convert.errors import UsageError
from convert.recipes import load

GOOD = """
title = "A net"
task = "segmentation"
classes = 2
labels = ["ground", "thing"]
metric = "miou"

[source]
format = "frozen_graph"
urls = ["https://models.test/net.tgz", "https://other.test/net.tgz"]
sha256 = "0000000000000000000000000000000000000000000000000000000000000000"
bytes = 1000
member = "net.pb"

[license]
id = "Apache-2.0"
evidence = "LICENSE"
dated = "2018-01-29"

[preprocessing]
size = [8, 8]

[postprocessing]
decode = "argmax"

[dataset]
kind = "voc"

[targets.tflite]
schemes = ["float32", "uint8"]
[targets.onnx]
layout = "NCHW"

[gates.every]
drop = 0.01
"""


def written(folder: Path, text: str = GOOD, name: str = "net.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def changed(key: str, value: object) -> str:
    """The good recipe with one key set (None: taken out)."""
    document = tomlkit.parse(GOOD)
    *tables, last = key.split(".")
    place = document
    for table in tables:
        place = place.setdefault(table, tomlkit.table())
    if value is None:
        del place[last]
    else:
        place[last] = value
    return tomlkit.dumps(document)


def refusal(path: Path) -> str:
    with pytest.raises(UsageError) as error:
        load(path)
    assert error.value.exit_code == 2
    assert str(path) in error.value.message
    return error.value.message
