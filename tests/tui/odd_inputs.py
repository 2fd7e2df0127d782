"""Inputs that nobody means, made by seeds: scenario and key files, command lines, prompts."""

import json
import random
import tomllib
from pathlib import Path
from typing import get_args

import scenarios
from scenarios.files.data_sources import GeneratedData
from scenarios.files.landscape_forms import Landscape
from scenarios.files.objective_forms import Model
from scenarios.files.schema import Training
from tui.dashboard.commands import COMMANDS
from tui.words.assignments import KNOBS

PRESETS = sorted((Path(scenarios.__file__).parent / "presets").glob("*.toml"))
QUICK = ("line-fit", "one-weight", "moons", "ravine", "noisy-batches", "potholes", "saddle", "spirals")

NUMBERS = [
    *("0", "1", "-1", "2", "0.5", "1e9", "1e18", "1e101", "1e400", "-1e400", "nan", "inf", "-inf", "5e-324", "1e-300"),
    *("10000000", "9999999999", "9" * 25, "9" * 5000, "0x" + "f" * 5000, "1_000", "true", "-0.0", "1e", "0.1.2", "٣"),
]
TEXTS = [
    *(
        "",
        " ",
        "-",
        "--",
        "=",
        ".",
        "..",
        "/",
        "~",
        "\\",
        "'",
        '"',
        "a\nb",
        "a\tb",
        "\u202e",
        "\ufeff",
        "é",
        "日本",
        "\ud800",
    ),
    *("\x00", "\x1b]0;x\x07", "\x9b31m", "%s%n", "{0}", "[bold]", "`", "x" * 81, "x" * 5000, "x." * 2000, "a=" * 500),
    *("cosine:steps=5", "cosine:steps=0", "cosine:" + "a=1," * 500, "step:steps=1e9", "plateau:patience=" + "9" * 20),
    *("line", "network", "csv", "adam", "sgd", "full_batch", "softmax", "blobs", "bundled", "digits", "quadratic"),
    *("/etc/passwd", "../x.csv", "/dev/zero", "/dev/stdin", "/proc/self/mem", "nowhere/at/all.csv", "NUL", "CON"),
]
RAW = [
    *("[]", "{}", "[[1], 2]", "[nan]", "{ kind = 3 }", "[" * 400 + "]" * 400, "[" * 20_000, '{ a = [{ b = "c" }] }'),
    *(
        "1979-05-27",
        "07:32:00",
        '"""\nx"""',
        "'''x'''",
        "0b1",
        "1e5",
        "+1",
        "[1, 2, 3]",
        "[1000, 1000]",
        "[10000, 10000]",
    ),
    *('["a", 1]', "[5, 3, 1]", '{ kind = "cosine", steps = 5 }', '{ kind = "step", steps = 99999999999999 }', "=", ""),
]


def value(generator: random.Random) -> str:
    """A value as TOML writes it, or nearly."""
    kind = generator.random()
    if kind < 0.45:
        return generator.choice(NUMBERS)
    if kind < 0.75:
        return json.dumps(generator.choice(TEXTS), ensure_ascii=generator.random() < 0.5)
    return generator.choice(RAW)


def key(generator: random.Random) -> str:
    """A key as TOML writes it, or nearly."""
    known = ["kind", "examples", "hidden", "noise", "weights", "batch_size", "epochs", "path", "stars", "degree", "x"]
    odd = ['"a`b"', '"\\u001b"', "a.b", "'.'", "x" * 100, "x." * 60 + "x", "é", ""]
    return generator.choice(known if generator.random() < 0.8 else odd)


def _lines(table: dict, name: str = "") -> list[str]:
    """A preset as lines of TOML: one a key, so that they can be changed one by one."""
    plain = {name: value for name, value in table.items() if not isinstance(value, dict)}
    lines = [f"[{name}]"] if name and plain else []
    lines += [f"{key} = {_written(value)}" for key, value in plain.items()]
    for key, value in table.items():
        if isinstance(value, dict):
            lines += _lines(value, f"{name}.{key}".lstrip("."))
    return lines


def _written(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_written(part)}" for key, part in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_written, value)) + "]"
    return json.dumps(value) if isinstance(value, str | bool) else repr(value)


