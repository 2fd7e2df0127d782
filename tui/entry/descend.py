"""The command `descend`, and `python -m descend`.

The packages are called engine, scenarios and tui, as other people's are. This module's name is the program's own, so
that it is found whatever else is on the path: an installed wheel has it beside the packages, an editable install has
this folder on the path (pyproject.toml). It makes sure that the packages are those that belong to it.
"""

import os.path
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 (pathlib takes its time)
_SOURCE_TREE = os.path.dirname(os.path.dirname(_HERE))  # noqa: PTH120
_HOME = _SOURCE_TREE if os.path.basename(_HERE) == "entry" else _HERE  # noqa: PTH119


def main() -> int:
    """Carry out the process's command line, and return the exit code."""
    sys.path.insert(0, _HOME)
    from tui.safe_path import secure

    del sys.path[0]  # what else there is of tui is found through it
    secure()
    from tui.cli.command_line import main

    return main()


if __name__ == "__main__":
    sys.exit(main())
