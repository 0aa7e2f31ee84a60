"""A certificate authority of a run's own, and what it vouches for."""

import base64
import datetime
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Files:
    """A certificate and its key as PEM files."""

    certificate: Path
    key: Path


class Authority:
    """Signs with ECDSA P-256, as `mqtt.ca` of a unit is meant to be."""

    def __init__(self, name: str = "Sigap bench authority") -> None:
        self._name = _name(name)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._certificate = self._sign(self._name, self._key, -DAY, 3650 * DAY, None)

    def as_setting(self) -> str:
        """The value of mqtt.ca."""
        return base64.b64encode(self._certificate.public_bytes(Encoding.DER)).decode()

    def as_pem(self) -> str:
        return self._certificate.public_bytes(Encoding.PEM).decode()

    def vouch(
        self, folder: Path, host: str, begins: datetime.timedelta = -DAY, ends: datetime.timedelta = 90 * DAY
    ) -> Files:
        """A broker's certificate for `host`, valid between two times from now."""
        folder.mkdir(parents=True, exist_ok=True)
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._sign(_name("broker"), key, begins, ends, host)
        files = Files(folder / "broker.pem", folder / "broker.key")
        files.certificate.write_bytes(certificate.public_bytes(Encoding.PEM))
        files.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return files

    def _sign(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        begins: datetime.timedelta,
        ends: datetime.timedelta,
        host: str | None,
    ) -> x509.Certificate:
        now = datetime.datetime.now(datetime.UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + begins)
            .not_valid_after(now + ends)
            .add_extension(x509.BasicConstraints(ca=host is None, path_length=None), critical=True)
        )
        if host is not None:
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        return builder.sign(self._key, hashes.SHA256())


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
