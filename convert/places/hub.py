"""Repositories of the Hugging Face Hub: read through its fsspec filesystem, written in commits.

A commit holds all of its files or none (https://huggingface.co/docs/huggingface_hub). The token is
huggingface_hub's own: HF_TOKEN, or what `hf auth login` left.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from convert.errors import ToolError, UsageError
from convert.places.storage import Storage, open_storage


@dataclass(frozen=True, kw_only=True)
class Hub(Storage):
    """A model repository, and a folder in it."""

    api: Any
    repo: str
    folder: str

    def put(self, files: Mapping[str, Path], why: str) -> None:
        """Write files in one commit; the repository is made, private, where it is not there."""
        with self.failing(self.folder or self.repo):
            self.api.create_repo(self.repo, repo_type="model", private=True, exist_ok=True)
            self._commit({name: str(path) for name, path in files.items()}, why)

    def write(self, name: str, content: bytes, why: str) -> None:
        """Write one file in a commit of its own."""
        with self.failing(name):
            self._commit({name: content}, why)

    def clear(self, folder: str, why: str) -> None:
        """Nothing: a commit leaves nothing half-written, and what it leaves is written over."""

    def _commit(self, files: Mapping[str, str | bytes], why: str) -> None:
        from huggingface_hub import CommitOperationAdd

        self.api.create_commit(
            self.repo,
            [
                CommitOperationAdd(
                    path_in_repo=f"{self.folder}/{name}".lstrip("/"), path_or_fileobj=content
                )
                for name, content in files.items()
            ],
            commit_message=why,
            repo_type="model",
        )


def open_hub(url: str) -> Hub:
    """`hf://<owner>/<repository>[/<folder>]`. Raises UsageError or ToolError."""
    try:
        from huggingface_hub import HfApi
    except ImportError as error:
        raise ToolError(
            f"{url}: the package huggingface_hub is not installed",
            hint="pip install 'convert-vision[publish]'",
        ) from error
    parts = url.removeprefix("hf://").split("/")
    if len(parts) < 2 or not all(parts) or parts[0] in ("datasets", "spaces", "buckets"):
        raise UsageError(f"{url}: no model repository", hint="hf://OWNER/REPOSITORY[/FOLDER]")
    storage = open_storage(url)
    return Hub(
        url=url,
        fs=storage.fs,
        root=storage.root,
        api=HfApi(),
        repo="/".join(parts[:2]),
        folder="/".join(parts[2:]),
    )
