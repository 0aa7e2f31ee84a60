"""The people in one car: they read their unit's screen, press its buttons and drive where it tells them."""

import asyncio

from sigap_simulator.geometry import Plane, Truth
from sigap_simulator.officer import Officer
from sigap_simulator.order_view import OrderView
from sigap_simulator.unit import Event, Unit
from sigap_simulator.vehicle import Duty, Vehicle


class Crew:
    """Connects an officer with a unit and, if there is one, a vehicle.

    Without a vehicle (a replayed drive goes where it went) the car counts as arrived after `travel_s`.
    """

    def __init__(
        self, unit: Unit, officer: Officer, plane: Plane, vehicle: Vehicle | None = None, travel_s: float = 30.0
    ) -> None:
        self._unit = unit
        self._officer = officer
        self._plane = plane
        self._vehicle = vehicle
        self._travel_s = travel_s
        self._destination: tuple[float, float] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._arrival: asyncio.TimerHandle | None = None
        self._on_duty = True
        self.view = OrderView()
        unit.listen(self._hear)

    def leave(self) -> None:
        """No more buttons are pressed."""
        self._on_duty = False
        for timer in (self._timer, self._arrival):
            if timer is not None:
                timer.cancel()

    def drive(self, elapsed_s: float) -> Truth | None:
        """Where the car is after driving on for `elapsed_s`; None without a vehicle."""
        vehicle = self._vehicle
        if vehicle is None:
            return None
        vehicle.step(elapsed_s)
        if vehicle.duty is Duty.AT_INCIDENT:
            self._arrive()
        lat_deg, lon_deg = self._plane.to_degrees(*vehicle.point)
        return Truth(lat_deg, lon_deg, vehicle.speed_mps, vehicle.course_deg)

    def place_ahead(self) -> tuple[float, float] | None:
        """(lat_deg, lon_deg) of a place that the car is about to pass; None without a vehicle."""
        return None if self._vehicle is None else self._plane.to_degrees(*self._vehicle.place_ahead())

    def _hear(self, event: Event) -> None:
        view = OrderView.of_event(event)
        if view is None or not self._on_duty:
            return
        self.view = view
        self._officer.see(view, asyncio.get_running_loop().time())
        if self._officer.destination != self._destination:
            self._destination = self._officer.destination
            self._set_out()
        self._plan_press()

    def _set_out(self) -> None:
        if self._arrival is not None:
            self._arrival.cancel()
        if self._vehicle is None:
            if self._destination is not None:
                self._arrival = asyncio.get_running_loop().call_later(self._travel_s, self._arrive)
        elif self._destination is None:
            self._vehicle.resume_patrol()
        else:
            self._vehicle.respond(self._plane.to_metres(*self._destination))

    def _arrive(self) -> None:
        self._officer.arrive(asyncio.get_running_loop().time())
        self._plan_press()

    def _plan_press(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due_s = self._officer.next_press_s
        if due_s is not None:
            self._timer = asyncio.get_running_loop().call_at(due_s, self._press)

    def _press(self) -> None:
        loop = asyncio.get_running_loop()
        # A timer may be a clock tick early.
        button = self._officer.press(max(loop.time(), self._officer.next_press_s or 0.0))
        if button is not None:
            self._unit.press(button)
        self._plan_press()
