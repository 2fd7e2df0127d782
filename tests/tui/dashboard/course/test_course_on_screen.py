"""The course on the screen: briefing first, the tour, what is next, and time in a dialog, which costs nothing."""

import pytest

import scenarios
from engine.serving.opening import Opening
from engine.serving.process import LocalEngine
from scenarios.courses.course import built_in, open_course
from tests.tui.dashboards import until
from tui.dashboard.app import Dashboard
from tui.dashboard.keys.keymap import DEFAULT, Keymap
from tui.dashboard.screens.briefing import BriefingScreen
from tui.dashboard.screens.guide.tour import STOPS, TourScreen
from tui.dashboard.screens.help_dialog import HelpScreen
from tui.dashboard.screens.picker import PickerScreen
from tui.dashboard.screens.verdict_dialog import VerdictScreen
from tui.dashboard.session import Session
from tui.home.best_results import key_of
from tui.home.progress import Progress
from tui.home.progress_contents import Best

OTHERS = [pytest.param(size, marks=pytest.mark.thorough) for size in ((100, 30), (200, 60))]
SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 40), *OTHERS])


def dashboard(name="line-fit", first="training", *, keys=DEFAULT, course=None):
    scenario = scenarios.load(name)
    paused = first != "training"
    engine = LocalEngine(scenario, opening=Opening(paused=paused))
    session = Session(scenario, engine, LocalEngine, running=not paused)
    return Dashboard(session, keys, course=course, first=first)


def earn(*names, stars=1):
    progress = Progress()
    for name in names:
        scenario = scenarios.load(name)
        progress.record(key_of(scenario), scenario.file.goal.measure, Best(stars, 1.0))


def shown(screen):
    return "\n".join(strip.text for strip in screen._compositor.render_strips())


def notices(app):
    return [notice.message for notice in app.shown_notifications]


@SIZES
async def test_a_scenario_stands_on_its_briefing_until_a_key_begins(size):
    app = dashboard("noisy-batches", "briefing")
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: isinstance(app.screen, BriefingScreen) and app.session.arrived)
        await pilot.pause(0.3)
        text = shown(app.screen)
        assert "Chapter 2 of 7 · Minibatches and noise · scenario 3 of 23" in text
        assert "space begin" in text
        assert "Each step looks at a few" in text
        if size[1] >= 40:  # all of it is in sight
            assert "Stars are for at most 40,000, 2,000 and 500 examples." in " ".join(text.replace("│", " ").split())
        assert app.training.weights.scene is not None  # behind it, the first picture
        assert (app.session.snapshot.step, app.session.snapshot.running) == (0, False)
        await pilot.press("space")
        await until(pilot, lambda: app.session.snapshot.step > 0)
        assert app.screen is app.training
        assert Progress().place("lesson") == "noisy-batches"


async def test_one_may_look_around_before_it_begins():
    app = dashboard("noisy-batches", "briefing")
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, BriefingScreen) and app.session.arrived)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.training)
        await pilot.pause(0.2)
        assert app.session.snapshot.step == 0
        await pilot.press("space")
        await until(pilot, lambda: app.session.snapshot.step > 0)


async def test_keys_of_a_briefing_lead_elsewhere_or_say_what_is_first():
    app = dashboard("line-fit", "briefing")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, BriefingScreen) and app.session.arrived)
        await pilot.press("V")
        await until(pilot, lambda: "esc first, then V verdict" in shown(app.screen))
        assert isinstance(app.screen, BriefingScreen)
        await pilot.press("N")
        await until(
            pilot, lambda: isinstance(app.screen, BriefingScreen) and app.session.scenario.id == "noisy-batches"
        )
        await until(pilot, lambda: app.session.arrived)
        await pilot.press("p")
        await until(pilot, lambda: isinstance(app.screen, PickerScreen))
        assert app.session.snapshot.step == 0


async def test_what_was_trained_without_a_star_is_kept_as_tried():
    app = dashboard("line-fit")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.session.snapshot and app.session.snapshot.step > 1)
    assert Progress().tried() == {scenarios.load("line-fit").content}


