"""What tests of the dashboard without a terminal share."""

import asyncio

from textual._context import active_app
from textual.app import App

_QUIET = 4  # turns of the event loop in a row at which nothing waited


async def until(pilot, condition):
    """Let the app go on until the condition holds; a deadline only for the case that it never does."""
    for _ in range(3000):
        if condition():
            return
        await pilot.pause(0.01)
    raise AssertionError("the screen never showed it")


async def settled(*_) -> None:
    """All messages of the app whose test this is have been worked off, and what they changed is laid out.

    Textual's own way, which this takes the place of, waits until the process has used no processor for a while: with a
    training that goes on that is never, so that each key took two seconds.
    """
    app, quiet = active_app.get(), 0
    for _ in range(2000):
        await asyncio.sleep(0)
        if app._exit or not app.screen_stack:
            return
        quiet = 0 if is_busy(app) else quiet + 1
        if quiet == _QUIET:
            return


def is_busy(app: App) -> bool:
    """Whether a message waits, or something has to be laid out."""
    screens = app.screen_stack
    pumps = (app, *(pump for screen in screens for pump in screen.walk_children(with_self=True)))
    return bool(
        app._batch_count
        or any(pump._message_queue.qsize() or pump._next_callbacks for pump in pumps)
        or any(screen._layout_required or screen._callbacks for screen in screens)
    )
