"""All dialogs, and how to open each; and what must hold of one at any size."""

from collections.abc import Callable

from textual.widget import Widget
from textual.widgets import Static

from tui.dashboard.app import Dashboard
from tui.words.glossary import entries

_CORNERS = 4  # of a border, and the blanks beside a title

OPENING: dict[str, Callable[[Dashboard], object]] = {
    "help": lambda app: app.dialogs.show_help(),
    "picker": lambda app: app.dialogs.pick_scenario(),
    "briefing": lambda app: app.dialogs.show_briefing(),
    "question": lambda app: app.dialogs.ask(),
    "race": lambda app: app.dialogs.set_up_race(),
    "verdict": lambda app: app.session.request_outcome(),
    "line": lambda app: app.session.request_log("line"),
    "tour": lambda app: app.dialogs.show_tour(),
    "word": lambda app: app.dialogs.explain(max(entries(), key=lambda entry: len(entry.plain + entry.advice))),
    "palette": lambda app: app.action_command_palette(),
}


def is_shown(app: Dashboard) -> bool:
    """Tell whether a dialog has its place on the screen."""
    return any(dialog.region for dialog in app.screen.query(".dialog"))


def faults(app: Dashboard) -> list[str]:
    """What of the dialog on the screen cannot be seen or reached, in words."""
    (dialog,) = app.screen.query(".dialog")
    room = dialog.outer_size.width - _CORNERS
    found = [f"“{words}” is cut" for words in _on_border(dialog) if len(words) > room]
    if not app.screen.region.contains_region(dialog.region):
        found.append(f"{dialog.region} is not on the screen")
    for widget in [dialog, *dialog.query("*")]:
        if widget.display and not widget.show_vertical_scrollbar:
            found += [f"{child} ends below {widget}" for child in widget.children if _ends_below(child, widget)]
        if isinstance(widget, Static) and widget.display and _rows(widget) > widget.size.height:
            found.append(f"{widget} is cut")
    return found


def _on_border(dialog: Widget) -> list[str]:
    return [words.plain for words in (dialog._border_title, dialog._border_subtitle) if words]


def _ends_below(child: Widget, parent: Widget) -> bool:
    is_bar = not child.display or child.styles.is_docked
    return not is_bar and child.virtual_region_with_margin.bottom > parent.size.height


def _rows(widget: Widget) -> int:
    return widget.get_content_height(widget.parent.size, widget.app.size, widget.size.width)
