"""What every piece of work of one run is given."""

from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from convert.memo import Memo
from convert.pipeline.plan import Plan
from convert.pipeline.stoppable import Stoppable
from convert.progress import Progress
from convert.stages.pull import Pulled, pull
from convert.store import write_text
from convert.vocabulary import Record

R = TypeVar("R", bound=Record)


@dataclass(frozen=True, kw_only=True)
class Work:
    """The plan, what earlier runs left, where to tell, and the file that it starts from."""

    plan: Plan
    memo: Memo
    progress: Stoppable
    source: Pulled

    def stop(self) -> None:
        """End what runs in other threads, soon."""
        self.progress.stop()


def begin(plan: Plan, progress: Progress) -> Work:
    """Bring the recipe's file, unless it is here."""
    stoppable = Stoppable(progress)
    stoppable.stage("", "pull")
    pulled = pull(
        plan.recipe,
        raw=plan.settings.raw,
        mirror=plan.mirror,
        from_file=plan.options.from_file,
        accepted=plan.settings.accepted,
        progress=stoppable,
    )
    memo = Memo(plan.settings.work / plan.recipe.name, force=plan.options.force)
    return Work(plan=plan, memo=memo, progress=stoppable, source=pulled)


def write_record(folder: Path, name: str, record: Record) -> None:
    """Keep a record in a piece of work's folder."""
    write_text(folder / name, record.model_dump_json(indent=1))


def read_record(folder: Path, name: str, kind: type[R]) -> R:
    """Read what `write_record` kept."""
    return kind.model_validate_json((folder / name).read_bytes())
