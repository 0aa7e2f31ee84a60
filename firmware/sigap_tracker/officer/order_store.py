"""What of the order book survives a power cut: the order on the screen, the revisions known, the emergency.

Loaded on demand: at the start, and when something of it changes.
"""

from sigap_tracker.officer import orders
from sigap_tracker.officer.orders import OrderBook
from sigap_tracker.storage.flash_map import ORDER_KEY
from sigap_tracker.storage.journal import Journal
from sigap_wire.errors import WireError
from sigap_wire.order import Order

# The order: the view and whether the car is on its way, then the order as it came. The others as in save().
_ORDER, _REVISIONS, _EMERGENCY = ORDER_KEY, ORDER_KEY + 1, ORDER_KEY + 2


def save(journal: Journal, book: OrderBook) -> None:
    """Safe when this returns; writes only what is another than before. Raises OSError as the flash does."""
    order = b""
    shown = book.order
    if shown is not None and book.view not in (orders.EXPIRED, orders.CANCELLED):
        order = bytes((book.view, book.en_route)) + shown.encode()
    elif book.put_by is not None:
        order = bytes((orders.OFFERED, 0)) + book.put_by.encode()
    _put(journal, _ORDER, order)
    _put(journal, _REVISIONS, bytes(book.known))
    _put(journal, _EMERGENCY, b"\x01" if book.emergency else b"")


def _put(journal: Journal, key: int, value: bytes) -> None:
    if (journal.get(key) or b"") == value:
        return
    if value:
        journal.put(key, value)
    else:
        journal.remove(key)


def restore(journal: Journal, book: OrderBook) -> None:
    """Into a new book. An offer waits in `put_by` until the time is known: it may have expired. Raises OSError."""
    book.emergency = journal.get(_EMERGENCY) is not None
    known = journal.get(_REVISIONS) or b""
    book.known = bytearray(known[: len(known) // orders.KNOWN_BYTES * orders.KNOWN_BYTES])
    stored = journal.get(_ORDER)
    if stored is None:
        return
    try:
        order = Order.decode(stored[2:])
    except WireError:
        return  # of a firmware with another wire: the server has to say it anew
    if stored[0] == orders.OFFERED:
        book.put_by = order
    else:
        book.view, book.order, book.en_route = stored[0], order, bool(stored[1])
