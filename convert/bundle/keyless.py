"""Sigstore signatures over SHA256SUMS: by an identity, instead of a key that must be kept.

A signature is a Sigstore bundle (protobuf-specs' v0.3, as JSON): a certificate of ten minutes that
says whose it is, and a transparency log's proof that it was made in them. Nothing is asked of the
network to check one: what is trusted comes with the package `sigstore`, or from the trust config of
another instance.

Without convert: `sigstore verify identity --bundle SHA256SUMS.sigstore.json --cert-identity WHO
--cert-oidc-issuer URL SHA256SUMS`.
"""

import os
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from convert.bundle import layout
from convert.errors import SourceError, ToolError, UsageError

if TYPE_CHECKING:
    from sigstore.models import Bundle, ClientTrustConfig
    from sigstore.verify import Verifier

TOKEN = "SIGSTORE_ID_TOKEN"
"""An OpenID Connect token with the audience `sigstore`, where no CI's own is found."""
_ISSUERS = ("1.3.6.1.4.1.57264.1.8", "1.3.6.1.4.1.57264.1.1")
"""Fulcio's extensions that name the issuer: as DER's UTF8String, and of old as bare text."""

_UTF8_STRING = b"\x0c"


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Who must have signed; None: anybody."""

    name: str | None = None
    """An address or URI, as the certificate has it."""
    issuer: str | None = None
    """Who says so: an OpenID Connect issuer's URL."""
    trust_config: Path | None = None
    """Another instance than sigstore.dev: a ClientTrustConfig as JSON."""


ANYBODY = Identity()


def sign_keyless(folder: Path, trust_config: Path | None = None) -> str:
    """Put a Sigstore signature over a bundle's SHA256SUMS beside it; returns whose it is.

    Raises UsageError where no identity is at hand, ToolError where Sigstore cannot be reached.
    """
    _require_sigstore()
    from sigstore.oidc import IdentityError, IdentityToken
    from sigstore.sign import SigningContext

    try:
        token = IdentityToken(_token())
    except IdentityError as error:
        raise UsageError(f"the identity at hand is of no use: {error}") from error
    try:
        context = SigningContext.from_trust_config(_trust(trust_config, online=True))
        with context.signer(token) as signer:
            bundle = signer.sign_artifact((folder / layout.SUMS).read_bytes())
    except UsageError:
        raise
    except Exception as error:  # its clients raise whatever requests, tuf and pydantic do
        raise ToolError(f"sigstore did not sign: {_first_line(error)}") from error
    (folder / layout.SIGSTORE).write_text(f"{bundle.to_json()}\n")
    return _whose(bundle)


def require_identity(folder: Path, wanted: Identity = ANYBODY) -> str | None:
    """Whose Sigstore signature a bundle has; None where it has none.

    Raises SourceError that names the file where it is not of this SHA256SUMS, or not by `wanted`.
    """
    path = folder / layout.SIGSTORE
    if not path.is_file():
        if wanted.name or wanted.issuer:
            raise SourceError(f"{layout.SIGSTORE}: the bundle is not signed by an identity")
        return None
    _require_sigstore()
    from sigstore.errors import Error
    from sigstore.models import Bundle

    try:
        bundle = Bundle.from_json(path.read_bytes())
    except (Error, ValueError) as error:
        raise SourceError(f"{layout.SIGSTORE}: no Sigstore bundle") from error
    verifier = _verifier(wanted.trust_config)
    try:
        verifier.verify_artifact((folder / layout.SUMS).read_bytes(), bundle, _policy(wanted))
    except (Error, ValueError) as error:
        raise SourceError(f"{layout.SIGSTORE}: {_first_line(error)}") from error
    return _whose(bundle)


def _token() -> str:
    from sigstore.oidc import IdentityError, detect_credential

    try:
        token = os.environ.get(TOKEN) or detect_credential()
    except IdentityError as error:
        raise UsageError(f"the identity at hand is of no use: {error}") from error
    if token is None:
        raise UsageError(
            "no identity is at hand to sign with",
            hint=f"A CI job has one if it may ask for it (`id-token: write`); or set {TOKEN}. "
            "`--sign KEY` needs none.",
        )
    return token


def _trust(path: Path | None, *, online: bool) -> "ClientTrustConfig":
    from sigstore.models import ClientTrustConfig

    if path is None:
        return ClientTrustConfig.production(offline=not online)
    if not path.is_file():
        raise UsageError(f"{path}: no such trust config")
    try:
        return ClientTrustConfig.from_json(path.read_text())
    except ValueError as error:
        raise UsageError(f"{path}: no Sigstore trust config: {_first_line(error)}") from error


def _verifier(trust_config: Path | None) -> "Verifier":
    from sigstore.verify import Verifier

    return Verifier(trusted_root=_trust(trust_config, online=False).trusted_root)


def _policy(wanted: Identity) -> Any:
    from sigstore.verify.policy import Identity as Named
    from sigstore.verify.policy import OIDCIssuer, UnsafeNoOp

    if wanted.name:
        return Named(identity=wanted.name, issuer=wanted.issuer)
    return OIDCIssuer(wanted.issuer) if wanted.issuer else UnsafeNoOp()


def _whose(bundle: "Bundle") -> str:
    """The certificate's subject, and who vouches for it."""
    from cryptography import x509

    extensions = bundle.signing_certificate.extensions
    names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    subject = ", ".join(str(name.value) for name in names)
    held = {each.oid.dotted_string: each.value for each in extensions}
    issuer = next((held[oid].public_bytes() for oid in _ISSUERS if oid in held), b"")
    vouched = issuer[2:] if issuer.startswith(_UTF8_STRING) else issuer
    return f"{subject} ({vouched.decode()})"


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def _require_sigstore() -> None:
    try:
        import_module("sigstore")
    except ImportError as error:
        raise ToolError(
            "signatures by an identity need the package sigstore",
            hint="pip install 'convert-vision[sigstore]'",
        ) from error
