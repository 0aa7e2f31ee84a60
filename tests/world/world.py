"""One world from its seed: who lives in it, what befalls them, and how it comes to rest."""

import asyncio
import random
from collections.abc import Callable
from random import Random

import structlog

from sigap_server.dispatch.state import next_deadline_ms
from sigap_tracker.officer.orders import BUTTONS, IDLE, OFFERED
from tests.world.broker import Broker
from tests.world.car import OWNS, Car, places
from tests.world.clock import Clock, VirtualLoop, pass_time
from tests.world.disk import Disk
from tests.world.judge import Judge
from tests.world.operators import Operators
from tests.world.people import Citizens, Officer
from tests.world.server import CRASH, ERROR, STALL, Server, Trap
from tests.world.trace import Trace

STEPS = 40
_REST_S = 900


class World:
    """Everybody in it draws from one source of chance, in the order in which things happen: the seed is the world."""

    def __init__(self, loop: asyncio.AbstractEventLoop, disk: Disk, seed: int, echo: bool = False) -> None:
        self.loop = loop
        self.rng = rng = Random(seed)
        random.seed(seed)  # the server draws from there
        self.trace = trace = Trace(loop, echo)
        self.broker = Broker(loop, rng, trace, ack_wait_s=2)
        units = rng.randint(1, 5)
        disk.begin(units)
        self._eyes = disk.open()
        self.judge = judge = Judge(self._eyes, trace)
        self.server = Server(loop, rng, trace, Clock(loop), disk, self.broker)
        self.server.committed = judge.committed
        self.server.fell = judge.fell
        self.server.disk_s = rng.choice([0, 0.002, 0.05])
        self.broker.slowest_s = rng.choice([0.02, 0.5, 3])
        self.broker.published = judge.published
        self.broker.acknowledged = lambda message: judge.acknowledged(message.topic, message.payload)
        self.cars = [
            Car(f"u-{number}", loop, rng, trace, self.broker, judge.confirmed) for number in range(1, units + 1)
        ]
        self.officers = [Officer(rng, car) for car in self.cars]
        self.citizens = Citizens(rng, trace, self.server, judge)
        self.operators = Operators(rng, trace, self.server, [car.unit_id for car in self.cars])
        self._places = places(rng, 3)
        self._beats = 0
        self._able = 0  # beats for which the server could have ended an offer

    async def run(self, steps: int) -> None:
        """So many strokes of fate, then peace. Raises BrokenError for the first promise that was not kept."""
        self.server.start()
        await pass_time(0.5)
        for car in self.cars:
            car.connect()
        heart = self.loop.create_task(self._beat())
        fate = Fate(self)
        for number in range(1, steps + 1):
            await pass_time(fate.pause_s())
            self.trace("fate", number)
            fate.strike()
            self._check()
        await self._rest()
        heart.cancel()
        self.server.stopped = True
        self.server.crash("the world ends")

    def close(self) -> None:
        """Let go of the file."""
        self._eyes.close()

    async def _beat(self) -> None:
        while not self.judge.broken:
            await pass_time(1)
            self._beats += 1
            self._able = self._able + 1 if self.server.is_able else 0
            for number, (car, officer) in enumerate(zip(self.cars, self.officers, strict=True)):
                car.tick()
                officer.tick(self.loop.time())
                if (self._beats + 5 * number) % 20 == 0:
                    car.report()
            self._look()

    def _look(self) -> None:
        service = self.server.service
        if service is not None:
            self.judge.look(service)
            if self._able > 3:
                self.judge.no_offer_outlives(service.now_ms() - 3000)
        for car in self.cars:
            owned = car.owns()
            if owned is not None:
                self.judge.believes(car.unit_id, owned.order_id)
            if service and car.book.view in (OFFERED, *OWNS) and car.book.order is not None and self._able > 3:
                patience_ms = 2000 + round(8000 * self.broker.slowest_s)
                if car.connected_s > patience_ms / 1000:
                    self.judge.knows(car.unit_id, car.book.order.order_id, service.now_ms() - patience_ms)

    def _check(self) -> None:
        self._look()
        if self.judge.broken:
            raise self.judge.broken

    async def _rest(self) -> None:
        """Everything is well now, and everybody does what they should: all must come to its end."""
        self.trace("world", "is at peace")
        self.server.set_trap(None)
        self.server.disk_s = 0
        self.broker.slowest_s = 0.02
        self.broker.start()
        for officer in self.officers:
            officer.is_good = True
        for car in self.cars:
            car.has_time = car.has_fix = True
            car.clock.ahead_ms = self.server.clock.now_ms() - Clock(self.loop).now_ms()
            if car.book.emergency:
                car.say(car.book.hold())
        end_s = self.loop.time() + _REST_S
        while self._restless():
            if self.loop.time() > end_s:
                self.judge.find("the world comes to rest", "; ".join(self._restless()))
            for car in self.cars:
                car.connect()
            if self._beats % 5 == 0:
                self.operators.do_their_duty()
            await pass_time(1)
            self._check()
        self.judge.everything_arrived()
        self.judge.tables_agree()
        self._check()
        # Once more from what is on the disk alone.
        self.server.crash("at rest")
        await pass_time(3)
        if self.server.service is None:
            self.judge.find("the server starts again", "it is not there after 3 s")
        self._check()

    def _restless(self) -> list[str]:
        service = self.server.service
        if service is None or not service.link.connected:
            return ["the server is away"]
        found = [f"incident {number}" for number in service.dispatcher.state.incidents]
        found += [f"{car.unit_id} shows {car.book.view}" for car in self.cars if car.book.view != IDLE]
        found += [f"{car.unit_id} has unsent messages" for car in self.cars if car.flash or car.line is None]
        found += [f"messages for {car.unit_id}" for car in self.cars if self.broker.backlog(car.unit_id)]
        found += [f"messages of {kind}" for kind, waiting in self.broker.waiting.items() if waiting]
        if self.citizens.wait:
            found.append("a citizen waits")
        return found


