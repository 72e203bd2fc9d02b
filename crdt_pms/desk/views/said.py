"""Words as the read models carry them: objects with both languages, so that any client can pick."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from crdt_pms.desk.decision import NOTICE_WORDS, Notice
from crdt_pms.hotel.words import Words


@dataclass(frozen=True, slots=True)
class Said:
    """The same thing in Japanese and in English."""

    ja: str
    en: str


@dataclass(frozen=True, slots=True)
class NamedValue:
    """A value that programs know, and what a screen calls it."""

    value: str
    words: Said


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """Something that the author of an action should hear although it was not refused."""

    notice: Notice
    words: Said


@dataclass(frozen=True, slots=True)
class ActionRequest:
    """An action that a screen may offer as a button.

    Its name (`crdt_pms.desk.actions.registry`), what of its fields is known already, and what the button says.
    """

    action: str
    fields: Mapping[str, str]
    words: Said


def said(words: Words) -> Said:
    """Words of the hotel as a read model carries them."""
    return Said(words.ja, words.en)


_Value = TypeVar("_Value", bound=str)


def named(words: Mapping[_Value, Words]) -> tuple[NamedValue, ...]:
    """Every value of a fixed set with its words, in the order of the table."""
    return tuple(NamedValue(str(value), said(of_value)) for value, of_value in words.items())


def notice_line(notice: Notice) -> NoticeLine:
    """A notice with its words."""
    return NoticeLine(notice, said(NOTICE_WORDS[notice]))
