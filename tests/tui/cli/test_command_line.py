import csv
import hashlib
import json
import math
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import scenarios
from engine import probes
from engine.serving.display import Display
from engine.training.knobs import Knobs
from engine.training.schedules import Cosine, StepDecay
from tui.cli.command_line import main
from tui.cli.training.train_command import interruptible


def train(capsys, *arguments):
    """The JSON object of `descend train … --json`."""
    assert main(["train", *map(str, arguments), "--json"]) == 0
    out, err = capsys.readouterr()
    assert err == ""  # not a terminal: no progress bar
    return json.loads(out)


def read_csv(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def descend(*arguments, **options):
    """`descend` in a process of its own."""
    return subprocess.run([sys.executable, "-m", "tui", *arguments], text=True, timeout=60, **options)


def test_same_seed_gives_same_bits_and_another_seed_others(capsys):
    first = train(capsys, "line-fit", "--steps", 200)
    assert train(capsys, "line-fit", "--steps", 200) == first
    assert train(capsys, "line-fit", "--steps", 200, "--seed", 1)["weights_sha256"] != first["weights_sha256"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("--optimizer adam --momentum 0.9", "not with adam"),
        ("--optimizer rmsprop --at 3 momentum=0.9", "not with rmsprop"),
        ("--optimizer adam --momentum 0.9 --at 3 optimizer=sgd", ""),
        ("--momentum 0.9", ""),
        ("--optimizer adam", ""),
    ],
)
def test_a_momentum_that_never_acts_is_told(capsys, options, told):
    assert main(["train", "line-fit", "--steps", "5", *options.split()]) == 0
    err = capsys.readouterr().err
    assert err == (f"descend: momentum acts with sgd and nesterov, {told}\n" if told else "")


