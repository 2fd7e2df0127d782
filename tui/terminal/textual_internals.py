"""Textual's private parts: all that descend relies on, in this one file.

Each has a reason beside it, and is named in `RELIED_UPON`; `tests/tui/terminal/test_textual_internals.py` says which
of them a new version of Textual has changed, and that nothing private is touched anywhere else.
"""

from __future__ import annotations

import asyncio
import sys
from asyncio import CancelledError
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from rich.console import RenderableType
from textual import screen
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._compositor import ChopsUpdate, Compositor, CompositorMap, CompositorUpdate, LayoutUpdate
from textual._keyboard_protocol import FUNCTIONAL_KEYS, MODIFIER_FUNCTIONAL_KEYS
from textual._xterm_parser import SPECIAL_KEY_TO_CHARACTER, XTermParser
from textual.app import App
from textual.driver import Driver
from textual.drivers._writer_thread import WriterThread
from textual.events import Key
from textual.geometry import Region
from textual.keys import _character_to_key as name_of_character
from textual.message import Message
from textual.message_pump import MessagePump
from textual.notifications import Notification
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets._toast import ToastRack

if TYPE_CHECKING:
    from textual.widgets import OptionList

__all__ = [
    "ANSI_SEQUENCES_KEYS",
    "FUNCTIONAL_KEYS",
    "MODIFIER_FUNCTIONAL_KEYS",
    "RELIED_UPON",
    "SPECIAL_KEY_TO_CHARACTER",
    "ChopsUpdate",
    "CompositorMap",
    "CompositorUpdate",
    "LayoutUpdate",
    "OpenApp",
    "OpenCompositor",
    "OpenParser",
    "OpenWriter",
    "ToastRack",
    "Update",
    "compositor_of",
    "draw_now",
    "forget_rows",
    "guard",
    "has_pages",
    "lay_out_now",
    "name_of_character",
    "place_of_toast",
    "take_turn",
    "use_compositor",
]

# Where it is, and its name: what must be there. What the imports above need says so by itself.
RELIED_UPON = (
    ("textual.app.App", "_batch_count"),
    ("textual.app.App", "_close_messages_no_wait"),
    ("textual.app.App", "_display"),
    ("textual.app.App", "_dom_ready"),
    ("textual.app.App", "_driver"),
    ("textual.app.App", "_exception"),
    ("textual.app.App", "_exception_event"),
    ("textual.app.App", "_exit"),
    ("textual.app.App", "_exit_renderables"),
    ("textual.app.App", "_handle_exception"),
    ("textual.app.App", "_notifications"),
    ("textual.app.App", "_refresh_notifications"),
    ("textual.app.App", "_return_code"),
    ("textual.app.App", "_running"),
    ("textual.app.App", "_unnotify"),
    ("textual.message_pump.MessagePump", "_dispatch_message"),
    ("textual.screen", "Compositor"),
    ("textual.screen.Screen", "_compositor_refresh"),
    ("textual.screen.Screen", "_compositor"),
    ("textual.screen.Screen", "_dirty_widgets"),
    ("textual.screen.Screen", "_layout_required"),
    ("textual.screen.Screen", "_refresh_layout"),
    ("textual.widget.Widget", "_styles_cache"),
    ("textual._compositor.Compositor", "_dirty_regions"),
    ("textual._compositor.Compositor", "_full_map"),
    ("textual._compositor.Compositor", "full_map"),
    ("textual._xterm_parser.XTermParser", "_parse_extended_key"),
    ("textual._xterm_parser.XTermParser", "_sequence_to_key_events"),
    ("textual.drivers._writer_thread.WriterThread", "_queue"),
    ("textual.widgets._toast.ToastRack", "_toast_id"),
    ("textual.widgets.OptionList", "_index_to_line"),
    ("textual.widgets.OptionList", "_lines"),
    ("textual.drivers.linux_driver", "WriterThread"),
    ("textual.drivers.linux_driver", "XTermParser"),
    ("textual.drivers.linux_driver", "getincrementaldecoder"),
    ("textual.drivers.linux_driver.LinuxDriver", "_app"),
    ("textual.drivers.linux_driver.LinuxDriver", "_file"),
    ("textual.drivers.linux_driver.LinuxDriver", "_loop"),
)


# What Textual draws: all of them, though it says so of the renderable alone.
Update: TypeAlias = "RenderableType | CompositorUpdate | None"


class OpenApp(App[int]):
    """An app whose hooks for drawing and for exceptions have public names, and whose end is the caller's to make."""

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        self.draw(screen, renderable)

    def draw(self, screen: Screen[Any], update: Update) -> None:
        """Write what has changed on the screen; to be overridden."""
        super()._display(screen, cast("RenderableType | None", update))

    def _handle_exception(self, error: Exception) -> None:
        self.deal_with(error)

    def deal_with(self, error: Exception) -> None:
        """Deal with an exception that nobody took: Textual's way, the end; to be overridden."""
        super()._handle_exception(error)

    @property
    def is_in_use(self) -> bool:
        """True if the first frame was shown, and the end has not been asked for."""
        return self._dom_ready and self._running and not self._exit

    @property
    def driver(self) -> Driver | None:
        """The way to the terminal, while there is one."""
        return self._driver

    def end_with(self, error: Exception, words: RenderableType) -> None:
        """End in order with exit code 1, and print these words once the terminal is as it was."""
        self._return_code = 1
        if self._exception is None:  # Textual's tests look for it there
            self._exception = error
            self._exception_event.set()
        self._exit_renderables[:] = [words]
        self._close_messages_no_wait()

    @property
    def shown_notifications(self) -> list[Notification]:
        """Notices that are on the screen, the oldest first."""
        return list(iter(self._notifications))  # list() alone asks for its length, which drops old ones under way

    def forget_notification(self, notification: Notification) -> None:
        """Take it from the list; what is on the screen changes with the next refresh of it."""
        self._unnotify(notification, refresh=False)

    def refresh_notifications(self) -> None:
        """Show the notifications as the list has them now."""
        self._refresh_notifications()


