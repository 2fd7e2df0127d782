"""The command `descend`, and `python -m descend`.

The packages are called engine, scenarios and tui, as other people's are. This file's name is the program's own, so
that it is found whatever else is on the path; the packages are those that lie beside it.
"""

import os.path
import sys


def main() -> int:
    """Carry out the process's command line, and return the exit code."""
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120 (pathlib takes its time)
    from tui.safe_path import secure

    del sys.path[0]  # what else there is of tui is found through it
    secure()
    from tui.cli import main

    return main()


if __name__ == "__main__":
    sys.exit(main())
