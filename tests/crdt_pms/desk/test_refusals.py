"""Every refusal can be said in both languages, every guard of the tables has its check, every action its name."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from inspect import isabstract
from pathlib import Path

import pytest

import crdt_pms.desk
from crdt_pms.desk.actions.action import Action
from crdt_pms.desk.actions.property import PropertyAction
from crdt_pms.desk.actions.registry import ACTIONS
from crdt_pms.desk.decision import NOTICE_WORDS, Notice
from crdt_pms.desk.guards import GUARD_CHECKS
from crdt_pms.desk.refusal_words import REFUSAL_WORDS
from crdt_pms.desk.refusals import RefusalCode, Refused
from crdt_pms.hotel.transitions import STAY_TRANSITIONS, Guard
from crdt_pms.hotel.words import Words
from tests.crdt_pms.desk.desks import JAPANESE

SOURCES = sorted(Path(crdt_pms.desk.__file__).parent.rglob("*.py"))


def refused_calls() -> Iterator[tuple[RefusalCode, frozenset[str]]]:
    """Every place in the source where an action is refused: the code, and the names of its parameters."""
    for source in SOURCES:
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id="Refused"), args=[ast.Attribute(attr=code)], keywords=keywords):
                    yield RefusalCode[code], frozenset(str(keyword.arg) for keyword in keywords)
                case _:
                    pass


CALLS = list(refused_calls())


def placeholders(words: Words) -> set[str]:
    return {
        name for text in words for _literal, name, _form, _convert in string.Formatter().parse(text) if name is not None
    }


@pytest.mark.parametrize("code", RefusalCode)
def test_every_refusal_says_why_and_what_to_do_in_both_languages(code: RefusalCode) -> None:
    row = REFUSAL_WORDS[code]
    for words in row:
        assert JAPANESE.search(words.ja)
        assert words.en.isascii()
        assert words.en.endswith(".")


@pytest.mark.parametrize("code", RefusalCode)
def test_every_refusal_is_given_somewhere_with_all_that_its_words_need(code: RefusalCode) -> None:
    given = [parameters for called, parameters in CALLS if called is code]
    assert given
    needed = placeholders(REFUSAL_WORDS[code].reason) | placeholders(REFUSAL_WORDS[code].advice)
    assert [needed - parameters for parameters in given if needed - parameters] == []


def test_words_of_parameters_are_said_in_the_language_of_the_message() -> None:
    refused = Refused(RefusalCode.CONFLICT_OPEN, matter=Words("精算の競合", "Folio settled at two places"))
    assert "精算の競合" in refused.message_ja
    assert "Folio settled at two places" in refused.message_en
    assert str(refused).startswith("conflict_open: ")


def test_braces_in_what_somebody_typed_are_only_text() -> None:
    assert "{key}" in Refused(RefusalCode.KEY_UNUSABLE, key="{key}").message_ja


@pytest.mark.parametrize("notice", Notice)
def test_every_notice_is_said_in_both_languages(notice: Notice) -> None:
    assert JAPANESE.search(NOTICE_WORDS[notice].ja)
    assert NOTICE_WORDS[notice].en.isascii()


def test_every_guard_has_a_check_and_guards_a_step() -> None:
    assert set(GUARD_CHECKS) == set(Guard) == {guard for row in STAY_TRANSITIONS for guard in row.guards}


def every_action() -> list[type[Action]]:
    """Those of the product: other tests have actions of a next version in the same process."""
    subclasses = [one for base in (Action, PropertyAction) for one in base.__subclasses__() if not isabstract(one)]
    return [one for one in subclasses if one.__module__.startswith("crdt_pms.")]


def test_every_action_is_in_the_registry_under_its_name() -> None:
    assert {action.name: action for action in every_action()} == dict(ACTIONS)


@pytest.mark.parametrize("action", ACTIONS.values())
def test_an_action_is_a_form_of_plain_fields(action: type[Action]) -> None:
    assert is_dataclass(action)
    plain = {str, int, bool, str | None, int | None}
    assert [field.name for field in fields(action) if field.type not in plain] == []
    assert action.__doc__
