"""Commands for apps that use what is published: kit and serve."""

from contextlib import ExitStack, suppress
from enum import StrEnum
from pathlib import Path
from threading import Event
from typing import Annotated

import typer

from convert.cli.app import command
from convert.cli.options import AsJson


class OfTarget(StrEnum):
    """Which runtimes the file is for."""

    tfjs = "tfjs"
    tflite = "tflite"
    onnx = "onnx"


class OfScheme(StrEnum):
    """How the file keeps its numbers."""

    float32 = "float32"
    float16 = "float16"
    uint8 = "uint8"


class Language(StrEnum):
    """What a kit is written in."""

    ts = "ts"


@command("kit", "Write a model's pre- and postprocessing for an app.")
def kit(
    name: Annotated[
        str, typer.Argument(help="A recipe that is published.", metavar="NAME", show_default=False)
    ],
    target: Annotated[OfTarget, typer.Option(help="Of which of its files.")],
    lang: Annotated[
        Language, typer.Option(help="ts: JavaScript modules with TypeScript's types.")
    ] = Language.ts,
    scheme: Annotated[
        OfScheme | None,
        typer.Option(help="Default: what is the fewest bytes to send."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Default: kit/NAME-TARGET-SCHEME.", metavar="DIR")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write small modules that do what is done before and after a published model, with its file.

    They are generated from the manifest, have types and need no package and no build step.
    golden.test.js replays the golden tensors: `node --test`.
    """
    from convert.pipeline.published import smallest
    from convert.pipeline.settings import settings
    from convert.render.kit import show_kit
    from convert.stages.kit import kit as write

    folder, manifest = smallest(
        settings().out, name, target.value, scheme.value if scheme else None
    )
    final = out or Path("kit", f"{name}-{folder.name}")
    show_kit(write(folder, manifest, final), manifest, as_json)


@command("serve", "Serve apps that use what is published, to this machine alone.")
def serve(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Only these recipes; default: all.", metavar="NAME..."),
    ] = None,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="0: any that is free.", metavar="N")
    ] = 8765,
    as_json: AsJson = False,
) -> None:
    """Serve the apps until Ctrl-C: background removal, cartoons, boxes and points, model pages.

    They run the published files in your browser, with the headers that let runtimes use threads.
    Nothing is asked of another host, and pictures stay in the page.
    """
    from convert.audit.catalogue import write_catalogue
    from convert.pipeline.published import published
    from convert.pipeline.settings import settings
    from convert.render.live import live_progress
    from convert.render.serve import show_served
    from convert.stages.serve import serving

    out = settings().out
    found = published(out, tuple(names or ()))
    found.require_some(out)
    write_catalogue(out)
    with ExitStack() as stack:
        with live_progress("serve") as progress:
            served = stack.enter_context(
                serving(out, found.files, found.unreadable, port, progress)
            )
        show_served(served, as_json)
        with suppress(KeyboardInterrupt):  # it is how serving ends
            Event().wait()
