"""Work is done once: for the same parts, whole, and by one run at a time."""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from convert.memo import Memo, code_digest, versions

PARTS = {"core": "abc", "scheme": "uint8", "pictures": ["a", "b"]}


class Maker:
    """Writes a file, and counts how often it is asked to."""

    def __init__(self, text: str = "done") -> None:
        self.text = text
        self.times = 0

    def __call__(self, folder: Path) -> None:
        assert list(folder.iterdir()) == []
        self.times += 1
        (folder / "result.txt").write_text(self.text)


@pytest.fixture
def memo(tmp_path: Path) -> Memo:
    return Memo(tmp_path / "work")


def test_finished_work_is_not_done_again(memo):
    make = Maker()
    first = memo.once("export", PARTS, make)
    assert (first / "result.txt").read_text() == "done"
    assert memo.once("export", dict(reversed(PARTS.items())), make) == first
    assert make.times == 1


def test_the_next_run_finds_it_too(memo):
    folder = memo.once("export", PARTS, Maker())
    later = Memo(memo.root)
    assert later.recall("export", PARTS) == folder
    assert later.once("export", PARTS, Maker("again")) == folder
    assert (folder / "result.txt").read_text() == "done"
    assert not later.made_any


@pytest.mark.parametrize(
    "other",
    [{**PARTS, "core": "abd"}, {**PARTS, "pictures": ["b", "a"]}, {**PARTS, "x": None}, {}],
)
def test_other_parts_are_other_work(memo, other):
    make = Maker()
    assert memo.once("export", PARTS, make) != memo.once("export", other, make)
    assert make.times == 2


def test_another_kind_is_other_work(memo):
    make = Maker()
    assert memo.once("export", PARTS, make) != memo.once("verify", PARTS, make)


def test_nothing_is_recalled_that_was_not_made(memo):
    assert memo.recall("export", PARTS) is None
    assert not memo.made_any


def test_what_decided_stands_beside_the_work(memo):
    folder = memo.once("export", PARTS, Maker())
    assert json.loads((folder / "parts.json").read_text()) == PARTS


def test_work_that_fails_leaves_nothing(memo):
    def broken(folder: Path) -> None:
        (folder / "half.txt").write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        memo.once("export", PARTS, broken)
    assert memo.recall("export", PARTS) is None
    assert [path for path in memo.root.iterdir() if path.is_dir()] == []
    assert not memo.made_any
    assert (memo.once("export", PARTS, Maker()) / "result.txt").is_file()


def test_work_that_is_killed_is_done_anew(memo):
    code = "import os, sys; from pathlib import Path; from convert.memo import Memo; " + (
        f"Memo(Path(sys.argv[1])).once('export', {PARTS}, lambda folder: os._exit(9))"
    )
    killed = subprocess.run([sys.executable, "-c", code, memo.root], check=False)
    assert killed.returncode == 9
    assert memo.recall("export", PARTS) is None
    make = Maker()
    memo.once("export", PARTS, make)
    assert make.times == 1


def test_force_does_it_again_but_once(memo):
    folder = memo.once("export", PARTS, Maker("old"))
    forced, make = Memo(memo.root, force=True), Maker("new")
    assert forced.recall("export", PARTS) is None
    for _ in range(2):
        assert forced.once("export", PARTS, make) == folder
    assert make.times == 1
    assert (folder / "result.txt").read_text() == "new"
    assert forced.recall("export", PARTS) == folder


def test_forced_work_that_fails_leaves_what_stood(memo):
    folder = memo.once("export", PARTS, Maker("old"))

    def broken(folder: Path) -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        Memo(memo.root, force=True).once("export", PARTS, broken)
    assert (folder / "result.txt").read_text() == "old"


def test_two_threads_make_it_once(memo):
    started, times = threading.Barrier(2), []

    def slow(folder: Path) -> None:
        times.append(1)
        time.sleep(0.2)
        (folder / "result.txt").write_text("done")

    def ask() -> None:
        started.wait()
        assert (memo.once("export", PARTS, slow) / "result.txt").read_text() == "done"
        done.append(1)

    done: list[int] = []
    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(times), len(done)) == (1, 2)


def test_work_may_ask_for_other_work(memo):
    def outer(folder: Path) -> None:
        inner = memo.once("core", {"of": "it"}, Maker("inner"))
        (folder / "result.txt").write_text((inner / "result.txt").read_text())

    assert (memo.once("export", PARTS, outer) / "result.txt").read_text() == "inner"


def test_what_no_run_has_used_for_long_is_swept_away(memo):
    old, used = (memo.once(kind, PARTS, Maker()) for kind in ("old", "used"))
    long_ago = time.time() - 20 * 86_400
    for folder in (old, used):
        os.utime(folder, (long_ago, long_ago))
    memo.once("used", PARTS, Maker())
    memo.sweep(days=14)
    assert not old.exists()
    assert used.is_dir()


def test_versions_are_told_without_importing():
    found = versions(("numpy", "no-such-package"))
    assert found["numpy"][0].isdigit()
    assert found["no-such-package"] == "absent"


def test_the_digest_of_code_is_of_modules_and_of_whole_packages():
    assert code_digest("graph") != code_digest("graph", "store.py")
    assert code_digest("store.py") == code_digest("store.py")
    assert code_digest("store.py") != code_digest("fetch.py")
    with pytest.raises(FileNotFoundError):
        code_digest("no_such_module.py")
