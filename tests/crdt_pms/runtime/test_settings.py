"""Settings carry the specification's names and say what is wrong with a value."""

from __future__ import annotations

from pathlib import Path

import pytest

from crdt_pms.runtime.errors import SettingsError
from crdt_pms.runtime.settings import load_settings

NAMES = [
    "DATABASE_URL",
    "LOCAL_DB_PATH",
    "TENANT_ID",
    "JWT_SECRET",
    "PIN_ENCRYPTION_KEY",
    "SYNC_INTERVAL_MINUTES",
    "MAX_RETRY_COUNT",
    "OFFLINE_MODE_ENABLED",
]


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


def test_the_specification_s_defaults_hold() -> None:
    settings = load_settings(None)
    assert (settings.sync_interval_minutes, settings.max_retry_count, settings.offline_mode_enabled) == (5, 3, True)
    assert settings.local_db_path == Path("data/pms-local.sqlite")


def test_an_env_file_is_read_and_the_environment_goes_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / ".env"
    file.write_text('TENANT_ID="seaside"\nSYNC_INTERVAL_MINUTES=2\n')
    monkeypatch.setenv("SYNC_INTERVAL_MINUTES", "1")
    settings = load_settings(file)
    assert (settings.tenant_id, settings.sync_interval_minutes) == ("seaside", 1)


def test_a_refused_value_names_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_RETRY_COUNT", "many")
    with pytest.raises(SettingsError, match="MAX_RETRY_COUNT"):
        load_settings(None)


def test_secrets_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JWT_SECRET", "hotel-common-shared-secret")
    assert "hotel-common-shared-secret" not in repr(load_settings(None))
