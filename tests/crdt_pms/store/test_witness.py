"""A witness says how far a database had come, whatever becomes of one write to it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crdt_pms.ports.errors import StoreFailing, WitnessUnusable
from crdt_pms.store.witness import SLOT_BYTES, Milestone, WitnessFile, digest_of_property

START = Milestone(digest_of_property("seaside"), b"d" * 16)


def milestone(position: int) -> Milestone:
    return Milestone(START.property_digest, START.database, position, position.to_bytes(32, "big"), position // 2)


def read(folder: Path) -> Milestone | None:
    """What a new process reads."""
    return WitnessFile(folder / "hotel.sqlite").read()


@pytest.fixture
def witness(tmp_path: Path) -> WitnessFile:
    witness = WitnessFile(tmp_path / "hotel.sqlite")
    witness.begin(START)
    return witness


def test_where_there_is_no_file_there_is_no_milestone(tmp_path: Path) -> None:
    assert read(tmp_path) is None


def test_the_newest_milestone_is_read_back_and_the_file_never_grows(tmp_path: Path, witness: WitnessFile) -> None:
    assert read(tmp_path) == START
    for position in range(1, 6):
        witness.put(milestone(position))
        assert read(tmp_path) == milestone(position)
        assert witness.path.stat().st_size == 2 * SLOT_BYTES


def test_another_run_of_the_process_goes_on_where_the_last_one_ended(tmp_path: Path, witness: WitnessFile) -> None:
    for position in range(1, 6):
        again = WitnessFile(tmp_path / "hotel.sqlite")
        again.read()
        again.put(milestone(position))
        again.close()
        assert read(tmp_path) == milestone(position)
    witness.close()


@given(data=st.data())
def test_a_write_that_is_torn_anywhere_leaves_the_milestone_before_it(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("torn")
    witness = WitnessFile(folder / "hotel.sqlite")
    witness.begin(START)
    puts = data.draw(st.integers(1, 4))
    for position in range(1, puts):
        witness.put(milestone(position))
    before = witness.path.read_bytes()
    witness.put(milestone(puts))
    after = witness.path.read_bytes()
    torn = data.draw(st.lists(st.booleans(), min_size=16, max_size=16), label="sectors that arrived")
    size = 2 * SLOT_BYTES // len(torn)
    parts = ((after if arrived else before)[at * size : (at + 1) * size] for at, arrived in enumerate(torn))
    witness.path.write_bytes(b"".join(parts))
    assert read(folder) in (milestone(puts), milestone(puts - 1) if puts > 1 else START)


def test_damage_in_both_slots_is_told(tmp_path: Path, witness: WitnessFile) -> None:
    witness.put(milestone(1))
    content = bytearray(witness.path.read_bytes())
    for slot in (0, SLOT_BYTES):
        content[slot + 50] ^= 1
    witness.path.write_bytes(content)
    with pytest.raises(WitnessUnusable, match=r"hotel\.sqlite\.witness.*damaged"):
        read(tmp_path)


@pytest.mark.parametrize("content", [b"", b"\0", bytes(2 * SLOT_BYTES), b"guest list\n" * 900])
def test_what_is_no_witness_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "hotel.sqlite.witness").write_bytes(content)
    with pytest.raises(WitnessUnusable):
        read(tmp_path)


def test_a_disk_that_reports_an_error_is_told_and_the_milestone_before_it_stays(
    tmp_path: Path, witness: WitnessFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    witness.put(milestone(1))

    def failing(_witness: WitnessFile, _descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(WitnessFile, "sync", failing)
        with pytest.raises(StoreFailing, match=r"Input/output error.*Check the disk"):
            witness.put(milestone(2))
    assert read(tmp_path) in (milestone(1), milestone(2))
    witness.put(milestone(3))
    assert read(tmp_path) == milestone(3)
