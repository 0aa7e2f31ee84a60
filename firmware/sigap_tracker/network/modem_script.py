"""What is done with an LTE modem, step by step, without its wires: steps (modem_steps.py) that modem.py performs.

Every one raises LineError with what the modem said. Loaded on demand: a line comes up seldom.
"""

from sigap_tracker.errors import LineError
from sigap_tracker.interfaces import Steps
from sigap_tracker.network import at_dialogue
from sigap_tracker.network.at_dialogue import AtDialogue
from sigap_tracker.network.modem_steps import ASK, KEY, PAUSE, REMEMBER, RESET, SEND, SUPPLY

# name, part of what AT+CGMM says; power key in ms: pressed to start, held to switch off, then until it is off; reset
# pin in ms; s until AT is answered after a start; commands to start anew and to switch off; settings to be had.
#
# Times are the least plus some reserve of SIMCom's hardware design guides: A7670 series (Ton 50 ms, Toff 2.5 s, Treset
# 2 s, UART after 8 s), SIM7600 series (Ton 100 ms, Toff 2.5 s, off after 14 s, Treset 100 ms, UART after 13 s), SIM7000
# V1.04 (Ton 1 s, Toff 1.2 s, off after 1.8 to 6.9 s, Treset 252 ms, UART after 4.5 s). A press to start has to stay
# under what switches a running modem off. CNMP=2: any radio technology; CMNB=3: Cat-M and NB-IoT.
_FAMILIES = """
A7670 A76 500 3000 4000 2600 20 AT+CRESET AT+CPOF CNMP=2
SIM7600 SIM76 500 3000 16000 300 30 AT+CRESET AT+CPOF CNMP=2
SIM7000 SIM7000 1100 1500 8000 300 15 AT+CFUN=1,1 AT+CPOWD=1 CNMP=2;CMNB=3
"""

_MODEL = "AT+CGMM"
_SHORT_MS = 500
_ANSWER_MS = 5000  # SIMCom gives 9 s as the longest of most commands; a modem that needs more than 5 is not well
_GUARD_MS = 1100  # of silence around +++, V.250 S12
_POLL_MS = 2000
_CARD_POLLS = 8
_REGISTRATION_POLLS = 45
_DENIED_POLLS = 5  # a network may deny one technology before another takes the card
_DIAL_MS = 60000
_REGISTERED = ("1", "5")  # home, roaming: TS 27.007 §7.2, §10.1.20, §10.1.22
_TECHNOLOGIES = ("+CEREG", "+CGREG")  # LTE, then 2G and 3G
_STATES = "idle,home,searching,denied,no coverage,roaming".split(",")


def new_dialogue() -> AtDialogue:
    return AtDialogue()


def family(name: str) -> "list[str]":
    """The row of that family. Raises LineError naming those that there are."""
    rows = [row.split() for row in _FAMILIES.strip().split("\n")]
    for row in rows:
        if row[0] == name:
            return row
    raise LineError("modem.family is %s, expected one of: %s" % (name, ", ".join([row[0] for row in rows])))


def bring_up(dialogue: AtDialogue, row: "list[str]", apn: str, pin: str, tried: str, tried_now: bool) -> "Steps":
    """From whatever state the modem is in to a call that carries PPP; returns (signal in dBm or None, operator).

    tried       the PIN that was about to be entered last and is not known to have been right
    tried_now   since this start of the unit
    """
    yield from _wake(dialogue, row)
    yield from _must(dialogue, "ATE0")
    yield from _ask(dialogue, "AT+CMEE=2")  # errors in words, where it can
    yield from _check_model(dialogue, row)
    yield from _unlock(dialogue, pin, tried, tried_now)
    for setting in row[9].split(";"):
        name, _, value = setting.partition("=")
        # What is set already stays: setting it again would make it look for a network anew.
        if (yield from _ask(dialogue, "AT+%s?" % name, "+%s:" % name)) != value:
            yield from _must(dialogue, "AT+" + setting)
    yield from _set_apn(dialogue, apn)
    roaming = yield from _register(dialogue)
    signal_dbm = yield from _signal(dialogue)
    named = at_dialogue.fields((yield from _ask(dialogue, "AT+COPS?", "+COPS:")))
    operator = (named[2] if len(named) > 2 else "unnamed network") + (" (roaming)" if roaming else "")
    yield from _ask(dialogue, "ATD*99#", "", _DIAL_MS)
    if dialogue.outcome != at_dialogue.CONNECT:
        raise LineError("APN %s on %s: %s" % (apn or "unset", operator, dialogue.reason))
    return signal_dbm, operator


