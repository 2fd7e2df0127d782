"""Whoever draws never waits for the terminal, and what is written comes in order."""

import os
import pty
import tty

import pytest

from tui.terminal.driver import UnboundedWriter
from tui.terminal.link import Link
from tui.terminal.terminal_output import Output

PIECES = [f"piece {number} ⣿ ".encode() * (1 + number % 7 * 100) for number in range(300)]


@pytest.fixture
def ends():
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    yield ours, theirs
    os.close(theirs)
    os.close(ours)


def read(ours, size):
    found = b""
    while len(found) < size:
        found += os.read(ours, 65536)
    return found


def test_whoever_writes_does_not_wait_for_a_reader_and_nothing_is_lost_or_swapped(ends):
    ours, theirs = ends
    link = Link()
    writer = UnboundedWriter(Output(theirs, link))
    writer.start()
    for piece in PIECES:
        link.sent(len(piece))
        writer.write(piece.decode())
    assert not link.ready()  # there is no room for so much
    everything = b"".join(PIECES)
    assert read(ours, len(everything)) == everything
    writer.stop()
    link.sent(3)
    assert not link.ready()


def test_what_the_terminal_takes_is_written_before_the_call_returns(ends):
    ours, theirs = ends
    link = Link()
    writer = UnboundedWriter(Output(theirs, link))  # whose thread does not run
    link.sent(5)
    writer.write("hello")
    assert link.ready()
    assert read(ours, 5) == b"hello"


def test_a_terminal_that_cannot_be_opened_anew_is_left_to_the_thread(ends, monkeypatch):
    def refused(*_):
        raise PermissionError

    ours, theirs = ends
    monkeypatch.setattr(os, "ttyname", refused)  # as under su
    writer = UnboundedWriter(Output(theirs, Link()))
    writer.write("hello")  # nobody writes it yet
    os.set_blocking(ours, False)
    with pytest.raises(BlockingIOError):
        os.read(ours, 1)
    os.set_blocking(ours, True)
    writer.start()
    assert read(ours, 5) == b"hello"
    writer.stop()


def test_a_terminal_that_has_gone_is_no_error():
    ours, theirs = pty.openpty()
    writer = UnboundedWriter(Output(theirs, Link()))
    writer.start()
    os.close(ours)
    writer.write("hello")
    writer.write("hello")
    writer.stop()
    os.close(theirs)
