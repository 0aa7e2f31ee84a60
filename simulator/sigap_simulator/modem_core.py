"""A simulated LTE modem with its SIM card and its network, without its serial line: bytes, pins and time in, bytes out.

Commands and unsolicited messages are those that SIMCom's A76XX, SIM7600 and SIM7000 manuals give; times are seconds of
any clock that only goes forward.
"""

import math
from dataclasses import dataclass, field

from sigap_simulator.ppp_peer import PppPeer

READY, PIN, PUK, ABSENT = "READY", "SIM PIN", "SIM PUK", ""


@dataclass(frozen=True, slots=True)
class Family:
    """What its makers say: power key to start and to switch off, s; s from a start to the first answer; s to be off."""

    model: str
    on_s: float
    off_s: float
    boot_s: float
    ends_s: float
    announces: tuple[str, ...]


FAMILIES = {
    "A7670": Family("A7670E-FASE", 0.05, 2.5, 8, 2, ("*ATREADY: 1", "+CPIN: {card}", "SMS DONE", "PB DONE")),
    "SIM7600": Family("SIMCOM_SIM7600G-H", 0.1, 2.5, 13, 14, ("RDY", "+CPIN: {card}", "SMS READY", "PB DONE")),
    "SIM7000": Family("SIMCOM_SIM7000G", 1.0, 1.2, 4.5, 6.9, ("RDY", "+CFUN: 1", "+CPIN: {card}", "SMS Ready")),
}


@dataclass
class Surroundings:
    """The card in the modem and the network around it; may be changed at any time.

    states   what AT+CEREG? says in turn, the last for good: 1 home, 2 searching, 3 denied, 5 roaming
    apn      the one that the network takes, "" for any
    fault    "hung": answers nothing; "noise": says bytes that are no text; "silent call": CONNECT, then no PPP
    cure     the pin that ends the fault: "reset" or "supply"
    calls_last_s   after so many seconds the network ends the first calls; the others last
    """

    family: str = "A7670"
    card: str = READY
    pin: str = "1234"
    tries: int = 3
    states: list[int] = field(default_factory=lambda: [2, 1])
    apn: str = ""
    signal: int = 20
    operator: str = "TELKOMSEL"
    fault: str = ""
    cure: str = ""
    calls_last_s: list[float] = field(default_factory=list)


