"""Keys are kept to their owner, and others can check a signature without convert."""

import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from convert.bundle.signing import new_key, public_path, require_signature, sign
from convert.errors import SourceError, UsageError


def test_only_the_owner_may_read_a_private_key(tmp_path: Path) -> None:
    new_key(tmp_path / "keys" / "mine")
    assert stat.S_IMODE((tmp_path / "keys" / "mine").stat().st_mode) == 0o600


def test_a_key_is_never_written_over(tmp_path: Path) -> None:
    new_key(tmp_path / "mine")
    before = (tmp_path / "mine").read_bytes()
    with pytest.raises(UsageError, match="is there already"):
        new_key(tmp_path / "mine")
    assert (tmp_path / "mine").read_bytes() == before


def test_the_same_key_signs_the_same_bytes_alike(tmp_path: Path, bundle: Path) -> None:
    new_key(tmp_path / "mine")
    first = sign(bundle, tmp_path / "mine")
    signature = (bundle / "SHA256SUMS.sig").read_bytes()
    assert sign(bundle, tmp_path / "mine") == first == require_signature(bundle, None)
    assert (bundle / "SHA256SUMS.sig").read_bytes() == signature


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not on PATH")
def test_openssl_agrees(tmp_path: Path, bundle: Path) -> None:
    new_key(tmp_path / "mine")
    sign(bundle, tmp_path / "mine")
    command = ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", "SHA256SUMS.pub"]
    command += ["-in", "SHA256SUMS", "-sigfile", "SHA256SUMS.sig"]
    done = subprocess.run(command, cwd=bundle, capture_output=True, text=True, check=False)
    assert "Signature Verified Successfully" in done.stdout, done.stderr


def test_what_is_no_key_is_refused_by_name(tmp_path: Path, bundle: Path) -> None:
    (tmp_path / "mine").write_text("not a key")
    with pytest.raises(UsageError, match="mine: no private key"):
        sign(bundle, tmp_path / "mine")
    with pytest.raises(UsageError, match="absent: no such key"):
        sign(bundle, tmp_path / "absent")
    with pytest.raises(SourceError, match=r"SHA256SUMS\.sig: the bundle is not signed"):
        require_signature(bundle, public_path(tmp_path / "mine"))
