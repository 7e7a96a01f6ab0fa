"""What doctor found, with the next move where one is needed."""

from collections.abc import Sequence

from rich.markup import escape
from rich.table import Table

from convert.render.console import print_json, show
from convert.stages.doctor import Finding

_MARKS = {"good": "[green]ok[/green]", "notable": "[yellow]note[/yellow]", "bad": "[red]bad[/red]"}


def show_findings(findings: Sequence[Finding], as_json: bool) -> None:
    """A line a finding."""
    if as_json:
        print_json(list(findings))
        return
    table = Table(box=None, show_header=False, pad_edge=False)
    for _ in range(3):
        table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for finding in findings:
        move = f"\n[bold]next:[/bold] {escape(finding.next_move)}" if finding.next_move else ""
        table.add_row(
            _MARKS[finding.status], finding.area, finding.subject, escape(finding.found) + move
        )
    show(table)
