"""The real server in a simulated world: born, killed at any moment, born again from what it had committed."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import ContextVar
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from fastapi import Request, Response
from sqlalchemy.exc import DBAPIError

from sigap_server.api.alerts import read_alert, receive_alert
from sigap_server.api.shapes import AlertIn
from sigap_server.errors import DatabaseError, RequestError
from sigap_server.outside import Outside
from sigap_server.service import Service
from sigap_server.settings import LimitsSettings, LogSettings, MqttSettings, Settings
from tests.world.broker import Broker, Client
from tests.world.clock import Clock, pass_time
from tests.world.disk import Database, Disk, disk_error
from tests.world.trace import Trace

_RESTART_S = 1.0
_LIFE: ContextVar["Life | None"] = ContextVar("life", default=None)

CRASH, ERROR, STALL = "crash", "disk error", "stall"


class Trap(NamedTuple):
    """What the disk does at its `countdown`th moment from now, and `times` in a row; `point`: at those only."""

    countdown: int
    what: str
    times: int = 1
    point: str = ""


class NoAnswerError(Exception):
    """The request or its answer got lost: the server may have acted or not."""


class Life:
    """One process of the server. Its tasks die with it, wherever they are."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.tasks: set[asyncio.Task[Any]] = set()
        self.service: Service | None = None
        self.database: Database | None = None
        self.is_ready = False
        self.is_over = False


class Server:
    """Starts again by itself a second after it died, as under its supervisor.

    committed   told after every commit
    fell        told when the server died of itself, which it never may
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, rng: Random, trace: Trace, clock: Clock, disk: Disk, broker: Broker
    ) -> None:
        self._loop = loop
        self._rng = rng
        self._trace = trace
        self._disk = disk
        self._broker = broker
        self.clock = clock
        self._settings = settings(disk.path.parent)
        self._trap: Trap | None = None
        self._troubled_until_s = 0.0
        self.disk_s = 0.0
        self.lives = 0
        self.life: Life | None = None
        self.stopped = False
        self.committed: Callable[[], None] = lambda: None
        self.fell: Callable[[BaseException], None] = lambda error: None
        loop.set_task_factory(_task_of_a_life)

    def start(self) -> None:
        """Begin a life."""
        if self.stopped:
            return
        self.lives += 1
        self.life = life = Life(self.lives)
        self._trace("server", "starts, life", life.number)
        self._in(life, self._live(life))

    def crash(self, why: str) -> None:
        """SIGKILL: nothing that was on its way happens."""
        life, self.life = self.life, None
        if life is None:
            return
        self._trace("server", "dies:", why)
        life.is_over = True
        if life.database is not None:
            life.database.crash()
        self._broker.drop_server("server died")
        for task in list(life.tasks):
            task.cancel()
        self._trap = None
        self._loop.call_later(_RESTART_S, self.start)

    def set_trap(self, trap: Trap | None) -> None:
        """Let the disk have a bad moment soon."""
        self._trap = trap

    @property
    def service(self) -> Service | None:
        """The server, if it serves."""
        return self.life.service if self.life is not None and self.life.is_ready else None

    @property
    def is_able(self) -> bool:
        """Whether nothing keeps it from doing what is due."""
        service = self.service
        return service is not None and service.clockwork.may_judge and self._loop.time() >= self._troubled_until_s

    async def ask(self, work: Callable[[Service], Awaitable[Any]]) -> Any:
        """A request and its answer. Raises NoAnswerError, RequestError."""
        await pass_time(self._broker.delay_s())
        life = self.life
        if life is None or not life.is_ready or life.service is None or self._rng.random() < 0.05:
            raise NoAnswerError
        task = self._in(life, _answer(work, life.service))
        await asyncio.wait([task])
        if task.cancelled() or isinstance(task.exception(), DBAPIError) or self._rng.random() < 0.05:
            raise NoAnswerError
        error = task.exception()
        if error is not None and not isinstance(error, RequestError):
            self.fell(error)
            raise NoAnswerError
        return task.result()

    async def press(self, body: dict[str, Any]) -> None:
        """POST /alerts; returns with any 2xx."""
        await self.ask(lambda service: receive_alert(AlertIn(**body), _request(), Response(), service))

    async def news(self, alert_id: str) -> Any:
        """GET /alerts/…"""
        return await self.ask(lambda service: read_alert(alert_id, service))

    async def _live(self, life: Life) -> None:
        life.database = database = self._disk.connect(lambda point: self._touch(life, point), self.committed)
        outside = Outside(
            self.clock.now_ms,
            self._loop.time,
            lambda path: database,  # type: ignore[return-value, arg-type]
            lambda on_message, **_: Client(self._broker, self._loop, on_message),  # type: ignore[return-value, arg-type]
        )
        life.service = service = Service(self._settings, outside)
        try:
            await service.load()
            life.is_ready = True
            await service.run()
        except (DatabaseError, DBAPIError) as error:
            # At its start it may end with a word; the supervisor starts it again.
            if life.is_ready:
                self.fell(error)
            self.crash(f"cannot start: {error}")
        except Exception as error:
            self.fell(error)

    async def _touch(self, life: Life, point: str) -> None:
        """The server waits for its disk: here everything may happen."""
        if life.is_over:
            raise asyncio.CancelledError
        if self.disk_s and point in ("begin", "commit", "committed", "read"):
            await pass_time(self._rng.uniform(0, self.disk_s))
            if life.is_over:
                raise asyncio.CancelledError
        trap = self._trap
        if trap is None or trap.point not in ("", point):
            return
        if trap.countdown > 1:
            self._trap = trap._replace(countdown=trap.countdown - 1)
            return
        self._trap = trap._replace(times=trap.times - 1) if trap.times > 1 else None
        self._trace("disk", trap.what, "at", point)
        if trap.what == CRASH:
            self.crash(f"at {point}")
            raise asyncio.CancelledError
        self._troubled_until_s = self._loop.time() + 10
        if trap.what == ERROR:
            raise disk_error()
        await pass_time(self._rng.uniform(0.1, 8))

    def _in(self, life: Life, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        token = _LIFE.set(life)
        try:
            return self._loop.create_task(work)
        finally:
            _LIFE.reset(token)


async def _answer(work: Callable[[Service], Awaitable[Any]], service: Service) -> Any:
    return await work(service)


def _task_of_a_life(loop: asyncio.AbstractEventLoop, work: Any, **options: Any) -> asyncio.Task[Any]:
    task: asyncio.Task[Any] = asyncio.Task(work, loop=loop, **options)
    life = _LIFE.get()
    if life is not None:
        life.tasks.add(task)
        task.add_done_callback(life.tasks.discard)
        if life.is_over:
            task.cancel()
    return task


def _request() -> Request:
    return Request({"type": "http", "client": ("192.0.2.1", 1), "headers": []})


def settings(folder: Path) -> Settings:
    """A server at somebody else's broker, with the deadlines that everybody has."""
    return Settings(
        data_dir=folder,
        mqtt=MqttSettings(url="mqtt://broker:1883", ack_wait_s=2),
        limits=LimitsSettings(alerts_per_minute_per_address=100_000),
        log=LogSettings(level="error"),
    )
