"""What every test may use."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from .hub_server import HubServer
from .sigstore_server import SigstoreServer

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


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The address of a real S3 server on this machine."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3(s3_server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of an empty bucket; the environment leads there."""
    import boto3
    import s3fs

    for name, value in s3_settings(s3_server).items():
        monkeypatch.setenv(name, value)
    s3fs.S3FileSystem.clear_instance_cache()
    bucket = f"bucket-{secrets.token_hex(4)}"
    boto3.client("s3").create_bucket(Bucket=bucket)
    return f"s3://{bucket}"


def s3_settings(server: str) -> dict[str, str]:
    """What a user of a server sets."""
    keys = {"AWS_ACCESS_KEY_ID": "me", "AWS_SECRET_ACCESS_KEY": "secret"}
    where = {"AWS_ENDPOINT_URL": server, "AWS_DEFAULT_REGION": "us-east-1"}
    return {**keys, **where, "NO_PROXY": "127.0.0.1"}


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    """A Hugging Face Hub on this machine; this process and its children are led there."""
    import huggingface_hub

    server = HubServer()
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", server.url)
    files = f"{server.url}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
    monkeypatch.setattr("huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE", files)
    monkeypatch.setenv("HF_ENDPOINT", server.url)
    monkeypatch.setenv("HF_TOKEN", "hf_token")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    huggingface_hub.HfFileSystem.clear_instance_cache()
    yield server
    server.close()


@pytest.fixture
def sigstore() -> Iterator[SigstoreServer]:
    """A Sigstore on this machine, for those who are given its trust config."""
    server = SigstoreServer()
    yield server
    server.close()
