"""A file or folder that convert made, with its digest, its signature and its parent."""

from convert.signature import Signature
from convert.vocabulary import Record, Scheme, Target


class Artifact(Record):
    """One exported model. A folder's digest is over its sorted files, names and contents."""

    target: Target
    scheme: Scheme
    path: str
    """Relative to the folder that holds the record."""
    sha256: str
    bytes: int
    bytes_brotli: int
    """After brotli, each file by itself: what a web page downloads."""
    signature: Signature
    parent: str
    """The digest of what it was made from."""
