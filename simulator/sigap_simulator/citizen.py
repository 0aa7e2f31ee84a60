"""Citizens who press the button: when and where as a pure plan, and the phone that insists until it is confirmed."""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from uuid import UUID, uuid4

import httpx

from sigap_simulator.geometry import Plane
from sigap_simulator.streets import Streets

_SIDEWALK_M = 12.0
_FIRST_RETRY_S = 0.5
_LONGEST_RETRY_S = 10.0
_RETRIED = {408, 425, 429}  # and everything from 500 on


@dataclass(frozen=True, slots=True)
class Press:
    """One press on one phone; the phone's position errs by about `accuracy_m`."""

    alert_id: UUID
    lat_deg: float
    lon_deg: float
    accuracy_m: int
    kind: str = "emergency"
    text: str = ""

    def body(self, pressed_ms: int) -> dict[str, object]:
        """As the server takes it."""
        body: dict[str, object] = {
            "id": str(self.alert_id),
            "lat": round(self.lat_deg, 7),
            "lon": round(self.lon_deg, 7),
            "accuracy_m": self.accuracy_m,
            "pressed_ms": pressed_ms,
            "kind": self.kind,
        }
        if self.text:
            body["text"] = self.text
        return body


def presses(
    seed: int,
    plane: Plane,
    streets: Streets,
    mean_interval_s: float = 30.0,
    radius_m: float = 900.0,
    new_id: Callable[[], UUID] = uuid4,
) -> Iterator[tuple[float, Press]]:
    """Endless (seconds after the one before, press), at random times, beside streets within `radius_m` of the origin.

    Deterministic by `seed` but for the ids: a city's second day must not repeat the first one's alerts.
    """
    random = Random(seed)
    while True:
        wait_s = random.expovariate(1.0 / mean_interval_s)
        somewhere = (random.uniform(-radius_m, radius_m), random.uniform(-radius_m, radius_m))
        east, north = streets.nearest(somewhere, on_foot=True).point
        accuracy_m = random.randint(5, 40)
        # A phone's accuracy is the radius that holds two of three positions.
        lat_deg, lon_deg = plane.to_degrees(
            east + random.gauss(0.0, _SIDEWALK_M + accuracy_m / 1.5),
            north + random.gauss(0.0, _SIDEWALK_M + accuracy_m / 1.5),
        )
        yield wait_s, Press(new_id(), lat_deg, lon_deg, accuracy_m)


@dataclass(slots=True)
class CitizenCounters:
    """presses = confirmed + refused + those still waiting; attempts counts requests."""

    presses: int = 0
    attempts: int = 0
    confirmed: int = 0
    refused: int = 0
    last_refusal: str = ""


class Phone:
    """Sends presses to one server, each with its own id as often as it takes."""

    def __init__(self, client: httpx.AsyncClient, seed: int = 0) -> None:
        """`client` has the server's base URL."""
        self._client = client
        self._random = Random(seed)
        self.counters = CitizenCounters()

    async def send(self, press: Press) -> dict[str, object] | None:
        """The server's answer once it confirmed, or None if it refused the press for good."""
        self.counters.presses += 1
        body = press.body(time.time_ns() // 1_000_000)
        delay_s = _FIRST_RETRY_S
        while True:
            self.counters.attempts += 1
            least_s = 0.0
            try:
                response = await self._client.post("/api/v1/alerts", json=body)
            except httpx.TransportError:
                pass
            else:
                if response.is_success:
                    self.counters.confirmed += 1
                    answer: dict[str, object] = response.json()
                    return answer
                if response.status_code < 500 and response.status_code not in _RETRIED:
                    self.counters.refused += 1
                    self.counters.last_refusal = f"{response.status_code} {response.text[:200]}"
                    return None
                least_s = _retry_after_s(response)
            await asyncio.sleep(max(least_s, delay_s * self._random.uniform(0.5, 1.5)))
            delay_s = min(delay_s * 2.0, _LONGEST_RETRY_S)


def _retry_after_s(response: httpx.Response) -> float:
    text = response.headers.get("retry-after", "")
    return min(float(text), 60.0) if text.isdigit() else 0.0