class Fate:
    """What befalls a world. Each world has its own mixture, so that some see much of what is rare in others."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._rng = rng = world.rng
        self._strokes: list[Callable[[], None]] = [
            self._press, self._press, self._press_again, self._button, self._hold, self._cancel,
            self._operate, self._operate, self._operate, self._report, self._babble,
            self._cut, self._cut, self._connect, self._connect, self._reboot, self._lose_session, self._lose_fix,
            self._lose_time, self._crash, self._trap, self._trap, self._drop_server, self._broker_stops,
            self._rush, self._set_server_clock, self._set_unit_clock,
        ]  # fmt: skip
        self._weights = [rng.choice([0, 0, 1, 1, 3]) for _ in self._strokes]
        self._weights[0] = 4

    def pause_s(self) -> float:
        """Until the next stroke: little, much, or just about when a deadline ends."""
        rng, service = self._rng, self._world.server.service
        if service is not None and rng.random() < 0.15:
            now_ms = service.now_ms()
            deadline_ms = next_deadline_ms(service.dispatcher.state, now_ms)
            if deadline_ms is not None:
                return max(0.0, (deadline_ms - now_ms) / 1000 + rng.uniform(-0.1, 0.1))
        return rng.choice([0, 0, 0.01, 0.1, 0.5, 1, 2, 4])

    def strike(self) -> None:
        """One stroke."""
        self._rng.choices(self._strokes, self._weights)[0]()

    def _car(self) -> Car:
        """Mostly one that has something to lose."""
        busy = [car for car in self._world.cars if car.book.view != IDLE]
        return self._rng.choice(busy if busy and self._rng.random() < 0.7 else self._world.cars)

    def _press(self) -> None:
        kind = self._rng.choice(["emergency", "emergency", "drill"])
        if len(self._world.citizens.pressed) < 8:
            self._world.citizens.press(kind, self._rng.choice(self._world._places))

    def _press_again(self) -> None:
        if self._world.citizens.pressed:
            self._world.citizens.press_again(self._rng.choice(self._world.citizens.pressed))

    def _button(self) -> None:
        self._car().press(self._rng.choice(BUTTONS))

    def _operate(self) -> None:
        self._world.operators.say_something()

    def _hold(self) -> None:
        car = self._car()
        car.say(car.book.hold())

    def _cancel(self) -> None:
        if self._world.citizens.pressed:
            self._world.citizens.cancel(self._rng.choice(self._world.citizens.pressed))

    def _report(self) -> None:
        self._car().report()

    def _babble(self) -> None:
        self._car().babble(self._rng.randbytes(self._rng.randint(0, 12)))

    def _cut(self) -> None:
        self._car().drop(self._rng.choice([0.0, 1.0, 20.0]))

    def _connect(self) -> None:
        self._car().connect()

    def _reboot(self) -> None:
        self._car().reboot()

    def _lose_session(self) -> None:
        car = self._car()
        car.drop(0)
        self._world.trace(car.unit_id, "has no session any more")
        self._world.broker.forget(car.unit_id)

    def _lose_fix(self) -> None:
        car = self._car()
        car.has_fix = not car.has_fix

    def _lose_time(self) -> None:
        car = self._car()
        car.has_time = not car.has_time

    def _set_server_clock(self) -> None:
        self._set(self._world.server.clock, "server")
        self._world._able = 0  # deadlines that have passed by this alone are seen at the next beat

    def _set_unit_clock(self) -> None:
        car = self._car()
        self._set(car.clock, car.unit_id)

    def _set(self, clock: Clock, whose: str) -> None:
        clock.ahead_ms = self._rng.choice([0, -3_600_000, -20_000, -1500, 1500, 20_000, 3_600_000])
        self._world.trace(whose, "has its clock set", clock.ahead_ms, "ms ahead")

    def _crash(self) -> None:
        self._world.server.crash("killed")

    def _trap(self) -> None:
        rng = self._rng
        what = rng.choice([CRASH, CRASH, ERROR, STALL])
        point = rng.choice(["", "", "commit", "committed"])
        self._world.server.set_trap(Trap(rng.randint(1, 3 if point else 12), what, rng.choice([1, 1, 3, 8]), point))

    def _rush(self) -> None:
        """Everybody speaks at once, just when the disk is slow, and then the line is cut."""
        self._world.server.set_trap(Trap(self._rng.randint(1, 6), STALL))
        for car in self._world.cars:
            car.report()
        self._world.loop.call_later(self._rng.uniform(0, 0.3), self._drop_server)

    def _drop_server(self) -> None:
        self._world.trace("network", "cuts the server off")
        self._world.broker.drop_server("connection reset")
        if self._rng.random() < 0.5:
            self._rng.choice([self._press, self._operate])()

    def _broker_stops(self) -> None:
        broker = self._world.broker
        if broker.is_up:
            self._world.trace("broker", "stops")
            broker.stop()
            self._world.loop.call_later(self._rng.choice([0.2, 3, 12]), broker.start)


def play(disk: Disk, seed: int, steps: int = STEPS, echo: bool = False) -> Trace:
    """The whole story of a seed. Raises BrokenError; the trace is then its `trace`."""
    loop = VirtualLoop()
    was = structlog.get_config()
    structlog.configure(processors=[_silent])
    world = World(loop, disk, seed, echo)
    try:
        task = loop.create_task(world.run(steps))
        loop.run_until_complete(task)
    except BaseException as error:
        error.trace = world.trace  # type: ignore[attr-defined]
        raise
    finally:
        for left in asyncio.all_tasks(loop):
            left.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        world.server.stopped = True
        world.server.crash("cleared away")
        world.close()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()
        structlog.configure(**was)
    return world.trace


def _silent(logger: object, method: str, event: object) -> object:
    raise structlog.DropEvent
