"""The guardian's own process: what it is told, and what it loads."""

import pty
import subprocess
import sys
import termios
import tty

from tui.terminal.ending import guardian


def test_the_modes_come_over_as_they_are():
    _, terminal = pty.openpty()
    for change in (lambda: None, lambda: tty.setraw(terminal)):  # raw, two of the characters are numbers
        change()
        modes = termios.tcgetattr(terminal)
        assert guardian._unpacked(guardian._packed(modes)) == modes


def test_it_loads_little():
    program = f"import sys\nexec(open({guardian.__file__!r}).read(), {{'__name__': 'guardian'}})\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=True)
    assert not set(done.stdout.split()) & {"ast", "contextlib", "enum", "re", "subprocess", "typing"}
