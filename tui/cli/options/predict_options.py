"""The options of `descend predict`. Standard library only."""

from __future__ import annotations

from tui.cli.options.option_parser import OptionParser
from tui.home.file_names import file_name

_PREDICT = """\
Predict for the rows of a table with a model that `descend train --model FILE` wrote: a line for each row, as CSV.
A number is in the target's own units; of classes there is the likeliest, and the probability of each."""

_PREDICT_NOTES = """\
examples:
  descend train cars.csv --target price --model cars.npz
  descend predict cars.npz new-cars.csv
  descend predict cars.npz new-cars.csv --csv predictions.csv

The table has a line of names; the model's columns are found by them, in any order, and others are not looked at.
Separator, encoding and the way of writing numbers are found out as for a training. A column that is missing, a value
that is missing, a category that the training did not have and what is no number are refused, with their line.
A model file holds numbers and texts only, and nothing in it can run code.

exit codes: 0 done, 2 refused, and nothing written"""


def predict_parser() -> OptionParser:
    """The parser of `descend predict`."""
    needed = "the following arguments are required"
    plainer = {
        f"{needed}: MODEL, TABLE": "MODEL is missing; `descend train --model FILE` writes one",
        f"{needed}: TABLE": "TABLE is missing; it has the rows to predict for",
    }
    parser = OptionParser("descend predict", _PREDICT, _PREDICT_NOTES, plainer=plainer)
    parser.add_argument("model", metavar="MODEL", help="a file that `descend train --model` wrote")
    parser.add_argument("table", metavar="TABLE", help="of new rows (CSV and its like), or - for standard input")
    words = "write the predictions to this file instead of standard output"
    parser.add_argument("--csv", metavar="FILE", type=file_name("--csv"), help=words)
    words = "replace a file that is there already, as soon as all of the new one is written"
    parser.add_argument("--force", action="store_true", help=words)
    return parser
