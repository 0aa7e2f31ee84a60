"""What a unit's screen says about its order, as the unit logs it: a person reads the screen, a program this event."""

from dataclasses import dataclass

from sigap_simulator.unit import Event
from sigap_tracker.officer import orders

IDLE, OFFERED, WAITING, ASSIGNED, ON_SCENE, CLEARED, EXPIRED, CANCELLED = orders.VIEW_NAMES


@dataclass(frozen=True, slots=True)
class OrderView:
    """One of the order book's VIEW_NAMES; while there is an order, its number and the incident's position."""

    view: str = IDLE
    order_id: int = 0
    lat_deg: float = 0.0
    lon_deg: float = 0.0

    @staticmethod
    def of_book(book: orders.OrderBook) -> "OrderView":
        """What a unit with this order book shows."""
        order = book.order
        if order is None:
            return OrderView(orders.VIEW_NAMES[book.view])
        return OrderView(orders.VIEW_NAMES[book.view], order.order_id, order.lat_e7 / 1e7, order.lon_e7 / 1e7)

    @staticmethod
    def of_event(event: Event) -> "OrderView | None":
        """From an event of the control channel; None if the event does not change what is shown.

        {"log": "screen", "view": …, "order_id": …, "lat_e7": …, "lon_e7": …}; a unit that boots shows no order.
        """
        kind = event.get("log")
        if kind == "boot":
            return OrderView()
        view = event.get("view")
        if kind != "screen" or not isinstance(view, str):
            return None
        return OrderView(
            view, _integer(event, "order_id"), _integer(event, "lat_e7") / 1e7, _integer(event, "lon_e7") / 1e7
        )

    def event(self) -> Event:
        """The inverse of `of_event`."""
        return {
            "log": "screen",
            "view": self.view,
            "order_id": self.order_id,
            "lat_e7": round(self.lat_deg * 1e7),
            "lon_e7": round(self.lon_deg * 1e7),
        }


def _integer(event: Event, key: str) -> int:
    value = event.get(key, 0)
    return value if isinstance(value, int) else 0
