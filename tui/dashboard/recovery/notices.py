"""Notices in rows of their own, over the line of keys or below a dialog: few at a time, none twice, and those about a
moment gone with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.content import Content
from textual.notifications import Notification, Notify

from engine.plain_text import plain
from tui.terminal.terminal_app import TerminalApp
from tui.terminal.textual_internals import ToastRack, lay_out_now, place_of_toast

if TYPE_CHECKING:
    from tui.terminal.ending.guardian import Guardian

_MOST_ROWS = 4  # of all together; one alone may be longer
_MARGINS = 3  # columns beside its text, as the style sheet has them


class NoticeApp(TerminalApp):
    """An app whose notices do not pile up."""

    def __init__(self, guardian: Guardian | None = None) -> None:
        super().__init__(guardian)
        self._remarks: set[str] = set()

    def remark(self, text: str, *, title: str = "", warning: bool = False, seconds: float = 5) -> None:
        """A notice about this moment: it goes with the next key."""
        self._remarks.add(_text(title, text))
        self.notify(text, title=title, severity="warning" if warning else "information", markup=False, timeout=seconds)

    def notify(self, message: str, *, title: str = "", markup: bool = False, **options: Any) -> None:
        """Show a notice, its title before it. Its texts come from files, libraries and the system: plain they are, and
        no markup."""
        super().notify(_text(title, message), markup=markup, **options)

    def drop_remarks(self) -> None:
        """The moment has passed."""
        if self._remarks:
            self._drop([notice for notice in self.shown_notifications if notice.message in self._remarks])
            self._remarks.clear()
            self.refresh_notifications()

    def drop_news(self) -> None:
        """Drop all that is no warning: it tells of the scenario before."""
        self._drop([notice for notice in self.shown_notifications if notice.severity == "information"])
        self._remarks.clear()
        self.refresh_notifications()

    def drop_notices(self) -> None:
        """All have been read."""
        self._drop(list(self.shown_notifications))
        self._remarks.clear()
        self.refresh_notifications()

    def on_notify(self, event: Notify) -> None:
        """Before Textual shows it: drop those that say the same, and the oldest where there is no room for them."""
        room = _MOST_ROWS - self._rows(event.notification.message)
        dropped: list[Notification] = []
        for notice in reversed(self.shown_notifications):
            if notice.message == event.notification.message:
                dropped.append(notice)
                continue
            room -= self._rows(notice.message)
            if room < 0:
                dropped.append(notice)
        self._drop(dropped)

    def _rows(self, message: str) -> int:
        return len(Content(message).wrap(max(1, self.size.width - _MARGINS)))

    def _drop(self, notices: list[Notification]) -> None:
        racks = [rack for screen in self.screen_stack for rack in screen.query(ToastRack)]
        for notice in notices:
            self.forget_notification(notice)
            for rack in racks:  # which would keep an empty place for it
                rack.query(place_of_toast(rack, notice)).remove()

    def picture_without_notices(self, title: str) -> str:
        """The screen as SVG."""
        racks = [rack for rack in self.screen.query(ToastRack) if rack.display]
        self._lay_out(racks, shown=False)  # at once: a picture is of the moment of its key
        try:
            return self.export_screenshot(title=title)
        finally:
            self._lay_out(racks, shown=True)

    def _lay_out(self, racks: list[ToastRack], *, shown: bool) -> None:
        for rack in racks:
            rack.display = shown
        if racks:
            lay_out_now(self.screen)


def _text(title: str, message: str) -> str:
    message = plain(message, lines=True)
    return f"{plain(title)}: {message}" if title else message
