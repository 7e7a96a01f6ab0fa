"""A bundle that somebody signed by name: it was they, over these bytes, or `check` says not."""

from pathlib import Path

import pytest

from convert.bundle import layout
from convert.bundle.keyless import TOKEN, Identity, require_identity, sign_keyless
from convert.errors import SourceError, ToolError, UsageError
from tests.sigstore_server import SigstoreServer, identity_token

WHO, ISSUER = "ada@example.org", "https://issuer.example"


@pytest.fixture
def trust(sigstore: SigstoreServer, tmp_path: Path) -> Path:
    path = tmp_path / "trust.json"
    path.write_text(sigstore.trust_config())
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "bundle"
    made.mkdir()
    (made / layout.SUMS).write_text(f"{'0' * 64}  model.tflite\n")
    return made


@pytest.fixture
def signed(folder: Path, trust: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(TOKEN, identity_token(WHO, ISSUER))
    sign_keyless(folder, trust)
    return folder


def test_the_signature_says_whose_it_is(
    signed: Path, trust: Path, sigstore: SigstoreServer
) -> None:
    assert require_identity(signed, Identity(trust_config=trust)) == f"{WHO} ({ISSUER})"
    assert sigstore.entries == 1


def test_every_signature_is_found_in_the_log(
    signed: Path, trust: Path, sigstore: SigstoreServer
) -> None:
    for _ in range(4):
        sign_keyless(signed, trust)
        assert require_identity(signed, Identity(trust_config=trust))
    assert sigstore.entries == 5


@pytest.mark.parametrize(
    ("name", "issuer", "right"),
    [
        (WHO, ISSUER, True), (WHO, None, True), (None, ISSUER, True),
        ("eve@example.org", ISSUER, False), (WHO, "https://other.example", False),
        (None, "https://other.example", False),
    ],
)  # fmt: skip
def test_only_who_is_asked_for_will_do(
    signed: Path, trust: Path, name: str | None, issuer: str | None, right: bool
) -> None:
    wanted = Identity(name=name, issuer=issuer, trust_config=trust)
    if right:
        assert require_identity(signed, wanted)
        return
    with pytest.raises(SourceError, match=layout.SIGSTORE):
        require_identity(signed, wanted)


def test_other_bytes_are_not_what_was_signed(signed: Path, trust: Path) -> None:
    (signed / layout.SUMS).write_text(f"{'1' * 64}  model.tflite\n")
    with pytest.raises(SourceError, match=layout.SIGSTORE):
        require_identity(signed, Identity(trust_config=trust))


@pytest.mark.parametrize("content", ["", "{}", "[1]", "no json"])
def test_what_is_no_signature_is_told(folder: Path, trust: Path, content: str) -> None:
    (folder / layout.SIGSTORE).write_text(content)
    with pytest.raises(SourceError, match="no Sigstore bundle"):
        require_identity(folder, Identity(trust_config=trust))


def test_another_instance_is_not_believed(signed: Path, tmp_path: Path) -> None:
    other = SigstoreServer()
    (tmp_path / "other.json").write_text(other.trust_config())
    other.close()
    for trusted in (tmp_path / "other.json", None):
        with pytest.raises(SourceError, match=layout.SIGSTORE):
            require_identity(signed, Identity(trust_config=trusted))


def test_an_unsigned_bundle_is_nobodys(folder: Path) -> None:
    assert require_identity(folder) is None
    with pytest.raises(SourceError, match="not signed by an identity"):
        require_identity(folder, Identity(name=WHO))


def test_without_an_identity_nothing_is_signed(
    folder: Path, trust: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(TOKEN, raising=False)
    for name in ("GITHUB_ACTIONS", "BUILDKITE", "CIRCLECI", "GITLAB_CI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sigstore.oidc.detect_credential", lambda: None)
    with pytest.raises(UsageError, match="no identity is at hand"):
        sign_keyless(folder, trust)
    assert not (folder / layout.SIGSTORE).exists()


def test_a_token_that_is_none_is_told(
    folder: Path, trust: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TOKEN, "nonsense")
    with pytest.raises(UsageError, match="of no use"):
        sign_keyless(folder, trust)


def test_a_sigstore_that_is_away_leaves_nothing_signed(
    folder: Path, trust: Path, sigstore: SigstoreServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TOKEN, identity_token(WHO))
    sigstore.close()
    with pytest.raises(ToolError, match="sigstore did not sign"):
        sign_keyless(folder, trust)
    assert not (folder / layout.SIGSTORE).exists()


@pytest.mark.parametrize("content", ["", "{}", "no json"])
def test_a_trust_config_that_is_none_is_told(folder: Path, tmp_path: Path, content: str) -> None:
    (folder / layout.SIGSTORE).write_text("{}")
    path = tmp_path / "trust.json"
    path.write_text(content)
    with pytest.raises((UsageError, SourceError)):
        require_identity(folder, Identity(trust_config=path))
