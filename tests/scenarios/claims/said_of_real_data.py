"""What the presets say that train on real data."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from engine import probes
from engine.training.schedules import Cosine
from tests.scenarios.claims.claimed_runs import at, earns, file, pressed, score, stars, trained
from tests.scenarios.claims.said import MOST, exactly, number, press, says, shows, titled, true
from tui.words.knob_steps import next_batch_size

DECAY = at(0, learning_rate=0.05, weight_decay=0.003)


def held_out(name):
    """(2,) the number of examples, and the share of them that is held out."""
    run = trained(name, 0).run
    known, kept = len(run.trainer.objective.targets), len(run.validation.targets)
    return known + kept, kept / (known + kept)


def cars(steps=3000, seed=0, **knobs):
    return trained("fuel-economy", steps, *at(0, **knobs), seed=seed)


def mean_error(seed):
    """How far the mean prediction is off after 100 steps, in units of that at the start."""
    objective, weights = cars(0).objective, cars(seed=seed).weights[[0, 100]]
    off = [(objective.inputs @ w[:-1] + w[-1] - objective.targets).mean() for w in weights]
    return abs(off[1] / off[0])


def together():
    """The least correlation among weight, power and cylinders."""
    columns = [cars(0).objective.weight_names.index(name) for name in ("weight", "horsepower", "cylinders")]
    matrix = np.corrcoef(np.asarray(cars(0).objective.inputs).T)
    return min(matrix[a, b] for a, b in combinations(columns, 2))


def narrowness():
    values = np.linalg.eigvalsh(probes.hessian(cars(0).objective, cars(0).trainer.weights))
    return values[-1] / values[0]


def still_to_go(seed):
    """The distance from the minimum, in units of its own, when the loss is first within 2 % of the lowest."""
    training = cars(seed=seed)
    return training.distances[int(training.first(1.02 * training.lowest))] / np.linalg.norm(training.minimum)


FUEL_ECONOMY = (
    titled("Fuel economy"),
    says(
        "Real data: the miles per gallon of 392 cars from eight numbers about each, a fifth held out.",
        exactly("cars", lambda: held_out("fuel-economy")[0], 392, 392),
        exactly("numbers", lambda: cars(0).objective.inputs.shape[1], 8, 8),
        exactly("share held out", lambda: held_out("fuel-economy")[1], 0.19, 0.21),
    ),
    says(
        "392 cars of 1970 to 1982. From eight numbers, among them weight, power, year and origin, the model predicts "
        "miles "
        "per gallon.",
        true(
            "they are",
            lambda: {"weight", "horsepower", "year", "europe", "japan"} < set(cars(0).objective.weight_names),
        ),
    ),
    says(
        "A fifth of the cars is held out: the **validation** loss tells how well it predicts new ones.",
        exactly("share held out", lambda: held_out("fuel-economy")[1], 0.19, 0.21),
    ),
    shows("Every dot in the data panel is a car: predicted against actual. On the diagonal the prediction is right."),
    says(
        "- The first hundred steps find the average.",
        number("error of the mean prediction, in units of that at the start", mean_error, 0, 0.05),
    ),
    says(
        "The rest takes longer: weight, power and cylinders rise and fall together, so their weights are hard to tell "
        "apart, "
        "and the loss is a long, narrow valley.",
        number(
            "steps to 1 % above the lowest loss", lambda seed: cars(seed=seed).first(1.01 * cars(0).lowest), 300, np.inf
        ),
        exactly("least correlation of the three", together, 0.8, 1),
        exactly("ratio of the largest curvature to the smallest", narrowness, 50, 500),
    ),
    press(
        says(
            "- **↑** shortens the wait, until the controls show the limit. **+** trains faster.",
            number(
                "steps to 2 % above the lowest loss, at 0.05 over 0.02",
                lambda s: (
                    cars(3000, s, learning_rate=0.05).first(1.02 * cars(0).lowest)
                    / cars(3000, s).first(1.02 * cars(0).lowest)
                ),
                0,
                0.7,
            ),
        ),
        up="learning-rate-up",
        plus="faster",
    ),
    says("searched by hand over learning rates and batch sizes", earns("fuel-economy")),
)


def digits(steps, seed=0, **knobs):
    return trained("digits", steps, *at(0, **knobs), seed=seed)


def left_behind(steps, **knobs):
    def ratio(seed):
        training, validation = digits(steps, seed, **knobs).evaluated(steps)
        return validation / training

    return ratio


DIGITS = (
    titled("Digits"),
    says(
        "Real data: 1,797 handwritten digits of 8 × 8 pixels, ten classes, a fifth held out.",
        exactly("digits", lambda: held_out("digits")[0], 1797, 1797),
        exactly("pixels", lambda: digits(0).objective.inputs.shape[1], 64, 64),
        exactly("share held out", lambda: held_out("digits")[1], 0.19, 0.21),
    ),
    says(
        "64 grey values go in, ten scores come out, through a hidden layer of 64.",
        exactly("weights", lambda: len(digits(0).trainer.weights), 64 * 65 + 10 * 65, 64 * 65 + 10 * 65),
    ),
    shows("The table shows what the network takes each digit for."),
    says(
        "With a learning rate of 0.02 it gets there, slowly.",
        number("stars of the untouched", stars("digits"), 1, 1, seeds=10, slow=True),
    ),
    press(
        says(
            "- **↑**: how much does this network allow, and how much sooner is it there?",
            exactly("the rate after three presses", lambda: pressed(0.02, 3), 0.2, 0.2),
            number(
                "epochs at 0.2 over those at 0.02",
                lambda seed: score("digits", *at(0, learning_rate=0.2), seed=seed) / score("digits", seed=seed),
                0.08,
                0.25,
                seeds=10,
                rate=MOST,
                slow=True,
            ),
        ),
        up="learning-rate-up",
    ),
    press(
        says(
            "- **←** makes more steps of an epoch; **→** steadier ones.",
            true(
                "90 steps with 16, 45 with 32",
                lambda: [digits(0, batch_size=b).trainer.steps_per_epoch for b in (16, 32)] == [90, 45],
            ),
            true("32 → 16, 64", lambda: [next_batch_size(32, way, 1438) for way in (-1, 1)] == [16, 64]),
            number(
                "spread of the batch loss with 64 over that with 32, steps 200 to 400",
                lambda seed: spread(64, seed) / spread(32, seed),
                0,
                0.95,
            ),
        ),
        left="batch-size-down",
        right="batch-size-up",
    ),
    says(
        "- Watch the **validation** loss: it is what counts, and the training loss leaves it behind.",
        number("validation over training loss after 8 epochs at 0.2", left_behind(360, learning_rate=0.2), 1.5, np.inf),
        number("the same after 32 epochs at 0.02", left_behind(1440), 1.2, np.inf, seeds=10, slow=True),
    ),
    says("searched by hand over learning rates and batch sizes", earns("digits", seeds=10)),
)


def spread(batch, seed):
    """The spread of the batch loss about its trend."""
    losses = digits(400, seed, batch_size=batch).trainer.history.tail(200)[0]
    return np.std(np.diff(losses))


def tumours(seed, *changes, steps=8000):
    return trained("tumours", steps, *changes, seed=seed)


def turn(seed):
    """The step of the lowest validation loss of 8,000, that loss, and the training loss there."""
    seen = tumours(seed).run.evaluations
    best = int(np.nanargmin(seen.validation_loss))
    return seen.steps[best], seen.validation_loss[best], seen.training_loss[best]


def climb(changes=()):
    """The last validation loss of 8,000 steps over the lowest one; to be asked of a seed."""

    def ratio(seed):
        losses = tumours(seed, *changes).run.evaluations.validation_loss
        return np.nanmean(losses[-10:]) / np.nanmin(losses)

    return ratio


def less_climb(seed):
    with_decay, without = climb(DECAY)(seed), climb(at(0, learning_rate=0.05))(seed)
    return (with_decay - 1) / (without - 1)


TUMOURS = (
    titled("Tumours"),
    says(
        "Real data: 569 tumours, 30 measurements each.",
        exactly("tumours", lambda: held_out("tumours")[0], 569, 569),
        exactly("measurements", lambda: tumours(0, steps=0).objective.inputs.shape[1], 30, 30),
    ),
    says(
        "Learned by heart within seconds. And what of new patients?",
        number(
            "training loss after 8,000 steps, eight seconds", lambda seed: tumours(seed).evaluated(8000)[0], 0, 0.003
        ),
        number("validation loss then over the lowest", climb(), 1.25, np.inf),
    ),
    says(
        "The network tells malignant from benign, and a learning rate of 0.2 learns the training data quickly.",
        number("training loss after 1,000 steps", lambda seed: tumours(seed).evaluated(1000)[0], 0, 0.05),
    ),
    says(
        "But the training loss may go on falling while the network learns only these patients, not the disease.",
        number("step of the turn; 25 make an epoch", lambda seed: turn(seed)[0], 50, 2500),
        number(
            "training loss at the end over that at the turn",
            lambda seed: tumours(seed).evaluated(8000)[0] / turn(seed)[2],
            0,
            0.1,
        ),
    ),
    says(
        "The **validation** loss tells how well it judges others: watch where it is lowest.",
        number(
            "validation over training loss at the end",
            lambda seed: np.divide(*tumours(seed).evaluated(8000)[::-1]),
            20,
            np.inf,
        ),
        number("the same at the turn", lambda seed: turn(seed)[1] / turn(seed)[2], 0.5, 4),
    ),
    press(
        says(
            "- **↓** at the right moment, hard: that stops it near the best place.",
            number("stars of 0.02 from step 300 on", stars("tumours", *at(300, learning_rate=0.02)), 3, 3),
        ),
        down="learning-rate-down",
    ),
    press(
        says(
            "- Or **↓** twice, then `enter`, and type `weight_decay 0.003`: large weights cost something then.",
            exactly("the rate after ↓ twice", lambda: pressed(0.2, -2), 0.05, 0.05),
            number("stars", stars("tumours", *DECAY), 2, 3, rate=MOST),
            number("last validation loss over the lowest", climb(DECAY), 1, 1.2, slow=True),
            number("its climb over that without the decay", less_climb, 0, 1, slow=True),
        ),
        down="learning-rate-down",
        enter="entry",
    ),
    press(shows("- **u** goes back to before the last change."), u="undo"),
    says("searched by hand over learning rates and batch sizes", earns("tumours")),
)


def budget(seed, **knobs):
    """The lowest validation loss within the budget."""
    return score("your-turn", *at(0, **knobs), seed=seed)


BEST = {"learning_rate": 0.003, "optimizer": "adam", "batch_size": 16, "weight_decay": 0.003}

YOUR_TURN = (
    titled("Your turn"),
    says(
        "Handwritten digits once more, and a budget of 10,000 examples. Everything is allowed.",
        exactly("budget", lambda: file("your-turn").goal.budget.examples, 10_000, 10_000),
    ),
    says(
        "Half of the digits are held out, and you may show the network **10,000** examples, a little more than eleven "
        "epochs "
        "of the other half.",
        exactly("share held out", lambda: held_out("your-turn")[1], 0.49, 0.51),
        exactly("epochs", lambda: 10_000 / trained("your-turn", 0).trainer.num_examples, 11, 11.3),
    ),
    says(
        "What counts is the lowest validation loss within them.",
        true("it does", lambda: file("your-turn").goal.measure == "validation_loss"),
    ),
    shows("Every knob is yours: learning rate, batch size, momentum, optimizer, schedule, weight decay."),
    says(
        "There is no best choice for everything.",
        number("stars of this reference in Line fit", stars("line-fit", *at(0, **BEST)), 0, 2),
        number("and in Brisk", stars("brisk", *at(0, **BEST)), 0, 2),
    ),
    says(
        "Some of what the other scenarios showed helps here. From the same budget, large batches make few calm steps, "
        "small ones many rough steps;",
        number(
            "lowest loss with batches of 16 over that of 64, at 0.1",
            lambda s: budget(s, batch_size=16, learning_rate=0.1) / budget(s, learning_rate=0.1),
            0,
            0.95,
            seeds=5,
            slow=True,
        ),
        number("the same at 0.02", lambda s: budget(s, batch_size=16) / budget(s), 0, 0.7, seeds=5, slow=True),
    ),
    says(
        "and 0.02 makes them short.",
        number(
            "lowest loss at 0.1 over that at 0.02",
            lambda s: budget(s, learning_rate=0.1) / budget(s),
            0,
            0.7,
            seeds=5,
            slow=True,
        ),
    ),
    says(
        "Slowing down helped where noise was what was wrong. Is it, here?",
        number(
            "lowest loss with a cosine schedule over that without, batches of 16 at 0.1",
            lambda s: (
                budget(s, batch_size=16, learning_rate=0.1, schedule=Cosine(625))
                / budget(s, batch_size=16, learning_rate=0.1)
            ),
            1,
            np.inf,
            seeds=5,
            slow=True,
        ),
    ),
    press(
        shows("- **r** as often as you like. **t** compares the runs, **x** races four at once."),
        r="again",
        t="compare",
        x="race",
    ),
    says("searched by hand over learning rates and batch sizes", earns("your-turn", seeds=10)),
)

SAID = {"fuel-economy": FUEL_ECONOMY, "digits": DIGITS, "tumours": TUMOURS, "your-turn": YOUR_TURN}
