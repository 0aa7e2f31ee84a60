"""What a unit has to say, in the order in which it says it; what must not get lost is in flash until the server has it.

Acknowledgements and results go before reports, the newest fix goes at once as a live report, and what was kept while
the line was down drains behind it in batches, one batch in flight at a time, so that a live report waits for one
message at most.
"""

from sigap_tracker import on_demand
from sigap_tracker.storage.flash_map import ACK_KEY, ACK_KEYS, RESULT_KEY, RESULT_KEYS
from sigap_tracker.storage.journal import Journal
from sigap_tracker.storage.spool import Spool
from sigap_wire import topics
from sigap_wire.ack import Ack
from sigap_wire.report import Fix, Report
from sigap_wire.result import WANTED

_BATCH_FIXES = 32
_BATCH_BYTES = 600


class Outbox:
    """What waits in `spool` and `journal` from earlier starts goes out, too, under the numbers it got then.

    next_message() hands a message over to the MQTT session, which keeps it until delivered() is called with its token.
    Until then what must not get lost stays in the flash, and is sent again after a restart.

    kept            fixes since this start, and the next one's seq
    flash_failures  times the flash took or gave nothing; what was to be kept then is only sent at once, or not at all
    """

    def __init__(self, boot_id: int, spool: Spool, journal: Journal) -> None:
        self.boot_id = boot_id
        self.kept = 0
        self.flash_failures = 0
        self.spool = spool
        self.journal = journal
        self._live: "Fix | None" = None  # the newest fix, until it is handed out
        self._live_place = 0
        self._handed_out: "list[int]" = []  # places of live reports in flight
        self._batch: "tuple[int, int] | None" = None  # the token of the one in flight
        self._ack_seq = 0
        self._result_seq = 0
        self._link: "bytes | None" = None
        self._health: "bytes | None" = None
        self._wanted: "bytes | None" = None
        # (topic kind, payload, key in the journal) of what the server must get, the oldest first
        self._owed: "list[tuple[str, bytes, int]]" = []
        self._owed_sent = 0  # so many of them, from the first on, are in flight
        for key in journal.keys():
            if ACK_KEY <= key < ACK_KEY + ACK_KEYS:
                self._owed.append((topics.ACK, journal.get(key) or b"", key))
            elif RESULT_KEY <= key < RESULT_KEY + RESULT_KEYS:
                self._owed.append((topics.RESULT, journal.get(key) or b"", key))

    def keep(self, fix: Fix) -> None:
        """Take a fix that the policy kept: safe when this returns. Raises WireError for a value out of range."""
        place = -1
        try:
            place = self.spool.keep(self.boot_id, self.kept, fix)
        except OSError:
            self.flash_failures += 1
        self.kept += 1
        self._live = fix
        self._live_place = place

    def put_ack(self, order_id: int, revision: int, kind: int, time_s: int) -> None:
        """Queue an acknowledgement: safe when this returns."""
        payload = Ack(self.boot_id, self._ack_seq, order_id, revision, kind, time_s).encode()
        self._ack_seq += 1
        self._owe(topics.ACK, payload, ACK_KEY, ACK_KEYS)

    def put_result(self, subject: int, number: int, outcome: int, value: int = 0, detail: str = "") -> None:
        """Queue a result (sigap_wire.result): safe when this returns. Of those that are WANTED only the latest is sent,
        and none after a restart: the bytes that were asked for are asked for again. A `detail` too long is cut."""
        result = on_demand.load("sigap_wire.result")
        while len(detail.encode()) > result.DETAIL_MAX_BYTES:
            detail = detail[:-1]
        payload = result.Result(self.boot_id, self._result_seq, subject, number, outcome, value, detail).encode()
        self._result_seq += 1
        if outcome == WANTED:
            self._wanted = payload
        else:
            self._owe(topics.RESULT, payload, RESULT_KEY, RESULT_KEYS)

    def put_link(self, payload: bytes) -> None:
        """Say before all else that the unit is there. Only the latest is sent."""
        self._link = payload

    def put_health(self, payload: bytes) -> None:
        """Only the latest is sent."""
        self._health = payload

    def next_message(self) -> "tuple[str, bytes, object] | None":
        """(topic kind, payload, token) of what is to be sent next, or None. Only `link` is retained."""
        if self._link is not None:
            payload, self._link = self._link, None
            return topics.LINK, payload, None
        if self._owed_sent < len(self._owed):
            owed = self._owed[self._owed_sent]
            self._owed_sent += 1
            return owed[0], owed[1], owed
        if self._live is not None:
            token = self._live_place, 1
            payload = Report(self.boot_id, self.kept - 1, [self._live]).encode()
            self._live = None
            self._handed_out.append(self._live_place)
            return topics.REPORT, payload, token
        if self._wanted is not None:
            payload, self._wanted = self._wanted, None
            return topics.RESULT, payload, None
        if self._health is not None:
            payload, self._health = self._health, None
            return topics.HEALTH, payload, None
        if self._batch is None:
            try:
                return self._backlog()
            except OSError:
                self.flash_failures += 1
        return None

    def delivered(self, token: object) -> None:
        """The server has the message that came with this token."""
        if not isinstance(token, tuple):
            return  # a link, a health message, or a wish
        if len(token) == 3:
            if token in self._owed:  # or given up meanwhile
                self._forget(self._owed.index(token))
            return
        place, count = token
        if token is self._batch:
            self._batch = None
        elif place in self._handed_out:
            self._handed_out.remove(place)
        try:
            self.spool.done(place, count)
        except OSError:
            self.flash_failures += 1

    def _backlog(self) -> "tuple[str, bytes, object] | None":
        """The oldest waiting fixes that follow one another."""
        found = self.spool.batch(self._handed_out, _BATCH_FIXES)
        if found is None:
            return None
        place, boot_id, seq, fixes = found
        payload = Report(boot_id, seq, fixes).encode()
        while len(payload) > _BATCH_BYTES and len(fixes) > 1:
            fixes = fixes[: len(fixes) * _BATCH_BYTES // len(payload)]
            payload = Report(boot_id, seq, fixes).encode()
        self._batch = place, len(fixes)
        return topics.BACKLOG, payload, self._batch

    def _owe(self, kind: str, payload: bytes, first_key: int, keys: int) -> None:
        """Queue what the server must get. Of more than `keys` of a kind the oldest is given up: an officer does not
        press so often; a faulty server might ask so often."""
        used = [owed[2] for owed in self._owed if owed[0] == kind]
        if len(used) == keys:
            self._forget([owed[2] for owed in self._owed].index(used[0]))
            used.pop(0)
        key = first_key
        while key in used:
            key += 1
        try:
            self.journal.put(key, payload)
        except OSError:
            self.flash_failures += 1
        self._owed.append((kind, payload, key))

    def _forget(self, index: int) -> None:
        key = self._owed.pop(index)[2]
        if index < self._owed_sent:
            self._owed_sent -= 1
        try:
            self.journal.remove(key)
        except OSError:
            self.flash_failures += 1
