"""`descend runs`, `train --resume` and plan files, as a user types them."""

import csv
import io
import json
import re
import shutil
import sqlite3
from contextlib import closing

import pytest

from scenarios.records.plan_file import read_plan
from scenarios.records.trained_by import this_process
from tui.cli.command_line import main
from tui.home.paths import records_file, settings_file


@pytest.fixture(autouse=True)
def _recorded(monkeypatch):
    monkeypatch.setenv("DESCEND_RECORD", "1")


@pytest.fixture
def run(capsys):
    """Carries out a command line; what it printed."""

    def carry_out(*words, code=0):
        assert main([str(word) for word in words]) == code, capsys.readouterr()
        return capsys.readouterr().out

    return carry_out


@pytest.fixture
def refused(capsys):
    """Carries out a command line that is refused; its words."""

    def carry_out(*words):
        assert main([str(word) for word in words]) == 2, capsys.readouterr()
        said = capsys.readouterr()
        assert not said.out
        return said.err.strip().removeprefix("descend: error: ")

    return carry_out


@pytest.fixture(scope="module")
def _trained(tmp_path_factory):
    """A store with three records, made once."""
    folder = tmp_path_factory.mktemp("trained")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DESCEND_RECORD", "1")
        patch.setenv("XDG_DATA_HOME", str(folder))
        for line in (
            "line-fit --steps 60 --seed 4 --at 20 learning_rate=0.2",
            "moons --steps 30",
            "line-fit --steps 400 --batch-size 8 --learning-rate 0.02",
        ):
            assert main(["train", *line.split()]) == 0
        return records_file()


@pytest.fixture
def three(run, _trained):
    """Three records, the latest first."""
    records_file().parent.mkdir(parents=True)
    shutil.copy(_trained, records_file())
    return json.loads(run("runs", "--json"))


KEYS = (
    "id scenario seed started seconds steps examples status training_loss validation_loss stars weights_sha256 parent"
)


