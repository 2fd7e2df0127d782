"""Where cells are trained: in other processes they have the same bits; and what cannot be had is said in words."""

import contextlib
import socket
import threading

import pytest

import scenarios
from engine.training.knobs import Knobs
from scenarios.sweeps import sweep_work
from scenarios.sweeps.backends import DaskCluster, Here, Processes
from scenarios.sweeps.sweep_error import SweepError
from scenarios.sweeps.sweep_plan import Axis, SweepPlan
from scenarios.sweeps.sweep_work import Task, do_task, installed, packed
from scenarios.sweeps.sweeping import seconds_of, train_cells

PLAN = SweepPlan((Axis("learning_rate", (0.1, 0.2)),), Knobs(batch_size=256), (0, 1), 20)


def trained(scenario, backend):
    results = []
    train_cells(scenario, PLAN, PLAN.cells, after=results.extend, backend=backend)
    return sorted(map(repr, results))


def test_processes_come_to_the_same_bits():
    scenario = scenarios.load("line-fit")
    assert trained(scenario, Processes(2)) == trained(scenario, Here())


def test_the_data_of_a_table_travels_along(tmp_path):
    table = tmp_path / "own.csv"
    table.write_text("a,b\n" + "".join(f"{k},{2 * k + 1}\n" for k in range(40)), encoding="utf-8")
    scenario = scenarios.load(str(table))
    cargo = packed(scenario)
    table.unlink()
    [*_, cell] = PLAN.cells
    done = do_task(cargo, Task(PLAN, (cell,), installed()))
    assert done.results[0].training_loss < 1
    assert done.refusal == ""


def test_a_worker_of_another_version_refuses_in_words(monkeypatch):
    cargo = packed(scenarios.load("line-fit"))
    task = Task(PLAN, tuple(PLAN.cells), "0.0.1")
    assert "and this is 0.0.1" in do_task(cargo, task).refusal
    monkeypatch.setattr(sweep_work, "installed", lambda: "")
    assert "no descend" in do_task(cargo, task).refusal


def test_a_scheduler_that_is_not_there_is_refused():
    pytest.importorskip("distributed")
    with socket.socket() as taken:  # a port at which nobody listens
        taken.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(SweepError, match="no Dask scheduler answers"):
            trained(scenarios.load("line-fit"), DaskCluster(address, answer_seconds=0.2))


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n"], ids=["silence", "a web page"])
def test_what_answers_otherwise_than_a_scheduler_is_refused(answer):
    pytest.importorskip("distributed")
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_answer_calls, args=(server, answer), daemon=True).start()
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(SweepError, match="no Dask scheduler answers"):
            trained(scenarios.load("line-fit"), DaskCluster(address, answer_seconds=0.2))


def _answer_calls(server, answer):
    calls = []  # kept, so that they stay open
    with contextlib.suppress(OSError):  # the server is closed
        while True:
            calls.append(server.accept()[0])
            calls[-1].sendall(answer)


def test_an_address_that_is_none_is_refused():
    pytest.importorskip("distributed")
    with pytest.raises(SweepError, match="no Dask scheduler answers at 'nonsense'"):
        trained(scenarios.load("line-fit"), DaskCluster("nonsense", answer_seconds=0.2))


def test_how_long_it_takes_grows_with_the_steps():
    scenario = scenarios.load("line-fit")
    long = SweepPlan(PLAN.axes, PLAN.knobs, PLAN.seeds, 10**9)
    assert seconds_of(scenario, long, 4) > 1000 * seconds_of(scenario, PLAN, 4) > 0
