"""What a device that opens many journals costs a relay: each certificate is verified once, and none waits without a bound."""

from __future__ import annotations

import pytest

from crdt_pms.journal.certificate import Certificate
from crdt_pms.journal.entry import Entry
from crdt_pms.store import sql_journals
from relay_server import intake as intake_module
from tests.crdt_pms.journal.journals import append, writer
from tests.relay_server.histories import commit_all
from tests.relay_server.relays import PEER, committing
from tests.relay_server.test_projection import follow, projecting

JOURNALS = 60
MORE = 5


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The certificates that were read from a database, and verified, so far."""
    certificates: list[bytes] = []

    class Counted(Certificate):
        @classmethod
        def decode(cls, encoded: bytes, signature: bytes) -> Certificate:
            certificates.append(encoded)
            return Certificate.decode(encoded, signature)

    monkeypatch.setattr(sql_journals, "Certificate", Counted)
    return certificates


def journals(first: int, count: int) -> tuple[list[Certificate], list[Entry]]:
    """That many journals of one entry each."""
    writers = [writer(number) for number in range(first, first + count)]
    return [one.certificate for one in writers], [append(one) for one in writers]


def test_alerts_are_derived_anew_without_reading_a_certificate_again(database_url: str, read: list[bytes]) -> None:
    commit_all(database_url, *journals(1, JOURNALS))
    with projecting(database_url) as projection:
        follow(projection)
        del read[:]
        projection.refresh_alerts()
        assert read == []
        commit_all(database_url, *journals(JOURNALS + 1, MORE))
        follow(projection)
        assert len(read) == MORE


@pytest.mark.asyncio
async def test_what_another_process_committed_is_read_in_with_its_own_certificates_only(
    database_url: str, read: list[bytes]
) -> None:
    with committing(database_url) as relay:
        commit_all(database_url, *journals(1, JOURNALS))
        assert await relay.committer.commit_once()
        del read[:]
        commit_all(database_url, *journals(JOURNALS + 1, MORE))
        assert await relay.committer.commit_once()
        assert len(read) == MORE
        assert relay.intake.order.through == JOURNALS + MORE


@pytest.mark.asyncio
async def test_certificates_that_wait_for_the_database_are_bounded(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake_module, "QUEUED_ENTRIES_MAX", JOURNALS)
    with committing(database_url) as relay:
        certificates, entries = journals(1, JOURNALS)
        await relay.node.receive_certificates(certificates[:-1])
        assert relay.intake.has_room
        await relay.node.receive_certificates(certificates[-1:])
        assert not relay.intake.has_room
        assert await relay.committer.commit_once()
        assert relay.intake.has_room
        await relay.node.receive_entries(entries, PEER)
        assert await relay.committer.commit_once()
        assert relay.intake.order.through == JOURNALS
