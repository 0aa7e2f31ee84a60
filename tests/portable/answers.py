"""One question, one line of answer, the same on both interpreters; `interpreters.ask_both` compares them.

On MicroPython: micropython answers.py QUESTIONS.json, a list of [name of a function below, argument].
"""

import json
import sys

from sigap_tracker.network.at_dialogue import AtDialogue
from sigap_tracker.position.fix_gate import FixGate
from sigap_tracker.position.geo import bearing_cdeg, distance_cm
from sigap_tracker.position.nmea import NmeaParser
from sigap_tracker.position.policy import Policy
from sigap_tracker.update.signature import verification
from sigap_wire import cbor, ota, topics
from sigap_wire.ack import Ack
from sigap_wire.config import Config
from sigap_wire.errors import WireError
from sigap_wire.health import Health
from sigap_wire.link import Link
from sigap_wire.order import Order
from sigap_wire.report import Fix, Report
from sigap_wire.result import Result

MESSAGES = (Report, Order, Ack, Link, Health, Config, ota, Result)


def wire(text):
    """What every message makes of these bytes (hexadecimal)."""
    payload = bytes.fromhex(text)
    return "; ".join([_attempt(kind, payload) for kind in MESSAGES])


def _attempt(kind, payload):
    try:
        return kind.decode(payload).encode().hex()
    except WireError as error:
        return str(error)


def bare_cbor(text):
    """These bytes (hexadecimal) decoded and encoded again."""
    try:
        return cbor.dumps(cbor.loads(bytes.fromhex(text))).hex()
    except WireError as error:
        return str(error)


def signature(question):
    """[public key, digest, signature], each as hexadecimal."""
    return str(list(verification(*map(bytes.fromhex, question)))[-1])


def topic(name):
    try:
        return " ".join(topics.parse(name))
    except WireError as error:
        return str(error)


def nmea(question):
    """[bytes as hexadecimal, length of a chunk] through parser, gate and policy."""
    data, chunk = bytes.fromhex(question[0]), question[1]
    parser, gate, policy = NmeaParser(), FixGate(), Policy()
    said = []
    for at in range(0, len(data) + 1, chunk):
        part = bytearray(data[at : at + chunk])
        fixes = parser.feed(part, len(part)) if part else parser.flush()
        for fix in fixes:
            reason = gate.check(fix)
            said.append([fix.values(), reason, None if reason else policy.consider(fix)])
    return json.dumps([said, parser.sentences, parser.bad_checksum, parser.unparsable, parser.fixes])


def geometry(places):
    """Distance and bearing between two places."""
    return f"{distance_cm(*places)} {bearing_cdeg(*places)}"


def policy(rows):
    """Why each fix of a drive was reported: [time_s, lat_e7, lon_e7, speed_cmps, course_cdeg, hdop_centi, urgent]."""
    judge = Policy()
    return " ".join([str(judge.consider(Fix(*row[:5], hdop_centi=row[5]), bool(row[6]))) for row in rows])


def modem(question):
    """[command, wanted, bytes as hexadecimal, length of a chunk]: what an AT dialogue makes of it."""
    command, wanted, text, size = question
    content = bytes.fromhex(text)
    dialogue = AtDialogue()
    dialogue.ask(command, wanted, wanted == "+CGMM:")
    taken = 0
    while taken < len(content) and not dialogue.outcome:
        piece = content[taken : taken + size]
        taken += dialogue.feed(piece, len(piece))
    return json.dumps([dialogue.outcome, dialogue.answer, dialogue.reason, dialogue.noise, taken])


def answers(questions):
    return [globals()[name](argument) for name, argument in questions]


if __name__ == "__main__":
    with open(sys.argv[1]) as asked:
        for answer in answers(json.load(asked)):
            print(answer)
