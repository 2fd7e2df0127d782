"""Commands that change what is shown, and nothing of the run."""

from functools import partial

from tui.dashboard.commands.actions import Actions
from tui.dashboard.commands.command_row import Command


def _maximise(app: Actions, number: int) -> None:
    app.training.maximise(number)


def _show_all(app: Actions) -> None:
    if words := app.training.show_all():
        app.remark(words)


def _close(app: Actions) -> None:
    app.drop_notices()
    app.training.go_back()


# It is read as a table.
# fmt: off
COMMANDS = (
    Command("theme", ("T",), "T", "Next theme", "Dark, light, high contrast, or the terminal's own colours.",
            lambda app: app.change_look(app.look.next_theme())),
    Command("ascii", ("a",), "a", "Plain characters", "ASCII only, for fonts that lack the dots and lines; and back.",
            lambda app: app.change_look(app.look.other_characters())),
    *(Command(f"maximise-{number}", (str(number),), str(number), f"{name} alone",
              "Large; again: all panels. A click on its number does the same.",
              partial(_maximise, number=number))
      for number, name in enumerate(("Loss", "Weights", "Data", "Controls", "Runs", "Sweep"), 1)),
    Command("all-panels", ("0",), "0", "All panels",
            "On a small terminal, again: the other one of the weights and the data.",
            _show_all),
    Command("close", ("escape",), "esc", "Close", "What is told below the panels; a panel alone, the sweep, the table.",
            _close),
    Command("help", ("question_mark",), "?", "Help", "The briefing of this scenario, and all keys.",
            lambda app: app.dialogs.show_help(), "help", at_once=True),
    Command("tour", (), "", "Tour of the screen", "What each panel shows, one after another.",
            lambda app: app.dialogs.show_tour(), at_once=True),
    Command("words", ("K",), "K", "Point at a word",
            "A cursor goes from word to word on the screen and explains them; also by tab, in the help.",
            lambda app: app.dialogs.point_at_words(), at_once=True),
    Command("suspend", ("ctrl+z",), "ctrl+z", "Suspend", "Back to the shell; fg returns. Nothing is trained meanwhile.",
            lambda app: app.action_suspend_process(), at_once=True),
    Command("quit", ("q", "ctrl+c"), "q", "Quit", "The terminal is left as it was.",
            lambda app: app.exit(), "quit", at_once=True),
)
