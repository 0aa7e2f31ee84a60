"""What the children do and say, as lines for people: who in the margin, then what."""

from rich.console import Console
from rich.text import Text

from sigap.child import Event

_STYLES = {"ended": "bold red", "started": "dim", "ready": "green", "stopped": "dim", "line": ""}
_MARGIN = 8


class EventLog:
    """Prints events on a console; give it to a Supervisor as `on_event`."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def __call__(self, event: Event) -> None:
        line = Text.assemble((f"{event.child:>{_MARGIN}} ", "cyan"), ("│ ", "dim"))
        # A child colours its own lines; its escape codes are taken for what they are, not printed.
        line.append_text(Text.from_ansi(event.text, style=_STYLES[event.kind]))
        self._console.print(line, soft_wrap=True)
