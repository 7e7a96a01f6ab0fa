"""Ed25519 signatures over SHA256SUMS, and the keys for them (RFC 8032; PKCS#8 and SPKI as PEM).

Without convert: `openssl pkeyutl -verify -rawin -pubin -inkey SHA256SUMS.pub -in SHA256SUMS
-sigfile SHA256SUMS.sig`.
"""

import base64
import hashlib
import os
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from convert.bundle import layout
from convert.errors import SourceError, ToolError, UsageError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )

_PRIVATE = 0o600


def new_key(path: Path) -> str:
    """Write a private key to `path`, which only its owner may read, and the public one to `.pub`.

    Returns the public key's fingerprint. Raises UsageError where a file is there already.
    """
    _require_cryptography()
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key, beside = Ed25519PrivateKey.generate(), public_path(path)
    for place in (path, beside):
        if place.exists():
            raise UsageError(f"{place} is there already", hint="Name another file.")
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE), "wb") as file:
        file.write(_private_pem(key))
    beside.write_bytes(public_pem(key.public_key()))
    return fingerprint(key.public_key())


def public_path(path: Path) -> Path:
    """Where a private key's public one lies."""
    return path.with_name(f"{path.name}.pub")


def sign(folder: Path, key: Path) -> str:
    """Put a signature over a bundle's SHA256SUMS, and the public key, beside it.

    Returns the key's fingerprint. Raises UsageError where the file holds no such key.
    """
    private = _read_private(key)
    signature = private.sign((folder / layout.SUMS).read_bytes())
    (folder / layout.SIGNATURE).write_bytes(signature)
    (folder / layout.PUBLIC_KEY).write_bytes(public_pem(private.public_key()))
    return fingerprint(private.public_key())


def require_signature(folder: Path, trusted: Path | None) -> str | None:
    """The fingerprint of the key that signed a bundle; None where none did.

    With `trusted` only that public key will do. Raises SourceError that names the file.
    """
    there = [(folder / name).exists() for name in (layout.SIGNATURE, layout.PUBLIC_KEY)]
    if not any(there):
        if trusted:
            raise SourceError(f"{layout.SIGNATURE}: the bundle is not signed")
        return None
    _require_cryptography()
    for name in (layout.SUMS, layout.SIGNATURE, layout.PUBLIC_KEY):
        if not (folder / name).is_file():
            raise SourceError(f"{name}: missing, which a signature needs")
    key = _read_public((folder / layout.PUBLIC_KEY).read_bytes(), layout.PUBLIC_KEY)
    if trusted and public_pem(key) != public_pem(_trusted(trusted)):
        raise SourceError(f"{layout.PUBLIC_KEY}: signed by {fingerprint(key)}, not by {trusted}")
    _verify(folder, key)
    return fingerprint(key)


def fingerprint(key: "Ed25519PublicKey") -> str:
    """As ssh writes them: SHA256 and base64, of the raw public key."""
    raw = hashlib.sha256(key.public_bytes_raw()).digest()
    return f"SHA256:{base64.b64encode(raw).decode().rstrip('=')}"


def public_pem(key: "Ed25519PublicKey") -> bytes:
    """The public key as PEM."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _verify(folder: Path, key: "Ed25519PublicKey") -> None:
    from cryptography.exceptions import InvalidSignature

    try:
        key.verify((folder / layout.SIGNATURE).read_bytes(), (folder / layout.SUMS).read_bytes())
    except InvalidSignature as error:
        raise SourceError(
            f"{layout.SIGNATURE}: not of this {layout.SUMS} by the key in {layout.PUBLIC_KEY}"
        ) from error


def _private_pem(key: "Ed25519PrivateKey") -> bytes:
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _read_private(path: Path) -> "Ed25519PrivateKey":
    _require_cryptography()
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    if not path.is_file():
        raise UsageError(f"{path}: no such key", hint=f"`convert keys new {path}` makes one.")
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError) as error:
        raise UsageError(f"{path}: no private key: {error}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise UsageError(f"{path}: no ed25519 key", hint="`convert keys new FILE` makes one.")
    return key


def _read_public(content: bytes, name: str) -> "Ed25519PublicKey":
    """A key that is written as `public_pem` writes it, byte for byte."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(content)
    except ValueError as error:
        raise SourceError(f"{name}: no public key") from error
    if not isinstance(key, Ed25519PublicKey) or public_pem(key) != content:
        raise SourceError(f"{name}: no ed25519 key as convert writes it")
    return key


def _trusted(path: Path) -> "Ed25519PublicKey":
    if not path.is_file():
        raise UsageError(f"{path}: no such key", hint="Name the signer's public key, FILE.pub.")
    return _read_public(path.read_bytes(), str(path))


def _require_cryptography() -> None:
    try:
        import_module("cryptography")
    except ImportError as error:
        raise ToolError(
            "signatures need the package cryptography",
            hint="pip install 'convert-vision[publish]'",
        ) from error
