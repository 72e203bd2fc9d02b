"""`crdt-pms relay` tells an operator what is wrong and what to do, without a traceback and without a secret."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import anyio
import httpx
import psycopg
import pytest

from crdt_pms.hotel.property_file import render_property
from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.trust import DeviceClass
from crdt_pms.runtime.command import EXIT_OPERATOR_ERROR
from crdt_pms.runtime.device_files import chain_file_of, save_chain
from crdt_pms.runtime.device_key_file import load_device_key
from crdt_pms.runtime.errors import SettingsError
from crdt_pms.store.postgresql import open_postgresql
from relay_server.command import _require_address
from relay_server.generation import replace_generation
from relay_server.service_tokens import OTHER_SYSTEMS, VARIABLE, ServiceTokens
from simulations.processes.managed_process import ManagedProcess
from simulations.processes.ports import LOOPBACK, free_ports
from tests.crdt_pms.journal.journals import administrator
from tests.crdt_pms.replica import terminals
from tests.relay_server.relays import until

process = pytest.mark.process

SECRET = "hunter2-hunter2-hunter2"
UNREACHABLE = f"postgresql://hotel:{SECRET}@{LOOPBACK}:1/hotel"


@pytest.fixture
def arguments(tmp_path: Path) -> list[str]:
    """What an operator gives to start a relay that is enrolled."""
    key_file = tmp_path / "relay.device-key"
    key = load_device_key(key_file).public_bytes
    save_chain(chain_file_of(key_file), administrator().enrol(key, DeviceClass.RELAY, "relay", Stamp(1, 0)))
    (tmp_path / "property.json").write_text(render_property(terminals.definition()), encoding="utf-8")
    http_port, sync_port = free_ports(2)
    return [
        "relay", "--property", str(tmp_path / "property.json"), "--device-key-file", str(tmp_path / "relay.device-key"),
        "--http-port", str(http_port), "--sync-port", str(sync_port),
    ]  # fmt: skip


def port_of(arguments: list[str], option: str) -> int:
    return int(arguments[arguments.index(option) + 1])


def require_told(arguments: list[str], folder: Path, *said: str, **environment: str) -> str:
    """It ends with the operator's exit code and two lines that hold those words and no secret."""
    done = subprocess.run(
        [sys.executable, "-m", "crdt_pms.runtime.command", *arguments],
        capture_output=True, text=True, check=False, cwd=folder, timeout=60,
        env={"PATH": os.defpath, "PYTHONPATH": str(Path.cwd()), "COLUMNS": "2000", **environment},
    )  # fmt: skip
    assert done.returncode == EXIT_OPERATOR_ERROR, done.stderr
    told = done.stdout + done.stderr
    assert "Traceback" not in told
    for words in said:
        assert words in told
    assert "→" in told, "what to do"
    assert SECRET not in told
    return told


@contextmanager
def taken(port: int) -> Iterator[None]:
    with socket.socket() as other:
        other.bind((LOOPBACK, port))
        other.listen()
        yield


@process
def test_a_used_http_port(arguments: list[str], tmp_path: Path) -> None:
    port = port_of(arguments, "--http-port")
    with taken(port):
        require_told(arguments, tmp_path, str(port), "already in use", "another port", DATABASE_URL=UNREACHABLE)


@process
def test_a_used_port_for_terminals(arguments: list[str], tmp_path: Path, database_url: str) -> None:
    port = port_of(arguments, "--sync-port")
    with taken(port):
        told = require_told(arguments, tmp_path, str(port), "already in use", "another port", DATABASE_URL=database_url)
    assert database_url.split(":")[2].split("@")[0] not in told


@process
def test_a_database_that_does_not_answer(arguments: list[str], tmp_path: Path) -> None:
    require_told(arguments, tmp_path, f"{LOOPBACK}:1/hotel", "Start it", DATABASE_URL=UNREACHABLE)


@process
def test_a_database_given_on_the_command_line_is_not_shown_either(arguments: list[str], tmp_path: Path) -> None:
    require_told([*arguments, "--database-url", UNREACHABLE], tmp_path, f"{LOOPBACK}:1/hotel")


@process
def test_a_database_that_refuses_the_password(arguments: list[str], tmp_path: Path, database_url: str) -> None:
    user, _, rest = database_url.partition("://")[2].partition(":")
    url = f"postgresql://{user}:{SECRET}@{rest.partition('@')[2]}"
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url).close()
    require_told(arguments, tmp_path, "password authentication failed", DATABASE_URL=url)


