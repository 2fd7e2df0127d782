"""Whatever people and windows may do, at random: keys, sizes, pasted garbage."""

import random
import signal

SIZES = (range(20, 301), range(5, 101))  # columns, rows
TYPED = [chr(code) for code in range(0x21, 0x7F)]
ENDS = b"q\x03\x10\x11\x1a"  # the palette (see below), quitting (Textual's own key for it as well) and suspending
KEYS = [bytes([code]) for code in range(0x20, 0x7F) if code not in ENDS]
# Not ctrl+p: what is typed into the command palette may find the command that quits.
KEYS += [b"\r", b"\t", b"\x7f", b"\x1b", *(b"\x1b[" + end for end in (b"A", b"B", b"C", b"D", b"1;2A", b"5~"))]


def keys(generator: random.Random, count: int) -> list[bytes]:
    """Any key but those that end the program."""
    return generator.choices(KEYS, k=count)


def sizes(generator: random.Random, count: int) -> list[tuple[int, int]]:
    """From 20×5 to 300×100, both of them included."""
    found = [(generator.choice(SIZES[0]), generator.choice(SIZES[1])) for _ in range(count)]
    return [(20, 5), *found, (300, 100)]


def garbage(generator: random.Random, count: int) -> bytes:
    """Any bytes: no text, half sequences and half characters."""
    return bytes(code for code in generator.randbytes(count) if code not in ENDS)


def settle(terminal) -> None:
    """Back to the training screen at 120×40, paused, with nothing open and nothing under way."""
    terminal.press(b"\x1b[201~")  # the end of a paste, should one have begun
    terminal.resize(120, 40)
    _close_all(terminal)
    terminal.until(lambda: _stands_still(terminal) or _pauses(terminal))
    terminal.until_quiet()


def leave(terminal) -> int:
    """The exit code after quitting, however many keys the program has still to work off, and whatever they open."""
    terminal.until(lambda: terminal.process.poll() is not None or _quits(terminal))
    return terminal.wait()


def _quits(terminal) -> bool:
    _close_all(terminal)
    terminal.press(b"q")
    terminal.read_for(0.3)
    return False


def _close_all(terminal) -> None:
    for _ in range(3):  # words in a list are taken away first
        terminal.press(b"\x1b")
        terminal.read_for(0.3)  # a key that begins sequences is waited for


def _stands_still(terminal) -> bool:
    """Whether the status line says so; none is there while sizes are still worked off."""
    status = terminal.text.partition("\n")[0]
    return "step " in status and not any(word in status for word in ("steps/s", "full speed"))


def _pauses(terminal) -> bool:
    _close_all(terminal)
    terminal.press(b"s")
    terminal.read_for(0.3)
    return False


def assert_nothing_is_stale(terminal) -> None:
    """What stands on the screen is what a fresh repaint of everything brings."""
    before = cells(terminal)
    terminal.press(b"\x1a")
    terminal.wait_until_stopped()
    terminal.screen.erase_in_display(2)
    terminal.signal(signal.SIGCONT)
    terminal.until(lambda: cells(terminal) == before)


def cells(terminal) -> list[list[object]]:
    """Characters with their colours; the ink of a blank cannot be seen."""
    screen = terminal.screen
    found = [[screen.buffer[row][column] for column in range(screen.columns)] for row in range(screen.lines)]
    return [[(cell.data, cell.bg, cell.data != " " and (cell.fg, cell.bold)) for cell in row] for row in found]
