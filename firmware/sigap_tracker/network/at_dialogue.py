"""The talk with a modem by AT commands, without its serial line: bytes in, answers out.

Commands and result codes are those of ITU-T V.250 (§5.7.1, §6.3), +CME ERROR of 3GPP TS 27.007 §9.2 and +CMS ERROR of
TS 27.005 §3.2.5; what a modem says unasked in between is from the AT command manuals of SIMCom's A76XX, SIM7500/SIM7600
and SIM7000 series.
"""

LINE_MAX_BYTES = 128

# What came of a command. NO_CARRIER: a call ended, or did not come about.
PENDING, OK, ERROR, CONNECT, NO_CARRIER, RESTARTED = range(6)

_ERRORS = ("ERROR", "+CME ERROR", "+CMS ERROR", "POWER DOWN", "NORMAL POWER DOWN", "UNDER-VOLTAGE", "OVER-VOLTAGE")
_CALL_ENDS = ("NO CARRIER", "NO ANSWER", "NO DIALTONE", "BUSY")
# A modem that says one of these has just started: whatever was set in it before is gone.
_STARTS = ("RDY", "*ATREADY")
_ANNOUNCEMENTS = (" READY", " DONE", " Ready")


class AtDialogue:
    """One command at a time. `outcome` is PENDING until its final line came; then `answer` is the wanted line of
    information, and `reason` what an outcome other than OK was in the modem's words.

    noise   bytes that are not text: what another baud rate looks like
    """

    def __init__(self) -> None:
        self.outcome = OK
        self.answer = ""
        self.reason = ""
        self.noise = 0
        self._line = bytearray(LINE_MAX_BYTES)
        self._length = 0
        self._command = ""
        self._wanted = ""
        self._plain = False

    def ask(self, command: str, wanted: str = "", plain: bool = False) -> bytes:
        """The bytes of a command.

        wanted  how the line of information begins that the answer has to have, as "+CSQ:"; an OK before it belongs to
                an earlier command and is passed over
        plain   the modem may leave that beginning out, as to AT+CGMM
        """
        self.outcome = PENDING
        self.answer = self.reason = ""
        self._command = command
        self._wanted = wanted
        self._plain = plain
        return (command + "\r").encode()

    def feed(self, data: "bytes | bytearray", count: int) -> int:
        """Take bytes of data[:count] to the end of the command's final line at most; returns how many.

        What follows a CONNECT belongs to the call. Cut lines, the echo, and lines nobody asked for do no harm; of an
        overlong line its beginning counts.
        """
        line = self._line
        for at in range(count):
            byte = data[at]
            if byte == 13 or byte == 10:
                if self._length:
                    text = str(memoryview(line)[: self._length], "ascii")
                    self._length = 0
                    if self.outcome == PENDING:
                        self._take(text)
                        if self.outcome != PENDING:
                            return at + 1
            elif 32 <= byte < 127:
                if self._length < LINE_MAX_BYTES:
                    line[self._length] = byte
                    self._length += 1
            else:
                self.noise += 1
        return count

    def _take(self, line: str) -> None:
        if line == self._command:  # its echo
            return
        if line == "OK":
            if self.answer or not self._wanted:
                self.outcome = OK
        elif line.startswith(_STARTS):
            self._end(RESTARTED, line)
        elif line.startswith(_ERRORS):
            self._end(ERROR, line)
        elif line.startswith("CONNECT"):
            self._end(CONNECT, line)
        elif line.startswith(_CALL_ENDS):
            # Of an earlier call where none was dialled now.
            if self._command.startswith("ATD"):
                self._end(NO_CARRIER, line)
        elif self._wanted and line.startswith(self._wanted):
            self.answer = line[len(self._wanted) :].strip()
        elif self._plain and not self.answer and line[0] not in "+*" and not line.endswith(_ANNOUNCEMENTS):
            self.answer = line

    def _end(self, outcome: int, line: str) -> None:
        self.outcome = outcome
        self.reason = line


def fields(answer: str) -> "list[str]":
    """The values of a line of information, without their quotes: '0,1,"A1"' → 0, 1, A1."""
    return [part.strip().strip('"') for part in answer.split(",")]
