"""Law 1: other content, another digest."""

from __future__ import annotations

from dataclasses import replace

from simulations.checkers.evidence import Evidence
from simulations.checkers.history import Read
from tests.simulations.checkers.tampering import again, events, found, nodes_of

CHECKER = "content_digest"


def with_reads(good: Evidence, *reads: Read) -> Evidence:
    return again(good, history=[*good.history, *reads])


def test_one_digest_of_other_rows(good: Evidence) -> None:
    read = replace(events(good, Read)[0], rows=b"what stood there")
    other = replace(read, node="desk-2", rows=b"something else", vector={})
    assert nodes_of(found(with_reads(good, read, other), CHECKER)) == {"desk-2"}


def test_one_digest_of_the_same_rows_and_another_of_others(good: Evidence) -> None:
    read = replace(events(good, Read)[0], rows=b"what stood there")
    other = replace(read, content_hash=b"another digest", rows=b"something else", vector={})
    assert found(with_reads(good, read, replace(read, node="desk-2"), other), CHECKER) == []


def test_where_nobody_looked_at_the_rows_nothing_is_judged(good: Evidence) -> None:
    read = replace(events(good, Read)[0], rows=b"what stood there")
    assert found(with_reads(good, read, replace(read, rows=None)), CHECKER) == []
