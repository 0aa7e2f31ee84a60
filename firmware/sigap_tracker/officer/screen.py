"""The pictures on the unit's 128 × 64 display, made to be read at a glance: one big number, one arrow, two buttons."""

from array import array

import framebuf

from sigap_tracker.officer import layout, orders
from sigap_tracker.officer import texts as say
from sigap_tracker.officer.orders import OrderBook
from sigap_tracker.officer.texts import Texts
from sigap_tracker.position.geo import bearing_cdeg, compass_point, distance_m
from sigap_wire import order as wire
from sigap_wire.order import KIND_DRILL, Order
from sigap_wire.report import COURSE_UNKNOWN, Fix

FIX_FRESH_S = 10  # the age of an older position is said with what is measured from it

_WIDTH, _HEIGHT, _CHAR = 128, 64, 8
_BAR = 11  # height of the bar at the top and of the buttons at the bottom
_PAGE_S = 3  # a line of a longer text stays that long
_STEERING_CMPS = 150  # slower, the course says nothing and the arrow is drawn on a north-up rose

_ARROW_X, _ARROW_Y = 111, 26  # its middle
_ARROW = (0, -13, 10, -1, 4, -1, 4, 12, -4, 12, -4, -1, -10, -1)  # x, y of its corners, pointing up

# Sines of 16 directions, clockwise from north, × 64.
_SINES = (0, 24, 45, 59, 64, 59, 45, 24, 0, -24, -45, -59, -64, -59, -45, -24)


