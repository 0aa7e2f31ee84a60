"""The order on the screen and what the officer did with it: a state machine without clock, screen or network.

idle → offered → waiting → assigned → on scene → cleared → idle; declined and expired lead from offered to idle, and the
server's cancelled and closed from anywhere.
"""

import struct

from sigap_wire import ack
from sigap_wire import order as wire
from sigap_wire.order import Order

# What the screen shows. WAITING: the officer accepted and the server has not confirmed yet. CLEARED: the officer is
# done and the server has not closed yet. EXPIRED and CANCELLED are notices that leave by themselves.
IDLE, OFFERED, WAITING, ASSIGNED, ON_SCENE, CLEARED, EXPIRED, CANCELLED = range(8)
VIEW_NAMES = ("idle", "offered", "waiting", "assigned", "on_scene", "cleared", "expired", "cancelled")

# What the buzzer says, see take_alarm().
ALARM_OFFER, ALARM_ASSIGNED, ALARM_CANCELLED, ALARM_EMERGENCY, ALARM_EMERGENCY_OVER = 1, 2, 3, 4, 5

ACCEPT, DECLINE, ARRIVE, CLEAR = "accept", "decline", "on_scene", "clear"
BUTTONS = (ACCEPT, DECLINE, ARRIVE, CLEAR)

_NOTICE_S = 20
_UNREAD_S = 2  # a button pressed so soon after a notice came was meant for what was there before
_REMEMBERED = 16
KNOWN, KNOWN_BYTES, _KIND_AT = "<IHB", 7, 6
EN_ROUTE_CMPS = 200  # a car that moves at 2 m/s after it was assigned is on its way


