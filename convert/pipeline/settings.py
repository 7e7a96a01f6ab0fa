"""Where things lie and what the user has agreed to: the environment, read once."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the CONVERT_* variables say."""

    home: Path
    """CONVERT_HOME: the folder that `models/` lies in (default: the working folder)."""
    mirror: str | None = None
    """CONVERT_MIRROR: a folder or URL that holds files at <host>/<path of the original URL>."""
    datasets: Path | None = None
    """CONVERT_DATASETS: a folder that holds dataset folders such as VOC2012."""
    accepted: frozenset[str] = frozenset()
    """CONVERT_ACCEPT_LICENSES: restricted licenses that are accepted, by id, or `all`."""

    @property
    def raw(self) -> Path:
        """Pulled files, read-only."""
        return self.home / "models" / "raw"

    @property
    def out(self) -> Path:
        """Published variants and reports."""
        return self.home / "models" / "out"

    @property
    def work(self) -> Path:
        """Finished pieces of work, so that none is done twice."""
        return self.home / "models" / "work"


def settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the environment."""
    accepted = environment.get("CONVERT_ACCEPT_LICENSES", "").split(",")
    datasets = environment.get("CONVERT_DATASETS")
    return Settings(
        home=Path(environment.get("CONVERT_HOME") or "."),
        mirror=environment.get("CONVERT_MIRROR") or None,
        datasets=Path(datasets) if datasets else None,
        accepted=frozenset(name.strip() for name in accepted if name.strip()),
    )
