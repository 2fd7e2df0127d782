"""Write docs/glossary.md from tui/words/glossary.toml: python docs/write_glossary.py"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tui.words.glossary import entries

HEAD = """\
# Words, figures and signs of the screen

In the dashboard, a click on a word explains it, and so does **?** and then the word, typed. First what it is, then the
formula, then what to do about it.
"""


def page() -> str:
    """The page as it should be."""
    parts = [HEAD]
    for entry in sorted(entries(), key=lambda entry: entry.term.lower()):
        labels = ", ".join(f"`{label}`" for label in entry.labels[1:])
        parts.append(f"\n## {entry.term}\n\n")
        parts += [f"On the screen also {labels}.\n\n"] if labels else []
        parts.append(f"{entry.plain}\n\n")
        parts += [f"    {entry.formula}\n\n"] if entry.formula else []
        parts.append(f"{entry.advice}\n")
    return "".join(parts)


if __name__ == "__main__":
    Path(__file__).with_name("glossary.md").write_text(page(), encoding="utf-8")
