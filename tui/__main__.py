"""`python -m tui` is `descend`."""

import sys

from tui.cli import main

if __name__ == "__main__":  # the engine process imports this file again
    sys.exit(main())
