"""What the children do and say, as lines for people or for programs."""

import json
from datetime import UTC, datetime

from rich.console import Console
from rich.text import Text

from sigap.child import Event

_STYLES = {"ended": "bold red", "started": "dim", "ready": "green", "stopped": "dim", "line": ""}
_MARGIN = 8


class EventLog:
    """Prints who in the margin, then what; give it to a Supervisor as `on_event`."""

    def __init__(self, terminal: Console) -> None:
        self._terminal = terminal

    def __call__(self, event: Event) -> None:
        line = Text.assemble((f"{event.child:>{_MARGIN}} ", "cyan"), ("│ ", "dim"))
        # A child colours its own lines; its escape codes are taken for what they are, not printed.
        line.append_text(Text.from_ansi(event.text, style=_STYLES[event.kind]))
        self._terminal.print(line, soft_wrap=True)


class JsonEventLog:
    """Prints one JSON object a line: a child's own objects as they are, everything else wrapped in one."""

    def __call__(self, event: Event) -> None:
        if event.kind == "line" and event.text.startswith("{"):
            print(event.text, flush=True)
        else:
            self.tell(f"child_{event.kind}", child=event.child, text=event.text)

    def tell(self, name: str, **values: object) -> None:
        """Prints an event of our own."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        print(json.dumps({**values, "level": "info", "timestamp": now, "event": name}), flush=True)
