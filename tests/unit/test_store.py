"""What is written is whole or absent, and a digest tells any change."""

import hashlib
import multiprocessing
import os
import shutil
import subprocess
import threading
from pathlib import Path

import pytest

from convert.errors import SourceError
from convert.store import (
    digest,
    digest_file,
    digest_folder,
    locked,
    publish_folder,
    replacing,
    require_space,
    write_bytes,
    write_text,
)


@pytest.fixture
def model(tmp_path):
    """A folder with a file, a subfolder and an odd name."""
    folder = tmp_path / "model"
    write_text(folder / "model.json", "{}")
    write_bytes(folder / "shards" / "weights 1 of 1.bin", b"\0\1")
    return folder


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_files_digest_is_the_one_of_the_standard(tmp_path):
    file = tmp_path / "f"
    file.write_bytes(b"abc" * 10**6)
    assert digest_file(file) == hashlib.sha256(b"abc" * 10**6).hexdigest()
    assert digest_file(file, "sha384") == hashlib.sha384(b"abc" * 10**6).hexdigest()
    assert digest(file) == digest_file(file)


def test_a_folders_digest_is_one_that_coreutils_can_check(model):
    if not shutil.which("sha256sum"):
        pytest.skip("sha256sum is not installed")
    command = (
        "find . -type f -printf '%P\\0' | LC_ALL=C sort -z | xargs -0 sha256sum -z | sha256sum"
    )
    said = subprocess.run(command, shell=True, cwd=model, capture_output=True, check=True)  # noqa: S602
    assert digest(model) == said.stdout.split()[0].decode()


def test_a_folders_digest_does_not_depend_on_where_it_lies_or_when_it_was_written(model, tmp_path):
    other = shutil.copytree(model, tmp_path / "elsewhere", copy_function=shutil.copyfile)
    assert digest_folder(model) == digest_folder(other)


@pytest.mark.parametrize("change", ["content", "name", "extra", "moved"])
def test_a_folders_digest_tells_any_change(model, change):
    before = digest_folder(model)
    if change == "content":
        write_text(model / "model.json", "{ }")
    elif change == "name":
        (model / "model.json").rename(model / "Model.json")
    elif change == "extra":
        write_bytes(model / "empty", b"")
    else:
        (model / "model.json").rename(model / "shards" / "model.json")
    assert digest_folder(model) != before


def test_a_write_that_fails_leaves_what_was_there_and_nothing_else(tmp_path):
    path = tmp_path / "report.json"
    write_text(path, "old")
    with pytest.raises(TypeError), replacing(path) as file:
        file.writelines([b"ne", "w"])
    assert path.read_text() == "old"
    assert names(tmp_path) == ["report.json"]


def test_a_write_replaces_in_one_step_and_makes_its_folder(tmp_path):
    path = tmp_path / "deep" / "report.json"
    write_text(path, "größer\n")
    write_text(path, "größer\nagain\n")
    assert path.read_bytes().decode() == "größer\nagain\n"
    assert names(path.parent) == ["report.json"]


def test_a_written_file_has_the_rights_that_the_user_gives_new_files(tmp_path):
    plain = tmp_path / "plain"
    plain.touch()
    write_text(tmp_path / "written", "")
    assert (tmp_path / "written").stat().st_mode == plain.stat().st_mode


def test_a_read_only_file_can_be_replaced(tmp_path):
    for content in (b"one", b"two"):
        with replacing(tmp_path / "raw", read_only=True) as file:
            file.write(content)
    assert (tmp_path / "raw").read_bytes() == b"two"
    assert (tmp_path / "raw").stat().st_mode & 0o222 == 0


def test_a_folder_is_published_whole_over_the_old_one(model, tmp_path):
    final = tmp_path / "out" / "tflite-uint8"
    write_text(final / "old.txt", "")
    wanted = digest_folder(model)
    publish_folder(model, final)
    assert digest_folder(final) == wanted
    assert names(final.parent) == ["tflite-uint8"]
    assert not model.exists()


def test_publishing_what_does_not_exist_keeps_the_old_folder(tmp_path):
    final = tmp_path / "out"
    write_text(final / "old.txt", "")
    with pytest.raises(FileNotFoundError):
        publish_folder(tmp_path / "absent", final)
    assert names(final) == ["old.txt"]
    assert names(tmp_path) == ["out"]


def test_an_interrupt_between_the_two_renames_brings_the_old_folder_back(
    model, tmp_path, monkeypatch
):
    final = tmp_path / "out"
    write_text(final / "old.txt", "")
    rename = Path.rename

    def interrupted(path, target):
        if path == model:
            raise KeyboardInterrupt
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        publish_folder(model, final)
    assert names(final) == ["old.txt"]
    assert model.exists()


def test_the_next_publishing_clears_up_after_a_killed_one(model, tmp_path):
    final, aside = tmp_path / "out", tmp_path / ".out.aside"
    write_text(aside / "old.txt", "")
    with pytest.raises(FileNotFoundError):
        publish_folder(tmp_path / "absent", final)
    assert names(final) == ["old.txt"]
    publish_folder(model, final)
    assert not aside.exists()


def test_a_full_disk_is_told_with_both_figures(tmp_path, monkeypatch):
    require_space(tmp_path / "not" / "yet" / "there", 1)
    usage = shutil.disk_usage(tmp_path)._replace(free=10**9)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(SourceError, match=r"999,999,999 bytes .* 1,000,000,000 are free"):
        require_space(tmp_path, 10**9 - 1)


def test_two_threads_hold_a_lock_one_after_the_other(tmp_path):
    inside, most, waited = [], [], []

    def work():
        with locked(tmp_path / "model", waiting=lambda: waited.append(1)):
            inside.append(1)
            most.append(len(inside))
            threading.Event().wait(0.05)
            inside.pop()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1, 1, 1]
    assert len(waited) == 2


def hold(path, held, over):
    with locked(path):
        held.set()
        over.wait(10)


def test_another_process_is_waited_for_and_the_wait_is_told(tmp_path):
    context = multiprocessing.get_context("spawn")
    held, over = context.Event(), context.Event()
    other = context.Process(target=hold, args=(tmp_path / "model", held, over))
    other.start()
    assert held.wait(30)
    waited = []

    def waiting():
        waited.append(1)
        over.set()

    with locked(tmp_path / "model", waiting=waiting):
        assert waited
    other.join()


def test_a_lock_that_is_held_may_be_taken_again_by_its_holder(tmp_path):
    with locked(tmp_path / "model"), locked(tmp_path / "model"):
        pass


def test_a_relative_path_and_an_absolute_one_share_a_lock(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    waited = []

    def work():
        with locked(Path("model"), waiting=lambda: waited.append(os.getpid())):
            pass

    with locked(tmp_path / "model"):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join(0.3)
    thread.join()
    assert waited