class ModemCore:
    """`log` is every command that was given, `starts` how often it began anew."""

    def __init__(self, around: Surroundings, on: bool = False) -> None:
        self.around = around
        self.log: list[str] = []
        self.starts = 0
        self.settings = {"CNMP": "38", "CMNB": "1"}
        self.apn = ""
        self._family = FAMILIES[around.family]
        self._out = bytearray()
        self._line = bytearray()
        self._pins: dict[str, float] = {}  # pins that are held, since when
        self._next_s = math.inf  # when it is up, or off
        self._heard_s = -math.inf
        self._call_ends_s = math.inf
        self._begin()
        self.state = "on" if on else "off"  # on, off, starting, ending

    def _begin(self) -> None:
        self.echo = True
        self.locked = self.around.card == PIN
        self.call: PppPeer | None = None
        self._polls = 0
        self._line.clear()

    # Its pins.

    def pin(self, name: str, held: bool, now_s: float) -> None:
        """`key` and `reset` are held or let go, `supply` is there or not."""
        self.tick(now_s)
        if name == self.around.cure:
            self.around.fault = ""
        if name == "supply":
            if not held:
                self.state, self._next_s = "off", math.inf
        elif held:
            self._pins[name] = now_s
        elif name in self._pins:
            held_s = now_s - self._pins.pop(name)
            off = self.state == "off"
            if name == "key" and held_s < (self._family.on_s if off else self._family.off_s):
                return
            if off == (name == "key"):
                self._start(now_s)
            elif not off and self.state != "ending":
                self._end(now_s)

    def _start(self, now_s: float) -> None:
        self.state, self._next_s = "starting", now_s + self._family.boot_s

    def _end(self, now_s: float) -> None:
        self.state, self._next_s = "ending", now_s + self._family.ends_s

    # Its line.

    def tick(self, now_s: float) -> None:
        if self.call is not None and now_s >= self._call_ends_s:
            self.hang_up()
        if now_s < self._next_s:
            return
        self._next_s = math.inf
        if self.state == "starting":
            self.state = "on"
            self.starts += 1
            self._begin()
            if not self.around.fault:
                for text in self._family.announces:
                    if self.around.card or "{card}" not in text:
                        self._say(text.format(card=self.around.card))
        elif self.state == "ending":
            self._say("POWER DOWN")
            self.state = "off"

    def take(self) -> bytes:
        """What it has to say."""
        said, self._out = bytes(self._out), bytearray()
        return said

    def hang_up(self) -> None:
        """The network ends the call."""
        self.call = None
        self._say("NO CARRIER")

    def receive(self, content: bytes, now_s: float) -> None:
        self.tick(now_s)
        silent_s, self._heard_s = now_s - self._heard_s, now_s
        if self.state != "on" or self.around.fault == "hung":
            return
        if self.around.fault == "noise":
            self._out += bytes(0x80 | byte * 37 & 0xFF for byte in content)
            return
        if self.call is not None:
            if content == b"+++" and silent_s >= 1:
                self.call = None
                self._say("OK")
            elif self.around.fault != "silent call":
                self._out += self.call.receive(content)
                if self.call.over:
                    self.hang_up()
            return
        for byte in content:
            if self.echo:
                self._out.append(byte)
            if byte == 13:
                line = self._line.decode("ascii", "replace")
                self._line.clear()
                self._command(line[line.upper().find("AT") :], now_s)
            elif byte != 10:
                self._line.append(byte)

    def _say(self, *lines: str) -> None:
        for line in lines:
            self._out += f"\r\n{line}\r\n".encode()

    # Its commands.

    def _command(self, line: str, now_s: float) -> None:
        self.log.append(line)
        name, _, value = line.upper().removeprefix("AT").partition("=")
        around = self.around
        if not line.upper().startswith("AT"):
            return
        if name in ("", "E0", "E1", "+CMEE", "H", "+CGATT"):
            self.echo = name != "E0" and (name == "E1" or self.echo)
            self._say("OK")
        elif name == "+CGMM":
            self._say(self._family.model, "OK")
        elif name in ("+CPOF", "+CPOWD", "+CRESET", "+CFUN"):
            self._say("OK")
            (self._end if name.startswith("+CPO") else self._start)(now_s)
        elif name in ("+CPIN", "+CPIN?", "+SPIC"):
            self._card(name, value)
        elif self.locked or around.card in (ABSENT, PUK):
            self._say("+CME ERROR: SIM PIN required" if self.locked else "+CME ERROR: SIM failure")
        elif name.strip("+?") in self.settings:
            if value:
                self.settings[name.strip("+")] = value
            self._say(*([] if value else [f"{name.rstrip('?')}: {self.settings[name.strip('+?')]}"]), "OK")
        elif name == "+CGDCONT":
            self.apn = line.split(",")[2].strip('"')
            self._say("OK")
        elif name == "+CGDCONT?":
            self._say(f'+CGDCONT: 1,"IP","{self.apn}","0.0.0.0",0,0,0,0', 'CGDCONT: 2,"IPV4V6","ims"', "OK")
        elif name in ("+CEREG?", "+CGREG?", "+CREG?"):
            self._registration(name[:-1])
        elif name == "+CSQ":
            self._say(f"+CSQ: {around.signal},99", "OK")
        elif name == "+COPS?":
            self._say(f'+COPS: 0,0,"{around.operator}",7', "OK")
        elif name == "D*99#":
            self._dial(now_s)
        else:
            self._say("ERROR")

    def _card(self, name: str, value: str) -> None:
        around = self.around
        if around.card == ABSENT:
            self._say("+CME ERROR: SIM not inserted")
        elif name == "+SPIC":
            self._say(f"+SPIC: {around.tries},10,0,10", "OK")
        elif name == "+CPIN?":
            self._say(f"+CPIN: {around.card if self.locked or around.card == PUK else READY}", "OK")
        elif not self.locked:
            self._say("+CME ERROR: operation not allowed")
        elif value.strip('"') == around.pin:
            self.locked, around.tries = False, 3
            self._say("OK", "+CPIN: READY", "SMS READY")
        else:
            around.tries -= 1
            if not around.tries:
                around.card = PUK
            self._say("+CME ERROR: incorrect password")

    def _registration(self, name: str) -> None:
        states = self.around.states
        state = states[min(self._polls, len(states) - 1)]
        if name == "+CEREG":
            self._polls += 1
        # 2G and 3G are out of reach where LTE is not looked at; a message that nobody asked for comes in the middle.
        self._say(f"{name}: {0 if name == '+CGREG' else state}", f"{name}: 0,{state if name == '+CEREG' else 0}", "OK")

    def _dial(self, now_s: float) -> None:
        wanted = self.around.apn
        if wanted and self.apn != wanted:
            self._say("NO CARRIER")
        else:
            self._say("CONNECT 115200")
            self.call = PppPeer()
            lasts = self.around.calls_last_s
            self._call_ends_s = now_s + (lasts.pop(0) if lasts else math.inf)