@process
def test_an_address_that_is_none(arguments: list[str], tmp_path: Path) -> None:
    url = f"postgresql://hotel:{SECRET}@{LOOPBACK}:port/hotel"
    require_told(arguments, tmp_path, "postgresql://user:password@host:port/name", DATABASE_URL=url)


@pytest.mark.parametrize(
    "url",
    [
        f"mysql://hotel:{SECRET}@{LOOPBACK}/hotel",
        f"hotel:{SECRET}",
        f"postgresql://hotel:{SECRET}@{LOOPBACK}:port/hotel",
        f"postgresql://hotel:{SECRET}@{LOOPBACK}:1/hotel?unknown={SECRET}",
    ],
)
def test_no_other_address_is_taken_or_repeated(url: str) -> None:
    with pytest.raises(SettingsError) as refused:
        _require_address(url)
    assert "postgresql://user:password@host:port/name" in refused.value.remedy
    assert SECRET not in str(refused.value)
    assert refused.value.__cause__ is None


@process
def test_no_database_at_all(arguments: list[str], tmp_path: Path) -> None:
    require_told(arguments, tmp_path, "no database", "DATABASE_URL")


@process
def test_a_wrong_service_token(arguments: list[str], tmp_path: Path) -> None:
    setting = {VARIABLE: f"{SECRET}:seaside/fax"}
    require_told(arguments, tmp_path, VARIABLE, ", ".join(OTHER_SYSTEMS), DATABASE_URL=UNREACHABLE, **setting)


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        (f"{SECRET}:seaside/fax", ", ".join(OTHER_SYSTEMS)),
        (f"{SECRET}:booking-engine", "token:property/system"),
        (f"{SECRET}:/booking-engine", "token:property/system"),
        (f"seaside/{SECRET}", ", ".join(OTHER_SYSTEMS)),
        (SECRET, ", ".join(OTHER_SYSTEMS)),
        (f"{SECRET}:seaside/hotel-pms", ", ".join(OTHER_SYSTEMS)),
        ("hunter2:seaside/booking-engine", "at least 16 characters"),
        (f"{SECRET}:seaside/booking-engine,{SECRET}:hills/booking-engine", "entry 2"),
        (f"{SECRET}あ:seaside/booking-engine", "plain ASCII"),
    ],
)
def test_every_wrong_service_token_is_told_by_its_number(setting: str, said: str) -> None:
    with pytest.raises(SettingsError) as refused:
        ServiceTokens.parse(setting)
    assert VARIABLE in refused.value.message
    assert said in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_tokens_stand_for_systems_at_a_property() -> None:
    tokens = ServiceTokens.parse(f" {SECRET}:seaside/booking-engine, another:{SECRET}:hills/hotel-member ,")
    assert tokens.caller(SECRET) == ("seaside", "booking-engine")
    assert tokens.caller(f"another:{SECRET}") == ("hills", "hotel-member")
    assert tokens.properties == {"seaside", "hills"}
    assert tokens.caller("") is tokens.caller(f"{SECRET}:seaside/booking-engine") is None
    assert ServiceTokens.parse("").caller(SECRET) is None


@process
def test_a_device_that_is_not_enrolled_as_a_relay(arguments: list[str], tmp_path: Path) -> None:
    (tmp_path / "relay.device-key").unlink()
    require_told(arguments, tmp_path, "--device-class relay", DATABASE_URL=UNREACHABLE)


@process
def test_a_database_that_is_replaced_under_a_running_relay(
    arguments: list[str], tmp_path: Path, database_url: str
) -> None:
    """It ends rather than contradict PostgreSQL, and whatever watches it starts it again."""
    log = tmp_path / "relay.log"
    process = ManagedProcess(
        "relay", arguments, log, f"http://{LOOPBACK}:{port_of(arguments, '--http-port')}/ready",
        {"DATABASE_URL": database_url},
    )  # fmt: skip
    process.start()
    try:
        anyio.run(_until_ready, process)
        with closing(open_postgresql(database_url, terminals.PROPERTY_ID)) as store, store.transaction() as transaction:
            replace_generation(transaction, b"of another relay")
        assert anyio.run(_ended, process) == EXIT_OPERATOR_ERROR
    finally:
        process.stop()
    told = log.read_text(encoding="utf-8")
    assert "another generation" in told
    assert "Start the relay again" in told
    assert "Traceback" not in told


async def _until_ready(process: ManagedProcess) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        await process.until_ready(client)


async def _ended(process: ManagedProcess) -> int:
    await until(lambda: not process.is_running, "the relay ended")
    return process.stop()
