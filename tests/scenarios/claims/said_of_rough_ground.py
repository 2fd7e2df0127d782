"""What the presets say whose landscapes have holes, saddles and plains."""

from __future__ import annotations

import numpy as np

from engine import probes
from engine.probes.gradients import example_gradients
from tests.scenarios.claims.claimed_runs import at, earns, file, pressed, score, stands, stars, trained
from tests.scenarios.claims.said import exactly, number, press, says, titled, true


def potholes(steps, *changes, seed=0):
    return trained("potholes", steps, *changes, seed=seed)


def way_out(rate, seed, **knobs):
    """How far the ball comes from where it was in its hole, in 800 steps at this rate; holes are 1 apart."""
    weights = potholes(1000, *at(0, **knobs), *at(200, learning_rate=rate), seed=seed).weights[200:]
    return abs(weights - weights[0]).max()


def hole(probe):
    here = potholes(300)
    return probe(here)


POTHOLES = (
    titled("Potholes"),
    says(
        "A wide bowl full of small holes: little steps end in the first one.",
        number(
            "way from the place of step 100 to that of step 1,000",
            lambda s: np.linalg.norm(np.diff(potholes(1000, seed=s).weights[[100, 1000]], axis=0)),
            0,
            0.1,
        ),
    ),
    says(
        "Seen from afar this is a bowl with its best place at the origin.",
        true("the lowest minimum", lambda: not potholes(0).minimum.any()),
    ),
    says(
        "From close by it is full of potholes, and a small learning rate rolls into the first one and stays.",
        true("there are many", lambda: len(potholes(0).objective.minima) >= 9),
        number(
            "largest way from there in 10,000 steps",
            lambda s: abs(potholes(10_000, seed=s).weights[200:] - potholes(10_000, seed=s).weights[200]).max(),
            0,
            0.05,
        ),
    ),
    says(
        "It is at a minimum, but not at the best one.",
        exactly(
            "length of the gradient there",
            lambda: hole(lambda t: np.linalg.norm(t.objective.gradient(t.trainer.weights))),
            0,
            0.1,
        ),
        exactly("loss there", lambda: potholes(300).losses[-1], 0.5, 5),
        stands("potholes", 1000, "local minimum", "minimum"),
    ),
    press(
        says(
            "- `enter`, and type `learning_rate 0.4`: such steps no longer fit into a hole. They bounce out.",
            number("way from the hole at 0.4", lambda seed: way_out(0.4, seed), 0.7, np.inf),
        ),
        enter="entry",
    ),
    says(
        "- Then `learning_rate 0.02`, when the ball is over the deepest hole: slow down to arrive.",
        number(
            "stars of 0.4, and 0.02 at step 30",
            stars("potholes", *at(0, learning_rate=0.4), *at(30, learning_rate=0.02)),
            3,
            3,
        ),
    ),
    says(
        "- Smaller batches shake it a little. Is that enough?",
        number(
            "way from the hole at 0.02 with batches of 1", lambda seed: way_out(0.02, seed, batch_size=1), 0.01, 0.3
        ),
    ),
    says("searched by hand over learning rates and batch sizes", earns("potholes")),
)


def two(place, probe):
    return probe(trained("small-batch-escape", 0).objective, np.array([float(place)]))


def escape(step, batch):
    """The steps from the change of the batch size to the goal; to be asked of a seed."""
    return lambda seed: score("small-batch-escape", *at(step, batch_size=batch), seed=seed) - step


def stays(batch):
    def last(seed):
        return trained("small-batch-escape", 9000, *at(0, batch_size=batch), seed=seed).weights[-1, 0]

    return number(f"w after 9,000 steps of batches of {batch}", last, 0.9, 1.1)


def example_curvatures():
    """(2,) of the narrow and of the wide valley at 1."""
    objective, everything = trained("small-batch-escape", 0).objective, np.arange(64)
    slopes = [example_gradients(objective, np.array([w]), everything) for w in (0.999, 1.001)]
    bends = (slopes[1] - slopes[0])[:, 0] / 0.002
    return np.sort(np.unique(bends.round(6)))


NEAR = 1e-9