@SIZES
async def test_the_tour_shows_what_is_on_the_screen_and_leads_to_the_briefing(size):
    app = dashboard("one-weight", "tour")
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: isinstance(app.screen, TourScreen) and app.session.arrived)
        await until(pilot, lambda: app.training.weights.scene is not None)
        tour, seen = app.screen, []
        for _ in tour.stops():
            await pilot.pause()
            marked = [type(widget).__name__ for widget in app.training.query(".toured")]
            seen += marked or ["Welcome"]
            box = tour.query_one(".tour")
            assert tour.region.contains_region(box.region)
            assert box.max_scroll_y == 0  # all words are seen
            for widget in app.training.query(".toured"):
                assert not widget.region.overlaps(box.region)
            await pilot.press("space")
        wanted = ["Welcome", *(stop.widget for stop in STOPS if stop.widget)]
        assert seen == [name for name in wanted if name != "DataPanel" or size != (80, 24)]
        await until(pilot, lambda: isinstance(app.screen, BriefingScreen))
        assert app.session.snapshot.step == 0
        assert not app.training.query(".toured")


async def test_the_tour_goes_back_and_can_be_skipped_and_shows_the_keys_as_they_are():
    app = dashboard("one-weight", "tour", keys=Keymap({"pause": ("f9",)}))
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, TourScreen) and "Welcome" in shown(app.screen))
        await pilot.press("f9")
        await until(pilot, lambda: "The loss · 2 of 7" in shown(app.screen))
        assert "f9 go on" in shown(app.screen)
        await pilot.press("left")
        await until(pilot, lambda: "Welcome · 1 of 7" in shown(app.screen))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, BriefingScreen))


@pytest.mark.parametrize(("key", "screen"), [("question_mark", HelpScreen), ("p", PickerScreen), ("V", VerdictScreen)])
async def test_time_in_a_dialog_costs_nothing_and_training_goes_on_as_it_was(key, screen):
    app = dashboard("line-fit")
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.session.snapshot and app.session.snapshot.step > 0)
        await pilot.press(key)
        await until(pilot, lambda: isinstance(app.screen, screen))
        trainer = app.session._engine.worker.run.trainer
        steps = trainer.steps
        await pilot.pause(0.3)
        assert trainer.steps == steps
        await pilot.press("escape")
        await until(pilot, lambda: trainer.steps > steps)
        await pilot.press("space")
        await until(pilot, lambda: not app.session.snapshot.running)
        await pilot.press(key)
        await until(pilot, lambda: isinstance(app.screen, screen))
        steps = trainer.steps
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.training)
        await pilot.pause(0.2)
        assert (trainer.steps, app.session.snapshot.running) == (steps, False)  # paused before, and so afterwards


async def test_a_key_goes_on_to_the_next_scenario_without_a_star():
    earn("line-fit", "noisy-batches")
    app = dashboard("one-weight")
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.session.snapshot)
        await pilot.press("N")
        await until(pilot, lambda: isinstance(app.screen, BriefingScreen) and app.session.arrived)
        assert app.session.scenario.id == "smooth-batches"
        assert app.session.snapshot.step == 0


async def test_the_notice_of_a_goal_and_the_verdict_name_what_is_next():
    app = dashboard("one-weight")
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: any("Goal reached" in words for words in notices(app)))
        assert any("V shows the verdict, N goes on to Line fit." in words for words in notices(app))
        await pilot.press("V")
        await until(
            pilot, lambda: isinstance(app.screen, VerdictScreen) and "N goes on to Line fit" in shown(app.screen)
        )
        await pilot.press("N")
        await until(pilot, lambda: isinstance(app.screen, BriefingScreen))
        assert app.session.scenario.id == "line-fit"


async def test_from_a_file_of_ones_own_the_key_leads_to_where_the_course_was_left(tmp_path):
    own = tmp_path / "own.toml"
    own.write_bytes((scenarios.scenario._PRESETS / "one-weight.toml").read_bytes())
    Progress().keep_place("lesson", "potholes")
    app = dashboard(str(own))
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: any("Goal reached" in words for words in notices(app)))
        assert any("V shows the verdict, N opens the course at Potholes." in words for words in notices(app))
        await pilot.press("V")
        await until(pilot, lambda: isinstance(app.screen, VerdictScreen))
        await until(pilot, lambda: "N opens the course at Potholes" in shown(app.screen))
        await pilot.press("N")
        await until(pilot, lambda: isinstance(app.screen, BriefingScreen))
        assert app.session.scenario.id == "potholes"