def reset(dialogue: AtDialogue, row: "list[str]", has_pin: bool) -> "Steps":
    """Start it anew, with the supply on."""
    if has_pin:
        yield (RESET, True)
        yield (PAUSE, int(row[5]))
        yield (RESET, False)
    else:
        yield from _leave_call()
        yield (ASK, row[7], "", False, _ANSWER_MS)
    yield from _booted(dialogue, row)


def switch_off(dialogue: AtDialogue, row: "list[str]", has_supply: bool) -> "Steps":
    """In order where it listens, by the power key where it does not, unless its supply can be taken away; returns
    whether it listens. It then needs the time of its family to be off."""
    yield from _leave_call()
    yield (ASK, row[8], "", False, _ANSWER_MS)
    listens = dialogue.outcome != at_dialogue.PENDING
    if not listens and not has_supply:
        yield (KEY, True)
        yield (PAUSE, int(row[3]))
        yield (KEY, False)
    return listens


def power_cycle(dialogue: AtDialogue, row: "list[str]", has_supply: bool) -> "Steps":
    """Off, and on again."""
    listens = yield from switch_off(dialogue, row, has_supply)
    if listens or not has_supply:
        yield (PAUSE, int(row[4]))
    if has_supply:
        yield (SUPPLY, False)
        yield (PAUSE, _POLL_MS)
        yield (SUPPLY, True)
        yield (PAUSE, _SHORT_MS)
    yield from _start(row)
    yield from _booted(dialogue, row)


def _leave_call() -> "Steps":
    """Back to commands from a call that nobody ended, V.250 §6.2.9 with its escape sequence."""
    yield (PAUSE, _GUARD_MS)
    yield (SEND, b"+++")
    yield (PAUSE, _GUARD_MS)


def _start(row: "list[str]") -> "Steps":
    yield (KEY, True)
    yield (PAUSE, int(row[2]))
    yield (KEY, False)


def _wake(dialogue: AtDialogue, row: "list[str]") -> "Steps":
    """Until AT is answered: it may be on, in a call, or off."""
    if (yield from _answers(dialogue, 3)):
        return
    yield from _leave_call()
    if (yield from _answers(dialogue, 2)):
        yield (ASK, "ATH", "", False, _ANSWER_MS)
        return
    yield from _start(row)
    yield from _booted(dialogue, row)


def _booted(dialogue: AtDialogue, row: "list[str]") -> "Steps":
    dialogue.noise = 0
    if (yield from _answers(dialogue, 2 * int(row[6]))):
        return
    if dialogue.noise:
        raise LineError("no answer to AT but %d bytes that are no text: is the baud rate right?" % dialogue.noise)
    raise LineError("no answer to AT within %s s of its start" % row[6])


def _answers(dialogue: AtDialogue, times: int) -> "Steps":
    """Whether it does, at the latest at that many times."""
    for _ in range(times):
        yield (ASK, "AT", "", False, _SHORT_MS)
        if dialogue.outcome == at_dialogue.OK:
            return True
        if dialogue.outcome != at_dialogue.PENDING:  # said something else at once: "RDY", or an error of cut bytes
            yield (PAUSE, _SHORT_MS)
    return False


def _ask(dialogue: AtDialogue, command: str, wanted: str = "", timeout_ms: int = _ANSWER_MS) -> "Steps":
    """Its answer, "" if that is an error. A modem that says nothing at all, or starts anew, ends the script."""
    yield (ASK, command, wanted, command == _MODEL, timeout_ms)
    if dialogue.outcome == at_dialogue.PENDING:
        raise LineError("no answer to " + _name(command))
    if dialogue.outcome == at_dialogue.RESTARTED:
        raise LineError("it started anew (%s) in answer to %s" % (dialogue.reason, _name(command)))
    return dialogue.answer


def _must(dialogue: AtDialogue, command: str, wanted: str = "") -> "Steps":
    """Its answer; anything but OK is an error."""
    yield from _ask(dialogue, command, wanted)
    if dialogue.outcome != at_dialogue.OK:
        raise LineError("%s to %s" % (dialogue.reason, _name(command)))
    return dialogue.answer


def _name(command: str) -> str:
    """Without its values, which may be a secret."""
    return command.split("=")[0]


