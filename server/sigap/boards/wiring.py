"""What goes where on a board, as Markdown; docs/boards.md is made of this."""

from sigap.boards.chips import CHIPS
from sigap.boards.definition import Board, warnings

# Of every pin: the part, and its terminal that is wired to it.
_WIRES = {
    "gps.tx": ("GPS receiver", "RX"),
    "gps.rx": ("GPS receiver", "TX"),
    "display.sda": ("display", "SDA"),
    "display.scl": ("display", "SCL"),
    "buttons.accept": ("button accept", "to ground"),
    "buttons.decline": ("button decline", "to ground"),
    "buttons.on_scene": ("button on scene", "to ground"),
    "buttons.clear": ("button clear", "to ground"),
    "buzzer.pin": ("buzzer (passive)", "+"),
    "ignition.pin": ("ignition", "by a divider or optocoupler"),
    "hold.pin": ("power supply", "hold"),
}
_ON_BOARD = "on the board"


def page(board: Board) -> str:
    """The board's facts, its wiring and what to mind."""
    chip = CHIPS[board.chip]
    facts = f"{board.module}, {board.flash_mb} MB flash, {board.psram_mb or 'no'} MB PSRAM".replace("no MB", "no")
    lines = [
        board.summary,
        "",
        f"{facts}; official build `{board.image}`, written to {chip.flash_offset:#x}.",
        "",
        "| Part | Terminal | GPIO |",
        "|---|---|---|",
    ]
    lines += [f"| {part} | {terminal} | {pin} |" for part, terminal, pin in _rows(board)]
    minded = warnings(board)
    if minded:
        lines += ["", *(f"- {warning}." for warning in minded)]
    return "\n".join([*lines, "", "Sources: " + ", ".join(f"<{source}>" for source in board.sources), ""])


def _rows(board: Board) -> list[tuple[str, str, int]]:
    rows = []
    for name, (part, terminal) in _WIRES.items():
        section, _, key = name.partition(".")
        given = getattr(board, section)
        if given is not None:
            rows.append((part, terminal, getattr(given, key)))
    if board.supply:
        ratio = f"{board.supply.upper_ohm // 1000} kΩ to it, {board.supply.lower_ohm / 1000:g} kΩ to ground"
        rows.append(("car's supply, fused", ratio, board.supply.pin))
    if board.modem:
        modem = board.modem
        wires = {"RX": modem.tx, "TX": modem.rx, "PWRKEY": modem.power_key, "power": modem.power, "RESET": modem.reset}
        rows += [(f"modem ({_ON_BOARD})", wire, pin) for wire, pin in wires.items() if pin is not None]
    return rows