async def test_at_the_end_of_the_course_the_notice_says_so(tmp_path):
    (tmp_path / "own.toml").write_bytes((scenarios.scenario._PRESETS / "one-weight.toml").read_bytes())
    app = dashboard(str(tmp_path / "own.toml"), course=open_course(str(tmp_path)))
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: any("Goal reached" in words for words in notices(app)))
        assert any("V shows the verdict. This is the last scenario of the course." in each for each in notices(app))


async def test_behind_the_last_scenario_there_is_none():
    names = [entry.id for entry in built_in().entries if scenarios.load(entry.id).file.goal]
    earn(*names)
    app = dashboard("your-turn")
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.session.snapshot)
        await pilot.press("N")
        await until(
            pilot, lambda: any("this is the last scenario; p shows them all" in words for words in notices(app))
        )


async def test_the_picker_shows_chapters_stars_and_what_is_next():
    earn("one-weight", stars=3)
    Progress().keep_tried(scenarios.load("ravine").content)
    app = dashboard("line-fit")
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.session.snapshot)
        await pilot.press("p")
        await until(pilot, lambda: isinstance(app.screen, PickerScreen) and "Line fit" in shown(app.screen))
        text = shown(app.screen)
        wanted = (
            "1 Gradient and descent",
            "One weight ★★★",
            "● Line fit",
            "→ Noisy batches",
            "Ravine tried",
            "3 of 69 ★",
        )
        for words in wanted:
            assert words in text
        assert "Noisy batches tried" not in text
        await pilot.press("up", "up", "down", "down", "down")  # chapters are no choice
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, BriefingScreen))
        assert app.session.scenario.id != "line-fit"


async def test_a_course_of_ones_own_opens_in_the_picker_and_names_what_is_broken(tmp_path):
    preset = scenarios.scenario._PRESETS / "one-weight.toml"
    (tmp_path / "one.toml").write_bytes(preset.read_bytes())
    (tmp_path / "two.toml").write_text("title = ")
    course = open_course(str(tmp_path))
    app = dashboard(str(tmp_path / "one.toml"), "picker", course=course)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await until(pilot, lambda: isinstance(app.screen, PickerScreen) and "One weight" in shown(app.screen))
        assert "Cannot be read" in shown(app.screen)
        assert any("two.toml: not valid TOML" in words for words in notices(app))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, BriefingScreen))
        assert Progress().place(str(tmp_path)) == "one.toml"


async def test_the_tour_leads_to_the_chapters_of_a_course_of_ones_own(tmp_path):
    (tmp_path / "one.toml").write_bytes((scenarios.scenario._PRESETS / "one-weight.toml").read_bytes())
    app = dashboard(str(tmp_path / "one.toml"), "tour", course=open_course(str(tmp_path)))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, TourScreen))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, PickerScreen) and "One weight" in shown(app.screen))
        assert Progress().place(str(tmp_path)) is None


async def test_a_scenario_that_is_refused_closes_its_briefing(tmp_path):
    table = tmp_path / "table.csv"
    table.write_text("x,y\n" + "".join(f"{n},{2 * n}\n" for n in range(40)))
    gone = scenarios.load(str(table))
    app = dashboard("line-fit")
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await until(pilot, lambda: app.session.snapshot)
        table.unlink()
        app.open_scenario(gone)
        await until(pilot, lambda: app.screen is app.training and app.session.scenario.id == "line-fit")
        step = app.session.snapshot.step
        await until(pilot, lambda: app.session.snapshot.step > step)


async def test_a_briefing_longer_than_the_terminal_is_scrolled_to_its_goal_with_the_arrows():
    app = dashboard("noisy-batches", "briefing")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, BriefingScreen) and app.session.arrived)
        dialog = app.screen.query_one(".dialog")
        await until(pilot, lambda: dialog.max_scroll_y > 0)
        await pilot.press(*["down"] * 20)
        await until(pilot, lambda: dialog.scroll_y == dialog.max_scroll_y)
        assert "esc first" not in shown(app.screen)
        await pilot.press("up")
        await until(pilot, lambda: dialog.scroll_y < dialog.max_scroll_y)
        await pilot.press("left")  # a knob that scrolls nothing
        await until(pilot, lambda: "esc first, then ← halve" in shown(app.screen))
