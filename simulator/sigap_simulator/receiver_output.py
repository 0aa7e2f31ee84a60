"""Which sentences a receiver says, and how that is changed: MediaTek's PMTK314 and u-blox' PUBX,40."""

_PMTK314_ORDER = ("GLL", "RMC", "VTG", "GGA", "GSA", "GSV")
_UART1 = 4  # field of PUBX,40 with the rate of the port that units are at


class Output:
    """Rates by kind of sentence: said at every n-th second, 0 never; at first all of them at every."""

    def __init__(self) -> None:
        self._rates: dict[str, int] = {}
        self._second = 0
        self._rest = b""

    def chosen(self, sentences: bytes) -> bytes:
        """Those of one second's sentences that are to be said."""
        self._second += 1
        return b"".join(line for line in sentences.splitlines(keepends=True) if self._is_due(line[3:6].decode()))

    def _is_due(self, kind: str) -> bool:
        rate = self._rates.get(kind, 1)
        return rate > 0 and self._second % rate == 0

    def hear(self, told: bytes) -> None:
        """Bytes as they come; what is in another maker's words, or damaged, is passed over."""
        *lines, self._rest = (self._rest + told).split(b"\n")
        for line in lines:
            start = line.rfind(b"$")
            body, _, checksum = line[max(start, 0) + 1 :].strip().partition(b"*")
            if start >= 0 and checksum.upper() == b"%02X" % _checksum(body):
                self._obey(body.decode("ascii", "replace").split(","))

    def _obey(self, fields: list[str]) -> None:
        if fields[0] == "PMTK314" and len(fields) > len(_PMTK314_ORDER):
            rates = dict(zip(_PMTK314_ORDER, fields[1:], strict=False))
        elif fields[:2] == ["PUBX", "40"] and len(fields) > _UART1:
            rates = {fields[2]: fields[_UART1]}
        else:
            return
        self._rates.update({kind: int(rate) for kind, rate in rates.items() if rate.isdecimal()})


def _checksum(body: bytes) -> int:
    found = 0
    for byte in body:
        found ^= byte
    return found
