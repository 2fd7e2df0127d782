"""What tests of the dashboard without a terminal share."""


async def until(pilot, condition):
    """Let the app go on until the condition holds; a deadline only for the case that it never does."""
    for _ in range(3000):
        if condition():
            return
        await pilot.pause(0.01)
    raise AssertionError("the screen never showed it")
