"""The rows of a CSV file of bookings, and the error that names the line and the column where it is not one.

Knows the container (compression, encoding, CSV, header) but not what the columns mean.
"""

from __future__ import annotations

import csv
import gzip
import lzma
import zlib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, TypeVar, cast

_Found = TypeVar("_Found")


class BookingsMalformed(ValueError):
    """A file of bookings that cannot be read as one.

    `line` counts from 1, the header; `column` is the name of the column, empty when no column is to blame.
    """

    def __init__(self, path: Path, line: int, column: str, problem: str) -> None:
        place = f"line {line}, column {column}" if column else f"line {line}"
        super().__init__(f"{path}, {place}: {problem}")
        self.path = path
        self.line = line
        self.column = column
        self.problem = problem


def rows_of(path: Path, columns: Sequence[str]) -> Iterator[Row]:
    """The rows below the header, in which every one of `columns` must be named. Raises `BookingsMalformed`.

    A stream that breaks, or does not decode, is malformed where it does.
    """
    header: list[str] = []
    with _opened(path) as stream:
        lines = _Lines(stream)
        table = csv.reader(lines, strict=True)
        try:
            header = next(table, [])
            at = _columns(path, header, columns)
            for values in table:
                if len(values) != len(header):
                    problem = f"{len(values)} values, the header names {len(header)} columns"
                    raise BookingsMalformed(path, lines.number, "", problem)
                yield Row(path, lines.number, at, values)
        except csv.Error as error:
            raise BookingsMalformed(path, lines.number, "", f"not CSV: {error}") from error
        except UnicodeDecodeError as error:
            column = _column_at(error, header)
            raise BookingsMalformed(path, lines.number, column, f"not UTF-8: {error.reason}") from error
        except (EOFError, lzma.LZMAError, zlib.error, gzip.BadGzipFile) as error:
            problem = f"the compressed file is damaged: {error}"
            raise BookingsMalformed(path, lines.number + 1, "", problem) from error


class Row:
    """One row of the file and where it stands."""

    __slots__ = ("_at", "_line", "_path", "_values")

    def __init__(self, path: Path, line: int, at: dict[str, int], values: Sequence[str]) -> None:
        self._path, self._line, self._at, self._values = path, line, at, values

    def malformed(self, column: str, problem: str) -> BookingsMalformed:
        """The error to raise about a value of this row."""
        return BookingsMalformed(self._path, self._line, column, problem)

    def text(self, column: str) -> str:
        """The value of a column without the white space around it."""
        return self._values[self._at[column]].strip()

    def integer(self, column: str, least: int, most: int) -> int:
        """The integer in a column, within bounds. Raises `BookingsMalformed`."""
        number = _integer(self._values[self._at[column]])
        if number is None or not least <= number <= most:
            raise self.malformed(column, f"{self.text(column)!r} is not an integer from {least} to {most}")
        return number

    def one_of(self, column: str, words: Mapping[str, _Found]) -> _Found:
        """What the word in a column stands for. Raises `BookingsMalformed` for a word that is not among `words`."""
        found = words.get(self.text(column))
        if found is None:
            raise self.malformed(column, f"{self.text(column)!r} is not one of {', '.join(words)}")
        return found


@lru_cache(maxsize=16_384)
def _integer(text: str) -> int | None:
    text = text.strip()
    # `int` also takes underscores and other scripts' digits, which no export writes.
    return int(text) if text.isascii() and text.removeprefix("-").isdigit() else None


class _Lines:
    """The lines of a stream as text, and the number of the last one, from 1.

    They are decoded one by one, because only then an encoding error belongs to a line.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._stream)
        self.number += 1
        # Spreadsheets put a byte order mark before the header.
        return line.decode("utf-8-sig" if self.number == 1 else "utf-8")


def _opened(path: Path) -> BinaryIO:
    match path.suffix:
        case ".xz":
            return cast("BinaryIO", lzma.open(path, "rb"))
        case ".gz":
            return cast("BinaryIO", gzip.open(path, "rb"))
        case _:
            return path.open("rb")


def _columns(path: Path, header: list[str], columns: Sequence[str]) -> dict[str, int]:
    """Where each column stands."""
    at = {name.strip(): index for index, name in enumerate(header)}
    for name in columns:
        if name not in at:
            raise BookingsMalformed(path, 1, name, "the header does not name this column")
    if len(at) != len(header):
        raise BookingsMalformed(path, 1, "", "the header names a column twice")
    return at


def _column_at(error: UnicodeDecodeError, header: list[str]) -> str:
    """The name of the column in which a line stopped being text."""
    before = error.object[: error.start].decode("utf-8", "replace")
    index = len(next(csv.reader([before]), [""])) - 1
    return header[index] if index < len(header) else ""
