"""What a terminal cannot start with is told in words that say what to do, with exit code 2 and nothing changed."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2

from crdt_pms.store.file_key import key_beside
from crdt_pms.store.sqlite import encrypt, open_sqlite
from simulations.processes.ports import LOOPBACK
from tests.clients.terminal.terminal_process import Ended, TerminalFolder
from tests.crdt_pms.journal.journals import device
from tests.crdt_pms.replica.terminals import PROPERTY_ID, Desk, definition

pytestmark = pytest.mark.process

EXIT_OPERATOR_ERROR = 2


def make_no_database(folder: TerminalFolder) -> None:
    folder.database.write_bytes(b"guest list\n" * 2_000)


def lose_the_key(folder: TerminalFolder) -> None:
    full_database(folder)
    encrypt(folder.database, key_beside(folder.database))
    Path(f"{folder.database}.key").unlink()


def take_the_key_of_another(folder: TerminalFolder) -> None:
    lose_the_key(folder)
    Path(f"{folder.database}.key").write_text(bytes(48).hex())


def truncate_database(folder: TerminalFolder) -> None:
    open_sqlite(folder.database, PROPERTY_ID).close()
    folder.database.write_bytes(folder.database.read_bytes()[:20_000])


def full_database(folder: TerminalFolder) -> None:
    """A file of this property in which a terminal has worked."""
    desk = Desk(1, folder.database, definition())
    for number in range(20):
        desk.reserve(f"stay-{number}")
    desk.store.close()


def damage(folder: TerminalFolder, statement: str) -> None:
    """An encrypted database that says something else than it did, without any page being damaged."""
    full_database(folder)
    with closing(dbapi2.connect(str(folder.database), isolation_level=None)) as connection:
        connection.execute(statement)
    encrypt(folder.database, key_beside(folder.database))


def damage_entries(folder: TerminalFolder) -> None:
    damage(folder, "UPDATE entry SET parts = zeroblob(length(parts))")


def damage_registers(folder: TerminalFolder) -> None:
    damage(folder, "UPDATE register_write SET state = x'c1'")


def damage_certificates(folder: TerminalFolder) -> None:
    damage(folder, "UPDATE journal SET certificate = x'c1'")


def damage_board(folder: TerminalFolder) -> None:
    columns = "(property_id, subject, position, state)"
    damage(folder, f"INSERT INTO document_snapshot {columns} VALUES ('{PROPERTY_ID}', 'board', 1, x'ffff')")


def make_newer_database(folder: TerminalFolder) -> None:
    open_sqlite(folder.database, PROPERTY_ID).close()
    connection = dbapi2.connect(str(folder.database))
    connection.execute("UPDATE crdt_pms_version SET version_num = '9999'")
    connection.commit()
    connection.close()


def forget_the_device(folder: TerminalFolder) -> None:
    folder.enrol(device(3).public_bytes)


def shorten_the_key(folder: TerminalFolder) -> None:
    folder.key_file.write_bytes(b"short")


def misspell_the_property(folder: TerminalFolder) -> None:
    folder.property_file.write_text('{"property_idd": "seaside"}', encoding="utf-8")


def lose_the_property(folder: TerminalFolder) -> None:
    folder.property_file.unlink()


def misspell_the_relay(folder: TerminalFolder) -> None:
    folder.relay = "http://relay.example:7401"


def cut_off_the_log(folder: TerminalFolder) -> None:
    """A terminal was killed, and its write-ahead log lost its end since."""
    desk = Desk(1, folder.database, definition())
    files = [folder.database, Path(f"{folder.database}-wal"), Path(f"{folder.database}.witness")]
    desk.reserve("sato")
    early = files[1].stat().st_size
    desk.reserve("tanaka")
    killed = [file.read_bytes() for file in files]
    desk.store.close()
    for file, content in zip(files, killed, strict=True):
        file.write_bytes(content)
    files[1].write_bytes(killed[1][:early])


def lose_the_witness(folder: TerminalFolder) -> None:
    full_database(folder)
    Path(f"{folder.database}.witness").unlink()


def lose_the_database(folder: TerminalFolder) -> None:
    full_database(folder)
    folder.database.unlink()


def require_told(folder: TerminalFolder, ended: Ended, said: list[str]) -> None:
    assert ended.code == EXIT_OPERATOR_ERROR, ended.words
    for words in said:
        assert words in ended.words
    assert "→" in ended.words
    assert "Traceback" not in ended.words


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (make_no_database, ["StoreKeyUnusable", "desk.sqlite", "move the database aside"]),
        (forget_the_device, ["DeviceNotEnrolled", "vouches for another key", "--device-class terminal"]),
        (shorten_the_key, ["DeviceKeyUnusable", "holds 5 bytes", "Put the right file back"]),
    ],
)
def test_a_process_that_cannot_start_says_why_and_ends(
    tmp_path: Path, spoil: Callable[[TerminalFolder], None], said: list[str]
) -> None:
    folder = TerminalFolder(tmp_path, knows_rows=False)
    spoil(folder)
    require_told(folder, folder.run_to_its_end(), said)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (make_no_database, ["StoreKeyUnusable", "desk.sqlite", "move the database aside"]),
        (lose_the_key, ["StoreKeyUnusable", "desk.sqlite.key is missing", "鍵ファイル"]),
        (take_the_key_of_another, ["StoreCorrupt", "another database's"]),
        (truncate_database, ["StoreCorrupt", "desk.sqlite", "move it aside"]),
        (damage_entries, ["StoreCorrupt", "move it aside"]),
        (damage_registers, ["StoreCorrupt", "move it aside"]),
        (damage_certificates, ["StoreCorrupt", "move it aside"]),
        (damage_board, ["StoreCorrupt", "move it aside"]),
        (make_newer_database, ["StoreNewer", "9999", "Start the newer version"]),
        (cut_off_the_log, ["StoreWentBack", "desk.sqlite", "of others", "--accept-loss", "件が失われました"]),
        (lose_the_witness, ["WitnessUnusable", "desk.sqlite", "witness is missing", "--accept-loss"]),
        (lose_the_database, ["StoreWentBack", "is not there any more", "--accept-loss"]),
        (forget_the_device, ["DeviceNotEnrolled", "vouches for another key", "--device-class terminal"]),
        (shorten_the_key, ["DeviceKeyUnusable", "holds 5 bytes", "Put the right file back"]),
        (misspell_the_property, ["PropertyFileUnusable", "property_idd", "Correct that place"]),
        (lose_the_property, ["PropertyFileUnusable", "property.json", "Correct its path"]),
        (misspell_the_relay, ["http://relay.example:7401", "ws://"]),
    ],
)
def test_what_it_cannot_start_with_is_told_and_left_alone(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    spoil: Callable[[TerminalFolder], None],
    said: list[str],
) -> None:
    folder = TerminalFolder(tmp_path, knows_rows=False)
    spoil(folder)
    before = folder.database.read_bytes() if folder.database.exists() else None
    require_told(folder, folder.run_here_to_its_end(monkeypatch, capsys), said)
    if before is not None:
        assert folder.database.read_bytes() == before


@pytest.mark.parametrize("which", ["http_port", "sync_port"])
def test_a_used_port_is_told(tmp_path: Path, which: str) -> None:
    folder = TerminalFolder(tmp_path, knows_rows=False)
    with socket.socket() as used:
        used.bind((LOOPBACK, getattr(folder, which)))
        used.listen()
        ended = folder.run_to_its_end()
    taken = f"Port {getattr(folder, which)} on {LOOPBACK} is already in use."
    require_told(folder, ended, [taken, "choose another port"])


def test_a_database_that_another_program_has_open_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = TerminalFolder(tmp_path, knows_rows=False)
    with closing(open_sqlite(folder.database, PROPERTY_ID)):
        ended = folder.run_here_to_its_end(monkeypatch, capsys)
    require_told(folder, ended, ["StoreUnavailable", "Close the other program"])


def test_a_process_of_another_tenant_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TENANT_ID", "mountain")
    folder = TerminalFolder(tmp_path, knows_rows=False)
    require_told(folder, folder.run_here_to_its_end(monkeypatch, capsys), ["mountain", PROPERTY_ID])
