"""The network's end of a PPP link, as far as it takes to be recognised: HDLC-like frames (RFC 1662) and LCP (RFC 1661).

No addresses are given and no packets carried; a unit on the unix port has the host's network for that.
"""

from collections.abc import Iterator

FLAG, ESCAPE = 0x7E, 0x7D
_LCP = b"\xff\x03\xc0\x21"
_REQUEST, _ACK, _TERMINATE, _TERMINATE_ACK, _ECHO, _ECHO_REPLY = 1, 2, 5, 6, 9, 10
_GOOD_FCS = 0xF0B8  # RFC 1662 §C.2
_FRAME_MAX_BYTES = 1600


def fcs16(content: bytes) -> int:
    """The frame check sequence before its last inversion, RFC 1662 §C.2."""
    fcs = 0xFFFF
    for byte in content:
        fcs ^= byte
        for _ in range(8):
            fcs = fcs >> 1 ^ 0x8408 if fcs & 1 else fcs >> 1
    return fcs


def frame(content: bytes) -> bytes:
    """Address, control, protocol and packet as they go over a line whose every control character is escaped."""
    checked = content + (fcs16(content) ^ 0xFFFF).to_bytes(2, "little")
    escaped = bytearray()
    for byte in checked:
        if byte < 0x20 or byte in (FLAG, ESCAPE):
            escaped += bytes((ESCAPE, byte ^ 0x20))
        else:
            escaped.append(byte)
    return bytes((FLAG, *escaped, FLAG))


def lcp(code: int, identifier: int, content: bytes = b"") -> bytes:
    """One LCP packet in its frame."""
    return frame(_LCP + bytes((code, identifier)) + (4 + len(content)).to_bytes(2, "big") + content)


class PppPeer:
    """Answers what it is sent; `open` once it agreed to what the other end asked for, `over` when that hung up."""

    def __init__(self) -> None:
        self.open = False
        self.over = False
        self.bad_frames = 0
        self._rest = bytearray()

    def receive(self, content: bytes) -> bytes:
        """The bytes to answer with."""
        answer = b""
        for packet in self._packets(content):
            answer += self._answer(packet)
        return answer

    def _packets(self, content: bytes) -> Iterator[bytes]:
        for byte in content:
            if byte != FLAG:
                if len(self._rest) < _FRAME_MAX_BYTES:
                    self._rest.append(byte)
                continue
            raw, self._rest = bytes(self._rest), bytearray()
            if not raw:
                continue
            packet = _unescaped(raw)
            if fcs16(packet) == _GOOD_FCS and packet.startswith(_LCP) and len(packet) >= 10:
                yield packet[4:-2]
            else:
                self.bad_frames += 1

    def _answer(self, packet: bytes) -> bytes:
        code, identifier, content = packet[0], packet[1], packet[4:]
        if code == _REQUEST:
            self.open = True
            return lcp(_ACK, identifier, content)
        if code == _TERMINATE:
            self.over = True
            return lcp(_TERMINATE_ACK, identifier)
        if code == _ECHO:
            return lcp(_ECHO_REPLY, identifier, content)
        return b""


def _unescaped(raw: bytes) -> bytes:
    found = bytearray()
    escaped = False
    for byte in raw:
        if byte == ESCAPE:
            escaped = True
        else:
            found.append(byte ^ 0x20 if escaped else byte)
            escaped = False
    return bytes(found)
