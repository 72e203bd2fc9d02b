"""A signed end of the committed order: what it says, and for whom."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crdt_pms.journal.limits import SEQ_MAX
from crdt_pms.journal.signed_end import SignedEnd
from crdt_pms.journal.wire import FieldWrong
from tests.crdt_pms.journal.journals import PROPERTY_ID, device

END = SignedEnd.sign(PROPERTY_ID, device(1), b"generation", 7, b"d" * 32)


def test_it_comes_back_from_the_wire_as_it_was_signed() -> None:
    assert SignedEnd.from_wire(END.to_wire()) == END
    assert END.is_signed_for(PROPERTY_ID)


@pytest.mark.parametrize(
    "other",
    [
        replace(END, generation=b"another"),
        replace(END, through=8),
        replace(END, through=SEQ_MAX),
        replace(END, digest=b"e" * 32),
        replace(END, device_key=device(2).public_bytes),
        replace(END, device_key=b"\xff" * 32),
        replace(END, signature=bytes(64)),
    ],
)
def test_whatever_was_not_signed_by_that_key_is_not_proven(other: SignedEnd) -> None:
    assert not other.is_signed_for(PROPERTY_ID)


def test_an_end_of_another_property_proves_nothing_here() -> None:
    assert not END.is_signed_for("lakeside")


@pytest.mark.parametrize(
    "fields",
    [
        None,
        [],
        [b"g", 1, b"d" * 32, b"k" * 32],
        [b"", 1, b"d" * 32, b"k" * 32, b"s" * 64],
        [b"g" * 65, 1, b"d" * 32, b"k" * 32, b"s" * 64],
        [b"g", -1, b"d" * 32, b"k" * 32, b"s" * 64],
        [b"g", SEQ_MAX + 1, b"d" * 32, b"k" * 32, b"s" * 64],
        [b"g", 1, b"d" * 31, b"k" * 32, b"s" * 64],
        [b"g", 1, b"d" * 32, b"k" * 33, b"s" * 64],
        [b"g", 1, b"d" * 32, b"k" * 32, b"s" * 63],
    ],
)
def test_what_is_malformed_is_refused(fields: object) -> None:
    with pytest.raises(FieldWrong):
        SignedEnd.from_wire(fields)
