"""What is installed for the browser runtimes."""

from rich.markup import escape

from convert.render.console import out, print_json, show, size, table
from convert.web.packages import Installed


def show_installed(found: Installed, as_json: bool) -> None:
    """The packages, the folder and its size."""
    if as_json:
        print_json(found)
        return
    made = table("package", "version", right=())
    for name, version in found.packages.items():
        made.add_row(name, version)
    show(made)
    out().print(
        f"\n{found.files} files in {escape(found.folder)}: {size(found.bytes)} on disk, "
        f"{size(found.bytes_brotli)} to download, were all of them loaded",
        soft_wrap=True,
    )
