"""Options of whatever opens the dashboard: how fast it trains there, and how it looks; and whether it is recorded."""

from __future__ import annotations

from tui.cli.options.option_parser import OptionParser
from tui.painting.look import DEPTHS, THEMES
from tui.words.assignments import speed_value

AS_THE_SCENARIO = -1.0  # of --speed; None is full speed


def add_screen(parser: OptionParser) -> None:
    """Add all of them."""
    speed = "steps a second to begin with, or full (default: the scenario's)"
    parser.add_argument("--speed", metavar="N", type=speed_value("--speed"), default=AS_THE_SCENARIO, help=speed)
    add_look(parser)


def add_look(parser: OptionParser) -> None:
    """Add the options that say how a picture looks."""
    parser.add_argument("--theme", choices=THEMES, default=THEMES[0], help="colours of the screen (%(default)s)")
    colors = "how many the terminal has (auto: as TERM, COLORTERM and NO_COLOR say)"
    parser.add_argument("--colors", choices=("auto", *DEPTHS), default="auto", help=colors)
    parser.add_argument("--ascii", action="store_true", help="draw with plain characters only")


def add_no_record(parser: OptionParser) -> None:
    """Add the option that turns recording off."""
    parser.add_argument("--no-record", action="store_true", help="do not record what is trained")
