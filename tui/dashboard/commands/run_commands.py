"""Commands that begin another run."""

from tui.dashboard.commands.command_row import Command

# It is read as a table.
# fmt: off
COMMANDS = (
    Command("again", ("r",), "r", "Train again",
            "From the start, with the knobs as they are now; the run before stays as a ghost.",
            lambda app: app.session.train_again(new_seed=False), "again"),
    Command("again-new-seed", ("R",), "R", "Train again with a new seed", "Other minibatches, everything else equal.",
            lambda app: app.session.train_again(new_seed=True)),
    Command("undo", ("u",), "u", "Undo the last knob change",
            "Back to right before it, after a divergence paused; the run before stays as a ghost.",
            lambda app: app.session.undo(), "undo"),
    Command("branch", ("b",), "b", "Branch here",
            "Goes on as a new run from the moment that is shown; the run before stays whole as a ghost.",
            lambda app: app.session.branch(), "branch"),
    Command("compare", ("t",), "t", "Table of runs", "Settings, what they cost to the goal, losses; or hides it.",
            lambda app: app.training.toggle_comparison(), "table"),
    Command("race", ("x",), "x", "Race",
            "Up to four values of any knob from one start, such as optimizers.",
            lambda app: app.dialogs.set_up_race(), "race", at_once=True),
    Command("next-racer", ("tab",), "tab", "Next racer", "In a race: whose knobs the keys change, whose data is shown.",
            lambda app: app.session.focus(1)),
    Command("previous-racer", ("shift+tab",), "shift+tab", "Previous racer", "The other way round.",
            lambda app: app.session.focus(-1)),
    Command("forget-ghosts", ("backspace",), "backspace", "Forget the earlier runs",
            "They vanish from panels and table.",
            lambda app: app.session.forget_ghosts()),
    Command("records", ("H",), "H", "Records of this scenario",
            "What was trained of it before, in this session and in earlier ones: as a ghost, gone on with, or again.",
            lambda app: app.dialogs.show_records(), at_once=True),
    Command("verdict", ("V",), "V", "Verdict", "How the run stands to its goal, and what each knob change did.",
            lambda app: app.session.request_outcome()),
    Command("next", ("N",), "N", "Next scenario", "The next one of the course that has no star yet; it waits for you.",
            lambda app: app.open_next(), at_once=True),
    Command("read-again", ("L",), "L", "Read the file again", "Your own scenario or table, after you have changed it.",
            lambda app: app.read_again(), at_once=True),
    Command("scenarios", ("p",), "p", "Pick a scenario", "The course: chapters, stars, what is next.",
            lambda app: app.dialogs.pick_scenario(), "scenarios", at_once=True),
)
