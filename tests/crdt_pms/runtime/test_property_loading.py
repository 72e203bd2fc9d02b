"""A process serves the property that it was meant for, or does not start."""

from __future__ import annotations

from pathlib import Path

import pytest

from crdt_pms.hotel.property_file import render_property
from crdt_pms.runtime.errors import SettingsError
from crdt_pms.runtime.property_loading import PropertyFileUnusable, load_property
from tests.crdt_pms.replica.founding import without_rows
from tests.crdt_pms.replica.terminals import PROPERTY_ID, definition


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "property.json"
    file.write_text(render_property(definition()), encoding="utf-8")
    return file


@pytest.mark.parametrize("tenant", [None, PROPERTY_ID])
def test_the_property_is_what_its_file_says(path: Path, tenant: str | None) -> None:
    assert load_property(path, tenant) == without_rows()


def test_another_tenants_process_does_not_serve_it(path: Path) -> None:
    with pytest.raises(SettingsError, match="mountain"):
        load_property(path, "mountain")


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"\xff\xfe", "cannot be read"), (b"{", "is wrong"), (b"[]", "is wrong"), (b'{"rooms": 7}', "is wrong")],
)
def test_a_file_that_is_none_is_told_with_its_place(path: Path, content: bytes, said: str) -> None:
    path.write_bytes(content)
    with pytest.raises(PropertyFileUnusable, match=said) as refused:
        load_property(path, None)
    assert str(path) in refused.value.message
    assert refused.value.remedy


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(PropertyFileUnusable, match="cannot be read"):
        load_property(tmp_path / "nowhere.json", None)
