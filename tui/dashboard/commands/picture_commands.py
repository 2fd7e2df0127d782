"""Commands that change what is drawn of the weights and of the data, and nothing of the run."""

from tui.dashboard.commands.command_row import Command

# It is read as a table.
# fmt: off
COMMANDS = (
    Command("weights-picture", ("w",), "w", "Next picture of the weights",
            "The loss around them, or in the plane of most movement; each weight over time.",
            lambda app: app.training.weights.next_picture()),
    Command("data-picture", ("d",), "d", "Next picture of the data",
            "What suits it: the fit, decision regions, predictions, confusion tables, each example's gradient.",
            lambda app: app.training.data.next_picture()),
    Command("gradients", ("g",), "g", "Gradient arrows, cloud, or none",
            "The steps of the true gradient and of this batch; with the cloud, of 200 batches that it might have been.",
            lambda app: app.training.weights.next_gradients()),
    Command("swarm", ("y",), "y", "Swarm of other seeds",
            "64 replicas from here on, with other minibatches and everything else equal: how much is chance?",
            lambda app: app.session.toggle_swarm()),
    Command("zoom-in", ("asterisk",), "*", "Zoom into the map", "Around the present weights; also with the wheel.",
            lambda app: app.training.weights.zoom(1)),
    Command("zoom-out", ("slash",), "/", "Zoom out of the map", "Until everything is shown; drag to move the map.",
            lambda app: app.training.weights.zoom(-1)),
)