def _check_model(dialogue: AtDialogue, row: "list[str]") -> "Steps":
    model = yield from _must(dialogue, _MODEL, "+CGMM:")
    if row[1] not in model:
        raise LineError("it is %s, modem.family says %s" % (model, row[0]))


def _unlock(dialogue: AtDialogue, pin: str, tried: str, tried_now: bool) -> "Steps":
    """The card must never be locked by us: three wrong PINs in a row, and it asks for its PUK (TS 11.11 §9.3).

    A PIN whose outcome is not known to have been right is entered again only after a restart, and only if the card then
    still has all its tries, which says that the last one was right or was never made.
    """
    asks = yield from _card(dialogue)
    if asks == "SIM PIN":
        if not pin:
            raise LineError("SIM asks for a PIN and modem.pin is empty")
        left = yield from _tries_left(dialogue)
        if tried == pin and (tried_now or left != "3"):
            raise LineError("SIM PIN was refused before, not tried again until modem.pin changes; tries left: " + left)
        if left in ("0", "1"):
            raise LineError("SIM PIN not tried, the card's last try is left to a person")
        yield (REMEMBER, pin)
        yield from _ask(dialogue, 'AT+CPIN="%s"' % pin, "", 2 * _ANSWER_MS)
        if dialogue.outcome != at_dialogue.OK:
            raise LineError("SIM PIN refused: " + dialogue.reason)
        asks = yield from _card(dialogue)
    if asks != "READY":
        raise LineError("SIM asks for " + asks)
    if tried or pin:
        yield (REMEMBER, "")


def _card(dialogue: AtDialogue) -> "Steps":
    """READY or what the card asks for, when the modem has made up its mind: after a start it is busy at first."""
    for _ in range(_CARD_POLLS):
        asks = yield from _ask(dialogue, "AT+CPIN?", "+CPIN:")
        if asks and asks != "NOT READY":
            return asks
        reason = dialogue.reason or asks
        yield (PAUSE, _POLL_MS)
    raise LineError("no SIM: " + reason)


def _tries_left(dialogue: AtDialogue) -> "Steps":
    """Of the PIN, as text; "unknown" where it cannot be asked."""
    tries = yield from _ask(dialogue, "AT+SPIC", "+SPIC:")
    return at_dialogue.fields(tries)[0] or "unknown"


def _set_apn(dialogue: AtDialogue, apn: str) -> "Steps":
    """Of context 1, which an LTE modem attaches with: a change needs a new attachment."""
    if not apn:
        return
    present = at_dialogue.fields((yield from _ask(dialogue, "AT+CGDCONT?", "+CGDCONT: 1,")))
    if len(present) > 1 and present[1] == apn:
        return
    yield from _ask(dialogue, "AT+CGATT=0", "", 2 * _ANSWER_MS)
    yield from _must(dialogue, 'AT+CGDCONT=1,"IP","%s"' % apn)
    yield from _ask(dialogue, "AT+CGATT=1", "", 2 * _ANSWER_MS)


def _register(dialogue: AtDialogue) -> "Steps":
    """Wait for a network; returns whether it is a foreign one."""
    denied = 0
    said = ""
    for _ in range(_REGISTRATION_POLLS):
        states = []
        for technology in _TECHNOLOGIES:
            # A query is answered by n, state; unasked it says the state alone or before a quoted area.
            found = (yield from _ask(dialogue, "AT%s?" % technology, technology + ":")).split(",")
            states.append(found[1] if len(found) > 1 and '"' not in found[1] else found[0])
        for state in states:
            if state in _REGISTERED:
                return state == "5"
        said = ", ".join(states)
        denied = denied + 1 if "3" in states else 0
        if denied == _DENIED_POLLS:
            raise LineError("network denies registration (%s: %s)" % ("/".join(_TECHNOLOGIES), said))
        yield (PAUSE, _POLL_MS)
    signal_dbm = yield from _signal(dialogue)
    words = [_STATES[int(state)] if state.isdigit() and int(state) < 6 else state or "no answer" for state in states]
    raise LineError("no network: %s, signal %s" % ("/".join(words), "unknown" if signal_dbm is None else signal_dbm))


def _signal(dialogue: AtDialogue) -> "Steps":
    """dBm of AT+CSQ: 0 to 31 in steps of 2 from -113, TS 27.007 §8.5; 99 and all else is unknown."""
    quality = at_dialogue.fields((yield from _ask(dialogue, "AT+CSQ", "+CSQ:")))[0]
    if quality.isdigit() and int(quality) < 32:
        return 2 * int(quality) - 113
    return None
