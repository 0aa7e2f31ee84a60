"""Runs on MicroPython: every picture of the unit's display, one JSON line each: {name, caption, display}.

The pixels come from the real framebuf and the real screen; captions are drawn with the same font.
"""

import binascii
import json

import framebuf

from sigap_tracker.officer import texts
from sigap_tracker.officer.buttons import HOLD_MS
from sigap_tracker.officer.orders import OrderBook
from sigap_tracker.officer.screen import Screen
from sigap_tracker.officer.texts import Texts
from sigap_wire.order import (
    ETA_UNKNOWN,
    KIND_DRILL,
    KIND_EMERGENCY,
    REASON_DUPLICATE,
    REASON_SUPERSEDED,
    REASON_UNANSWERED,
    REASON_UNIT_LOST,
    REASON_WITHDRAWN,
    STATE_ASSIGNED,
    STATE_CANCELLED,
    STATE_OFFERED,
    Order,
)
from sigap_wire.report import COURSE_UNKNOWN, Fix

NOW_S = 1789882530  # 2026-09-20 05:35:30 UTC
LAT_E7, LON_E7 = -69147440, 1076098110


def fix(speed_cmps=0, course_cdeg=COURSE_UNKNOWN, satellites=11):
    return Fix(NOW_S, LAT_E7, LON_E7, speed_cmps, course_cdeg, 1, satellites, 80)


DRIVING = fix(1180, 6200)
PARKED = fix()


def order(
    state=STATE_OFFERED,
    revision=1,
    north_m=-620,
    east_m=560,
    age_s=95,
    eta_s=240,
    kind=KIND_EMERGENCY,
    text="",
    reason=0,
    street="",
):
    lat_e7 = LAT_E7 + north_m * 90
    lon_e7 = LON_E7 + east_m * 90
    expiry_s = NOW_S + 30
    return Order(
        7, revision, state, 5, kind, 1, lat_e7, lon_e7, 20, NOW_S - age_s, expiry_s, eta_s, reason, text, street
    )


HOLD = "hold"


def book(*steps):
    """An order book after these orders and buttons."""
    made = OrderBook()
    for step in steps:
        if step == HOLD:
            made.hold()
        elif isinstance(step, str):
            made.press(step, NOW_S, 10)
        elif isinstance(step, int):
            made.tick(NOW_S + step, 10)
        else:
            made.receive(step, NOW_S, 10)
    return made


OFFER = order(text="Dirampok di depan minimarket, pelaku lari ke selatan")
ASSIGNED = order(STATE_ASSIGNED, 2, text="Dirampok di depan minimarket")
NEAR = order(STATE_ASSIGNED, 2, 24, -12, 310, 60, text="Dirampok di depan minimarket")
CANCELLED = order(STATE_CANCELLED, 3, text="Pelapor membatalkan: salah tekan")
STREET = order(STATE_ASSIGNED, 2, text="Dirampok", street="Jalan Profesor Doktor Sutami")


def called_off(reason):
    """The order book after that order was called off for one of REASON_…"""
    return book(OFFER, order(STATE_CANCELLED, 3, text="in English", reason=reason))