def test_programs_get_the_list_as_json_and_csv_the_latest_first(run, three):
    assert set(KEYS.split()) | {"name"} <= set(three[0])
    assert [(row["scenario"], row["steps"], row["seed"]) for row in three] == [
        ("line-fit", 400, 0),
        ("moons", 30, 0),
        ("line-fit", 60, 4),
    ]
    report = json.loads(run("train", "line-fit", "--steps", 60, "--seed", 4, "--at", 20, "learning_rate=0.2", "--json"))
    assert three[2]["weights_sha256"] == report["weights_sha256"]
    assert (three[2]["training_loss"], three[2]["examples"]) == (report["loss"], report["examples"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", three[0]["started"])
    table = list(csv.DictReader(io.StringIO(run("runs", "--csv"))))
    assert [row["id"] for row in table[1:]] == [row["id"] for row in three]


def test_a_scenario_without_a_record_is_said(three, capsys):
    assert main(["runs", "--scenario", "moon.toml"]) == 0
    assert capsys.readouterr().err == "descend: no record is of a scenario 'moon.toml'; did you mean moons?\n"
    assert main(["runs", "--scenario", "moons", "--since", "2099-01-01"]) == 0
    assert not capsys.readouterr().err


def test_the_list_can_be_narrowed(run, three):
    def ids(*words):
        return [row["id"] for row in json.loads(run("runs", "--json", *words))]

    latest, moons, first = (row["id"] for row in three)
    assert ids("--scenario", "line-fit") == [latest, first]
    assert ids("--since", "1h") == [latest, moons, first]
    assert ids("--since", "2099-01-01") == []
    starred = [row["id"] for row in three if (row["stars"] or 0) >= 1]
    assert ids("--stars", 1) == starred
    assert run("runs").splitlines()[1].split("\t")[:2] == [latest, "line-fit"]


def test_a_record_is_found_by_the_beginning_of_its_id_by_its_name_and_as_the_last(run, refused, three):
    latest, moons, first = (row["id"] for row in three)
    assert json.loads(run("runs", "show", "last", "--json"))["id"] == latest
    assert json.loads(run("runs", "show", first[:5], "--json"))["id"] == first
    run("runs", "name", moons, "half moons")
    run("runs", "note", moons, "for the report")
    shown = json.loads(run("runs", "show", "half moons", "--json"))
    assert (shown["id"], shown["name"], shown["note"]) == (moons, "half moons", "for the report")
    assert "half moons" in refused("runs", "name", first, "half moons")
    assert refused("runs", "show", "nothing") == "there is no record 'nothing'; `descend runs` lists them"
    run("runs", "name", moons, "")
    assert json.loads(run("runs", "show", moons, "--json"))["name"] is None


def test_people_see_what_was_trained_and_compare_it(run, three):
    latest, _, first = (row["id"] for row in three)
    shown = run("runs", "show", first)
    assert "before step 20: learning rate 0.05 → 0.2" in shown
    assert three[2]["weights_sha256"] in shown
    compared = dict(line.split("\t", 1) for line in run("runs", "compare", latest, first).splitlines())
    assert compared["record"] == f"{latest}\t{first}"
    assert compared["knobs"].split("\t")[0] == "learning rate 0.02, batch size 8"


def test_a_training_goes_on_where_it_ended(run, refused, three):
    first = three[2]["id"]
    report = json.loads(run("train", "--resume", first, "--steps", 40, "--at", 80, "batch_size=4", "--json"))
    changes = ("--at", 20, "learning_rate=0.2", "--at", 80, "batch_size=4")
    whole = json.loads(run("train", "line-fit", "--steps", 100, "--seed", 4, *changes, "--json"))
    assert report["weights_sha256"] == whole["weights_sha256"]
    assert report["command"] == whole["command"]
    rows = {row["id"]: row for row in json.loads(run("runs", "--json"))}
    assert (rows[first]["steps"], len(rows)) == (100, 4)
    assert list(rows)[1] == first  # begun before, but trained later than the others
    assert "goes on from step 100 by 5 steps" in refused("train", "--resume", first, "--steps", 5, "--at", 3, "lr=0.1")
    assert "--seed: cannot be given" in refused("train", "--resume", first, "--steps", 5, "--seed", 1)
    assert "leave out line-fit" in refused("train", "line-fit", "--resume", first, "--steps", 5)
    assert "--steps is missing" in refused("train", "--resume", first)
    assert "SCENARIO is missing" in refused("train")


def test_everything_comes_out_at_once(run, refused, three, tmp_path):
    out = tmp_path / "out"
    for kind in ("csv", "json", "plan", "tensorboard"):
        assert run("runs", "export", "--all", "--to", kind, out) == f"wrote 3 records to {out}\n"
    first = three[2]
    stem = out / f"line-fit-{first['id']}"
    rows = list(csv.DictReader(io.StringIO(stem.with_suffix(".csv").read_text())))
    assert [int(row["step"]) for row in rows] == list(range(60))
    assert [float(row["learning_rate"]) for row in rows] == [0.05] * 20 + [0.2] * 40
    said = json.loads(stem.with_suffix(".json").read_text())
    assert said["curves"]["learning_rate"]["mean"] == pytest.approx([0.05] * 20 + [0.2] * 40)
    assert said["curves"]["evaluations"]["step"] == list(range(60))
    (events,) = stem.iterdir()
    assert b"training_loss" in events.read_bytes()
    assert "exists already" in refused("runs", "export", first["id"], "--to", "json", out)
    run("runs", "export", first["id"], "--to", "json", out, "--force")
    assert "--to is missing" in refused("runs", "export", first["id"], out)
    assert "the folder is missing" in refused("runs", "export", out, "--to", "json")
    for word in ("--all", "--force", "--no-record"):
        assert refused("runs", word) == f"{word}: does not go with `descend runs`"
    assert "or `descend runs export --all DIR`" in refused("runs", "export", "--all", "--to", "json")
    assert "or `descend runs export --all DIR`" in refused("runs", "export", "--to", "json")
    assert "2 words after export" in refused("runs", "export", "--all", first["id"], out, "--to", "json")
    narrow = ("runs", "export", "--scenario", "moons", "--to", "plan", tmp_path / "hand-in" / "anna")
    assert "--scenario: does not go with `descend runs export`; it does with --all" in refused(*narrow)
    assert run(*narrow, "--all").startswith("wrote 1 record to ")


def test_a_plan_file_is_no_scenario(run, refused, three, tmp_path):
    run("runs", "export", three[1]["id"], "--to", "plan", tmp_path)
    (plan,) = tmp_path.glob("moons-*.toml")
    for words in (("train", plan), ("scenarios", "--check", plan), ("export", plan, "--to", "csv")):
        assert f"{plan}: is a plan, not a scenario; `descend {plan}` trains it again" in refused(*words)
    run("scenarios", "--new", tmp_path / "mine.toml")
    for command in (("runs", "import"), ("replay",)):
        assert "mine.toml: is a scenario, not a plan" in refused(*command, tmp_path / "mine.toml")
        assert "no.toml: cannot be read" in refused(*command, tmp_path / "no.toml")


def test_a_plan_file_is_trained_again_to_the_same_bits(run, three, tmp_path):
    first = three[2]
    run("runs", "export", first["id"], "--to", "plan", tmp_path)
    plan = tmp_path / f"line-fit-{first['id']}.toml"
    assert len(plan.read_text()) < 1500
    stars = "★" * first["stars"] + "☆" * (3 - first["stars"])
    assert f", {stars}. The same bits as before, after 60 steps." in run("runs", "import", plan)
    again = json.loads(run("runs", "show", "last", "--json"))
    assert again["weights_sha256"] == first["weights_sha256"]
    text = plan.read_text()
    plan.write_text(text.replace(first["weights_sha256"][:6], "000000"))
    assert ", as before. It was trained by descend" in run("runs", "import", plan, code=1)
    plan.write_text(text.replace("0.2", "0.21"))
    assert "the weights are the same after 16 steps, and others after 32" in run("runs", "import", plan, code=1)


def test_a_plan_file_is_refused_where_it_cannot_be_trained(refused, run, three, tmp_path):
    plan = tmp_path / "plan.toml"
    run("runs", "export", three[2]["id"], "--to", "plan", tmp_path)
    text = next(tmp_path.glob("line-fit-*.toml")).read_text()

    def words(old, new):
        plan.write_text(text.replace(old, new))
        return refused("runs", "import", plan)

    assert words('"line-fit"', '"line-fat"').startswith(f"{plan}: `scenario` = 'line-fat': there is no such preset")
    assert words("steps = 60", "steps = 10").endswith(": one is at step 20, but the training is 10 steps long")
    assert "must be a finite number above 0" in words("value = 0.2", "value = -1.0")
    assert "knob" in words('"learning_rate"', '"warp"')
    assert '`content` = "0": must be 16 of the digits 0-9 and a-f' in words(re.search('content = "(.*)"', text)[1], "0")
    assert "`outcome.by`: each of its values must be text" in words('numpy = "', 'numpy = 2 # "')
    assert "did you mean `seed`" in words("seed = 4", "sead = 4")
    assert f"{plan} is a plan file, and says all of a training itself" in (
        plan.write_text(text) and refused(str(plan), "--seed", "3")
    )


def test_data_of_ones_own_is_known_by_its_hash(run, refused, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    table = tmp_path / "cars.csv"
    table.write_text("x,y\n" + "\n".join(f"{k},{3 * k + k % 3}" for k in range(40)))
    run("train", "cars.csv", "--steps", 20)
    run("runs", "export", "last", "--to", "plan", tmp_path)
    plan = next(tmp_path.glob("cars-*.toml"))
    assert read_plan(plan).notes == ()  # its scenario says the same as then
    assert "The same bits as before" in run("runs", "import", plan)
    table.write_text(table.read_text() + "\n1,1")
    assert f"{plan}: `data_sha256`: {table} is not the data" in refused("runs", "import", plan)
    table.unlink()
    assert "cannot be read, and no record knows another place of this data; put the table" in refused(
        "runs", "import", plan
    )


def test_data_of_ones_own_is_found_by_its_hash_where_it_is_not_beside_the_plan(run, refused, tmp_path, capsys):
    table, elsewhere = tmp_path / "cars.csv", tmp_path / "elsewhere"
    table.write_text("x,y\n" + "\n".join(f"{k},{3 * k + k % 3}" for k in range(40)))
    run("train", table, "--steps", 20)
    run("runs", "export", "last", "--to", "plan", elsewhere)
    (plan,) = elsewhere.glob("cars-*.toml")

    def told():
        assert main(["runs", "import", str(plan)]) == 0
        said = capsys.readouterr()
        assert "The same bits as before" in said.out
        return said.err

    found = f"descend: {plan}: its data is read from {table}, which has the same SHA-256\n"
    assert told() == found
    (elsewhere / "cars.csv").write_text("x,y\n1,2\n")  # another one of that name
    assert told() == found
    assert json.loads(run("runs", "show", "last", "--json"))["seed"] == 0
    run("train", "--resume", "last", "--steps", 5)
    shutil.copy(table, elsewhere / "cars.csv")
    table.unlink()
    assert told() == ""
    (elsewhere / "cars.csv").unlink()
    assert f"{plan}: [data]: {elsewhere / 'cars.csv'}: cannot be read" in refused("runs", "import", plan)


def test_a_record_is_shown_with_its_verdict(run):
    run("train", "line-fit", "--steps", 300)
    shown = run("runs", "show", "last")
    assert "Reached at step 37: 1,184 examples, held for 100 steps ★☆☆." in shown
    assert "Without changing anything: 1,184 examples" in shown
    assert "Stars are for at most 20,000, 1,000 and 500 examples." in shown


def test_records_are_deleted(run, three):
    latest, moons, first = (row["id"] for row in three)
    run("runs", "delete", moons, first)
    assert [row["id"] for row in json.loads(run("runs", "--json"))] == [latest]
    with closing(sqlite3.connect(records_file())) as database:
        assert database.execute("SELECT count(*) FROM scenario").fetchone() == (1,)
        assert database.execute("SELECT count(*) FROM curves").fetchone() == (1,)


def test_a_record_that_trains_just_now_is_deleted_by_force_alone(run, refused, three):
    latest, moons, _ = (row["id"] for row in three)
    with closing(sqlite3.connect(records_file())) as database:
        database.execute("UPDATE run SET process = ? WHERE id = ?", (this_process(), latest))
        database.commit()
    assert refused("runs", "delete", latest, moons) == (
        f"{latest}: trains just now; end that first. With --force it is deleted all the same: the training goes on, "
        "but is not recorded any further"
    )
    run("runs", "delete", "--all", "--scenario", "line-fit")
    assert latest in [row["id"] for row in json.loads(run("runs", "--json"))]
    run("runs", "delete", latest, "--force")
    assert latest not in [row["id"] for row in json.loads(run("runs", "--json"))]


def test_many_plan_files_are_imported_each_by_the_name_of_its_file(run, refused, three, tmp_path, capsys):
    latest, moons, first = (row["id"] for row in three)
    run("runs", "name", first, "ann")
    run("runs", "export", latest, moons, first, "--to", "plan", tmp_path)
    plans = sorted(tmp_path.glob("*.toml"))
    assert run("runs", "import", *plans).count("The same bits as before") == 3
    names = [row["name"] for row in json.loads(run("runs", "--json"))][:3]
    assert sorted(names) == ["ann-2", f"line-fit-{latest}", f"moons-{moons}"]
    assert main(["runs", "import", *map(str, plans), "--scenario", "line-fit"]) == 1
    told = capsys.readouterr()
    assert told.out.count("The same bits as before") == 2
    assert f"moons-{moons}.toml: was trained on another scenario than line-fit" in told.err
    assert "1 of 3 plan files failed, or came to other bits" in told.err


def test_where_there_is_nothing_to_export_it_is_said(refused, run, tmp_path):
    folder = tmp_path / "out"
    assert refused("runs", "export", "--all", "--to", "csv", folder) == (
        "there is nothing to export: nothing is recorded yet"
    )
    run("train", "line-fit", "--steps", 5)
    assert "no record is what the options ask for" in refused(
        *("runs", "export", "--all", "--stars", 3, "--to", "csv", folder)
    )
    assert not folder.exists()


def test_milestones_are_shown(run):
    run("train", "line-fit", "--steps", 300)
    shown = json.loads(run("runs", "show", "last", "--json"))
    steps = shown["milestones"]["steps_to_level"]
    assert f"milestone        training loss {shown['milestones']['level']:.6g} after {steps} steps" in run(
        *("runs", "show", "last")
    )


def test_all_records_are_deleted_or_those_of_a_scenario(run, refused, three):
    moons = three[1]["id"]
    assert "write `descend runs delete ID …`, or `descend runs delete --all`" in refused(
        "runs", "delete", "--all", moons
    )
    run("runs", "delete", "--all", "--scenario", "line-fit", "--force")
    assert [row["id"] for row in json.loads(run("runs", "--json"))] == [moons]
    run("runs", "name", moons, "mine")
    run("runs", "delete", "--all")
    assert [row["id"] for row in json.loads(run("runs", "--json"))] == [moons]  # it is dear to somebody
    run("runs", "delete", "--all", "--force")
    assert json.loads(run("runs", "--json")) == []


def test_recording_can_be_turned_off(run, refused, monkeypatch):
    run("train", "line-fit", "--steps", 5, "--no-record")
    monkeypatch.setenv("DESCEND_RECORD", "0")
    run("train", "line-fit", "--steps", 5)
    monkeypatch.setenv("DESCEND_RECORD", "maybe")
    assert refused("train", "line-fit", "--steps", 5) == "DESCEND_RECORD='maybe': must be 0, not to record, or 1"
    monkeypatch.delenv("DESCEND_RECORD")
    settings_file().parent.mkdir(parents=True, exist_ok=True)
    settings_file().write_text("record = false")
    run("train", "line-fit", "--steps", 5)
    assert json.loads(run("runs", "--json")) == []
    assert refused("runs", "show", "last") == "there is no record 'last'; nothing is recorded yet"
    settings_file().write_text("record = 3")
    assert refused("train", "line-fit", "--steps", 5) == f"{settings_file()}: `record` = 3: must be true or false"
    settings_file().write_text("recrod = true")
    assert "unknown key 'recrod'; known are" in refused("train", "line-fit", "--steps", 5)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["runs", "shwo", "x"], "`descend runs` cannot 'shwo'; there are show, compare,"),
        (["runs", "show"], "0 words after show: write `descend runs show ID`"),
        (["runs", "compare", "a"], "1 word after compare: write `descend runs compare ID ID …`"),
        (["runs", "show", "a", "--csv"], "--csv: does not go with `descend runs show`"),
        (["runs", "--since", "yesterday"], "--since must be a day as 2026-11-28, or 12h, 3d or 2w, not 'yesterday'"),
        (["replay"], "an ID or a FILE is missing; `descend runs` lists the IDs"),
    ],
)
def test_what_is_misspelt_is_refused_in_words(refused, words, said):
    assert said in refused(*words)


def test_what_cannot_be_recorded_is_trained_all_the_same(run, refused, capsys):
    path = records_file()
    path.parent.mkdir(parents=True)
    path.mkdir()
    main(["train", "line-fit", "--steps", "5"])
    said = capsys.readouterr()
    assert "trained" in said.out
    assert f"{path}: cannot be used (a directory); it is now runs.damaged, and the records begin anew" in said.err
    assert len(json.loads(run("runs", "--json"))) == 1
    path.unlink()
    path.mkdir()
    assert refused("runs") == f"{path}: cannot be used: it is a directory"
