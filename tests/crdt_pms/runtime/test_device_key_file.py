"""A device keeps one key, which nobody else on the machine can read."""

from __future__ import annotations

from pathlib import Path

import pytest

from crdt_pms.runtime.device_key_file import SEED_BYTES, DeviceKeyUnusable, load_device_key


def test_the_key_is_made_on_the_first_start_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "made" / "desk.device-key"
    first = load_device_key(path)
    assert load_device_key(path).device_id == first.device_id
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(path.read_bytes()) == SEED_BYTES
    assert load_device_key(tmp_path / "other.device-key").device_id != first.device_id


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_file_of_another_length_is_refused_and_kept(tmp_path: Path, length: int) -> None:
    path = tmp_path / "desk.device-key"
    path.write_bytes(b"k" * length)
    with pytest.raises(DeviceKeyUnusable, match=f"holds {length} bytes") as refused:
        load_device_key(path)
    assert "Put the right file back" in refused.value.remedy
    assert path.read_bytes() == b"k" * length


def test_a_path_that_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DeviceKeyUnusable, match="cannot be used"):
        load_device_key(tmp_path)
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(DeviceKeyUnusable, match="cannot be used"):
        load_device_key(tmp_path / "file" / "desk.device-key")
