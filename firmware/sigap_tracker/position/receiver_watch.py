"""Whether the receiver says what it was asked for, and what it is to be told when it does not."""

from sigap_tracker import on_demand
from sigap_tracker.interfaces import Requests
from sigap_tracker.position.nmea import NmeaParser

ATTEMPTS = 3
SETTLE_S = 3
LOOK_S = 10
_MOST_FIXES = 15  # in a look: it was asked for one a second
# Of a fix, on the average: RMC and GGA, and four systems' GSA and GSV every fifth time.
_FEWEST_SENTENCES, _MOST_SENTENCES = 2, 6


def requests(parser: NmeaParser) -> "Requests":
    """Call next() once a second: bytes to be written to the receiver, or None.

    It is asked at the start, and again when the mix of its sentences is another one, as after a restart of its own. One
    that does not listen is left in peace after ATTEMPTS: the parser takes whatever it says. `parser.setups` counts.
    """
    left = ATTEMPTS
    while True:
        if left:
            left -= 1
            parser.setups += 1
            yield from on_demand.load("sigap_tracker.position.receiver_setup").batches()
        for _ in range(SETTLE_S):
            yield None
        while True:
            sentences, fixes = parser.sentences, parser.fixes
            for _ in range(LOOK_S):
                yield None
            if not _as_asked(parser.sentences - sentences, parser.fixes - fixes) or not parser.paired():
                break
            left = ATTEMPTS


def _as_asked(sentences: int, fixes: int) -> bool:
    if not 0 < fixes <= _MOST_FIXES:
        return False
    # A look may begin or end between the sentences of a fix.
    return _FEWEST_SENTENCES * (fixes - 1) <= sentences <= _MOST_SENTENCES * (fixes + 1)
