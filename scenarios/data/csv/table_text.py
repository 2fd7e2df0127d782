"""The text of a table's file, whatever its ending: packed or not, in UTF-8, UTF-16 or Windows-1252, from standard
input; and what is no table, refused with what it is."""

from __future__ import annotations

import codecs
import gzip
import io
import re
import sys
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from scenarios.files import outside_files
from scenarios.scenario_error import ScenarioError

MAX_BYTES = 4_000_000_000
STANDARD_INPUT = "-"
HEAD_BYTES = 131_072
_GZIP = b"\x1f\x8b"
_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark it begins with
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_OTHERS = {
    b"PK\x03\x04": "a ZIP archive, or an Excel or OpenDocument file, which are such; save the sheet as CSV",
    b"\xd0\xcf\x11\xe0": "an old Excel file; save the sheet as CSV",
    b"PAR1": "a Parquet file; write it as CSV",
    b"ARROW1": "an Arrow (Feather) file; write it as CSV",
    b"\x89HDF": "an HDF5 file; write the table as CSV",
    b"\x93NUMPY": "a NumPy file; write it as CSV (numpy.savetxt)",
    b"SQLite format 3": "an SQLite database; write the table as CSV",
    b"\x80\x04": "a Python pickle; write the table as CSV",
    b"\x80\x05": "a Python pickle; write the table as CSV",
    b"%PDF": "a PDF document; a table in it has to be written as CSV",
    b"BZh": "packed by bzip2; unpack it first",
    b"\xfd7zXZ": "packed by xz; unpack it first",
    b"\x28\xb5\x2f\xfd": "packed by zstd; unpack it first",
    b"7z\xbc\xaf": "a 7-Zip archive; unpack it first",
    b"Rar!": "a RAR archive; unpack it first",
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"version https://git-lfs": "a Git LFS pointer, not the data itself; fetch that with `git lfs pull`",
    b"/annex/objects/": "a git-annex pointer, not the data itself; fetch that with `git annex get`",
    b"{\\rtf": "an RTF document; save the table as CSV",
    b"@relation": "an ARFF file; leave out the lines up to @data, and write the names of the columns in one line",
}
_MARKUP = re.compile(r"\s*<(?:!doctype|html|head|body|table|\?xml|svg|!--|[a-z]+:)", re.IGNORECASE)
_JSON = re.compile(r'\s*(?:\{\s*(?:"|\})|\[\s*[\[{"\d\]-])')

_input: list[bytes] = []  # what came on standard input, which can be read only once


@dataclass(frozen=True)
class TableText:
    """The beginning of the file as text. encoding: of all of it. whole: whether this is all. note: what was guessed."""

    text: str
    encoding: str
    whole: bool
    note: str = ""


def opened(path: Path) -> io.FileIO | io.BytesIO:
    """The file, open for reading. Raises ScenarioError for what is no regular file, or too large."""
    if str(path) != STANDARD_INPUT:
        return outside_files.open_file(path, most=MAX_BYTES, what="a CSV file")
    if not _input:
        if sys.stdin.isatty():
            raise ScenarioError("-: standard input is a terminal; send a table: descend train - < FILE")
        _input.append(sys.stdin.buffer.read())
    return io.BytesIO(_input[0])


def stamp(path: Path) -> tuple[int, int]:
    """The time when the file changed, and its size. Raises OSError."""
    if str(path) == STANDARD_INPUT:
        return 0, 0
    status = path.stat()
    return status.st_mtime_ns, status.st_size


def unpacked(file: io.FileIO | io.BytesIO) -> IO[bytes]:
    """The content: of a packed file, what was packed."""
    packed = file.read(2) == _GZIP
    file.seek(0)
    if not packed:
        return io.BufferedReader(cast("Any", file))
    content = gzip.GzipFile(fileobj=file)
    content.myfileobj = cast("Any", file)  # to be closed with it
    return cast("IO[bytes]", content)