def test_report_holds_exactly_the_agreed_keys(capsys):
    report = train(capsys, "line-fit", "--steps", 200)
    keys = (
        "scenario, seed, steps, epochs, examples, status, detail, learning_rate, batch_size, optimizer, loss, "
        "validation_loss, "
        "rmse, r_squared, accuracy, validation_rmse, validation_r_squared, validation_accuracy, "
        "gradient_norm, weights, weights_sha256, sharpness, largest_stable_learning_rate, full_batch_limit, "
        "minibatch_limit, noise_floor, noise_floor_kind, noise_floor_error, goal, "
        "command, content, knobs, changes, reference, verdict"
    )
    assert ", ".join(report) == keys
    assert (report["steps"], report["epochs"], report["examples"]) == (200, 25.0, 6400)
    assert report["validation_loss"] is None


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("line-fit", "--steps 9", "0.9205 for batches of 32 (0.9766 on all the data)"),
        ("moons", "--steps 9", "on all the data; for batches of 16 it may be lower"),
        ("moons", "--steps 9 --batch-size 210", "so the largest stable learning rate is"),
    ],
)
def test_the_limit_is_told_with_the_batches_that_it_is_of(capsys, name, options, words):
    assert main(["train", name, *options.split()]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert words in text
    assert ("may be lower" in text) == ("may be lower" in words)


def test_losses_are_also_told_in_figures_that_models_are_compared_by(capsys):
    regression = train(capsys, "fuel-economy", "--steps", 50)
    run = scenarios.load("fuel-economy").run()
    run.advance(50)
    model, held_out = run.trainer.objective, run.validation
    error = model.predict(run.trainer.weights, held_out.inputs) - held_out.targets
    assert regression["validation_rmse"] == pytest.approx(np.sqrt(np.mean(error**2)), rel=1e-12)
    assert regression["validation_r_squared"] == pytest.approx(
        1 - np.mean(error**2) / held_out.targets.var(), rel=1e-12
    )
    assert regression["accuracy"] is None
    classes = train(capsys, "tumours", "--steps", 50)
    assert 0.9 < classes["accuracy"] <= 1
    assert classes["rmse"] is classes["r_squared"] is None
    assert train(capsys, "ravine", "--steps", 5)["rmse"] is None
    assert main(["train", "tumours", "--steps", "50"]) == 0
    assert f"(accuracy {100 * classes['validation_accuracy']:.4g} %)" in capsys.readouterr().out


def test_report_agrees_with_the_python_interface(capsys):
    report = train(capsys, "line-fit", "--steps", 50, "--batch-size", 8, "--momentum", 0.5, "--learning-rate", 0.02)
    trainer = scenarios.load("line-fit").trainer(batch_size=8, momentum=0.5, learning_rate=0.02)
    trainer.run(50)
    assert report["weights"] == trainer.weights.tolist()
    assert report["weights_sha256"] == hashlib.sha256(trainer.weights.astype("<f8").tobytes()).hexdigest()
    assert report["loss"] == trainer.loss()
    # The Hessian is 2/N XᵀX with a column of ones for the intercept; heavy ball's limit is 2(1 + β)/λmax.
    design = np.column_stack([trainer.objective.inputs, np.ones(256)])
    sharpness = np.linalg.eigvalsh(2 / 256 * design.T @ design)[-1]
    assert report["sharpness"] == pytest.approx(sharpness, rel=1e-12)
    assert report["full_batch_limit"] == pytest.approx(3 / sharpness, rel=1e-12)
    minibatch = probes.Quadratic.of(trainer.objective).largest_stable_learning_rate(trainer.knobs).value
    assert report["largest_stable_learning_rate"] == report["minibatch_limit"] == minibatch < 3 / sharpness


@pytest.mark.parametrize("batch_size", [2, 256])
def test_the_limit_is_the_one_that_binds_on_the_screen_as_in_the_report(capsys, batch_size):
    report = train(capsys, "line-fit", "--steps", 50, "--batch-size", batch_size)
    assert main(["train", "line-fit", "--steps", "50", "--batch-size", str(batch_size)]) == 0
    words = " ".join(capsys.readouterr().out.split())
    run = scenarios.load("line-fit").run(knobs=Knobs(batch_size=batch_size))
    run.advance(50)
    shown = Display().instruments(run).read(fresh=True).limit
    assert report["largest_stable_learning_rate"] == pytest.approx(shown.value, rel=1e-9)
    assert report["largest_stable_learning_rate"] == min(report["full_batch_limit"], report["minibatch_limit"])
    assert shown.minibatch_binds == (batch_size == 2) == (f"for batches of {batch_size} (" in words)


def test_all_knobs_can_be_set_and_changed(capsys):
    report = train(
        capsys, "line-fit", "--steps", 90, "--optimizer", "adam", "--schedule", "cosine:steps=200,floor=0.1",
        "--weight-decay", 0.01, "--gradient-clip", 5, "--sampling", "with_replacement",
        "--at", 40, "optimizer=rmsprop", "--at", 50, "schedule=step:steps=20,factor=0.5",
        "--at", 60, "weight_decay=0.1", "--at", 60, "gradient_clip=inf", "--at", 70, "sampling=full_batch",
    )  # fmt: skip
    trainer = scenarios.load("line-fit").trainer(
        optimizer="adam", schedule=Cosine(200, 0.1), weight_decay=0.01, gradient_clip=5, sampling="with_replacement"
    )
    trainer.run(40)
    trainer.optimizer = "rmsprop"
    trainer.run(10)
    trainer.schedule = StepDecay(20, 0.5)
    trainer.run(10)
    trainer.weight_decay, trainer.gradient_clip = 0.1, math.inf
    trainer.run(10)
    trainer.sampling = "full_batch"
    trainer.run(20)
    assert report["weights"] == trainer.weights.tolist()
    assert report["optimizer"] == "rmsprop"  # as it stands at the end
    # That of the next step, number 90: the second schedule's third stair, below what the first had come to.
    began = 0.05 * Cosine(200, 0.1).at(50)
    assert report["learning_rate"] == trainer.learning_rate == pytest.approx(began / 4)


def test_summary_tells_the_knobs_that_were_turned(capsys):
    options = ["--optimizer", "adam", "--schedule", "cosine:steps=200", "--weight-decay", "0.01", "--at", "3"]
    assert main(["train", "line-fit", "--steps", "9", *options, "gradient_clip=2"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "batch size 32, adam, schedule cosine:steps=200, weight decay 0.01, gradient clip 2, seed 0" in said


def test_no_steps_report_the_start(capsys):
    report = train(capsys, "line-fit", "--steps", 0)
    assert (report["steps"], report["epochs"], report["weights"]) == (0, 0.0, [-1.0, -1.0])


def test_fuel_economy_reaches_the_closed_form_validation_loss(capsys):
    report = train(capsys, "fuel-economy")
    run = scenarios.load("fuel-economy").run()

    def design(objective):
        return np.column_stack([objective.inputs, np.ones(len(objective.inputs))])

    solution = np.linalg.lstsq(design(run.trainer.objective), run.trainer.objective.targets, rcond=None)[0]
    best = np.mean((design(run.validation) @ solution - run.validation.targets) ** 2)
    assert abs(report["validation_loss"] / best - 1) < 0.02


def test_epochs_count_passes_over_the_examples(capsys):
    # 256 examples in batches of 100 are three steps an epoch: 100, 100, 56.
    report = train(capsys, "line-fit", "--epochs", 4, "--batch-size", 100)
    assert (report["steps"], report["epochs"], report["examples"]) == (12, 4.0, 1024)


def test_epochs_count_through_a_change_of_batch_size(capsys):
    # 2 steps of 100; the 56 left of the epoch in batches of 20 are 3; then 13 a whole epoch.
    report = train(capsys, "line-fit", "--epochs", 2, "--batch-size", 100, "--at", 2, "batch_size=20")
    assert (report["steps"], report["epochs"]) == (2 + 3 + 13, 2.0)


def test_changes_act_as_set_knob_does(capsys):
    report = train(
        capsys, "line-fit", "--steps", 60, "--at", 40, "momentum=0.9", "--at", 17, "batch_size=3",
        "--at", 17, "learning_rate=0.2", "--at", 17, "learning_rate=0.1",
    )  # fmt: skip
    run = scenarios.load("line-fit").run()
    run.advance(17)
    run.set_knob("batch_size", 3)
    run.set_knob("learning_rate", 0.1)
    run.advance(23)
    run.set_knob("momentum", 0.9)
    run.advance(20)
    assert report["weights"] == run.trainer.weights.tolist()
    assert (report["learning_rate"], report["batch_size"]) == (0.1, 3)


def test_csv_rows_describe_the_moment_before_the_update(capsys, tmp_path):
    path = tmp_path / "steps.csv"
    train(capsys, "one-weight", "--steps", 3, "--batch-size", 64, "--csv", path)
    header = "run,step,epoch,examples,batch_loss,batch_gradient_norm,training_loss,validation_loss,learning_rate,"
    assert path.read_text().splitlines()[0] == f"{header}batch_size,optimizer,momentum,w0"
    rows = read_csv(path)
    # y = x and w = −1: the residuals are −2x, so the loss is 4 mean x² and the gradient −4 mean x².
    mean_square = np.mean(np.random.default_rng(0).standard_normal(64) ** 2)
    first, second = rows[:2]
    assert (first["step"], first["epoch"], first["examples"], first["w0"]) == ("0", "0.0", "0", "-1.0")
    assert (first["learning_rate"], first["batch_size"]) == ("0.05", "64")
    assert float(first["batch_loss"]) == pytest.approx(4 * mean_square, rel=1e-12)
    assert float(first["batch_gradient_norm"]) == pytest.approx(4 * mean_square, rel=1e-12)
    assert (second["step"], second["epoch"], second["examples"]) == ("1", "1.0", "64")
    assert float(second["w0"]) == pytest.approx(-1 + 0.05 * 4 * mean_square, rel=1e-12)


def test_csv_reads_back_exactly_and_covers_every_step_once(capsys, tmp_path):
    path = tmp_path / "steps.csv"
    steps = 5000  # several writes
    train(capsys, "line-fit", "--steps", steps, "--batch-size", 100, "--at", 1500, "batch_size=7", "--csv", path)
    rows = read_csv(path)
    run = scenarios.load("line-fit").run(knobs=scenarios.load("line-fit").trainer(batch_size=100).knobs)
    run.advance(1500)
    run.set_knob("batch_size", 7)
    run.advance(steps - 1500)
    tail = dict(zip(run.trainer.history.fields, run.trainer.history.tail(steps), strict=True))
    assert [int(row["step"]) for row in rows] == list(range(steps))
    for column in ("batch_loss", "batch_gradient_norm", "learning_rate", "batch_size", "examples", "w0", "w1"):
        np.testing.assert_array_equal([float(row[column]) for row in rows], tail[column])
    assert rows[2]["batch_size"] == "56"  # what 256 examples leave after two batches of 100


def test_csv_of_a_large_model_leaves_the_weights_out(capsys, tmp_path):
    path = tmp_path / "steps.csv"
    train(capsys, "fuel-economy", "--steps", 2, "--csv", path)
    assert path.read_text().splitlines()[0].endswith("momentum")


def test_a_diverged_run_is_a_result(capsys, tmp_path):
    path = tmp_path / "steps.csv"
    report = train(capsys, "one-weight", "--steps", 100_000, "--learning-rate", 1e300, "--csv", path)
    assert report["status"] == "diverged"
    assert report["loss"] is None
    assert report["steps"] < 100_000
    rows = read_csv(path)
    assert len(rows) == report["steps"]
    assert not math.isfinite(float(rows[-1]["batch_loss"]))  # inf and nan can be read back
    assert main(["train", "one-weight", "--steps", "9", "--learning-rate", "1e300"]) == 0
    assert "diverged" in capsys.readouterr().out


def test_summary_tells_the_same_numbers(capsys):
    report = train(capsys, "fuel-economy")
    assert main(["train", "fuel-economy"]) == 0
    out = capsys.readouterr().out
    assert "Fuel economy (fuel-economy)" in out
    assert "3,000 steps, 300 epochs, 94,200 examples" in out
    assert f"{report['validation_loss']:.6g}" in out
    assert report["weights_sha256"] in out
    assert max(map(len, out.splitlines())) <= 84


def test_a_file_is_trained_like_a_preset(capsys, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text((Path(scenarios.__file__).parent / "presets" / "line-fit.toml").read_text())
    mine, preset = train(capsys, path, "--steps", 9), train(capsys, "line-fit", "--steps", 9)
    assert mine.pop("scenario") == str(path)
    assert mine.pop("command") == f"descend {path} --steps 9"
    del preset["scenario"], preset["command"]
    assert mine == preset


def test_scenarios_are_listed_for_people_pipes_and_programs(capsys, monkeypatch):
    assert main(["scenarios"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("\t")[0] for line in lines] == scenarios.preset_names()
    assert main(["scenarios", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [preset["id"] for preset in listed] == scenarios.preset_names()
    assert listed[0]["title"] == "One weight"
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert main(["scenarios"]) == 0
    assert "what it shows" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["--help"], ["train", "--help"], ["scenarios", "-h"]])
def test_help(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 0
    assert capsys.readouterr().out.startswith("usage: descend")


def test_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == "descend 0.1.0\n"


def test_a_reader_that_goes_away_gets_no_traceback():
    for arguments in (["train", "line-fit", "--steps", "5", "--json"], ["scenarios"], ["--help"]):
        reader, writer = os.pipe()
        os.close(reader)
        with os.fdopen(writer, "wb") as broken:
            done = descend(*arguments, stdout=broken, stderr=subprocess.PIPE)
        assert (done.returncode, done.stderr) == (0, "")


def test_progress_bar_goes_to_a_terminal_only():
    controller, terminal = pty.openpty()
    done = descend("train", "line-fit", "--steps", "20000", "--json", stdout=subprocess.PIPE, stderr=terminal)
    os.close(terminal)
    shown = b""
    try:
        while chunk := os.read(controller, 65536):
            shown += chunk
    except OSError:  # Linux's way of saying that nobody writes any more
        pass
    os.close(controller)
    assert json.loads(done.stdout)["steps"] == 20000
    assert b"20000/20000" in shown
    assert b"steps/s" in shown
    assert b"loss 1" in shown


def test_ctrl_c_writes_what_there_is(tmp_path):
    path = tmp_path / "steps.csv"
    # A shell may start its background jobs with SIGINT ignored; this one shall hear it.
    code = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); import tui.cli.command_line"
    command = ["train", "line-fit", "--steps", "1000000000", "--json", "--csv", str(path)]
    process = subprocess.Popen(
        [sys.executable, "-c", f"{code}; sys.exit(tui.cli.command_line.main({command!r}))"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        deadline = time.monotonic() + 30
        while sum(part.stat().st_size for part in tmp_path.iterdir()) < 10_000:  # it is written beside its place
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 130
    report = json.loads(out)
    assert err.startswith("descend: interrupted after ")
    assert int(read_csv(path)[-1]["step"]) == report["steps"] - 1
    # No step was left half done: the same number of steps without an interruption ends in the same bits.
    trainer = scenarios.load("line-fit").trainer()
    trainer.run(report["steps"])
    assert report["weights"] == trainer.weights.tolist()


def test_second_ctrl_c_ends_at_once():
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with interruptible() as stop:
            signal.raise_signal(signal.SIGINT)
            assert stop.is_set()
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, previous)


def test_ctrl_c_before_training_exits_with_130(monkeypatch, capsys):
    def interrupt(_):
        raise KeyboardInterrupt

    monkeypatch.setattr("tui.cli.arguments.parse", interrupt)
    assert main(["train", "line-fit"]) == 130
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("scenario", "options", "kind", "words"),
    [
        ("slow-down", "", "exact", ", predicted"),
        ("line-fit", "", "estimate", ", predicted (about)"),
        ("line-fit", "--optimizer adam", "measured", ", measured on replicas"),
        ("line-fit", "--learning-rate 1.5", "estimate", "none: with these knobs the loss does not settle"),
        ("moons", "", "unknown", None),
    ],
)
def test_the_noise_floor_says_where_it_comes_from(capsys, scenario, options, kind, words):
    arguments = ["train", scenario, "--steps", "20", *options.split()]
    assert main([*arguments, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["noise_floor_kind"] == kind
    assert (report["noise_floor"] is None) == (words is None or "none" in words)
    assert (report["noise_floor_error"] > 0) == (kind == "measured")
    assert main(arguments) == 0
    lines = [line.strip() for line in capsys.readouterr().out.splitlines() if "noise floor" in line]
    assert (not lines) if words is None else lines[0].endswith(words)
