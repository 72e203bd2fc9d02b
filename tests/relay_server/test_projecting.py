"""An entry that the projection cannot apply stops the projection, by name, and nothing else."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from crdt_pms.journal.entry import Entry
from crdt_pms.journal.identifiers import Dot
from crdt_pms.ports.errors import StoreUnavailable
from crdt_pms.ports.store import Transaction
from crdt_pms.state import property_state as state_module
from crdt_pms.state.property_state import PropertyState
from relay_server import projection as projection_module
from relay_server.projecting import Next, Projecting
from tests.crdt_pms.replica.terminals import Desk
from tests.relay_server.histories import certificates_of, commit_all, entries_of, open_desks, rows_in
from tests.relay_server.relays import API, BOOKING_TOKEN, RESERVATIONS, RunningRelay, running_relay, until
from tests.relay_server.test_projection import projecting

STAYS = 9
BAD = 5
PANIC = type("PanicException", (BaseException,), {"__module__": "pyo3_runtime"})
"""As pycrdt's panics come: no Exception, and of no importable class."""
CAUSES = [ValueError("no value"), RecursionError("too deep"), MemoryError(), PANIC("called `Option::unwrap()`")]
apply = PropertyState.apply
flush = PropertyState.flush
refresh_alerts = PropertyState.refresh_alerts


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desks(tmp_path, 1) as (desk,):
        for number in range(1, STAYS + 1):
            desk.reserve(f"s{number}")
        yield desk


@contextmanager
def failing(dot: Dot, cause: BaseException, *, at_flush: bool = False) -> Iterator[None]:
    """While this holds, no state can take in that entry: at once, or when it writes what it has applied."""

    def applied(state: Any, entry: Entry, transaction: Transaction) -> Any:
        if entry.dot == dot:
            state.is_spoilt = True
            if not at_flush:
                raise cause
        return apply(state, entry, transaction)

    def flushed(state: Any, transaction: Transaction) -> None:
        if getattr(state, "is_spoilt", False):
            raise cause
        flush(state, transaction)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(state_module.PropertyState, "apply", applied)
        patch.setattr(state_module.PropertyState, "flush", flushed)
        yield


def steps(projecting_: Projecting) -> Next:
    """Step while there is more to do, and say what then."""
    for _step in range(100):
        if (then := projecting_.step()) is not Next.STEP:
            return then
    raise AssertionError("it does not come to an end")


@pytest.mark.parametrize("at_flush", [False, True])
@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: type(cause).__name__)
@pytest.mark.parametrize("at_once", [1, 4, 500])
def test_what_stands_before_it_is_shown_and_the_alarm_names_it(
    database_url: str, desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
    at_once: int, cause: BaseException, at_flush: bool,
) -> None:  # fmt: skip
    monkeypatch.setattr(projection_module, "PROJECT_ENTRIES_MAX", at_once)
    commit_all(database_url, certificates_of(desk), entries_of(desk))
    bad = entries_of(desk)[BAD - 1].dot
    with projecting(database_url) as projection:
        projecting_ = Projecting(projection, None)  # type: ignore[arg-type]
        with failing(bad, cause, at_flush=at_flush), caplog.at_level(logging.CRITICAL):
            assert steps(projecting_) is Next.STOP
            assert projecting_.alarm is not None
            assert (projecting_.alarm.position, projecting_.alarm.dot) == (BAD, bad)
            assert str(bad) in caplog.text
        assert len(rows_in(database_url)["reservation"]) == projecting_.projected_through == BAD - 1
        assert projecting_.step() is Next.STOP, "until the process is started again"
        assert projecting_.content_hash() is None
    with projecting(database_url) as projection:
        assert steps(Projecting(projection, None)) is Next.REST  # type: ignore[arg-type]
    assert len(rows_in(database_url)["reservation"]) == STAYS


