"""Recipes whose files are pulled, and those files."""

import hashlib
import io
import tarfile

from convert.fetch import Patience
from convert.preprocessing import Postprocessing, Preprocessing
from convert.progress import Silence
from convert.recipe import DatasetChoice, License, Recipe, Source, TargetChoice
from convert.stages.pull import pull

CONTENT = b"frozen graph " * 5_000
MEMBER = "model/frozen_inference_graph.pb"
QUICK = Patience(attempts=2, pause=0.01, connect=2.0, silence=5.0)
CLOSED = "http://127.0.0.1:9/model.pb"
FREE = License(id="Apache-2.0", evidence="LICENSE")
RESTRICTED = License(id="CC-BY-NC-4.0", evidence="README", dated="2024-05-06", restricted=True)


def sha(content, algorithm="sha256"):
    return hashlib.new(algorithm, content).hexdigest()


def recipe(*urls, content=CONTENT, license=FREE, **source):
    source = {"sha256": sha(content), "urls": urls, **source}
    return Recipe(
        name="tiny",
        title="Tiny",
        task="segmentation",
        source=Source(format="frozen_graph", **source),
        license=license,
        preprocessing=Preprocessing(size=(8, 8)),
        postprocessing=Postprocessing(),
        classes=2,
        dataset=DatasetChoice(kind="shapes"),
        metric="miou",
        targets={"tflite": TargetChoice()},
    )


def archive(content=CONTENT):
    """A .tgz that holds `content` at MEMBER."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as opened:
        for name, data in (("model/README", b"hello"), (MEMBER, content)):
            info = tarfile.TarInfo(f"./{name}")
            info.size = len(data)
            opened.addfile(info, io.BytesIO(data))
    return packed.getvalue()


class Listener(Silence):
    def __init__(self):
        self.said = []

    def say(self, text):
        self.said.append(text)


def bring(wanted, raw, **how):
    return pull(wanted, raw=raw, **{"progress": Silence(), "patience": QUICK, **how})


def visible(folder):
    return sorted(p.name for p in folder.iterdir() if not p.name.startswith("."))


def mirror_with(folder, place, content):
    (folder / place).parent.mkdir(parents=True, exist_ok=True)
    (folder / place).write_bytes(content)
    return str(folder)
