"""Whatever people and windows may do, at random: keys, sizes, pasted garbage."""

import random
import signal

SIZES = (range(20, 301), range(5, 101))  # columns, rows
TYPED = [chr(code) for code in range(0x21, 0x7F)]
PALETTE = b"\x10"  # in which words may be typed that find the commands to quit and to suspend
ENDS = b"q\x03\x11\x1a" + PALETTE  # quitting (Textual's own key for it as well) and suspending
KEYS = [bytes([code]) for code in range(0x20, 0x7F) if code not in ENDS]
KEYS += [b"\r", b"\t", b"\x7f", b"\x1b"]
KEYS += [b"\x1b[" + end for end in (b"A", b"B", b"C", b"D", b"H", b"F", b"Z", b"1;2A", b"1;2B", b"5~", b"6~", b"3~")]
# As the kitty protocol reports them; none of them is q going down.
KITTY = [
    b"\x1b[1094::119u", b"\x1b[113;1:3u", b"\x1b[1;1:3A", b"\x1b[1;1:2B", b"\x1b[97:65;2u", b"\x1b[112;1:1u",
    b"\x1b[13u", b"\x1b[27u", b"\x1b[9;2u", b"\x1b[57441;2u", b"\x1b[57441;1:3u", b"\x1b[97;;229u",
    b"\x1b[::::u", b"\x1b[1114112u",
    b"\x1b[55296;5u", b"\x1b[99999999999u", b"\x1b[;;;u", b"\x1b[6;1:2~", b"\x1b[27;2;65~",
]  # fmt: skip
# What terminals answer, asked or not, whole or not.
ANSWERS = [
    b"\x1b[?1;2c", b"\x1b[0n", b"\x1b[3;4R", b"\x1b[48;0;0;0;0t", b"\x1b[48;9999;9999;9;9t", b"\x1b[?2048;1$y",
    b"\x1b[?2026;2$y", b"\x1b]11;rgb:0/0/0\x1b\\", b"\x1b]52;c;cQ==\x07", b"\x1bP1$r0m\x1b\\", b"\x1b_Gi=1;OK\x1b\\",
    b"\x1b[I", b"\x1b[O", b"\x1b[M !!", b"\x1b[<0;0;0M", b"\x1b[<0;-9;2M", b"\x1b[<99;9;9M", b"\x1bOQ", b"\x1b[1;2",
    b"\x1b]",
    b"\xff\xfe", b"\xc3", b"\xed\xa0\x80", b"\x9b1;2A",
]  # fmt: skip
PASTES = [b"0.3", b"\x1b[A\x00\x07", b"\xff\xfe\xc3(", "κόσμε 🚀".encode(), b"9" * 5000, b"\x1b[201", b""]


def keys(generator: random.Random, count: int) -> list[bytes]:
    """Any key but those that end the program."""
    return generator.choices(KEYS, k=count)


def deeds(generator: random.Random, count: int, columns: int, rows: int) -> list[bytes]:
    """Whatever people and terminals do: mostly keys, in every form, the palette's too; the mouse on a screen of that
    size and beside it; pastes, answers and garbage."""
    ways = (_key, _kitty, _mouse, _paste, _answer, _noise)
    return [way(generator, columns, rows) for way in generator.choices(ways, weights=(80, 6, 10, 1, 2, 1), k=count)]


def _key(generator: random.Random, *_: int) -> bytes:
    return generator.choice([*KEYS, PALETTE, PALETTE])


def _kitty(generator: random.Random, *_: int) -> bytes:
    return generator.choice(KITTY)


def _answer(generator: random.Random, *_: int) -> bytes:
    return generator.choice(ANSWERS)


def _paste(generator: random.Random, *_: int) -> bytes:
    return b"\x1b[200~" + generator.choice(PASTES) + b"\x1b[201~"


def _noise(generator: random.Random, *_: int) -> bytes:
    return garbage(generator, 8) + b"\x1b[201~\x1b\\"


def _mouse(generator: random.Random, columns: int, rows: int) -> bytes:
    """A click, two of them, a drag, a wheel or a move."""
    (x, y), (there, below) = ((generator.randint(1, columns + 3), generator.randint(1, rows + 3)) for _ in range(2))
    down, up = (b"\x1b[<0;%d;%d%b" % (x, y, end) for end in (b"M", b"m"))
    away = b"\x1b[<32;%d;%dM\x1b[<0;%d;%dm" % (there, below, there, below)
    turned = b"\x1b[<%d;%d;%dM" % (generator.choice((64, 65, 66, 67, 35, 68, 8, 2)), x, y)
    return generator.choice((down + up, (down + up) * 2, down + away, down, up, turned, turned * 3))


def sizes(generator: random.Random, count: int) -> list[tuple[int, int]]:
    """From 20×5 to 300×100, both of them included."""
    return [(20, 5), *(size(generator) for _ in range(count)), (300, 100)]


def size(generator: random.Random) -> tuple[int, int]:
    """One of them."""
    return generator.choice(SIZES[0]), generator.choice(SIZES[1])


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
    return cells_of(terminal.screen)


def cells_of(screen) -> list[list[object]]:
    """The same of a terminal's screen."""
    found = [[screen.buffer[row][column] for column in range(screen.columns)] for row in range(screen.lines)]
    return [[(cell.data, cell.bg, cell.data != " " and (cell.fg, cell.bold)) for cell in row] for row in found]
