"""The AT dialogue against whatever a modem, its line and another baud rate may say, the same on both interpreters."""

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from sigap_tracker.network.at_dialogue import LINE_MAX_BYTES, OK, AtDialogue
from tests.portable import answers
from tests.portable.interpreters import ask_both, samples

COMMANDS = [("AT", ""), ("AT+CSQ", "+CSQ:"), ("AT+CGMM", "+CGMM:"), ("AT+CPIN?", "+CPIN:"), ("ATD*99#", "")]
unasked = st.sampled_from(
    [b"SMS READY", b"+CREG: 2", b'+CGREG: 1,"1A2B"', b"PB DONE", b"+CPIN: READY", b"*ISIMAID: 1", b"", b"NO CARRIER"]
)
finals = st.sampled_from([b"OK", b"ERROR", b"+CME ERROR: 10", b"CONNECT 115200", b"RDY", b"POWER DOWN", b"NO CARRIER"])
lines = st.one_of(
    unasked, unasked, finals, st.sampled_from([b"+CSQ: 20,99", b"SIMCOM_SIM7600G-H"]), st.binary(max_size=200)
)
streams = st.lists(lines, max_size=8).map(lambda found: b"".join(b"\r\n" + line + b"\r\n" for line in found))
questions = st.tuples(st.sampled_from(COMMANDS), streams, st.integers(1, 100)).map(
    lambda asked: [*asked[0], asked[1].hex(), asked[2]]
)


@given(st.sampled_from(COMMANDS), streams, st.integers(1, 100))
def test_cutting_a_stream_anywhere_changes_nothing(command: tuple[str, str], content: bytes, size: int) -> None:
    whole = answers.modem([*command, content.hex(), max(len(content), 1)])
    assert answers.modem([*command, content.hex(), size]) == whole
    outcome, answer, _, _, taken = json.loads(whole)
    assert taken <= len(content)
    assert len(answer) <= LINE_MAX_BYTES
    if outcome == OK:
        assert content[:taken].endswith(b"OK\r")
        assert answer or not command[1]


@given(st.lists(unasked, max_size=10), st.lists(unasked, max_size=10), st.booleans())
def test_an_answer_is_found_among_all_that_was_not_asked_for(
    before: list[bytes], after: list[bytes], echo: bool
) -> None:
    dialogue = AtDialogue()
    content = dialogue.ask("AT+CSQ", "+CSQ:") if echo else b""
    for line in (*before, b"+CSQ: 11,0", *after, b"OK"):
        content += b"\r\n" + line + b"\r\n"
    dialogue.ask("AT+CSQ", "+CSQ:")
    dialogue.feed(content, len(content))
    assert (dialogue.outcome, dialogue.answer) == (OK, "11,0")


def test_on_both_interpreters(tmp_path: Path) -> None:
    ask_both("modem", samples(questions, 300), tmp_path)
