"""What GSA and GSV say of the sky, in a few integers: no antenna, jamming and a tunnel all read "no fix" elsewhere.

No antenna: hardly a signal, and that one weak. Jamming: satellites in view as ever, and no signal from any of them.
A tunnel: no signal either, but the car comes out of it again.

Everything is in one array of 16-bit integers that the parser keeps; these are its places.
"""

from array import array

from sigap_tracker.position.sentences import BAD, EMPTY, Sentences
from sigap_wire.report import HDOP_UNKNOWN

DIMENSION = 0  # of the solution: 1 none, 2 without height, 3 with it; 0 as long as no GSA came
IN_VIEW = 1  # satellites above the horizon, of all systems
SIGNALS = 2  # those that are received; a receiver of two frequencies counts both
STRONGEST_DBHZ = 3  # carrier to noise density of the best of them: 45 and more under an open sky
MEAN_DBHZ = 4
_HDOP_CENTI = 5
_HDOP_LEFT = 6  # moments for which that HDOP may still be used
_WAIT = 7  # moments until the sky is looked at again
# Of the sentences of this look: how many, satellites, of which from the talker before, which one that was, and signals.
_SENTENCES, _FOUND, _OF_TALKER, _TALKER, _HEARD, _BEST_DBHZ, _SUM_DBHZ = 8, 9, 10, 11, 12, 13, 14
SIZE = 15

_HDOP_MOMENTS = 10
# The sky changes slowly, and its sentences are most of what a receiver says.
_REST_MOMENTS = 8
_MOST_SENTENCES = 60  # of one look: a receiver that never says a moment's time must not fill the integers


def hdop_centi(sky: "array[int]") -> int:
    """The latest GSA's, HDOP_UNKNOWN if that was long ago."""
    return sky[_HDOP_CENTI] if sky[_HDOP_LEFT] else HDOP_UNKNOWN


def read_gsa(text: Sentences, sky: "array[int]") -> bool:
    """False if it cannot be read. One of several systems says what the others say."""
    if text.split() < 18:
        return False
    dimension, hdop_milli = text.decimal(2, 0), text.decimal(16, 3)
    if dimension > 3 or dimension == BAD or hdop_milli == BAD:
        return False
    sky[DIMENSION] = max(dimension, 0)
    if hdop_milli != EMPTY:
        sky[_HDOP_CENTI], sky[_HDOP_LEFT] = min((hdop_milli + 5) // 10, HDOP_UNKNOWN), _HDOP_MOMENTS
    return True


def read_gsv(text: Sentences, sky: "array[int]") -> bool:
    """False if it cannot be read. Up to four satellites of four fields each, and since NMEA 4.1 which signal it was."""
    if sky[_WAIT] or sky[_SENTENCES] == _MOST_SENTENCES:
        return True
    fields = text.split()
    number, in_view = text.decimal(2, 0), text.decimal(3, 0)
    if fields < 4 or number < 1 or not EMPTY <= in_view <= 99:
        return False
    sky[_SENTENCES] += 1
    if number == 1:
        # A second frequency's sentences name the same satellites again.
        talker = text.talker()
        if talker != sky[_TALKER]:
            sky[_TALKER], sky[_OF_TALKER] = talker, 0
        sky[_FOUND] += max(in_view - sky[_OF_TALKER], 0)
        sky[_OF_TALKER] = max(in_view, sky[_OF_TALKER])
    for field in range(7, fields, 4):
        signal_dbhz = text.decimal(field, 0)
        if signal_dbhz == BAD or signal_dbhz > 99:
            return False
        if signal_dbhz > 0:
            sky[_HEARD] += 1
            sky[_SUM_DBHZ] += signal_dbhz
            sky[_BEST_DBHZ] = max(signal_dbhz, sky[_BEST_DBHZ])
    return True


def end_of_moment(sky: "array[int]") -> None:
    """A fix was handed out: what came since the one before is complete, if anything did."""
    if sky[_HDOP_LEFT]:
        sky[_HDOP_LEFT] -= 1
    if sky[_WAIT]:
        sky[_WAIT] -= 1
        return
    if sky[_SENTENCES]:
        sky[IN_VIEW], sky[SIGNALS], sky[STRONGEST_DBHZ] = sky[_FOUND], sky[_HEARD], sky[_BEST_DBHZ]
        sky[MEAN_DBHZ] = sky[_SUM_DBHZ] // sky[_HEARD] if sky[_HEARD] else 0
        sky[_WAIT] = _REST_MOMENTS
    for at in range(_SENTENCES, SIZE):
        sky[at] = 0
