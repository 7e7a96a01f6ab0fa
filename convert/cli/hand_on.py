"""Commands that hand on what was published: check, publish, keys."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from convert.cli.app import GATE_MISSED, command
from convert.cli.options import AsJson

KEYLESS = Path("sigstore")
"""Instead of a key's file; a file of this name is given with its whole path."""
TrustConfig = Annotated[
    Path | None,
    typer.Option(help="Another Sigstore than sigstore.dev: its ClientTrustConfig.", metavar="FILE"),
]


@command("check", "Check every byte of a bundle, here or at a URL.")
def check(
    where: Annotated[
        str,
        typer.Argument(help="A published folder, a recipe's folder, or a URL.", metavar="DIR|URL"),
    ],
    key: Annotated[
        Path | None,
        typer.Option(help="Only this public key's signature will do.", metavar="FILE"),
    ] = None,
    identity: Annotated[
        str | None,
        typer.Option(help="Only this identity's Sigstore signature will do.", metavar="WHO"),
    ] = None,
    issuer: Annotated[
        str | None,
        typer.Option(help="Who must vouch for that identity.", metavar="URL"),
    ] = None,
    trust_config: TrustConfig = None,
    as_json: AsJson = False,
) -> None:
    """Check digests, schemas, license, signature and golden tensors of published bundles.

    A changed byte anywhere fails with the file's name, and the exit code is 1.
    """
    from convert.bundle.keyless import Identity
    from convert.pipeline.bundles.check import check_bundles
    from convert.render.handed_on import show_checked
    from convert.render.live import live_progress

    with live_progress(f"check {where}") as progress:
        who = Identity(name=identity, issuer=issuer, trust_config=trust_config)
        found = check_bundles(where, key, who, progress)
    show_checked(found, as_json)
    if not all(one.passed for one in found):
        raise typer.Exit(GATE_MISSED)


@command("publish", "Hand on what a recipe published, to a place or a package.")
def publish(
    name: Annotated[str, typer.Argument(help="A recipe that was run.", metavar="NAME")],
    to: Annotated[str, typer.Option(help="file://, s3:// or hf://, or npm:DIR.", metavar="URL")],
    version: Annotated[
        str, typer.Option(help="What these bytes are called.", metavar="X.Y.Z")
    ] = "1.0.0",
    sign: Annotated[
        Path | None,
        typer.Option(
            help="Sign with this key (`convert keys new` makes one), or by the identity that is "
            "at hand: `sigstore`.",
            metavar="KEY|sigstore",
        ),
    ] = None,
    trust_config: TrustConfig = None,
    as_json: AsJson = False,
) -> None:
    """Check what a recipe published, and hand it on as one version, which never changes.

    The same bytes again: nothing to do; other bytes: refused. The version is seen, and can
    become the latest, only when all of it has arrived and was checked there.
    """
    from convert.pipeline.bundles.publish import Signing, publish_to
    from convert.pipeline.settings import settings
    from convert.render.handed_on import show_handed_on
    from convert.render.live import live_progress

    with live_progress(f"publish {name}") as progress:
        signing = Signing(
            key=None if sign == KEYLESS else sign,
            by_identity=sign == KEYLESS,
            trust_config=trust_config,
        )
        done = publish_to(name, to, version, signing, settings(), progress)
    show_handed_on(done, as_json)


@command("keys", "Make a key to sign with.")
def keys(
    action: Annotated[Literal["new"], typer.Argument(help="`new`: make a key.", metavar="new")],
    file: Annotated[
        Path, typer.Argument(help="Where to write it; FILE.pub is for others.", metavar="FILE")
    ],
    as_json: AsJson = False,
) -> None:
    """Make an ed25519 key: FILE, which only you can read, and FILE.pub, to give to others."""
    from convert.bundle.signing import new_key, public_path
    from convert.render.handed_on import show_key

    show_key(file, public_path(file), new_key(file), as_json)
