"""Every scenario as a lesson: `python tests/benchmarks/lessons.py [--seeds N] [--no-claims] [PRESET …]`.

Prints a line for each: the least stars of its reference and the most without changing anything, over the seeds; the
stars of who sets what its hints tell; the computed answer to its question, and whether it is the one of the table in
tests/scenarios/claims; how many of its claims are true. Faults follow, marked with ✗. Exits with 1 where there are any.
"""

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import scenarios
from scenarios.courses.checking import check, in_words
from tests.scenarios.claims.every_line import SAID
from tests.scenarios.claims.said import Outcome, outcome
from tests.scenarios.claims.said_of_questions import ASKED, answers


def _claims(name: str, seeds: int) -> list[Outcome]:
    """What was measured of its sentences, and of the answer to its question and the reason."""
    measures = [measure for line in SAID[name] for measure in line.measures]
    measures += [answers(name, ASKED[name]), *ASKED[name].reasons]
    return [outcome(measure, range(seeds)) for measure in measures]


def main() -> None:
    """Print the table of the presets that are named, or of all."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("presets", nargs="*", metavar="PRESET", help="all without any")
    parser.add_argument("--seeds", type=int, default=10, help="how many, from each scenario's own on; 10 without it")
    parser.add_argument("--no-claims", action="store_true", help="leave out what takes longest")
    options = parser.parse_args()
    begun, failed, names = time.perf_counter(), 0, options.presets or scenarios.preset_names()
    for name in names:
        checked = check(scenarios.load(name), seeds=options.seeds)
        faults = list(checked.faults)
        line = f"{name:20}{in_words(checked)}"
        if not options.no_claims:
            results = _claims(name, options.seeds)
            faults += [str(result) for result in results if not result.holds]
            line += f", {sum(result.holds for result in results)} of {len(results)} claims true"
        failed += bool(faults)
        print(line, *(f"    ✗ {fault}" for fault in faults), sep="\n", flush=True)
    print(f"\n{len(names)} scenarios, {options.seeds} seeds, {failed} with faults; {time.perf_counter() - begun:.0f} s")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
