"""A Sigstore of one's own on this machine: certificates, their log and the signatures' log.

What Fulcio's REST API v2 and Rekor's v1 answer, with keys made for it. Identities are believed as
their tokens say; all else is signed as the real ones sign it (RFC 6962, the log's signed notes), so
that the client checks nothing less.
"""

import base64
import hashlib
import json
import struct
import threading
import time
from datetime import UTC, datetime, timedelta
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_ISSUER = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.8")
_ISSUER_OF_OLD = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.1")
_SCTS = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")
_SIGNED = ec.ECDSA(hashes.SHA256())
_SHA256_ECDSA = bytes([4, 3])
_PRECERT = 1


def identity_token(who: str, issuer: str = "https://issuer.example") -> str:
    """An OpenID Connect token that says so, signed by nobody."""
    now = int(time.time())
    claims = {"iss": issuer, "sub": who, "aud": "sigstore", "iat": now, "exp": now + 300}
    parts = [json.dumps(part).encode() for part in ({"alg": "none"}, claims)]
    return ".".join([*(base64.urlsafe_b64encode(p).rstrip(b"=").decode() for p in parts), ""])


class SigstoreServer:
    """Serves on a port of this machine until it is closed."""

    def __init__(self) -> None:
        self._authority, self._certificates_log, self._log = (
            ec.generate_private_key(ec.SECP256R1()) for _ in range(3)
        )
        self._entries: list[bytes] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def entries(self) -> int:
        """How many signatures its log holds."""
        return len(self._entries)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def trust_config(self) -> str:
        """The ClientTrustConfig of this instance, as JSON."""
        always = {"start": "2020-01-01T00:00:00Z"}
        root = {"rawBytes": _b64(self._root.public_bytes(Encoding.DER))}
        service = {"url": self.url, "majorApiVersion": 1, "validFor": always, "operator": "here"}
        return json.dumps(
            {
                "mediaType": "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json",
                "trustedRoot": {
                    "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
                    "tlogs": [_log_of(self.url, self._log, always)],
                    "ctlogs": [_log_of(f"{self.url}/ct", self._certificates_log, always)],
                    "certificateAuthorities": [
                        {
                            "subject": {"organization": "here", "commonName": "here"},
                            "uri": self.url,
                            "certChain": {"certificates": [root]},
                            "validFor": always,
                        }
                    ],
                    "timestampAuthorities": [],
                },
                "signingConfig": {
                    "mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json",
                    "caUrls": [service],
                    "oidcUrls": [service],
                    "rekorTlogUrls": [service],
                    "tsaUrls": [],
                    "rekorTlogConfig": {"selector": "ANY"},
                    "tsaConfig": {"selector": "ANY"},
                },
            }
        )

    @cached_property
    def _root(self) -> x509.Certificate:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "here")])
        usage = x509.KeyUsage(
            key_cert_sign=True, crl_sign=True, digital_signature=False, content_commitment=False,
            key_encipherment=False, data_encipherment=False, key_agreement=False,
            encipher_only=False, decipher_only=False,
        )  # fmt: skip
        key = self._authority.public_key()
        return (
            _lasting(name, name, key, timedelta(days=365))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .sign(self._authority, hashes.SHA256())
        )

    def certify(self, request: x509.CertificateSigningRequest, claims: dict[str, Any]) -> list[str]:
        """A certificate of ten minutes for an identity, and its chain, as PEM."""
        usage = x509.KeyUsage(
            digital_signature=True, key_cert_sign=False, crl_sign=False, content_commitment=False,
            key_encipherment=False, data_encipherment=False, key_agreement=False,
            encipher_only=False, decipher_only=False,
        )  # fmt: skip
        issuer = claims["iss"].encode()
        key = request.public_key()
        subject = x509.SubjectAlternativeName([x509.RFC822Name(claims["sub"])])
        authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._authority.public_key())
        coding = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING])
        vouched = x509.UnrecognizedExtension(_ISSUER, b"\x0c" + bytes([len(issuer)]) + issuer)
        builder = (
            _lasting(x509.Name([]), self._root.subject, key, timedelta(minutes=10))
            .add_extension(usage, critical=True)
            .add_extension(coding, critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(authority, critical=False)
            .add_extension(subject, critical=True)
            .add_extension(vouched, critical=False)
            .add_extension(x509.UnrecognizedExtension(_ISSUER_OF_OLD, issuer), critical=False)
        )
        before = builder.sign(self._authority, hashes.SHA256())
        listed = x509.UnrecognizedExtension(_SCTS, self._logged(before.tbs_certificate_bytes))
        whole = builder.add_extension(listed, critical=False)
        certificate = whole.sign(self._authority, hashes.SHA256())
        return [c.public_bytes(Encoding.PEM).decode() for c in (certificate, self._root)]

    def _logged(self, certificate: bytes) -> bytes:
        """The certificates' log's promise, as the extension's value (RFC 6962, 3.2 and 3.3)."""
        when = int(time.time() * 1000)
        issuer = hashlib.sha256(_der(self._authority)).digest()
        entry = issuer + struct.pack("!I", len(certificate))[1:] + certificate
        signed = self._certificates_log.sign(
            struct.pack("!BBQH", 0, 0, when, _PRECERT) + entry + struct.pack("!H", 0), _SIGNED
        )
        name = hashlib.sha256(_der(self._certificates_log)).digest()
        one = b"\0" + name + struct.pack("!QH", when, 0) + _SHA256_ECDSA + _sized(signed)
        return _octets(_sized(_sized(one)))

    def enter(self, proposed: dict[str, Any]) -> dict[str, Any]:
        """Take a signature into the log: Rekor's answer, with the proof that it is there."""
        body = _canonical(proposed)
        self._entries.append(body)
        index, name = self.entries - 1, hashlib.sha256(_der(self._log)).digest()
        when = int(time.time())
        promise = {"body": _b64(body), "integratedTime": when, "logID": name.hex()}
        promised = self._log.sign(_canonical({**promise, "logIndex": index}), _SIGNED)
        root, path = _tree(self._entries, index)
        note = f"here - 1\n{self.entries}\n{_b64(root)}\n"
        seal = _b64(name[:4] + self._log.sign(note.encode(), _SIGNED))
        proof = {
            "logIndex": index,
            "rootHash": root.hex(),
            "treeSize": self.entries,
            "hashes": [one.hex() for one in path],
            "checkpoint": f"{note}\n\N{EM DASH} here {seal}\n",
        }
        said = {"inclusionProof": proof, "signedEntryTimestamp": _b64(promised)}
        return {_leaf(body).hex(): {**promise, "logIndex": index, "verification": said}}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        instance = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if self.path == "/api/v2/signingCert":
                    request = base64.b64decode(sent["certificateSigningRequest"])
                    chain = instance.certify(
                        x509.load_pem_x509_csr(request), _claims(self.headers["Authorization"])
                    )
                    answer = {"signedCertificateEmbeddedSct": {"chain": {"certificates": chain}}}
                else:
                    answer = instance.enter(sent)
                content = json.dumps(answer).encode()
                self.send_response(201)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler


def _lasting(
    subject: x509.Name, issuer: x509.Name, key: Any, length: timedelta
) -> x509.CertificateBuilder:
    begin = datetime.now(UTC) - timedelta(seconds=5)
    return x509.CertificateBuilder(
        subject_name=subject,
        issuer_name=issuer,
        public_key=key,
        serial_number=x509.random_serial_number(),
        not_valid_before=begin,
        not_valid_after=begin + length,
    )


def _tree(entries: list[bytes], index: int) -> tuple[bytes, list[bytes]]:
    """The root of a Merkle tree and the path to one leaf (RFC 6962, 2.1)."""
    if len(entries) == 1:
        return _leaf(entries[0]), []
    half = 1 << (len(entries) - 1).bit_length() - 1
    left, right = entries[:half], entries[half:]
    if index < half:
        (one, path), (other, _) = _tree(left, index), _tree(right, 0)
        return hashlib.sha256(b"\1" + one + other).digest(), [*path, other]
    (one, _), (other, path) = _tree(left, 0), _tree(right, index - half)
    return hashlib.sha256(b"\1" + one + other).digest(), [*path, one]


def _leaf(entry: bytes) -> bytes:
    return hashlib.sha256(b"\0" + entry).digest()


def _log_of(url: str, key: ec.EllipticCurvePrivateKey, always: dict[str, str]) -> dict[str, Any]:
    return {
        "baseUrl": url,
        "hashAlgorithm": "SHA2_256",
        "publicKey": {
            "rawBytes": _b64(_der(key)),
            "keyDetails": "PKIX_ECDSA_P256_SHA_256",
            "validFor": always,
        },
        "logId": {"keyId": _b64(hashlib.sha256(_der(key)).digest())},
    }


def _claims(authorization: str) -> dict[str, Any]:
    part = authorization.removeprefix("Bearer ").split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))))


def _sized(content: bytes) -> bytes:
    return struct.pack("!H", len(content)) + content


def _octets(content: bytes) -> bytes:
    """A DER OCTET STRING of less than 256 bytes."""
    length = bytes([len(content)]) if len(content) < 128 else bytes([0x81, len(content)])
    return b"\4" + length + content


def _canonical(value: dict[str, Any]) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _der(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _b64(content: bytes) -> str:
    return base64.b64encode(content).decode()
