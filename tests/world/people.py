"""Citizens, officers and operators: what they do, and when."""

import asyncio
from collections.abc import Coroutine
from random import Random
from typing import Any
from uuid import UUID

from sigap_server.dispatch.inputs import CancelAsked
from sigap_server.errors import RequestError
from sigap_tracker.officer.orders import (
    ACCEPT,
    ARRIVE,
    ASSIGNED,
    BUTTONS,
    CLEAR,
    DECLINE,
    OFFERED,
    ON_SCENE,
)
from tests.world.car import Car
from tests.world.clock import pass_time
from tests.world.judge import Judge
from tests.world.server import NoAnswerError, Server
from tests.world.trace import Trace

_RETRY_S = 1.0


class Citizens:
    """Press, and press again with the same id until they are answered."""

    def __init__(self, rng: Random, trace: Trace, server: Server, judge: Judge) -> None:
        self._rng = rng
        self._trace = trace
        self._server = server
        self._judge = judge
        self._pressing: set[asyncio.Task[None]] = set()
        self.pressed: list[dict[str, Any]] = []

    def press(self, kind: str, place: dict[str, Any]) -> None:
        """Somebody new needs help."""
        number = len(self.pressed) + 1
        body = {"id": str(UUID(int=self._rng.getrandbits(128) | 1)), "kind": kind, "text": f"caller {number}", **place}
        self.pressed.append(body)
        self._trace("citizen", f"{number} presses:", kind)
        self._start(body)

    def press_again(self, body: dict[str, Any]) -> None:
        """The same press once more, while the first may be under way or long done."""
        self._trace("citizen", f"{self.pressed.index(body) + 1} presses again")
        self._start(body)

    def cancel(self, body: dict[str, Any]) -> None:
        """Somebody wants nobody to come."""
        given = CancelAsked(body["id"], "a mistake", self._rng.random() < 0.5)
        self._trace("citizen", f"{self.pressed.index(body) + 1} cancels")
        self._do(self._once(given))

    @property
    def wait(self) -> bool:
        """Somebody has no answer yet."""
        return bool(self._pressing)

    def _start(self, body: dict[str, Any]) -> None:
        self._do(self._until_answered(body))

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._pressing.add(task)
        task.add_done_callback(self._pressing.discard)

    async def _once(self, given: CancelAsked) -> None:
        try:
            await self._server.ask(lambda service: service.dispatcher.tell(given))
        except (NoAnswerError, RequestError):
            self._trace("citizen", "gets no answer")

    async def _until_answered(self, body: dict[str, Any]) -> None:
        while True:
            try:
                await self._server.press(body)
            except (NoAnswerError, RequestError):
                await pass_time(_RETRY_S)
            else:
                self._trace("citizen", f"{self.pressed.index(body) + 1} is answered")
                self._judge.answered(body["id"])
                return


class Officer:
    """Decides once, at the sight of a new picture, what to do and after how long.

    `is_good`: does what the picture asks for, at once.
    """

    def __init__(self, rng: Random, car: Car) -> None:
        self._rng = rng
        self._car = car
        self._seen: tuple[int, int] = (0, 0)
        self._plan: tuple[float, str] | None = None
        self.is_good = False
        self.diligence = rng.choice([0.3, 0.6, 0.9])

    def tick(self, now_s: float) -> None:
        """Once a second."""
        book = self._car.book
        seen = (book.view, book.order.order_id if book.order is not None else 0)
        if seen != self._seen or (self.is_good and self._plan is None):
            self._seen = seen
            self._plan = self._decide(book.view, now_s)
        if self._plan is not None and now_s >= self._plan[0]:
            button, self._plan = self._plan[1], None
            self._car.press(button)

    def _decide(self, view: int, now_s: float) -> tuple[float, str] | None:
        right = {OFFERED: ACCEPT, ASSIGNED: ARRIVE, ON_SCENE: CLEAR}.get(view)
        if right is None:
            return None
        if self.is_good:
            return now_s + 2, right
        rng = self._rng
        if rng.random() > self.diligence:
            if view != OFFERED or rng.random() < 0.3:
                return None if rng.random() < 0.5 else (now_s + rng.uniform(0, 20), rng.choice(BUTTONS))
            if rng.random() < 0.5:
                return now_s + rng.uniform(0, 10), DECLINE
            # About when the offer ends: both clocks and the network decide who was first.
            return now_s + rng.choice([13.5, 14, 14.5, 15, 15.5, 16, 28, 30, 32]), ACCEPT
        return now_s + rng.choice([0.5, 2, 5, 9]), right
