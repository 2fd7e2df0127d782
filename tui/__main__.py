"""`python -m tui` is `descend`."""

import sys

from tui.safe_path import secure

if __name__ == "__main__":
    secure()  # before more is imported: `python -m` has the current folder searched first
    from tui.cli.command_line import main

    sys.exit(main())