def place_of_toast(rack: ToastRack, notification: Notification) -> str:
    """The selector of what a rack shows a notification in."""
    return f"#{rack._toast_id(notification)}"


def lay_out_now(screen: Screen[Any]) -> None:
    """Put every widget into its place at once, not with the next frame."""
    screen._refresh_layout()


def take_turn(app: App[Any], callback: Callable[..., object], *arguments: object) -> None:
    """Call something in the event loop, which would keep its exceptions to itself."""
    try:
        callback(*arguments)
    except Exception as error:
        app._handle_exception(error)


def draw_now(screen: Screen[Any]) -> None:
    """Draw what is marked at once, not when the screen's turn comes; where there is more to do, with all of that."""
    if screen.app.screen is not screen or screen.app._batch_count:
        screen.refresh()
    elif not screen._layout_required:
        screen._compositor.update_widgets(screen._dirty_widgets)
        screen._compositor_refresh()


def compositor_of(screen: Screen[Any]) -> Compositor:
    """The part of Textual that knows where the widgets of a screen are."""
    return screen._compositor


def forget_rows(widget: Widget, first: int, after: int) -> None:
    """Have a widget draw these rows anew when they are asked for, whatever it remembers of them."""
    widget._styles_cache.set_dirty(Region(0, first, 1, after - first))


def guard(deal_with: Callable[[MessagePump, Exception], None]) -> None:
    """Hand `deal_with` whatever handling a message or drawing raises, and go on with the next one.

    All exceptions come through `App._handle_exception`, but the loop that handled the message has left by then; so
    they are caught where a message is handed out.
    """
    hand_out, draw = MessagePump._dispatch_message, Screen._compositor_refresh

    async def hand_out_guarded(self: MessagePump, message: Message) -> None:
        """Hand out a message; where that raises, the next one is handed out all the same."""
        try:
            await hand_out(self, message)
        except CancelledError:
            raise
        except Exception as error:
            deal_with(self, error)

    def draw_guarded(self: Screen[Any]) -> None:
        """Draw what has changed; where a widget cannot, it is no error of whoever asked for it."""
        try:
            draw(self)
        except Exception as error:
            deal_with(self, error)

    MessagePump._dispatch_message = hand_out_guarded  # type: ignore[method-assign] # Textual has no hook for it
    Screen._compositor_refresh = draw_guarded  # type: ignore[method-assign] # nor for this


class OpenCompositor(Compositor):
    """Textual's map of where widgets are, with its parts under public names."""

    @property
    def latest_map(self) -> CompositorMap:
        """The whole map as it was made last, without making it anew."""
        return self._full_map

    def leave_out_what_is_outside(self) -> None:
        """Mark no part of a larger screen than there is now: Textual would look for its rows."""
        screen = self.size.region
        inside = {part for region in self._dirty_regions if (part := region.intersection(screen))}
        self._dirty_regions.clear()
        self._dirty_regions.update(inside)

    def mark(self, regions: Iterable[Region]) -> None:
        """Have these drawn with the next frame."""
        self._dirty_regions.update(regions)


def use_compositor(kind: type[Compositor]) -> None:
    """Let every screen from now on have a compositor of this kind."""
    module: Any = screen  # it is imported there, not exported
    module.Compositor = kind


class OpenParser(XTermParser):
    """Textual's tables of keys, without its reading of sequences."""

    def keys_of(self, sequence: str, *, alt: bool = False) -> Iterable[Key]:
        """The key events of a whole sequence or a character."""
        return self._sequence_to_key_events(sequence, alt=alt)

    def _parse_extended_key(self, sequence: str) -> None:  # type: ignore[override] # a cached method there
        """Leave extended keys to `tui.terminal.key_reports`."""


class OpenWriter(WriterThread):
    """The thread that writes, with any queue."""

    def __init__(self, file: Any, queue: Any) -> None:
        super().__init__(file)
        self._queue = queue


def has_pages(options: OptionList) -> bool:
    """Tell whether a list has a page to go to: on a terminal too small for it, it has no lines."""
    return options.highlighted in options._index_to_line and bool(options._lines)


if sys.platform != "win32":
    from textual.drivers import linux_driver
    from textual.drivers.linux_driver import LinuxDriver

    class OpenDriver(LinuxDriver):
        """Textual's driver for Linux and macOS, with its app, its loop and its file under public names."""

        def write_to(self, file: Any) -> None:
            """Write to this from now on; it needs `write`, `flush` and `fileno`."""
            self._file = file

        @property
        def loop(self) -> asyncio.AbstractEventLoop:
            """The event loop, which another thread may hand something to."""
            return self._loop

        @property
        def app(self) -> App[Any]:
            """The app whose driver it is."""
            return self._app

    def use_in_driver(*, decoder: Callable[[str], Any], parser: type[XTermParser], writer: type[WriterThread]) -> None:
        """Let the driver decode, parse and write with these in place of Textual's own."""
        parts: Any = linux_driver  # they are imported there, not exported
        parts.getincrementaldecoder, parts.XTermParser, parts.WriterThread = decoder, parser, writer

    __all__ += ["OpenDriver", "use_in_driver"]
