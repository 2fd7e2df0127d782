"""Commands that begin another run."""

from tui.commands.command import Command

# It is read as a table.
# fmt: off
COMMANDS = (
    Command("again", ("r",), "r", "Train again",
            "From the start, with the knobs as they are now; the run before stays as a ghost.",
            lambda app: app.session.train_again(new_seed=False), "again"),
    Command("again-new-seed", ("R",), "R", "Train again with a new seed", "Other minibatches, everything else equal.",
            lambda app: app.session.train_again(new_seed=True)),
    Command("verdict", ("V",), "V", "Verdict", "How the run stands to its goal, and what each knob change did.",
            lambda app: app.show_verdict()),
    Command("scenarios", ("p",), "p", "Pick a scenario", "What is trained, each with a short briefing.",
            lambda app: app.pick_scenario(), "pick"),
)