class Screen:
    """Draws on a canvas with the methods of framebuf.FrameBuffer."""

    def __init__(self, canvas, texts: Texts, callsign: str, utc_offset_min: int) -> None:  # type: ignore[no-untyped-def]
        self._canvas = canvas
        self._glyph = bytearray(_CHAR)
        self.notice = 0  # number of a text that the idle screen says in place of how the connection is
        self.configure(texts, callsign, utc_offset_min)

    def configure(self, texts: Texts, callsign: str, utc_offset_min: int) -> None:
        """Go on with other settings."""
        self._texts = texts
        self._callsign = callsign
        self._utc_offset_min = utc_offset_min

    def draw(
        self, book: OrderBook, fix: "Fix | None", fix_age_s: int, link_up: bool, time_s: int, uptime_s: int
    ) -> None:
        """Draw the state of things.

        fix        where the car was last known to be; None if it never was
        fix_age_s  how long ago that was
        time_s     Unix seconds, 0 if unknown
        uptime_s   turns the pages of long texts
        """
        self._canvas.fill(0)
        order, view = book.order, book.view
        # With an order on the screen, too, the two take turns.
        if book.emergency and (order is None or uptime_s // _PAGE_S % 2 == 0):
            self._emergency(link_up, uptime_s)
        elif order is None or view == orders.IDLE:
            self._idle(fix, fix_age_s, link_up, time_s)
        elif view == orders.CANCELLED:
            known = wire.REASON_NONE < order.reason <= wire.REASON_UNIT_LOST
            text = self._texts[say.WITHDRAWN + order.reason - 1] if known else order.text
            self._notice(say.CANCELLED, layout.lines(text), uptime_s)
        elif view == orders.EXPIRED:
            self._notice(say.EXPIRED, layout.lines(self._texts[say.OTHER_CAR]), uptime_s)
        elif view == orders.CLEARED:
            self._notice(say.CLEARED, [self._texts[say.REPORTING if link_up else say.NO_LINK]], uptime_s)
        else:
            self._order(view, order, fix, fix_age_s, link_up, time_s, uptime_s)

    def safe_mode(self) -> None:
        """Say that the unit does not do its work."""
        self._canvas.fill(0)
        self._notice(say.SAFE_MODE, layout.lines(self._texts[say.SAFE_TEXT]), 0)

    def hold(self, held_ms: int, whole_ms: int, emergency: bool) -> None:
        """Over the picture: a bar that grows while a button is held, and what that will do."""
        top = 34 if emergency else 39  # below what is large
        self._canvas.fill_rect(0, top, _WIDTH, _HEIGHT - top, 0)
        self._line(self._texts[say.HOLD_END if emergency else say.HOLD_BEGIN], 41, False)
        self._canvas.rect(0, 52, _WIDTH, 12, 1)
        self._canvas.fill_rect(2, 54, (_WIDTH - 4) * min(held_ms, whole_ms) // whole_ms, 8, 1)

    def _emergency(self, link_up: bool, uptime_s: int) -> None:
        """The officer's own: it blinks, and says whether anybody can hear of it, and how to end it."""
        texts = self._texts
        lit = uptime_s % 2 == 0
        self._canvas.fill_rect(0, 0, _WIDTH, 33, 1)
        if not lit:
            self._canvas.fill_rect(3, 3, _WIDTH - 6, 27, 0)
        word = texts[say.SOS]
        self._big(word, (_WIDTH + 1 - 23 * len(word)) // 2, 5, 3, 0 if lit else 1)
        self._line(texts[say.DISTRESS], 36, False)
        self._line(texts[say.REPORTING if link_up else say.NO_LINK], 46, not link_up)
        self._line(texts[say.HOLD_END], 56, False)

    def _idle(self, fix: "Fix | None", fix_age_s: int, link_up: bool, time_s: int) -> None:
        texts = self._texts
        lost = fix is not None and fix_age_s > FIX_FRESH_S
        known, fix = fix, None if lost else fix
        self._bar(self._callsign[:10], layout.clock(time_s, self._utc_offset_min))
        if fix is not None and fix.speed_cmps >= _STEERING_CMPS:
            speed = str((fix.speed_cmps * 36 + 500) // 1000)
            end = self._big(speed, 2, 15, 3)
            self._canvas.text(texts[say.KMH], end + 3, 30, 1)
            direction = self._direction(fix.course_cdeg)
            self._canvas.text(direction, _WIDTH - _CHAR * len(direction), 30, 1)
        else:
            word = texts[say.READY if fix is not None and link_up else say.NOT_READY]
            self._big(word, (_WIDTH + 1 - 23 * len(word)) // 2, 15, 3)
        if fix is None:
            text = texts[say.NO_GPS] if known is None else layout.position_age(fix_age_s, texts)
            self._line(text, 42, True)
        else:
            self._line("GPS %d %s" % (fix.satellites, texts[say.SATELLITES]), 42, False)
        line = self.notice or (say.LINK if link_up else say.NO_LINK)
        self._line(texts[line], 54, line != say.LINK)

    def _order(
        self,
        view: int,
        order: Order,
        fix: "Fix | None",
        fix_age_s: int,
        link_up: bool,
        time_s: int,
        uptime_s: int,
    ) -> None:
        texts = self._texts
        title = (say.EMERGENCY, say.ACCEPTED, say.ASSIGNED, say.ON_SCENE)[view - orders.OFFERED]
        if order.kind == KIND_DRILL:
            title = say.DRILL  # all the way, so that nobody takes it for anything else
        self._bar(texts[title], layout.age(time_s - order.pressed_time_s, texts) if time_s else "")
        warnings = [] if link_up else [texts[say.NO_LINK]]
        if fix is None:
            self._big("---", 0, 14, 3)
            self._canvas.text("GPS?", 96, 22, 1)
        else:
            lost = fix_age_s > FIX_FRESH_S
            if lost:
                warnings.append(layout.position_age(fix_age_s, texts))
            self._way(order, fix, lost)
        eta = layout.eta(order.eta_s, texts)
        pages = warnings + ([eta] if eta and view != orders.ON_SCENE else [])
        pages += layout.lines(order.street) + layout.lines(order.text)
        if pages:
            page = uptime_s // _PAGE_S % len(pages)
            if page < len(warnings):
                self._line(pages[page], 41, True)
            else:
                self._canvas.text(pages[page], 0, 41, 1)
        if view == orders.OFFERED:
            self._buttons(texts[say.ACCEPT], texts[say.DECLINE])
        elif view == orders.ASSIGNED:
            self._buttons(texts[say.ARRIVE], texts[say.CLEAR])
        elif view == orders.ON_SCENE:
            self._buttons("", texts[say.CLEAR])
        else:
            self._line(texts[say.CONFIRMING], 54, False)

    def _way(self, order: Order, fix: Fix, lost: bool) -> None:
        """Distance and arrow from the car to the place; of a car that is `lost`, from where it was, north up."""
        away_m = distance_m(fix.lat_e7, fix.lon_e7, order.lat_e7, order.lon_e7)
        bearing = bearing_cdeg(fix.lat_e7, fix.lon_e7, order.lat_e7, order.lon_e7)
        number, unit = layout.distance(away_m, self._texts[say.POINT])
        end = self._big(number, 0, 14, 3)
        self._canvas.text(unit, end + 1, 14, 1)
        self._canvas.text(self._direction(bearing), end + 1, 28, 1)
        steering = not lost and fix.course_cdeg != COURSE_UNKNOWN and fix.speed_cmps >= _STEERING_CMPS
        if not steering:
            self._canvas.ellipse(_ARROW_X, _ARROW_Y, 14, 14, 1)
            self._canvas.text(self._direction(0), _ARROW_X - 21, _ARROW_Y - 13, 1)
        self._arrow(compass_point((bearing - fix.course_cdeg if steering else bearing) % 36000))

    def _direction(self, angle_cdeg: int) -> str:
        if angle_cdeg == COURSE_UNKNOWN:
            return ""
        return self._texts[say.DIRECTIONS].split()[(angle_cdeg + 2250) // 4500 % 8]

    def _arrow(self, direction: int) -> None:
        """An arrow that points to one of 16 directions, 0 up, clockwise."""
        forward, right = _SINES[(direction + 4) % 16], _SINES[direction % 16]  # the direction's cosine and sine
        corners = array("h", _ARROW)
        for i in range(0, len(corners), 2):
            x, y = corners[i], corners[i + 1]
            corners[i] = (x * forward - y * right + 32) >> 6
            corners[i + 1] = (x * right + y * forward + 32) >> 6
        self._canvas.poly(_ARROW_X, _ARROW_Y, corners, 1, True)

    def _notice(self, title: int, pages: "list[str]", uptime_s: int) -> None:
        """A word or two, large, and up to three lines of a text below."""
        words = self._texts[title].split()
        scale = 3 if len(words) == 1 and len(words[0]) <= 5 else 2
        self._canvas.fill_rect(0, 0, _WIDTH, 33, 1)
        y = 17 - 4 * scale * len(words)
        for word in words:
            self._big(word, (_WIDTH + 1 - (8 * scale - 1) * len(word)) // 2, y, scale, 0)
            y += 8 * scale
        first = uptime_s // _PAGE_S % ((len(pages) + 2) // 3 or 1) * 3
        for i, text in enumerate(pages[first : first + 3]):
            self._line(text, 37 + 9 * i, False)

    def _bar(self, left: str, right: str) -> None:
        self._canvas.fill_rect(0, 0, _WIDTH, _BAR, 1)
        self._canvas.text(left, 2, 2, 0)
        self._canvas.text(right, _WIDTH - 1 - _CHAR * len(right), 2, 0)

    def _line(self, text: str, y: int, inverted: bool) -> None:
        if inverted:
            self._canvas.fill_rect(0, y - 1, _WIDTH, 10, 1)
        self._canvas.text(text, (_WIDTH - _CHAR * len(text)) // 2, y, 0 if inverted else 1)

    def _buttons(self, left: str, right: str) -> None:
        """What the two buttons below the display do."""
        y = _HEIGHT - _BAR
        for text, x in ((left, 0), (right, 66)):
            if text:
                self._canvas.fill_rect(x, y, 62, _BAR, 1)
                self._canvas.text(text, x + (62 - _CHAR * len(text)) // 2, y + 2, 0)

    def _big(self, text: str, x: int, y: int, scale: int, colour: int = 1) -> int:
        """Text `scale` times as large; returns the x after it."""
        glyph = framebuf.FrameBuffer(self._glyph, _CHAR, _CHAR, framebuf.MONO_VLSB)
        for at in range(len(text)):
            char = text[at : at + 1]  # MicroPython keeps for good what text[at] gives
            glyph.fill(0)
            glyph.text(char, -2 if char in ",." else 0, 0, 1)
            for column in range(_CHAR):
                bits = self._glyph[column]
                for row in range(_CHAR):
                    if bits >> row & 1:
                        self._canvas.fill_rect(x + column * scale, y + row * scale, scale, scale, colour)
            x += (4 if char in ",." else 8) * scale - 1
        return x
