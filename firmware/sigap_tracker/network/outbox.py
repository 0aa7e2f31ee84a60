"""What a unit has to say, kept in RAM until the server has it.

Acknowledgements go before reports, the newest fix goes at once as a live report, and what was kept while the line was
down drains behind it in batches, one batch in flight at a time, so that a live report waits for one message at most.
"""

import struct

from sigap_wire import topics
from sigap_wire.ack import Ack
from sigap_wire.fields import check_values
from sigap_wire.report import RANGES, Fix, Report

# A fix's nine fields as the wire has them, and the slot's state.
_SLOT = "<IiiHHBBHBB"
_SLOT_BYTES = 22
_STATE_AT = 21
_WAITING, _SENT, _DONE = range(3)

_BATCH_FIXES = 32
_BATCH_BYTES = 600
_ACKS_MAX = 32


class Outbox:
    """`capacity` fixes, in a ring that is allocated once. Fix number `seq` of this boot sits in slot seq % capacity.

    next_message() hands a message over to the MQTT session, which keeps it until delivered() is called with its token;
    a fix is counted in `queued` until then, and a copy stays here.
    """

    def __init__(self, boot_id: int, capacity: int) -> None:
        self.boot_id = boot_id
        self.kept = 0  # fixes ever, and the next one's seq
        self.queued = 0
        self.dropped = 0
        self._capacity = capacity
        self._slots = bytearray(_SLOT_BYTES * capacity)
        self._oldest = 0  # seq of the oldest fix in the ring
        self._backlog_sent = False
        self._ack_seq = 0
        self._acks: "list[bytes]" = []
        self._link: "bytes | None" = None
        self._health: "bytes | None" = None

    def keep(self, fix: Fix) -> None:
        """Queue a fix that the policy kept. A full ring loses its oldest. Raises WireError for a value out of range."""
        values = check_values("fix", RANGES, fix.values())
        if self.kept - self._oldest == self._capacity:
            # A fix in flight is still with the MQTT session and so not lost.
            state = self._state(self._oldest)
            self.dropped += state == _WAITING
            self.queued -= state != _DONE
            self._oldest += 1
        struct.pack_into(_SLOT, self._slots, self.kept % self._capacity * _SLOT_BYTES, *values, _WAITING)
        self.kept += 1
        self.queued += 1

    def put_ack(self, order_id: int, revision: int, kind: int, time_s: int) -> None:
        """Queue an acknowledgement, before every report."""
        if len(self._acks) == _ACKS_MAX:  # an officer does not press so often; a faulty server might ask so often
            self._acks.pop(0)
        self._acks.append(Ack(self.boot_id, self._ack_seq, order_id, revision, kind, time_s).encode())
        self._ack_seq += 1

    def put_link(self, payload: bytes) -> None:
        """Say before all else that the unit is there. Only the latest is sent."""
        self._link = payload

    def put_health(self, payload: bytes) -> None:
        """Only the latest is sent."""
        self._health = payload

    def next_message(self) -> "tuple[str, bytes, tuple[int, int, bool] | None] | None":
        """(topic kind, payload, token) of what is to be sent next, or None. Only `link` is retained."""
        if self._link is not None:
            payload, self._link = self._link, None
            return topics.LINK, payload, None
        if self._acks:
            return topics.ACK, self._acks.pop(0), None
        newest = self.kept - 1
        if newest >= self._oldest and self._state(newest) == _WAITING:
            return self._report(topics.REPORT, newest, 1)
        if self._health is not None:
            payload, self._health = self._health, None
            return topics.HEALTH, payload, None
        if not self._backlog_sent:
            return self._backlog()
        return None

    def delivered(self, token: "tuple[int, int, bool] | None") -> None:
        """The server has the message that came with this token."""
        if token is None:
            return
        first, count, backlog = token
        if backlog:
            self._backlog_sent = False
        for seq in range(max(first, self._oldest), first + count):
            if self._state(seq) != _DONE:
                self._mark(seq, _DONE)
                self.queued -= 1
        while self._oldest < self.kept and self._state(self._oldest) == _DONE:
            self._oldest += 1

    def _backlog(self) -> "tuple[str, bytes, tuple[int, int, bool] | None] | None":
        """The oldest waiting fixes that follow one another."""
        first = self._oldest
        while first < self.kept and self._state(first) != _WAITING:
            first += 1
        end = first
        while end < self.kept and end - first < _BATCH_FIXES and self._state(end) == _WAITING:
            end += 1
        if end == first:
            return None
        self._backlog_sent = True
        return self._report(topics.BACKLOG, first, end - first)

    def _report(self, kind: str, first: int, count: int) -> "tuple[str, bytes, tuple[int, int, bool]]":
        fixes = []
        for seq in range(first, first + count):
            at = seq % self._capacity * _SLOT_BYTES
            fixes.append(Fix(*struct.unpack_from(_SLOT, self._slots, at)[:-1]))
        payload = Report(self.boot_id, first, fixes).encode()
        while len(payload) > _BATCH_BYTES and count > 1:
            count = count * _BATCH_BYTES // len(payload)
            payload = Report(self.boot_id, first, fixes[:count]).encode()
        for seq in range(first, first + count):
            self._mark(seq, _SENT)
        return kind, payload, (first, count, kind == topics.BACKLOG)

    def _state(self, seq: int) -> int:
        return self._slots[seq % self._capacity * _SLOT_BYTES + _STATE_AT]

    def _mark(self, seq: int, state: int) -> None:
        self._slots[seq % self._capacity * _SLOT_BYTES + _STATE_AT] = state
