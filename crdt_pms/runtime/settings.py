"""Settings from the environment and `.env`, under the names that the hotel group's specification gives them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from crdt_pms.runtime.errors import SettingsError


class Settings(BaseSettings):
    """What an operator decides. Command-line options go before these."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True)

    database_url: Annotated[
        SecretStr | None, Field(description="PostgreSQL of the relay, postgresql://user:password@host:port/name")
    ] = None
    local_db_path: Annotated[Path, Field(description="The terminal's SQLite file")] = Path("data/pms-local.sqlite")
    tenant_id: Annotated[
        str | None,
        Field(description="The property that this process must belong to; refused if the property file differs"),
    ] = None
    jwt_secret: Annotated[SecretStr | None, Field(description="Shared with the identity server")] = None
    pin_encryption_key: Annotated[SecretStr | None, Field(description="Binds staff PINs to this terminal")] = None
    sync_interval_minutes: Annotated[
        float, Field(gt=0, le=60, description="Longest pause between two attempts to reach the relay, minutes")
    ] = 5.0
    max_retry_count: Annotated[
        int, Field(ge=0, le=100, description="Failed attempts to reach the relay before the screen warns")
    ] = 3
    snapshot_interval_hours: Annotated[
        float, Field(gt=0, le=24 * 30, description="How often the relay makes a snapshot of the property, hours")
    ] = 24.0
    oldest_backup_days: Annotated[
        float,
        Field(
            gt=0,
            le=365,
            description="Age of the oldest backup to which the relay's database may be put back, days: terminals keep entries "
            "for so long at least",
        ),
    ] = 7.0
    offline_mode_enabled: Annotated[
        bool, Field(description="Whether the desk may work while the relay cannot be reached")
    ] = True


def load_settings(env_file: Path | None = Path(".env")) -> Settings:
    """Read the settings. Raises SettingsError naming the first variable that was refused."""
    try:
        return Settings(_env_file=env_file)  # pyright: ignore[reportCallIssue] - pydantic-settings' own argument
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = ".".join(str(part) for part in first["loc"]).upper()
        raise SettingsError(
            f"{name} was refused: {first['msg']}.", f"Correct {name} in the environment or in .env."
        ) from error