def mutated_bytes(generator: random.Random, content: bytes) -> bytes:
    """With some bytes changed, added, left out, doubled, or taken from elsewhere."""
    data = bytearray(content)
    for _ in range(generator.choice([1, 1, 2, 5, 30])):
        place, other = (generator.randrange(len(data) + 1) for _ in range(2))
        match generator.randrange(6):
            case 0:
                data[place : place + 1] = bytes([generator.randrange(256)])
            case 1:
                data[place:place] = generator.randbytes(generator.choice([1, 3, 50]))
            case 2:
                del data[place : place + generator.choice([1, 5, 200])]
            case 3:
                data[place:place] = data[other : other + 100]
            case 4:
                data[place:place] = generator.choice(
                    [b'"', b"'", b"[", b"]", b"{", b"\n", b"=", b"\xef\xbb\xbf", b"\0"]
                )
            case _:
                data[place:] = b"" if generator.random() < 0.2 else data[place:]
    return bytes(data)


_EXTREME = ["1", "2", "3", "1e-99", "1e-12", "1e12", "1e99", "1e100", "0.5", "0.25", "0.9999", "300", "0", "-1e100"]
_KINDS = {
    "data": get_args(GeneratedData),
    "objective": (*get_args(Model), *get_args(Landscape)),
    "training": (Training,),
}
_RIGHT = {
    "hidden": ["[]", "[1]", "[3, 2]", "[20]"], "activation": ['"relu"', '"gelu"', '"linear"'], "stratify": ["false"],
    "loss": ['"mae"', '"huber"', '"mse"', '"binary_cross_entropy"'], "initialisation": ['"zeros"', '"normal"', '"he"'],
    "precision": ['"float32"'], "bias": ["false"], "standardise": ["true", "false"], "examples": ["1", "2", "7", "300"],
    "optimizer": ['"adam"', '"adamw"', '"rmsprop"', '"adagrad"', '"nesterov"'], "seed": ["0", str(2**63 - 1)],
    "sampling": ['"full_batch"', '"with_replacement"', '"shuffled_once"'], "epochs": ["1", "1000000000000"],
    "schedule": ['{ kind = "plateau", patience = 0 }', '{ kind = "one_cycle", steps = 3, rise = 0.9 }'],
    "degree": ["1", "9", "30"], "classes": ["2", "3", "10"], "features": ["2", "50", "1000"], "dimensions": ["1", "2"],
    "eigenvalues": ["[1.0]", "[1e100, -1e100]", "[1e-99, 0]"], "batch_size": ["1", "7", "1000000000000"],
}  # fmt: skip
_DATA = ("line", "sine", "chebyshev", "moons", "circles", "xor", "spirals", "blobs")
_SURFACES = ("quadratic", "ravine", "saddle", "plateau", "potholes", "himmelblau", "hyperbola", "two_minima")


def _keys(table: str, kind: str) -> list[str]:
    """Those that the kind has and that have a default."""
    (form,) = [form for form in _KINDS[table] if form.__struct_config__.tag == (kind or None)]
    return [name for name in form.__struct_fields__ if name not in ("learning_rate", "batch_size", "weights")]


def new_scenario(generator: random.Random) -> bytes:
    """A small scenario with extreme values, many of which are allowed."""

    def table(name: str, kind: str, most: int) -> list[str]:
        keys = generator.sample(_keys(name, kind), min(len(_keys(name, kind)), generator.randrange(most)))
        right = [f"{key} = {generator.choice(_RIGHT.get(key, _EXTREME))}" for key in keys]
        return [f"[{name}]", *([f'kind = "{kind}"'] if kind else []), *right]

    if generator.random() < 0.3:
        tables = table("objective", generator.choice(_SURFACES), 3)
        weights = [f"weights = [{', '.join(generator.choice(_EXTREME) for _ in range(generator.choice([1, 2, 2])))}]"]
    else:
        data = generator.choice(_DATA)
        regression = data in ("line", "sine", "chebyshev")
        models = ("least_squares", "polynomial", "network") if regression else ("logistic", "softmax", "network")
        tables = table("data", data, 3) + table("objective", generator.choice(models), 3)
        weights = []
    rate, batch = generator.choice(_EXTREME), generator.choice(["1", "2", "32", "1000000000000"])
    knobs = [*table("training", "", 3), f"learning_rate = {rate}", f"batch_size = {batch}", *weights]
    lines = ['title = "T"', 'summary = "S"', 'briefing = "B"', *tables, *knobs]
    if generator.random() < 0.3:
        lines += ["[goal]", 'measure = "steps"', f"stars = [{generator.choice(_EXTREME)}, 3, 1]", "[goal.target]"]
        lines += [
            f"training_loss = {generator.choice(_EXTREME)}",
            f"hold_steps = {generator.choice(['0', '9', '1000000'])}",
        ]
    return "\n".join(lines).encode()