class OrderBook:
    """At most one order is active. Revisions of an order that are not higher than the known one change nothing.

    Every method that takes a time returns the acknowledgement it makes due, (order_id, revision, kind), or None.
    time_s is Unix time, 0 while the unit has none: then nothing expires. uptime_s only ever grows.

    emergency   the officer's own, beside any order, until it is ended as it was called
    en_route    the car has moved since it was assigned
    known       order_id, revision and kind to answer a repetition with of the latest orders, KNOWN_BYTES each as KNOWN
                packs them, the latest last: brokers may deliver twice. Packed, as lists take up a kilobyte
    put_by      an offer from before a restart, which waits for the time to be known
    """

    def __init__(self) -> None:
        self.view = IDLE
        self.order: "Order | None" = None
        self.received = 0
        self.stale = 0
        self._alarm = 0
        self._shown_s = 0
        self.emergency = False
        self.en_route = False
        self.known = bytearray()
        self.put_by: "Order | None" = None

    def take_alarm(self) -> int:
        """ALARM_… since the last call, or 0."""
        alarm, self._alarm = self._alarm, 0
        return alarm

    def busy(self) -> bool:
        """The officer needs the unit now: there is an order or a notice on the screen, or an emergency."""
        return self.emergency or self.view != IDLE

    def urgent(self) -> bool:
        """Somebody waits for this car, or looks for it: every fix counts."""
        return self.emergency or self.view in (WAITING, ASSIGNED)

    def receive(self, order: Order, time_s: int, uptime_s: int) -> "tuple[int, int, int] | None":
        """Apply an order as it came from the server, in whatever sequence and however often."""
        self.received += 1
        at = self._find(order.order_id)
        revision = struct.unpack_from(KNOWN, self.known, at)[1]
        if revision > order.revision:
            self.stale += 1
            return None
        if revision < order.revision:
            kind = self._apply(order, time_s, uptime_s)
            struct.pack_into(KNOWN, self.known, at, order.order_id, order.revision, kind)
        return order.order_id, order.revision, self.known[at + _KIND_AT]

    def press(self, button: str, time_s: int, uptime_s: int) -> "tuple[int, int, int] | None":
        """One of BUTTONS. A button that means nothing now does nothing; any button takes a notice away."""
        due = self.tick(time_s, uptime_s)
        if due is not None:
            return due
        view = self.view
        if view in (EXPIRED, CANCELLED):
            if uptime_s >= self._shown_s + _UNREAD_S:
                self._leave()
        elif view == OFFERED and button == ACCEPT:
            self.view = WAITING
            return self._answer(ack.ACCEPTED)
        elif view == OFFERED and button == DECLINE:
            due = self._answer(ack.DECLINED)
            self._leave()
            return due
        elif view == ASSIGNED and button == ARRIVE:
            self.view = ON_SCENE
            return self._answer(ack.ON_SCENE)
        elif view in (ASSIGNED, ON_SCENE) and button == CLEAR:
            self.view = CLEARED
            return self._answer(ack.CLEAR)
        return None

    def hold(self) -> "tuple[int, int, int]":
        """A button was held: the officer's own emergency begins, or is over. About no order: (0, 0, kind).

        Who is in danger goes to nobody: the next tick() declines an offer on the screen, and none is shown until then.
        """
        self.emergency = not self.emergency
        self._alarm = ALARM_EMERGENCY if self.emergency else ALARM_EMERGENCY_OVER
        return 0, 0, ack.EMERGENCY if self.emergency else ack.EMERGENCY_OVER

    def moved(self, speed_cmps: int) -> "tuple[int, int, int] | None":
        """The car's speed by a good fix."""
        if self.view != ASSIGNED or self.en_route or speed_cmps < EN_ROUTE_CMPS:
            return None
        self.en_route = True
        return self._answer(ack.EN_ROUTE)

    def tick(self, time_s: int, uptime_s: int) -> "tuple[int, int, int] | None":
        """Call about once a second, and after hold(): offers expire or are declined, and notices leave."""
        if self.put_by is not None and time_s:
            offer, self.put_by = self.put_by, None
            if _expired(offer, time_s):
                self.known[self._find(offer.order_id) + _KIND_AT] = ack.EXPIRED
                return offer.order_id, offer.revision, ack.EXPIRED
            if self.view == IDLE:  # nothing newer came meanwhile
                self._show(OFFERED, offer, uptime_s)
                self._alarm = ALARM_OFFER
        if self.view == OFFERED and self.emergency:
            due = self._answer(ack.DECLINED)
            self._leave()
            return due
        order = self.order
        if self.view == OFFERED and order is not None and _expired(order, time_s):
            self._show(EXPIRED, order, uptime_s)
            self.known[self._find(order.order_id) + _KIND_AT] = ack.EXPIRED
            return self._answer(ack.EXPIRED)
        if self.view in (EXPIRED, CANCELLED) and uptime_s >= self._shown_s + _NOTICE_S:
            self._leave()
        return None

    def _apply(self, order: Order, time_s: int, uptime_s: int) -> int:
        """Act on a revision that is news; returns the kind of its acknowledgement."""
        if self.put_by is not None and self.put_by.order_id == order.order_id:
            self.put_by = None
        ours = self.order is not None and self.order.order_id == order.order_id
        if order.state == wire.STATE_OFFERED:
            return self._offered(order, ours, time_s, uptime_s)
        if order.state == wire.STATE_ASSIGNED:
            # The server has decided: an offer of another order that is still on the screen gives way.
            if ours and self.view in (ASSIGNED, ON_SCENE, CLEARED):
                self.order = order
            elif self.view not in (ASSIGNED, ON_SCENE):
                self._show(ASSIGNED, order, uptime_s)
                self.en_route = False
                self._alarm = ALARM_ASSIGNED
        elif ours:
            if order.state == wire.STATE_CANCELLED:
                self._show(CANCELLED, order, uptime_s)
                self._alarm = ALARM_CANCELLED
            else:
                self._leave()
        return ack.RECEIVED

    def _offered(self, order: Order, ours: bool, time_s: int, uptime_s: int) -> int:
        if ours and self.view == WAITING:
            self.order = order  # the officer's answer crossed this revision on its way
        elif self.view in (WAITING, ASSIGNED, ON_SCENE):
            pass  # the officer has an order already
        elif self.emergency:
            return ack.DECLINED
        elif _expired(order, time_s):
            if ours:
                self._show(EXPIRED, order, uptime_s)
            return ack.EXPIRED
        else:
            self._show(OFFERED, order, uptime_s)
            self._alarm = ALARM_OFFER
        return ack.RECEIVED

    def _find(self, order_id: int) -> int:
        """Where in `known` the order is; one that was not there is now, with revision 0."""
        known = self.known
        for at in range(0, len(known), KNOWN_BYTES):
            if struct.unpack_from(KNOWN, known, at)[0] == order_id:
                return at
        if len(known) == _REMEMBERED * KNOWN_BYTES:
            # The order on the screen is never forgotten.
            shown = self.order.order_id if self.order is not None else 0
            at = KNOWN_BYTES if struct.unpack_from(KNOWN, known, 0)[0] == shown else 0
            self.known = known = known[:at] + known[at + KNOWN_BYTES :]
        known.extend(struct.pack(KNOWN, order_id, 0, ack.RECEIVED))
        return len(known) - KNOWN_BYTES

    def _show(self, view: int, order: Order, uptime_s: int) -> None:
        self.view = view
        self.order = order
        self._shown_s = uptime_s

    def _leave(self) -> None:
        self.view = IDLE
        self.order = None

    def _answer(self, kind: int) -> "tuple[int, int, int] | None":
        order = self.order
        return None if order is None else (order.order_id, order.revision, kind)


def _expired(order: Order, time_s: int) -> bool:
    return time_s > order.expiry_time_s
