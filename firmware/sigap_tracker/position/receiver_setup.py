"""What asks a receiver for RMC and GGA once a second, GSA and GSV now and then, and nothing else.

Nobody knows the maker beforehand: each maker's receivers are told in their own words and pass over the others'.
Loaded on demand, when there is somebody to ask.

Sources: u-blox M8 and M10 interface descriptions (UBX-CFG-MSG, -RATE, -VALSET; PUBX,40), GlobalTop PMTK command packet
A11 (PMTK314, PMTK220), Quectel LC76G protocol specification (PAIR062, PAIR050) and L76K protocol specification (PCAS03,
PCAS02). Nothing is stored in the receiver: what it does at its next start is its own choice again.
"""

# GGA GLL GSA GSV RMC VTG ZDA, the order of u-blox' and Airoha's numbers: every how many fixes. More than 5 is too many
# for MediaTek's.
_RATES = b"\x01\x00\x05\x05\x01\x00\x00"
_NAMES = "GGAGLLGSAGSVRMCVTGZDA"
_UBLOX_IDS = b"\x00\x01\x02\x03\x04\x05\x08"
# The low byte of CFG-MSGOUT-NMEA_ID_…_UART1, 0x209100…
_UBLOX_KEYS = b"\xbb\xca\xc0\xc5\xac\xb1\xd9"


def ubx(kind: bytes, payload: bytes) -> bytes:
    """A UBX frame: class and number, payload, and Fletcher's checksum over both with the length between them."""
    body = kind + bytes((len(payload) & 255, len(payload) >> 8)) + payload
    first = second = 0
    for byte in body:
        first = (first + byte) & 255
        second = (second + first) & 255
    return b"\xb5\x62" + body + bytes((first, second))


def sentence(body: str) -> bytes:
    """An NMEA sentence: '$', the body, its checksum and a line's end."""
    found = 0
    for byte in body.encode():
        found ^= byte
    return b"$%s*%02X\r\n" % (body.encode(), found)


def batches() -> "list[bytes]":
    """What to write to the receiver, each a second after the one before: its input holds little more than 200 bytes."""
    told_ubx = ubx(b"\x06\x08", b"\xe8\x03\x01\x00\x01\x00")  # CFG-RATE: 1000 ms, every measurement, of GPS time
    values = b"\x00\x01\x00\x00" + b"\x01\x00\x21\x30\xe8\x03"  # CFG-VALSET: into RAM; CFG-RATE-MEAS 1000 ms
    pubx = []
    pair = sentence("PAIR050,1000")
    for i in range(len(_RATES)):
        name, rate = _NAMES[3 * i : 3 * i + 3], _RATES[i]
        told_ubx += ubx(b"\x06\x01", bytes((0xF0, _UBLOX_IDS[i], rate)))
        values += bytes((_UBLOX_KEYS[i], 0x00, 0x91, 0x20, rate))
        # The rates of DDC, UART 1, UART 2, USB and SPI; what is said there does not matter, as nobody hears it.
        pubx.append(sentence("PUBX,40,%s,%d,%d,%d,%d,%d,0" % ((name,) + (rate,) * 5)))
        pair += sentence("PAIR062,%d,%d" % (i, rate))
    return [
        told_ubx,
        ubx(b"\x06\x8a", values),
        b"".join(pubx[:4]),
        b"".join(pubx[4:]),
        # GLL RMC VTG GGA GSA GSV, then those that no car needs.
        sentence("PMTK314,0,1,0,1,5,5" + ",0" * 13) + sentence("PMTK220,1000"),
        pair,
        # GGA GLL GSA GSV RMC VTG ZDA, and the rest off.
        sentence("PCAS03,1,0,5,5,1,0,0,0,0,0,,,0,0") + sentence("PCAS02,1000"),
    ]