def head(path: Path, most: int = HEAD_BYTES, encoding: str | None = None) -> TableText:
    """The beginning of the file as text. encoding: where it is known already. Raises ScenarioError for what is no
    text."""
    try:
        with unpacked(opened(path)) as file:
            content = file.read(most + 1) or b""
    except (OSError, EOFError, zlib.error) as error:
        raise outside_files.unreadable(path, error) from None
    whole = len(content) <= most
    content = content[:most]
    _refuse_others(path, content)
    encoding, note = (encoding, "") if encoding else _encoding(path, content, whole)
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(content, final=whole)
    except UnicodeDecodeError as error:
        raise ScenarioError(f"{path}: is no text in {encoding.upper()}: byte {error.start:,} is wrong") from None
    if not text.strip():
        raise ScenarioError(f"{path}: the file is empty; a CSV has a line of names, and a line for every example")
    if not whole and not re.search(r"[\r\n]", text):
        raise ScenarioError(f"{path}: line 1 is longer than {most:,} bytes; that is no CSV file")
    for pattern, what in ((_MARKUP, "HTML or XML"), (_JSON, "JSON")):
        if pattern.match(text):
            raise ScenarioError(f"{path}: is no table, but {what}; write the table as CSV")
    return TableText(text, encoding, whole, note)


def bytes_below(path: Path, encoding: str, above: str) -> tuple[IO[Any], io.FileIO | io.BytesIO]:
    """The content below the text `above`, as bytes where it is UTF-8, and the file itself, whose place says how much
    has been read."""
    file = opened(path)
    content = unpacked(file)
    if not encoding.startswith("utf-8"):
        return _text_below(content, encoding, above), file
    left = len(above.encode()) + len(codecs.BOM_UTF8) * (encoding == "utf-8-sig")
    while left and (read := content.read(left)):
        left -= len(read)
    return content, file


def text_below(path: Path, encoding: str, above: str) -> IO[str]:
    """The text below the text `above`, with its line ends as they are."""
    return _text_below(unpacked(opened(path)), encoding, above)


def _text_below(content: IO[bytes], encoding: str, above: str) -> IO[str]:
    text = io.TextIOWrapper(cast("Any", content), encoding=encoding, newline="", errors="replace")
    left = len(above)
    while left and (read := text.read(left)):
        left -= len(read)
    return text


def _refuse_others(path: Path, content: bytes) -> None:
    start = content.removeprefix(codecs.BOM_UTF8).lstrip()[:64]
    for magic, what in _OTHERS.items():
        if start[: len(magic)].lower() == magic.lower() and (magic.isascii() or content.startswith(magic)):
            raise ScenarioError(f"{path}: is no table of text, but {what}")


def _encoding(path: Path, content: bytes, whole: bool) -> tuple[str, str]:
    """The encoding of the text, and what was guessed about it."""
    for mark, encoding in _MARKS.items():
        if content.startswith(mark):
            return encoding, ""
    if b"\0" in content:
        even, odd = content[::2].count(0), content[1::2].count(0)
        half = len(content) // 2
        if min(even, odd) * 50 <= max(even, odd) and max(even, odd) * 5 > half * 3:
            found = "utf-16-le" if odd > even else "utf-16-be"
            return found, (
                "the text is UTF-16 without the mark that says so, and is read as that; save the file as UTF-8 to be "
                "sure"
            )
        line = content.count(b"\n", 0, content.index(b"\0")) + 1
        raise ScenarioError(f"{path}: line {line} holds a zero byte, so this is a binary file; a CSV is text")
    try:
        codecs.getincrementaldecoder("utf-8")().decode(content, final=whole)
    except UnicodeDecodeError as error:
        return not_utf8(path, content, error.start)
    return "utf-8", ""


def not_utf8(path: Path, content: bytes | None = None, place: int = 0) -> tuple[str, str]:
    """Windows-1252, and the sentence on it. Raises ScenarioError where it is not that either."""
    if content is None:
        with unpacked(opened(path)) as file:
            for number, line in enumerate(file, 1):
                try:
                    line.decode()
                except UnicodeDecodeError as error:
                    return _windows(path, line, error.start, number)
        return "cp1252", ""
    begin = content.rfind(b"\n", 0, place) + 1
    end = content.find(b"\n", place)
    line = content[begin : end if end >= 0 else None]
    return _windows(path, line, place - begin, content.count(b"\n", 0, place) + 1)


def _windows(path: Path, line: bytes, place: int, number: int) -> tuple[str, str]:
    try:
        word = line.decode("cp1252")
        if any(byte < 32 and byte not in b"\t\r\n" for byte in line):
            raise UnicodeError
    except UnicodeError:
        raise ScenarioError(
            f"{path}: line {number} is not UTF-8 text (byte 0x{line[place]:02x}); save the file as UTF-8"
        ) from None
    around = word[max(0, place - 10) : place + 10].strip()
    return "cp1252", f"the text is not UTF-8 and is read as Windows-1252: line {number} has {around!r}"
