"""The talk with a modem: cut lines, echoes, messages in the middle."""

from sigap_tracker.network import at_dialogue
from sigap_tracker.network.at_dialogue import (
    CONNECT,
    ERROR,
    LINE_MAX_BYTES,
    NO_CARRIER,
    OK,
    PENDING,
    RESTARTED,
    AtDialogue,
)


def said(command, content, wanted="", plain=False, size=1000):
    """(outcome, answer, reason, bytes left over) after these bytes in pieces of `size`."""
    dialogue = AtDialogue()
    assert dialogue.ask(command, wanted, plain) == (command + "\r").encode()
    taken = 0
    while taken < len(content) and dialogue.outcome == PENDING:
        piece = content[taken : taken + size]
        taken += dialogue.feed(piece, len(piece))
    return dialogue.outcome, dialogue.answer, dialogue.reason, content[taken:]


def ended(command, content, wanted=""):
    """(outcome, reason)"""
    found = said(command, content, wanted)
    return found[0], found[2]


def test_an_answer_in_any_pieces():
    content = b'AT+COPS?\r\r\n+COPS: 0,0,"TELKOMSEL",7\r\n\r\nOK\r\nmore'
    for size in range(1, 60):
        found = said("AT+COPS?", content, "+COPS:", size=size)
        assert found == (OK, '0,0,"TELKOMSEL",7', "", b"\nmore")
    assert at_dialogue.fields('0,0,"TELKOMSEL",7') == ["0", "0", "TELKOMSEL", "7"]


def test_without_its_echo():
    assert said("AT", b"\r\nOK\r\n")[0] == OK


def test_errors_in_their_words():
    assert ended("AT+X", b"AT+X\r\r\nERROR\r\n") == (ERROR, "ERROR")
    assert ended("AT+CPIN?", b"\r\n+CME ERROR: SIM not inserted\r\n", "+CPIN:") == (
        ERROR,
        "+CME ERROR: SIM not inserted",
    )
    assert said("AT+CMGS", b"\r\n+CMS ERROR: 310\r\n")[0] == ERROR
    assert ended("AT", b"\r\nPOWER DOWN\r\n") == (ERROR, "POWER DOWN")


def test_messages_in_the_middle():
    content = b"AT+CSQ\r\r\n+CREG: 1\r\n\r\nSMS READY\r\n\r\n+CSQ: 20,99\r\n\r\nPB DONE\r\n\r\nOK\r\n"
    assert said("AT+CSQ", content, "+CSQ:")[:2] == (OK, "20,99")


def test_an_ok_of_an_earlier_command_is_passed_over():
    assert said("AT+CSQ", b"\r\nOK\r\n\r\n+CSQ: 7,99\r\n\r\nOK\r\n", "+CSQ:")[:2] == (OK, "7,99")
    assert said("AT+CSQ", b"\r\nOK\r\n", "+CSQ:")[0] == PENDING


def test_a_model_with_and_without_its_beginning():
    for line in (b"SIMCOM_SIM7600G-H", b"+CGMM: SIMCOM_SIM7600G-H"):
        content = b"\r\nSMS DONE\r\n*X: 1\r\n+CREG: 1\r\n" + line + b"\r\nPB DONE\r\n\r\nOK\r\n"
        assert said("AT+CGMM", content, "+CGMM:", True)[:2] == (OK, "SIMCOM_SIM7600G-H")


def test_a_call():
    assert said("ATD*99#", b"\r\nCONNECT 115200\r\n~\xff}#") == (CONNECT, "", "CONNECT 115200", b"\n~\xff}#")
    for end in (b"NO CARRIER", b"BUSY", b"NO ANSWER", b"NO DIALTONE"):
        assert ended("ATD*99#", b"\r\n" + end + b"\r\n") == (NO_CARRIER, end.decode())
    # The end of the call before is no answer to another command.
    assert said("AT", b"\r\nNO CARRIER\r\n\r\nOK\r\n")[0] == OK


def test_a_modem_that_starts_anew():
    assert ended("AT+CSQ", b"\r\nRDY\r\n", "+CSQ:") == (RESTARTED, "RDY")
    assert said("AT+CSQ", b"\r\n*ATREADY: 1\r\n", "+CSQ:")[0] == RESTARTED


def test_noise_is_counted_and_does_no_harm():
    dialogue = AtDialogue()
    dialogue.ask("AT")
    noise = bytes(range(128, 256)) + b"\x00\x01\r"
    dialogue.feed(noise, len(noise))
    assert (dialogue.outcome, dialogue.noise) == (PENDING, 130)
    dialogue.feed(b"\xff\r\nOK\r\n", 7)
    assert dialogue.outcome == OK


def test_an_overlong_line():
    content = b"x" * 5000 + b"\r\nOK\r\n"
    assert said("AT", content)[0] == OK
    line = b"+CSQ: " + b"1" * 500 + b"\r\nOK\r\n"
    assert said("AT+CSQ", line, "+CSQ:")[1] == "1" * (LINE_MAX_BYTES - 6)