# name, caption, language, order book, fix, its age, link up, Unix time, uptime
SCENES = (
    ("idle_start", "just started", "id", book(), None, 0, False, 0, 0),
    ("idle_parked", "idle, parked", "id", book(), PARKED, 0, True, NOW_S, 0),
    ("idle_driving", "idle, driving", "id", book(), DRIVING, 0, True, NOW_S, 0),
    ("idle_no_link", "no connection", "id", book(), DRIVING, 0, False, NOW_S, 0),
    ("offer", "new order", "id", book(OFFER), DRIVING, 0, True, NOW_S, 0),
    ("offer_text", "caller's words", "id", book(OFFER), DRIVING, 0, True, NOW_S, 3),
    ("offer_parked", "parked: rose", "id", book(OFFER), PARKED, 0, True, NOW_S, 0),
    ("offer_no_gps", "order, no GPS", "id", book(OFFER), None, 0, True, NOW_S, 0),
    ("drill", "drill, far", "id", book(order(kind=KIND_DRILL, north_m=3200, east_m=-900)), DRIVING, 0, True, NOW_S, 0),
    (
        "drill_assigned",
        "drill, assigned",
        "id",
        book(order(STATE_ASSIGNED, kind=KIND_DRILL, text="Latihan bulanan")),
        DRIVING,
        0,
        True,
        NOW_S,
        3,
    ),
    ("waiting", "accepted", "id", book(OFFER, "accept"), DRIVING, 0, True, NOW_S, 0),
    ("offer_no_link", "order, no net", "id", book(OFFER), DRIVING, 0, False, NOW_S, 0),
    ("waiting_no_link", "accepted, no net", "id", book(OFFER, "accept"), DRIVING, 0, False, NOW_S, 0),
    ("assigned", "assigned", "id", book(OFFER, "accept", ASSIGNED), DRIVING, 0, True, NOW_S, 0),
    ("assigned_near", "almost there", "id", book(NEAR), DRIVING, 0, True, NOW_S, 3),
    ("assigned_no_eta", "no ETA", "id", book(order(STATE_ASSIGNED, 2, eta_s=ETA_UNKNOWN)), DRIVING, 0, True, NOW_S, 0),
    ("on_scene", "on scene", "id", book(NEAR, "on_scene"), PARKED, 0, True, NOW_S, 0),
    ("cleared", "done", "id", book(NEAR, "on_scene", "clear"), PARKED, 0, True, NOW_S, 0),
    ("cleared_no_link", "done, no net", "id", book(NEAR, "on_scene", "clear"), PARKED, 0, False, NOW_S, 0),
    ("cancelled", "cancelled", "id", book(OFFER, "accept", CANCELLED), DRIVING, 0, True, NOW_S, 0),
    ("expired", "not answered", "id", book(OFFER, 31), DRIVING, 0, True, NOW_S, 0),
    ("withdrawn", "withdrawn", "id", called_off(REASON_WITHDRAWN), DRIVING, 0, True, NOW_S, 0),
    ("superseded", "superseded", "id", called_off(REASON_SUPERSEDED), DRIVING, 0, True, NOW_S, 0),
    ("unanswered", "too late", "id", called_off(REASON_UNANSWERED), DRIVING, 0, True, NOW_S, 0),
    ("duplicate", "duplicate", "id", called_off(REASON_DUPLICATE), DRIVING, 0, True, NOW_S, 0),
    ("unit_lost", "unit lost", "id", called_off(REASON_UNIT_LOST), DRIVING, 0, True, NOW_S, 0),
    ("street", "street", "id", book(STREET), DRIVING, 0, True, NOW_S, 3),
    ("street_more", "street, page 2", "id", book(STREET), DRIVING, 0, True, NOW_S, 6),
    ("old_fix", "no GPS for 2 min", "id", book(ASSIGNED), DRIVING, 130, True, NOW_S, 0),
    ("old_fix_no_link", "nor connection", "id", book(ASSIGNED), DRIVING, 130, False, NOW_S, 0),
    ("idle_old_fix", "idle, no GPS", "id", book(), PARKED, 780, True, NOW_S, 0),
    ("sos", "own emergency", "id", book(HOLD), DRIVING, 0, True, NOW_S, 0),
    ("sos_dark", "it blinks", "id", book(HOLD), DRIVING, 0, True, NOW_S, 1),
    ("sos_no_link", "SOS, no net", "id", book(HOLD), DRIVING, 0, False, NOW_S, 0),
    ("holding", "button held", "id", book(), PARKED, 0, True, NOW_S, 0, 1200),
    ("holding_order", "held, order", "id", book(ASSIGNED), DRIVING, 0, True, NOW_S, 0, 700),
    ("holding_end", "held, SOS ends", "id", book(HOLD), DRIVING, 0, True, NOW_S, 0, 1700),
    ("en_idle", "idle, English", "en", book(), PARKED, 0, True, NOW_S, 0),
    ("en_offer", "order, English", "en", book(OFFER), DRIVING, 0, True, NOW_S, 0),
    ("en_assigned", "assigned", "en", book(OFFER, "accept", ASSIGNED), DRIVING, 0, True, NOW_S, 0),
    ("en_waiting", "accepted", "en", book(OFFER, "accept"), DRIVING, 0, True, NOW_S, 0),
    ("en_on_scene", "on scene", "en", book(NEAR, "on_scene"), PARKED, 0, True, NOW_S, 0),
    ("en_expired", "not answered", "en", book(OFFER, 31), DRIVING, 0, True, NOW_S, 0),
    ("en_cancelled", "cancelled", "en", book(OFFER, CANCELLED), DRIVING, 0, True, NOW_S, 0),
    ("en_withdrawn", "withdrawn", "en", called_off(REASON_WITHDRAWN), DRIVING, 0, True, NOW_S, 0),
    ("en_superseded", "superseded", "en", called_off(REASON_SUPERSEDED), DRIVING, 0, True, NOW_S, 0),
    ("en_unanswered", "too late", "en", called_off(REASON_UNANSWERED), DRIVING, 0, True, NOW_S, 0),
    ("en_duplicate", "duplicate", "en", called_off(REASON_DUPLICATE), DRIVING, 0, True, NOW_S, 0),
    ("en_unit_lost", "unit lost", "en", called_off(REASON_UNIT_LOST), DRIVING, 0, True, NOW_S, 0),
    ("en_old_fix", "no GPS for 2 min", "en", book(ASSIGNED), DRIVING, 130, True, NOW_S, 0),
    ("en_sos", "own emergency", "en", book(HOLD), DRIVING, 0, True, NOW_S, 0),
    ("en_holding", "button held", "en", book(), PARKED, 0, True, NOW_S, 0, 1200),
    ("en_holding_end", "held, SOS ends", "en", book(HOLD), DRIVING, 0, True, NOW_S, 0, 1700),
)