def test_after_a_false_alarm_many_entries_are_applied_at_once_again(
    database_url: str, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What fails once and not again, one by one, is no reason to stop, nor to be slow for ever."""
    monkeypatch.setattr(projection_module, "PROJECT_ENTRIES_MAX", 3)
    commit_all(database_url, certificates_of(desk), entries_of(desk))
    with projecting(database_url) as projection:
        projecting_ = Projecting(projection, None)  # type: ignore[arg-type]
        with failing(entries_of(desk)[1].dot, ValueError("once")):
            assert projecting_.step() is Next.STEP
        assert projecting_.projected_through == 1
        through: list[int] = []
        while projecting_.step() is Next.STEP:
            through.append(projecting_.projected_through)
        assert through[:3] == [2, 3, 6]
        assert projecting_.projected_through == STAYS


def test_alerts_that_cannot_be_derived_stop_it_too(
    database_url: str, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit_all(database_url, certificates_of(desk), entries_of(desk))

    def fail(*_arguments: object) -> None:
        raise ValueError("no alert")

    monkeypatch.setattr(PropertyState, "refresh_alerts", fail)
    with projecting(database_url) as projection:
        projecting_ = Projecting(projection, None)  # type: ignore[arg-type]
        assert steps(projecting_) is Next.STOP
        assert projecting_.alarm is not None
        assert projecting_.alarm.dot == entries_of(desk)[-1].dot
    assert len(rows_in(database_url)["reservation"]) == STAYS


def test_a_database_that_fails_meanwhile_is_no_entrys_fault(database_url: str, desk: Desk) -> None:
    commit_all(database_url, certificates_of(desk), entries_of(desk))
    with projecting(database_url) as projection:
        projecting_ = Projecting(projection, None)  # type: ignore[arg-type]
        with failing(entries_of(desk)[2].dot, StoreUnavailable("gone")):
            assert projecting_.step() is Next.WAIT
            assert projecting_.step() is Next.WAIT
            assert projecting_.alarm is None
        assert steps(projecting_) is Next.REST


def test_being_told_to_end_is_no_entrys_fault_either(database_url: str, desk: Desk) -> None:
    commit_all(database_url, certificates_of(desk), entries_of(desk))
    with projecting(database_url) as projection, failing(entries_of(desk)[2].dot, KeyboardInterrupt()):
        projecting_ = Projecting(projection, None)  # type: ignore[arg-type]
        with pytest.raises(KeyboardInterrupt):
            projecting_.step()
        assert projecting_.alarm is None


@pytest.mark.asyncio
async def test_a_relay_goes_on_committing_and_says_where_it_stopped_showing(database_url: str, desk: Desk) -> None:
    entries, certificates = entries_of(desk), certificates_of(desk)
    bad = entries[BAD - 1].dot
    with failing(bad, PANIC("panicked")):
        async with running_relay(database_url) as relay:
            intake = relay.relay.intake
            intake.receive_certificates(certificates)
            intake.receive(entries[:BAD], {})
            await until(lambda: relay.relay.projector.alarm, "stopped")
            intake.receive(entries[BAD:], {})
            await until(lambda: intake.order.through == STAYS, "committing goes on")
            assert relay.relay.node.order_end().through == STAYS, "and acknowledging"
            await _require_told(relay, bad)
    async with running_relay(database_url) as relay:
        await relay.until_projected(STAYS)
        assert (await relay.client.get("/ready")).json()["ready"]
        assert (await _reserve(relay)).status_code == 201


async def _require_told(relay: RunningRelay, bad: Dot) -> None:
    health = await relay.client.get("/health")
    assert (health.status_code, health.json()["status"]) == (200, "ok")
    ready = await relay.client.get("/ready")
    assert (ready.status_code, ready.json()["reason"]) == (503, "ProjectionFailed")
    standing = (await relay.client.get(f"{API}/status")).json()
    assert (standing["committed_through"], standing["projected_through"]) == (STAYS, BAD - 1)
    assert standing["content_hash"] is None
    for told in (health.json(), ready.json(), standing):
        assert str(bad) in told["alarm"]
        assert "start the relay again" in told["alarm"]
    refused = await _reserve(relay)
    assert refused.status_code == 503
    assert refused.json()["code"] == "projection_stopped"
    assert str(bad) in refused.text
    assert int(refused.headers["Retry-After"]) > 0


async def _reserve(relay: RunningRelay) -> httpx.Response:
    terms = {"arrival": "2026-07-02", "nights": 1, "room_type": "A", "rate_minor": 9_000, "adults": 1, "source": "web"}
    body = {"stay": "late", "guest": {"name": "加藤"}, "terms": terms}
    headers = {"Authorization": f"Bearer {BOOKING_TOKEN}", "Idempotency-Key": "k1"}
    return await relay.client.post(RESERVATIONS, json=body, headers=headers)
