"""What the nodes of one program share is computed once, and nobody can tell the difference."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import pytest

from crdt_pms.journal import chain
from crdt_pms.journal.entry import Entry
from crdt_pms.journal.errors import EntryMalformed
from crdt_pms.journal.keys import DeviceKey
from crdt_pms.ledger import operation
from crdt_pms.session import session
from simulations.faults.knobs import apply
from simulations.world.hotel import Hotel, device_key
from simulations.world.plan import MINUTE_MS, SECOND_MS, START_MS, Fault
from simulations.world.running import run_world
from simulations.world.sharing import shared_work
from simulations.world.trace import Trace
from tests.simulations.faults.small_world import small_plan, small_world


def test_a_world_is_the_same_with_shared_work_and_without(tmp_path: Path) -> None:
    faults = [
        Fault(MINUTE_MS, MINUTE_MS + 20 * SECOND_MS, "corruption", (1,), 300),
        Fault(MINUTE_MS + 10 * SECOND_MS, MINUTE_MS + 14 * SECOND_MS, "malformed_operation", (2,)),
    ]
    plan = small_plan(work=6, faults=faults)
    hashes: list[str] = []
    for name, sharing in (("alone", nullcontext()), ("shared", shared_work())):
        with sharing:
            hotel = Hotel(plan)
            hashes.append(run_world(plan, hotel, tmp_path / name, Trace(START_MS, keeps_lines=False), apply).hash)
    assert hashes[0] == hashes[1]


def test_what_was_verified_and_decoded_once_is_remembered() -> None:
    key, signed = device_key(1), b"signed"
    with small_world() as small:
        small.book(1)
        (entry, *_rest) = [placed.entry for placed in small.desk(1).node.replica.read(0, 10, 2**20)]
    encoded = (entry.header, entry.parts, entry.signature)
    with shared_work():
        assert Entry.decode(*encoded) is Entry.decode(*encoded)
        assert Entry.decode(*encoded) == entry
        assert chain.is_signed(key.public_bytes, key.sign(signed), signed)
        assert session.is_signed == chain.is_signed
    assert Entry.decode(*encoded) is not Entry.decode(*encoded)


def test_what_does_not_decode_does_not_decode_the_second_time_either() -> None:
    with shared_work():
        for _attempt in range(2):
            with pytest.raises(EntryMalformed):
                Entry.decode(b"no entry", b"", b"")


def test_a_signature_is_remembered_for_its_own_bytes_and_key_only() -> None:
    one, other = device_key(1), device_key(2)
    before = one.sign(b"signed")
    with shared_work():
        assert one.sign(b"signed") == before
        signature = one.sign(b"signed")
        assert chain.is_signed(one.public_bytes, signature, b"signed")
        assert not chain.is_signed(one.public_bytes, signature, b"another")
        assert not chain.is_signed(other.public_bytes, signature, b"signed")
        assert not chain.is_signed(one.public_bytes, other.sign(b"signed"), b"signed")


def test_everything_is_as_before_after_an_error() -> None:
    before = (chain.is_signed, session.is_signed, DeviceKey.sign, Entry.decode, operation.decode_operation)
    with pytest.raises(ZeroDivisionError), shared_work():
        _ = 1 / 0
    after = (chain.is_signed, session.is_signed, DeviceKey.sign, Entry.decode, operation.decode_operation)
    assert after == before