# (name, caption, language, number of the text): what the unit says of itself.
NOTICES = (
    ("ignition_off", "ignition off", "id", texts.IGNITION_OFF),
    ("low", "low battery", "id", texts.LOW),
    ("safe_mode", "safe mode", "id", texts.SAFE_MODE),
    ("en_ignition_off", "ignition off", "en", texts.IGNITION_OFF),
    ("en_low", "low battery", "en", texts.LOW),
    ("en_safe_mode", "safe mode", "en", texts.SAFE_MODE),
)


def pixels(width, height, draw, *arguments):
    """The picture that draw(canvas, …) makes."""
    content = bytearray(width * height // 8)
    draw(framebuf.FrameBuffer(content, width, height, framebuf.MONO_VLSB), *arguments)
    return binascii.b2a_base64(content).decode().strip()


def picture(canvas, language, *situation):
    """`situation` as Screen.draw() takes it, and for how long a button has been held."""
    screen = Screen(canvas, Texts(language), "MAUNG-07", 420)
    screen.draw(*situation[:6])
    if len(situation) > 6:
        screen.hold(situation[6], HOLD_MS, situation[0].emergency)


def notice(canvas, language, number):
    screen = Screen(canvas, Texts(language), "MAUNG-07", 420)
    if number == texts.SAFE_MODE:
        screen.safe_mode()
    else:
        screen.notice = number
        screen.draw(book(), PARKED, 0, True, NOW_S, 0)


def words(canvas, text):
    canvas.text(text, 64 - 4 * len(text), 0, 1)


for scene in SCENES + NOTICES:
    shown = {
        "name": scene[0],
        "caption": pixels(128, 8, words, scene[1]),
        "display": pixels(128, 64, notice if scene in NOTICES else picture, *scene[2:]),
    }
    print(json.dumps(shown))
