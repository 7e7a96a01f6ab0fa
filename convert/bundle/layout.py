"""What the files of a bundle are called, and which its checksums are over."""

from pathlib import Path

from convert.store import digest_file

CARD = "README.md"
NOTICE = "NOTICE"
PREPROCESSING = "preprocessing.json"
BOM = "bom.cdx.json"
PROVENANCE = "provenance.intoto.json"
SUMS = "SHA256SUMS"
SIGNATURE = "SHA256SUMS.sig"
PUBLIC_KEY = "SHA256SUMS.pub"
SIGSTORE = "SHA256SUMS.sigstore.json"
TIMINGS = "timings.json"

UNSUMMED = (SUMS, SIGNATURE, PUBLIC_KEY, SIGSTORE, TIMINGS)
"""Not in the checksums: themselves, what is made of them, and times, which no two runs share."""


def digests(folder: Path) -> dict[str, str]:
    """Every file of a folder but those of `UNSUMMED`: relative name -> SHA-256."""
    files = {file.relative_to(folder).as_posix(): file for file in folder.rglob("*")}
    return {
        name: digest_file(file)
        for name, file in sorted(files.items())
        if file.is_file() and name not in UNSUMMED
    }
