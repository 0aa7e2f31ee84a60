"""The officer in a car: reads the unit's screen, thinks a moment, presses its buttons."""

from dataclasses import dataclass
from random import Random

from sigap_simulator.order_view import ASSIGNED, OFFERED, ON_SCENE, OrderView

ACCEPT, DECLINE, ARRIVE, CLEAR = "accept", "decline", "on_scene", "clear"
BUTTONS = (ACCEPT, DECLINE, ARRIVE, CLEAR)


@dataclass(frozen=True, slots=True)
class OfficerHabits:
    """Delays are (least, most) seconds.

    answer_s       from the offer on the screen to the button
    decline_share  of the offers are declined
    arrive_s       from the stop at the incident to the button
    clear_s        from that button to being done
    again_s        after a press that changed nothing on the screen, the button is pressed again
    """

    answer_s: tuple[float, float] = (1.0, 6.0)
    decline_share: float = 0.05
    arrive_s: tuple[float, float] = (1.0, 4.0)
    clear_s: tuple[float, float] = (8.0, 20.0)
    again_s: float = 8.0


USUAL = OfficerHabits()


class Officer:
    """Deterministic by `seed`, given the same calls. Times are seconds of any clock that does not go back.

    The car is driven by what `destination` says; the officer presses a button when `press` returns one.
    """

    def __init__(self, seed: int, habits: OfficerHabits = USUAL) -> None:
        self._random = Random(seed)
        self._habits = habits
        self._view = OrderView()
        self._at_incident = False
        self._button = ""
        self._due_s = 0.0

    @property
    def destination(self) -> tuple[float, float] | None:
        """(lat_deg, lon_deg) of the incident to drive to, or None to patrol; being there, it stays."""
        if self._view.view in (ASSIGNED, ON_SCENE):
            return self._view.lat_deg, self._view.lon_deg
        return None

    @property
    def next_press_s(self) -> float | None:
        """When `press` will return a button if nothing else happens, or None."""
        return self._due_s if self._button else None

    def see(self, view: OrderView, now_s: float) -> None:
        """The screen changed to `view`."""
        before, self._view = self._view, view
        if (before.view, before.order_id) == (view.view, view.order_id):
            return
        self._button = ""
        if view.order_id != before.order_id:
            self._at_incident = False
        if view.view == OFFERED:
            declines = self._random.random() < self._habits.decline_share
            self._plan(DECLINE if declines else ACCEPT, self._habits.answer_s, now_s)
        elif view.view == ASSIGNED and self._at_incident:
            self._plan(ARRIVE, self._habits.arrive_s, now_s)
        elif view.view == ON_SCENE:
            self._plan(CLEAR, self._habits.clear_s, now_s)

    def arrive(self, now_s: float) -> None:
        """The car stands at the incident."""
        if self._at_incident or self.destination is None:
            return
        self._at_incident = True
        if self._view.view == ASSIGNED:
            self._plan(ARRIVE, self._habits.arrive_s, now_s)

    def press(self, now_s: float) -> str | None:
        """The button pressed now, one of BUTTONS, or None."""
        if not self._button or now_s < self._due_s:
            return None
        self._due_s = now_s + self._habits.again_s
        return self._button

    def _plan(self, button: str, delay_s: tuple[float, float], now_s: float) -> None:
        self._button = button
        self._due_s = now_s + self._random.uniform(*delay_s)
