"""The smallest scenario: one weight in a bowl of curvature 2, of which every step takes all examples."""


def bowl_file(tables="", *, briefing="B", more="", learning_rate=0.1):
    """Return its file. tables: what follows. more: further keys at its top."""
    return f"""
title = "T"
summary = "S"
briefing = "{briefing}"
{more}
[objective]
kind = "quadratic"
eigenvalues = [2.0]
noise = 0.0
[training]
learning_rate = {learning_rate}
batch_size = 256
weights = [1.0]
{tables}"""


def goal_table(stars, training_loss=1e-4):
    """Return the table of its goal: so many steps at most for one, two and three stars."""
    return f'[goal]\nmeasure = "steps"\nstars = {stars}\ntarget = {{ training_loss = {training_loss} }}\n'