SMALL_BATCH_ESCAPE = (
    titled("Small-batch escape"),
    says(
        "Two minima of equal depth and curvature: full batches cannot tell them apart. Can smaller ones?",
        exactly(
            "loss at 0 and at 1",
            lambda: abs(two(0, lambda o, w: o.loss(w))) + abs(two(1, lambda o, w: o.loss(w))),
            0,
            NEAR,
        ),
        exactly(
            "difference of the curvatures", lambda: abs(two(0, probes.hessian) - two(1, probes.hessian))[0, 0], 0, NEAR
        ),
    ),
    says(
        "Two minima, at 0 and at 1, equally deep and equally curved. At 0 all examples agree.",
        true("at 0 and at 1", lambda: trained("small-batch-escape", 0).objective.minima.tolist() == [[0], [1]]),
        exactly("variance of their gradients at 0.1", lambda: two(0.1, probes.gradient_spread).value, 0, NEAR),
    ),
    says(
        "At 1 half of them want a very narrow valley and half a very wide one; only their mean looks the same.",
        exactly(
            "curvature of the narrow one over that of the wide one",
            lambda: np.divide(*example_curvatures()[::-1]),
            10,
            30,
        ),
        exactly("the mean of the two", lambda: example_curvatures().mean(), 2 - 1e-6, 2 + 1e-6),
    ),
    says(
        "The full batch sees the mean and stays at 1.",
        stands("small-batch-escape", 1000, "minimum"),
        stays(64),
    ),
    says(
        "A smaller one may have more examples of the narrow valley than of the wide one; for the narrow valley alone "
        "the learning rate of 0.7 is too large, and throws the weight out, to 0.",
        exactly("0.7 over the narrow one's limit", lambda: 0.7 / (2 / example_curvatures()[1]), 1.1, 2),
        number(
            "|w| 300 steps later",
            lambda s: abs(trained("small-batch-escape", 310, *at(10, batch_size=1), seed=s).weights[-1, 0]),
            0,
            1e-6,
        ),
    ),
    press(
        says(
            "- **←** halves the batch size. After each press wait about fifty steps: does the weight leave?",
            *(
                number(f"steps to the goal, from step {step} on", escape(step, 1), 25, 100)
                for step in (10, 60, 900, 3600)
            ),
            *(
                number(f"stars, from step {step} on", stars("small-batch-escape", *at(step, batch_size=1)), 1, 3)
                for step in (60, 3600)
            ),
        ),
        left="batch-size-down",
    ),
    says(
        "- A weight decay of 0.0001 holds the weight just below 1, where the two halves do not agree.",
        true("0.0001", lambda: file("small-batch-escape").training.weight_decay == 1e-4),
        exactly("1 − w after 1,000 steps", lambda: 1 - trained("small-batch-escape", 1000).weights[-1, 0], 1e-5, 1e-3),
    ),
    says("Wu, Ma and E, NeurIPS 2018, figure 1", earns("small-batch-escape")),
)


def saddle(steps=5000, *changes, seed=0):
    return trained("saddle", steps, *changes, seed=seed)


def pushed(seed):
    """The saddle's run with half of the data in a batch from step 20 to 300, and all of it again."""
    return saddle(400, *at(20, batch_size=128), *at(300, batch_size=256), seed=seed)


def saddle_curvatures():
    return np.diag(probes.hessian(saddle(0).objective, np.zeros(2)))


def to_the_sides():
    places = np.array([[0, side * y] for side in (-1, 1) for y in np.linspace(0.1, 1, 10)])
    return saddle(0).objective.losses(places).max()


