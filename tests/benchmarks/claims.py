"""Every claim of every briefing over many seeds: `python tests/benchmarks/claims.py [--seeds N] [--failed] [PRESET …]`.

Prints the table: the words, and for each measure of them in how many of the seeds it lies where they say, what it is,
its median, its range and where it has to lie. Exits with 1 where it does so in too few.
"""

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import scenarios
from tests.scenarios.claims.every_line import SAID
from tests.scenarios.claims.said import Line, outcome
from tests.scenarios.claims.said_of_questions import ASKED, answers


def _asked(name: str) -> list[Line]:
    """The question as lines: its answer, and why."""
    asked, question = ASKED[name], scenarios.load(name).file.question
    reason = Line(question.why, asked.reasons, "" if asked.reasons else "of the figures above")
    return [Line(question.text, (answers(name, asked),)), reason]


def main() -> None:
    """Print the table of the presets that are named, or of all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("presets", nargs="*", metavar="PRESET", help="all without any")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--failed", action="store_true", help="leave out what is true")
    options = parser.parse_args()
    lines = [(name, line) for name in options.presets or SAID for line in (*SAID[name], *_asked(name))]
    measures, failed, begun, latest = 0, 0, time.perf_counter(), ""
    for name, line in lines:
        if name != latest:
            print(f"\n## {name}", flush=True)
        latest = name
        results = [outcome(measure, range(options.seeds)) for measure in line.measures]
        measures, failed = measures + len(results), failed + sum(not result.holds for result in results)
        shown = [result for result in results if not (options.failed and result.holds)]
        if shown or not options.failed:
            print(line.words, *([f"({line.why})"] if line.why else shown), sep="\n    ", flush=True)
    print(f"\n{len(lines)} lines, {measures} measures, {failed} false; {time.perf_counter() - begun:.0f} s")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
