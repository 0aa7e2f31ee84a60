"""The line over an LTE modem: AT commands until its call stands (modem_script.py), then PPP."""

import asyncio

from sigap_tracker import on_demand
from sigap_tracker.errors import LineError
from sigap_tracker.interfaces import ModemPort, Notes
from sigap_tracker.network.modem_steps import ASK, KEY, PAUSE, REMEMBER, SEND
from sigap_tracker.storage.flash_map import PIN_KEY
from sigap_tracker.storage.settings import Settings

_PPP_POLL_MS = 250
_PPP_POLLS = 120
_BUFFER_BYTES = 64


class ModemLine:
    """See Line in interfaces.pyi. In a call the modem takes no commands: `signal_dbm` is that of the call's start."""

    has_modem = True

    def __init__(self, port: ModemPort, settings: Settings) -> None:
        self._port = port
        self.notes: "Notes | None" = None
        # Not the settings as a whole: they would stay in memory with it.
        self._family = settings.modem_family
        self._apn = settings.modem_apn
        self._pin = settings.modem_pin
        self._user = settings.modem_user
        self._password = settings.modem_password
        self._pin_tried_now = False
        self._calling = False
        self._performing = False
        self._going_off = False
        self.signal_dbm: "int | None" = None
        self.status = "not started"

    def is_up(self) -> bool:
        return self._calling and self._port.ppp_connected()

    async def up(self) -> None:
        if self.is_up():
            return
        await self.down()
        tried = self.notes.get(PIN_KEY) if self.notes is not None else None
        self.status = "starting"
        found = await self._perform("bring_up", self._apn, self._pin, str(tried or b"", "utf-8"), self._pin_tried_now)
        self._calling = True
        self._port.ppp_start(self._user, self._password)
        for _ in range(_PPP_POLLS):
            if self._port.ppp_connected():
                self.signal_dbm, self.status = found
                return
            await asyncio.sleep_ms(_PPP_POLL_MS // self._port.hurry)
        await self.down()
        self.status = "the call stands, and nobody answers in PPP"
        raise LineError("modem: " + self.status)

    async def down(self) -> None:
        if self._calling:
            self._calling = False
            self.status = "down"
            try:
                self._port.ppp_stop()
            except OSError as error:
                self.status = str(error)

    async def reset(self) -> None:
        await self.down()
        await self._perform("reset", self._port.has_reset)

    async def power_cycle(self) -> None:
        await self.down()
        await self._perform("power_cycle", self._port.has_supply)

    async def off(self) -> None:
        started = self.status != "not started"
        self._going_off = True  # who is bringing it up stops at the next step
        await self.down()
        while self._performing:
            await asyncio.sleep_ms(_PPP_POLL_MS // self._port.hurry)
        if started:  # one that is off would be started by its power key
            try:
                await self._perform("switch_off", self._port.has_supply)
                self.status = "off"
            except LineError:
                pass  # `status` says why

    async def _perform(self, name: str, *arguments: object):  # type: ignore[no-untyped-def]
        """What the script of that name returns. Raises LineError."""
        module = on_demand.load("sigap_tracker.network.modem_script")
        dialogue = module.new_dialogue()
        buffer = bytearray(_BUFFER_BYTES)
        port = self._port
        self._performing = True
        try:
            script = getattr(module, name)(dialogue, module.family(self._family), *arguments)
            step = next(script)
            while True:
                if self._going_off and name != "switch_off":
                    raise LineError("the unit goes off")
                kind = step[0]
                if kind == ASK:
                    port.write(dialogue.ask(*step[1:4]))
                    try:
                        await asyncio.wait_for_ms(self._answer(dialogue, buffer), step[4] // port.hurry)
                    except asyncio.TimeoutError:
                        pass
                elif kind == SEND:
                    port.write(step[1])
                elif kind == PAUSE:
                    await asyncio.sleep_ms(step[1] // port.hurry)
                elif kind == REMEMBER:
                    self._remember(step[1])
                else:
                    (port.press_key, port.hold_reset, port.supply)[kind - KEY](step[1])
                step = next(script)
        except StopIteration as end:
            return end.value
        except (LineError, OSError) as error:
            self.status = str(error)
            raise LineError("modem: " + self.status)
        finally:
            self._performing = False

    async def _answer(self, dialogue, buffer: bytearray) -> None:  # type: ignore[no-untyped-def]
        while not dialogue.outcome:
            count = await self._port.read(buffer)
            if not count:
                raise OSError("its serial line is gone")
            dialogue.feed(buffer, count)

    def _remember(self, pin: str) -> None:
        self._pin_tried_now = bool(pin)
        if self.notes is None:
            return
        if pin:
            self.notes.put(PIN_KEY, pin.encode())
        elif self.notes.get(PIN_KEY) is not None:
            self.notes.remove(PIN_KEY)
