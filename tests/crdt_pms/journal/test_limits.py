"""What an author may write, every reader can read: each limit is met by both from the same constant."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crdt_pms.journal import limits
from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.entry import (
    ENTRY_DOMAIN,
    ActionMark,
    Content,
    Entry,
    KeyFlag,
    PartRole,
    RegisterKey,
    RowConcerned,
    encode_header,
)
from crdt_pms.journal.errors import EntryMalformed
from crdt_pms.journal.identifiers import Dot, JournalId
from tests.crdt_pms.journal.journals import content_of, device, journal_id, writer

PREFIX = bytes(limits.PREFIX_BYTES)


def dots(amount: int) -> dict[str, Any]:
    return {"supersedes": [Dot(journal_id(9), seq) for seq in range(1, amount + 1)]}


def reads(amount: int) -> dict[str, Any]:
    return {"reads": [Dot(journal_id(9), seq) for seq in range(1, amount + 1)]}


def context(amount: int) -> dict[str, Any]:
    return {"context": {JournalId(number.to_bytes(16, "big")): limits.SEQ_MAX for number in range(amount)}}


def text(name: str) -> Callable[[int], dict[str, Any]]:
    return lambda amount: {name: "客" * amount}


MET: dict[str, tuple[int, Callable[[int], dict[str, Any]]]] = {
    "SUPERSEDES_MAX": (limits.SUPERSEDES_MAX, dots),
    "READS_MAX": (limits.READS_MAX, reads),
    "CONTEXT_JOURNALS_MAX": (limits.CONTEXT_JOURNALS_MAX, context),
    "KEYS_MAX": (limits.KEYS_MAX, lambda n: {"keys": [RegisterKey("stay.terms", str(one)) for one in range(n)]}),
    "ROWS_MAX": (limits.ROWS_MAX, lambda n: {"rows": [RowConcerned("stay", str(one)) for one in range(n)]}),
    "DOCUMENTS_MAX": (limits.DOCUMENTS_MAX, lambda n: {"documents": [f"note/room/{one}" for one in range(n)]}),
    "PARTS_MAX": (limits.PARTS_MAX, lambda n: {"parts": [(PartRole.CONTENT, b"x")] * n}),
    "TEXT_CHARACTERS_MAX, author": (limits.TEXT_CHARACTERS_MAX, text("author")),
    "TEXT_CHARACTERS_MAX, authentication": (limits.TEXT_CHARACTERS_MAX, text("authentication")),
    "TEXT_CHARACTERS_MAX, document": (limits.TEXT_CHARACTERS_MAX, lambda n: {"documents": ["室" * n]}),
    "GROUP_CHARACTERS_MAX": (limits.GROUP_CHARACTERS_MAX, lambda n: {"keys": [RegisterKey("群" * n, "row")]}),
    "ROW_CHARACTERS_MAX": (limits.ROW_CHARACTERS_MAX, lambda n: {"keys": [RegisterKey("group", "行" * n)]}),
    "ACTION_CHARACTERS_MAX": (limits.ACTION_CHARACTERS_MAX, lambda n: {"action": ActionMark("行" * n, 1)}),
    "CODE_MAX, level": (limits.CODE_MAX, lambda n: {"level": n}),
    "CODE_MAX, format": (limits.CODE_MAX, lambda n: {"format": n}),
    "CODE_MAX, kind": (limits.CODE_MAX, lambda n: {"kind": n}),
    "PAYLOAD_BYTES_MAX": (limits.PAYLOAD_BYTES_MAX, lambda n: {"parts": [(PartRole.CONTENT, b"x" * n)]}),
    "STAMP_COUNTER_MAX": (limits.STAMP_COUNTER_MAX, lambda n: {"stamp": Stamp(limits.SEQ_MAX, n)}),
    "SEQ_MAX, milliseconds": (limits.SEQ_MAX, lambda n: {"stamp": Stamp(n, 0)}),
}


@pytest.mark.parametrize("name", MET)
def test_what_an_author_writes_at_a_limit_is_read_and_what_exceeds_it_is_never_written(name: str) -> None:
    limit, fields = MET[name]
    journal = writer(1)
    entry = journal.append(content_of(journal, b"", **fields(limit)))
    assert Entry.decode(entry.header, entry.parts, entry.signature) == entry
    head = journal.head
    with pytest.raises(EntryMalformed):
        journal.append(content_of(journal, b"", **fields(limit + 1)))
    assert journal.head == head


def test_a_header_of_full_lists_is_read() -> None:
    journal = writer(1)
    full = {**dots(limits.SUPERSEDES_MAX), **reads(limits.READS_MAX), **context(limits.CONTEXT_JOURNALS_MAX)}
    entry = journal.append(content_of(journal, b"", **full))
    assert Entry.decode(entry.header, entry.parts, entry.signature) == entry


numbers = st.integers(0, 2**20)
texts = st.text(max_size=limits.TEXT_CHARACTERS_MAX + 1)
named = st.lists(st.builds(Dot, st.integers(0, 3).map(journal_id), st.integers(1, 9)), max_size=5)
contents = st.builds(
    Content,
    stamp=st.builds(Stamp, numbers, numbers),
    kind=st.integers(0, 4),
    author=texts,
    parts=st.lists(st.tuples(st.sampled_from(PartRole), st.binary(max_size=40)), max_size=limits.PARTS_MAX + 1),
    action=st.builds(ActionMark, texts, st.integers(0, 2)),
    authentication=texts,
    context=st.dictionaries(st.integers(0, 9).map(journal_id), st.integers(0, 9), max_size=4),
    supersedes=named,
    reads=named,
    keys=st.lists(st.builds(RegisterKey, texts, texts, st.sampled_from([*KeyFlag, -1])), max_size=3),
    rows=st.lists(st.builds(RowConcerned, texts, texts), max_size=3),
    documents=st.lists(texts, max_size=limits.DOCUMENTS_MAX + 1),
    grant=st.none() | st.builds(Dot, st.just(journal_id(1)), st.integers(0, 2)),
    level=st.integers(0, 3),
    format=st.integers(0, 3),
)


@settings(max_examples=300)
@given(contents)
def test_an_author_writes_exactly_what_a_reader_takes(content: Content) -> None:
    said = replace(content, prefixes=dict.fromkeys((*content.supersedes, *content.reads), PREFIX))
    assert _is_written(said) == _is_read(said)


def _is_written(content: Content) -> bool:
    try:
        writer(1).append(content)
    except EntryMalformed:
        return False
    return True


def _is_read(content: Content) -> bool:
    """Whether a reader takes it from an author that checks nothing."""
    journal = writer(1)
    try:
        header = encode_header(Dot(journal.head.journal, 1), journal.head.hash, content)
        signature = device(1).sign(ENTRY_DOMAIN + hashlib.sha256(header).digest())
        Entry.decode(header, tuple(part for _role, part in content.parts), signature)
    except EntryMalformed:
        return False
    return True
