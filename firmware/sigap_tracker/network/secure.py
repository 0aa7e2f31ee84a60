"""TLS to the broker, which proves who it is: by a certificate of the agency's own authority, or by a key both know.

A certificate is checked for its signature, its name and its dates, by the machine's clock. There is no way to have TLS
without a check: a client that takes any certificate tells its password to anybody.
"""

import binascii

import tls

from sigap_tracker.errors import SettingsError
from sigap_tracker.storage.settings import TLS_CA, TLS_OFF, Settings

_DER_SEQUENCE = 0x30
_PSK_MIN_BYTES = 16  # RFC 9257 §6 asks for 128 bits at least


def context(settings: Settings) -> "tls.SSLContext | None":
    """What mqtt.tls and its companions ask for, None for a connection without TLS. Raises SettingsError."""
    if settings.mqtt_tls == TLS_OFF:
        return None
    made = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
    # Also with a key: should the broker choose a suite with certificates, there is no authority that could vouch.
    made.verify_mode = tls.CERT_REQUIRED  # type: ignore[attr-defined]  # unknown to the typings, as is psk_identity
    if settings.mqtt_tls == TLS_CA:
        try:
            made.load_verify_locations(authority(settings.mqtt_ca))
        except (ValueError, OSError):
            raise SettingsError("mqtt.ca is DER, but no certificate that can be read")
        return made
    if not hasattr(made, "psk_key"):
        raise SettingsError("mqtt.tls is 'psk', which this MicroPython cannot do; it can from 1.29 on, or use 'ca'")
    if not settings.mqtt_psk_identity:
        raise SettingsError("mqtt.psk_identity is missing, expected the name that the broker knows the key by")
    made.psk_identity = settings.mqtt_psk_identity.encode()  # type: ignore[attr-defined]
    made.psk_key = _key(settings.mqtt_psk)
    return made


def authority(text: str) -> bytes:
    """The DER certificate in base64. Raises SettingsError, naming what it is instead: the usual mistake is PEM."""
    if "-----BEGIN" in text:
        raise SettingsError("mqtt.ca is PEM, expected the base64 of a DER certificate: its lines between the dashes")
    try:
        der = binascii.a2b_base64(text)
    except ValueError:
        der = b""
    if not der or der[0] != _DER_SEQUENCE:
        raise SettingsError(
            "mqtt.ca is %s, expected the base64 of a DER certificate" % (repr(text[:20]) if text else "missing")
        )
    return der


def _key(text: str) -> bytes:
    try:
        key = binascii.unhexlify(text)
    except ValueError:
        key = b""
    if len(key) < _PSK_MIN_BYTES:
        raise SettingsError("mqtt.psk is no key, expected %d hexadecimal digits or more" % (2 * _PSK_MIN_BYTES))
    return key
