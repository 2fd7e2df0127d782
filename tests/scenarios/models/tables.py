"""A table with a category, and models that were trained on it."""

import functools
import tempfile
from pathlib import Path

import numpy as np

import scenarios

COLOURS = ("blue", "green", "red")


@functools.cache
def table(target="price"):
    """The path of a table of 120 rows: kilograms, colour, number of doors and price; the target is the last one."""
    random = np.random.default_rng(5)
    kilograms, colours = random.integers(800, 2500, 120), random.integers(0, 3, 120)
    price = 5 * kilograms + 900 * colours + random.normal(0, 50, 120)
    rows = [
        {"kg": f"{kg}.5", "colour": COLOURS[colour], "price": f"{value:.2f}"}
        | {"cheap": "yes" if value < 8000 else "no", "size": "sml"[int(kg > 1300) + int(kg > 1900)]}
        for kg, colour, value in zip(kilograms, colours, price, strict=True)
    ]
    names = ["kg", "colour", target]
    text = "\n".join([",".join(names), *(",".join(row[name] for name in names) for row in rows)])
    path = Path(tempfile.mkdtemp(dir=_folder().name)) / f"{target}.csv"
    path.write_text(text, encoding="utf-8")
    return path


@functools.cache
def _folder():
    return tempfile.TemporaryDirectory()


@functools.cache
def trained(target="price", steps=300, **options):
    """A model of that table, and its trainer."""
    scenario = scenarios.load(str(table(target)), **options)
    trainer = scenario.trainer()
    trainer.run(steps)
    return scenario.model(trainer), trainer