def scenario_file(generator: random.Random) -> bytes:
    """A preset of which some keys, tables or bytes are other ones, or a new scenario of extremes."""
    if generator.random() < 0.4:
        return new_scenario(generator)
    text = generator.choice(PRESETS).read_text(encoding="utf-8")
    if generator.random() < 0.3:
        return mutated_bytes(generator, text.encode())
    lines = _lines(tomllib.loads(text))
    for _ in range(generator.choice([1, 1, 1, 2, 4])):
        place = generator.randrange(len(lines))
        name, equals, _ = lines[place].partition(" = ")
        match generator.randrange(6):
            case 0 | 1 if equals:
                lines[place] = f"{name} = {value(generator)}"
            case 2 if equals:
                lines[place] = f"{name} = {generator.choice(_RIGHT.get(name, _EXTREME))}"
            case 3:
                del lines[place]
            case 4:
                lines.insert(place, f"{key(generator)} = {value(generator)}")
            case _:
                lines.insert(generator.randrange(len(lines) + 1), lines[place])
        lines = lines or ["x = 1"]
    content = "\n".join(lines).encode("utf-8", "surrogatepass")
    return mutated_bytes(generator, content) if generator.random() < 0.1 else content


def keys_file(generator: random.Random) -> bytes:
    """A keys.toml, or nearly."""
    names = [*COMMANDS, "paus", "", "x" * 90, "a.b", '"\\u001b"']
    keys = ["f5", "x", "ctrl+a", "shift+a", "Space", "ctrl+", "+", "ctrl+ctrl+x", "up,down", "é", "escape", "ctrl+p"]
    lines = ["[keys]"]
    for _ in range(generator.choice([1, 2, 6, 40])):
        word = json.dumps(generator.choice(keys if generator.random() < 0.7 else TEXTS))
        many = f"[{', '.join([word] * generator.choice([1, 2]))}]"
        shown = generator.choice([word, word, many, value(generator)])
        lines.append(f"{generator.choice(names)} = {shown}")
    content = "\n".join(lines).encode("utf-8", "surrogatepass")
    return mutated_bytes(generator, content) if generator.random() < 0.3 else content


def _word(generator: random.Random) -> str:
    return generator.choice(NUMBERS if generator.random() < 0.5 else TEXTS)


def command_line(generator: random.Random) -> list[str]:  # noqa: C901  # a list of cases
    """Arguments, of which some are right; what is trained, is trained for few steps."""
    command = generator.choice([*["train"] * 8, *["export"] * 3, "scenarios", "keys", "", "trian"])
    words = [command] if command else []
    if command not in ("scenarios", "keys"):
        words.append(generator.choice(QUICK) if generator.random() < 0.9 else _word(generator))
    good = {"learning_rate": "0.1", "batch_size": "8", "momentum": "0.5", "optimizer": "adam", "sampling": "full_batch"}
    for _ in range(generator.randrange(5)):
        knob = generator.choice(list(KNOBS))
        right = good.get(knob, "0.01") if generator.random() < 0.7 else _word(generator)
        if knob == "schedule" and right == "0.01":
            right = generator.choice(["cosine:steps=5", "step:steps=1", "plateau", "one_cycle:steps=1000000000000"])
        match generator.choice([0] * 30 + [3] * 5 + [4] * 8 + [5, 6, 6, 6, 7, 8]):
            case 0:
                words += [f"--{knob.replace('_', '-')}", right]
            case 3:
                words.append(f"--{knob.replace('_', '-')}={right}")
            case 4:
                step = generator.choice(["0", "1", "2", _word(generator)])
                words += ["--at", step, generator.choice([f"{knob}={right}", knob, _word(generator)])]
            case 5:
                words += [generator.choice(["--seed", "--target", "--theme", "--colors", "--to"]), _word(generator)]
            case 6:
                words += [generator.choice(["--csv", "--output", "--new"]), generator.choice(["out", _word(generator)])]
            case 7:
                words.append(
                    generator.choice(["--json", "--ascii", "--version", "--allow-outside", "--jsn", "-x", "--"])
                )
            case _:
                words.insert(generator.randrange(len(words) + 1), _word(generator))
    if command == "export":
        words += ["--to", generator.choice(["pytorch", "keras", "csv", "csv", "jax"])]
    if command in ("train", "export"):
        words += generator.choice([["--steps", "3"], ["--steps", "3"], ["--steps", "0"], ["--epochs", "0"]])
        if generator.random() < 0.1:
            words += ["--steps", generator.choice(["1e18", "-1", "9" * 20, "9" * 5000, "x" * 100])]
    return words


def prompt(generator: random.Random) -> str:
    """A line for the prompt."""
    name = generator.choice([*KNOBS, "lr", "batch", "speed", "spee", "", _word(generator)])
    return generator.choice([f"{name} {_word(generator)}", f"{name}={_word(generator)}", _word(generator), name])
