"""The kits of the embedded model: written by the command, and run in a real Chromium."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from convert.runtimes import BROWSER_RUNTIMES
from convert.vocabulary import TARGETS
from convert.web.page import Page

pytestmark = pytest.mark.slow

RUNTIMES = {"tfjs": "tfjs-wasm-simd", "tflite": "litert-web-compat", "onnx": "ort-web"}

_REPLAY = """async ({page, options}) => {
  const {library} = await import(`./${page}.js`);
  const [session, golden] = await Promise.all(['session', 'golden'].map(
    (name) => import(`../kit/${name}.js`)));
  const {MODEL} = await import('../kit/model.js');
  const found = await library({options, threads: 1});
  const model = await session.open(found.library, `../kit/${MODEL.file}`, found.options);
  const told = await (await fetch('../kit/golden.json')).json();
  const kept = golden.unpack(told, await (await fetch('../kit/golden.bin')).arrayBuffer());
  const alike = await golden.replay(model, kept);
  const [height, width] = kept.image.shape;
  const {answer, ms} = await model.ask({height, width, data: kept.image.data});
  model.close();
  const damaged = {...kept, output_logits: {
    ...kept.output_logits, data: kept.output_logits.data.map((value) => -value)}};
  const again = await session.open(found.library, `../kit/${MODEL.file}`, found.options);
  const refused = await golden.replay(again, damaged).catch(({message}) => message);
  return {alike, refused, ms, kind: answer.kind, size: [answer.height, answer.width],
          labels: Array.from(answer.data), wanted: Array.from(kept.answer.data)};
}"""


@pytest.fixture(scope="module")
def kits(road: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A kit of each target, as the command writes them."""
    folder = tmp_path_factory.mktemp("kits")
    written = {}
    for target in TARGETS:
        done = road.convert(
            "kit", "deeplab-shapes", "--target", target, "--out", folder / target, "--json"
        )
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        assert (told["target"], told["answers"]) == (target, "labels")
        assert set(told["files"]) >= {"model.js", "model.d.ts", "session.js", "golden.test.js"}
        written[target] = Path(told["path"])
    return written


@pytest.mark.usefixtures("browser")
@pytest.mark.parametrize("target", TARGETS)
def test_the_golden_tensors_go_through_the_kit_in_a_browser(
    target: str, kits: dict[str, Path]
) -> None:
    runtime = BROWSER_RUNTIMES[RUNTIMES[target]]
    with Page({"kit": kits[target]}) as page:
        found = page.ask(_REPLAY, {"page": runtime.page, "options": dict(runtime.options)})
    assert found["alike"]["logits"] > 0.999
    assert "correlates by -0.99" in found["refused"] or "correlates by -1.0" in found["refused"]
    assert found["kind"] == "labels"
    assert all(ms >= 0 for ms in found["ms"].values())
    same = sum(a == b for a, b in zip(found["labels"], found["wanted"], strict=True))
    # The wanted labels are of outputs that are thinned out.
    assert same > 0.97 * len(found["wanted"])


@pytest.mark.parametrize("target", TARGETS)
def test_a_kits_own_test_passes_in_node_and_fails_on_other_arithmetic(
    target: str, kits: dict[str, Path], tmp_path: Path
) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not on PATH")
    copy = tmp_path / "kit"
    shutil.copytree(kits[target], copy)
    done = subprocess.run([node, "--test"], cwd=copy, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert "# pass 2" in done.stdout
    module = copy / "model.js"
    module.write_text(module.read_text().replace('"corners": "align"', '"corners": "half_pixel"'))
    done = subprocess.run([node, "--test"], cwd=copy, capture_output=True, text=True)
    assert done.returncode != 0
    assert "the input differs by" in done.stdout


def test_a_kit_of_what_is_not_published_says_what_to_do(road: Any) -> None:
    done = road.convert("kit", "blazeface", "--target", "tfjs")
    assert done.returncode == 2
    assert "nothing is published" in done.stderr
    assert "convert run blazeface" in done.stderr


def test_a_kit_replaces_a_kit_and_nothing_else(road: Any, tmp_path: Path) -> None:
    asked = ("kit", "deeplab-shapes", "--target", "onnx", "--out", tmp_path / "mine")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("dear to me")
    done = road.convert(*asked)
    assert done.returncode == 2
    assert "something else than a kit" in done.stderr
    (tmp_path / "mine" / "thesis.txt").unlink()
    assert [road.convert(*asked).returncode for _ in range(2)] == [0, 0]
