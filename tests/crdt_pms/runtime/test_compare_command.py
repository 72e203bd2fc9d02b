"""An operator asks where two terminals differ, and is told the row and the field."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import typer

from crdt_pms.desk.actions.rooms import SetRoomCondition
from crdt_pms.replica.replica import Replica
from crdt_pms.runtime.compare_command import TerminalSilent, command, differences
from crdt_pms.state.content_digest import RowName
from tests.crdt_pms.replica.terminals import desks


class Asked:
    """What a replica answers to the questions of the command, as its terminal would."""

    def __init__(self, replica: Replica) -> None:
        self._vector = {journal.hex(): seq for journal, seq in replica.vector.items()}
        self._buckets = replica.digest_buckets()
        self._rows = [replica.digest_rows(bucket) for bucket in range(len(self._buckets))]
        names = [name for rows in self._rows for name in rows]
        self._fields = {name: replica.digest_fields(name) for name in names}

    def answer(self, path: str) -> Any:
        match path.removeprefix("/api/").split("/"):
            case ["sync?vector=true"]:
                return {"vector": self._vector}
            case ["digest"]:
                return {"buckets": [one.hex() for one in self._buckets]}
            case ["digest", bucket]:
                rows = self._rows[int(bucket)].items()
                return {"rows": [{"group": name.group, "row": name.row, "sum": one.hex()} for name, one in rows]}
            case ["digest", "row", group, row]:
                found = self._fields.get(RowName(unquote(group), unquote(row)), {})
                return {"fields": {field: one.hex() for field, one in found.items()}}
            case _:
                return None


@contextmanager
def serving(replica: Replica) -> Iterator[str]:
    asked = Asked(replica)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(asked.answer(self.path)).encode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: Any) -> None:
            """Tests are silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_terminals_that_agree_have_no_differences(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with desks(tmp_path, 2) as (one, other):
        one.reserve("stay-1")
        other.pull(one)
        with serving(one.replica) as here, serving(other.replica) as there:
            assert differences(here, there) == []
            command(here, there)
    assert "The content is the same" in capsys.readouterr().out


def test_a_row_that_differs_is_named_with_its_field(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with desks(tmp_path, 2) as (one, other):
        one.reserve("stay-1")
        other.pull(one)
        one.do(SetRoomCondition("201", "hk_condition", "clean"))
        other.do(SetRoomCondition("201", "hk_condition", "dirty"))
        other.reserve("stay-2")
        with serving(one.replica) as here, serving(other.replica) as there:
            found = differences(here, there)
            with pytest.raises(typer.Exit) as ended:
                command(here, there)
    assert ("board", "201", "hk_condition", "") in found
    assert {one.row for one in found if one.only_at} >= {"stay-2"}
    assert {one.only_at for one in found if one.row == "stay-2"} == {there}
    assert ended.value.exit_code == 1
    assert "do not hold the same entries yet" in capsys.readouterr().out


def test_an_address_at_which_no_terminal_answers_is_told() -> None:
    with pytest.raises(TerminalSilent):
        differences("http://127.0.0.1:9", "http://127.0.0.1:9")
