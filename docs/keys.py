"""Write docs/keys.md from the table of commands: python docs/keys.py"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tui.dashboard.commands import GROUPS
from tui.dashboard.keys.keymap import shown

HEAD = """\
# Keys

Everything that the dashboard does is a command with a key; the command palette (`ctrl+p`) has them all by name.
`descend keys` prints this list with the keys as they are for you, `descend keys --json` for programs.

## Other keys

Write `keys.toml` in your configuration folder: `~/.config/descend/keys.toml` on Linux,
`~/Library/Application Support/descend/keys.toml` on macOS; `descend keys` names the place.

```toml
[keys]
pause = "f5"                 # instead of space
help = ["f1", "?"]           # two keys for one command
step = "space"               # free now
```

A key is a character (`"x"`, `"X"`, `"["`) or a name: `space`, `enter`, `tab`, `backspace`, `escape`, `up`, `down`,
`left`, `right`, `home`, `end`, `pageup`, `pagedown`, `insert`, `delete`, `f1` … `f24`, with `ctrl+`, `shift+` or
`alt+` before it where your terminal sends that. The keys of a command in the file replace those that it had.
`ctrl+p` (the palette) and `ctrl+q` (quit) stay.

The file is checked before anything starts. A command that there is not, a key that there is not, or a key that
another command has is refused in a sentence that says what would be right, with exit code 2. The line of keys, the
help and the hints name the keys as you have set them.

## The commands
"""


def page() -> str:
    """The page as it should be."""
    parts = [HEAD]
    for group, commands in GROUPS.items():
        parts.append(f"\n### {group}\n\n| command | keys | what it does |\n|---|---|---|\n")
        for command in commands:
            keys = " ".join(f"`` {shown(key)} ``" if "`" in shown(key) else f"`{shown(key)}`" for key in command.keys)
            about = f"{command.title}. {command.help}".replace("|", "\\|")
            parts.append(f"| `{command.id}` | {keys.replace('|', chr(92) + '|')} | {about} |\n")
    return "".join(parts)


if __name__ == "__main__":
    Path(__file__).with_name("keys.md").write_text(page(), encoding="utf-8")