SADDLE = (
    titled("Saddle"),
    says(
        "It goes down on both sides, but a ball exactly on the ridge does not roll there.",
        number("|y| after 5,000 steps", lambda seed: abs(saddle(seed=seed).weights[-1, 1]), 0, 0),
    ),
    says(
        "Along one axis this is a valley, along the other a ridge.",
        exactly("curvature along x", lambda: saddle_curvatures()[0], 0.1, 10),
        exactly("curvature along y", lambda: saddle_curvatures()[1], -10, -0.1),
    ),
    says(
        "Training starts exactly on top of the ridge, and with all examples in the batch the gradient never points "
        "off it:",
        number("largest |y| of 5,000 steps", lambda seed: abs(saddle(seed=seed).weights[:, 1]).max(), 0, 0),
    ),
    says(
        "the ball rolls down to the saddle and stops.",
        number(
            "distance from the saddle after 200 steps", lambda seed: abs(saddle(seed=seed).weights[200]).max(), 0, 1e-6
        ),
    ),
    says(
        "It is no minimum; the loss there is 0.25 and falls to both sides.",
        stands("saddle", 5000, "saddle"),
        exactly("loss there", lambda: saddle().losses[-1], 0.25, 0.25 + NEAR),
        exactly("highest loss 0.1 to 1 to the sides", to_the_sides, 0, 0.2499),
    ),
    press(
        says(
            "- A little push to one side is all that it takes. Which of these gives one: **↑**, **m** (momentum) or "
            "**←**?",
            number(
                "distance from |y| = 1 after 280 steps of half the data",
                lambda s: abs(abs(pushed(s).weights[300, 1]) - 1),
                0,
                0.1,
            ),
        ),
        up="learning-rate-up",
        m="momentum-up",
        left="batch-size-down",
    ),
    says(
        "- Take the change back afterwards, to come to rest in the minimum.",
        number("loss 100 steps after all the data again", lambda s: pushed(s).losses[-1], 0, 1e-6),
    ),
    says("searched by hand over learning rates and batch sizes", earns("saddle")),
)


def plateau(steps=1000, *changes):
    return trained("plateau", steps, *changes)


FAST = at(0, learning_rate=50.0)


def slope(x, y):
    return np.linalg.norm(plateau(0).objective.gradient(np.array([x, y])))


def first_steps(optimizer):
    """The way of the first ten steps, in units of plain descent's."""
    return plateau(1000, *at(0, optimizer=optimizer)).strides[:10].sum() / plateau().strides[:10].sum()


PLATEAU = (
    titled("Plateau"),
    says(
        "Almost flat, and far from the funnel: the gradient says where, but not how far.",
        exactly(
            "degrees between the gradient and the way out",
            lambda: probes.angle(plateau(0).objective.gradient(plateau(0).weights[0]), plateau(0).weights[0]),
            0,
            1e-6,
        ),
    ),
    says(
        "A plain with a funnel at the origin. Out here the slope is tiny, and steps of 0.5 times tiny take eight "
        "hundred to "
        "cross it.",
        exactly("slope at the start", lambda: slope(6.0, 4.5), 0, 0.01),
        exactly("first step with half the height left", lambda: plateau().first(0.5), 750, 899),
    ),
    says(
        "The funnel is more than a hundred times steeper,",
        exactly(
            "steepest slope over that at the start",
            lambda: max(slope(r, 0.0) for r in np.linspace(0.1, 2, 50)) / slope(6.0, 4.5),
            100,
            200,
        ),
    ),
    says(
        "so a learning rate that crosses the plain quickly is thrown out of the funnel again, farther than it came "
        "from.",
        exactly(
            "distance after ten steps at 50, over that at the start",
            lambda: plateau(1000, *FAST).distances[10] / 7.5,
            0,
            0.2,
        ),
        exactly(
            "distance one step later, over that at the start",
            lambda: plateau(1000, *FAST).distances[11] / 7.5,
            1.01,
            10,
        ),
    ),
    press(
        says(
            "- **↑** for the plain, and brake at the edge of the funnel: **↓** as often.",
            exactly("the rate after six presses", lambda: pressed(0.5, 6), 50, 50),
            exactly("the rate six presses below it", lambda: pressed(50.0, -6), 0.5, 0.5),
            number("stars", stars("plateau", *FAST, *at(10, learning_rate=0.5)), 3, 3, seeds=1),
        ),
        up="learning-rate-up",
        down="learning-rate-down",
    ),
    press(
        says(
            "- **o** changes the optimizer. RMSProp and Adam divide by the size of the recent gradients: on a plain "
            "that is "
            "a magnifying glass.",
            *(
                exactly(
                    f"way of ten steps of {name}, over that of plain descent",
                    lambda name=name: first_steps(name),
                    100,
                    np.inf,
                )
                for name in ("rmsprop", "adam")
            ),
        ),
        o="optimizer",
    ),
    says("searched by hand over learning rates and batch sizes", earns("plateau")),
)

SAID = {"potholes": POTHOLES, "small-batch-escape": SMALL_BATCH_ESCAPE, "saddle": SADDLE, "plateau": PLATEAU}
