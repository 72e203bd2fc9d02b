"""A signed end of the committed order: what it says, and for whom."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crdt_pms.journal.limits import SEQ_MAX
from crdt_pms.journal.signed_end import SignedEnd
from crdt_pms.journal.trust import DeviceClass
from crdt_pms.journal.wire import FieldWrong
from tests.crdt_pms.journal.journals import OTHER_ROOT, PROPERTY_ID, ROOT, administrator, enrolled

RELAY = enrolled(1, DeviceClass.RELAY)
END = SignedEnd.sign(RELAY, b"generation", 7, b"d" * 32)
CHAIN = RELAY.chain.encoded


def is_proven(end: SignedEnd, property_id: str = PROPERTY_ID) -> bool:
    return end.is_proven(property_id, ROOT.public_bytes)


def test_it_comes_back_from_the_wire_as_it_was_signed() -> None:
    assert SignedEnd.from_wire(END.to_wire()) == END
    assert is_proven(END)


@pytest.mark.parametrize(
    "other",
    [
        replace(END, generation=b"another"),
        replace(END, through=8),
        replace(END, through=SEQ_MAX),
        replace(END, digest=b"e" * 32),
        replace(END, chain=enrolled(2, DeviceClass.RELAY).chain),
        SignedEnd.sign(enrolled(2), b"generation", 7, b"d" * 32),
        SignedEnd.sign(administrator(), b"generation", 7, b"d" * 32),
        SignedEnd.sign(enrolled(1, DeviceClass.RELAY, root=OTHER_ROOT), b"generation", 7, b"d" * 32),
        replace(END, signature=bytes(64)),
    ],
)
def test_whatever_no_relay_of_the_property_signed_is_not_proven(other: SignedEnd) -> None:
    assert not is_proven(other)


def test_an_end_of_another_property_proves_nothing_here() -> None:
    assert not is_proven(END, "lakeside")


@pytest.mark.parametrize(
    "fields",
    [
        None,
        [],
        [b"g", 1, b"d" * 32, CHAIN],
        [b"", 1, b"d" * 32, CHAIN, b"s" * 64],
        [b"g" * 65, 1, b"d" * 32, CHAIN, b"s" * 64],
        [b"g", -1, b"d" * 32, CHAIN, b"s" * 64],
        [b"g", SEQ_MAX + 1, b"d" * 32, CHAIN, b"s" * 64],
        [b"g", 1, b"d" * 31, CHAIN, b"s" * 64],
        [b"g", 1, b"d" * 32, 7, b"s" * 64],
        [b"g", 1, b"d" * 32, CHAIN, b"s" * 63],
    ],
)
def test_what_is_malformed_is_refused(fields: object) -> None:
    with pytest.raises(FieldWrong):
        SignedEnd.from_wire(fields)
