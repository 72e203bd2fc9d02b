"""The HTTP API for other systems: what it takes, what it answers, and that no answer is given twice or too early."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import anyio
import httpx
import pytest

from crdt_pms.desk.actions.arrivals import CheckIn
from crdt_pms.desk.actions.rooms import SetRoomCondition
from crdt_pms.hotel.statuses import HK_CONDITION
from crdt_pms.ports.errors import CommitOutcomeUnknown, StoreUnavailable
from crdt_pms.ports.store import Store, Transaction
from crdt_pms.store.postgresql import open_postgresql
from relay_server import projector as projector_module
from relay_server.limits import REQUEST_BODY_BYTES_MAX
from relay_server.problems import MEDIA_TYPE
from relay_server.projection import Standing
from tests.crdt_pms.replica.founding import rows_of_the_small_hotel, without_rows
from tests.crdt_pms.replica.terminals import OPENING_DATE, PROPERTY_ID, Desk
from tests.relay_server.histories import certificates_of, commit_all, entries_of, open_desks, rows_in
from tests.relay_server.relays import (
    API,
    BOOKING_TOKEN,
    ELSEWHERE,
    MEMBER_TOKEN,
    RESERVATIONS,
    TOKEN_ELSEWHERE,
    RunningRelay,
    outage,
    require_whole,
    running_relay,
    stored,
    until,
)

pytestmark = pytest.mark.asyncio

JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
PASSPORT = "TK1234567"
Body = dict[str, Any]


def booking(stay: str | None = "b1", **terms: Any) -> Body:
    """A reservation as the booking engine sends it."""
    body: Body = {
        "guest": {"name": "田中 一郎", "contact": "090-1111-2222", "address": "鎌倉市", "passport": PASSPORT},
        "terms": {
            "arrival": OPENING_DATE, "nights": 2, "room_type": "A", "rate_minor": 15_000, "adults": 2,
            "source": "booking-engine", **terms,
        },
    }  # fmt: skip
    return body if stay is None else body | {"stay": stay}


def headers(key: str | None = None, etag: str | None = None, token: str = BOOKING_TOKEN) -> dict[str, str]:
    found = {"Authorization": f"Bearer {token}"}
    if key is not None:
        found["Idempotency-Key"] = key
    if etag is not None:
        found["If-Match"] = etag
    return found


async def create(relay: RunningRelay, body: Any = None, key: str = "k1") -> httpx.Response:
    return await relay.client.post(RESERVATIONS, json=body or booking(), headers=headers(key))


async def read(relay: RunningRelay, stay: str = "b1") -> httpx.Response:
    return await relay.client.get(f"{RESERVATIONS}/{stay}", headers=headers())


async def amend(relay: RunningRelay, etag: str | None, body: Body, key: str | None = None) -> httpx.Response:
    return await relay.client.patch(f"{RESERVATIONS}/b1", json=body, headers=headers(key, etag))


async def cancel(relay: RunningRelay, etag: str | None, key: str | None = None) -> httpx.Response:
    return await relay.client.post(
        f"{RESERVATIONS}/b1/cancel", json={"reason": "guest's wish"}, headers=headers(key, etag)
    )


def require_problem(answer: httpx.Response, status: int, code: str) -> Body:
    """The answer is that problem, in words that say what to do."""
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["Content-Type"] == MEDIA_TYPE
    body = answer.json()
    assert body["status"] == status
    assert body["detail"]
    assert body["remedy"]
    return body


# Create, read, amend, cancel


async def test_a_reservation_is_taken_read_amended_and_cancelled(database_url: str) -> None:
    async with running_relay(database_url) as relay:
        taken = await create(relay)
        assert taken.status_code == 201
        assert taken.json()["stay"] == "b1"
        shown = await read(relay)
        assert shown.headers["ETag"] == taken.headers["ETag"] == f'"{shown.json()["revision"]}"'
        assert shown.json()["status"] == "reserved"
        assert shown.json()["terms"]["rate_minor"] == 15_000

        change = {"terms": {"nights": 3}, "guest": {"contact": "", "kana": "タナカ"}, "reason": "guest's wish"}
        amended = await amend(relay, shown.headers["ETag"], change)
        assert amended.status_code == 200
        assert len(amended.json()["entries"]) == 2
        shown = await read(relay)
        assert shown.headers["ETag"] == amended.headers["ETag"] != taken.headers["ETag"]
        assert shown.json()["terms"]["nights"] == 3
        assert (shown.json()["guest"]["kana"], shown.json()["guest"]["contact"]) == ("タナカ", None)

        cancelled = await cancel(relay, shown.headers["ETag"])
        assert cancelled.status_code == 200
        assert (await read(relay)).json()["status"] == "cancelled"
        assert rows_in(database_url)["reservation"][0]["status"] == "cancelled", "the tables show it with the answer"
    placed = stored(database_url)
    require_whole(placed)
    assert {one.entry.author for one in placed} == {"booking-engine"}
    told = [*taken.json()["entries"], *amended.json()["entries"], *cancelled.json()["entries"]]
    assert [[one.entry.dot.journal.hex(), one.entry.dot.seq] for one in placed] == told


async def test_a_relay_that_knows_no_rows_of_the_property_yet_takes_no_reservation(database_url: str) -> None:
    rows = rows_of_the_small_hotel()
    async with running_relay(database_url, hotel=without_rows()) as relay:
        refused = await create(relay)
        assert (refused.status_code, refused.json()["code"]) == (409, "property_not_here")
        assert JAPANESE.search(refused.json()["detail_ja"])
        relay.relay.intake.receive_certificates(list(rows.certificates))
        relay.relay.intake.receive(list(rows.entries), {})
        await until(lambda: relay.relay.intake.order.through >= len(rows.entries), "committed")
        await relay.until_projected()
        assert (await create(relay)).status_code == 201


async def test_terminals_get_what_was_taken(database_url: str) -> None:
    async with running_relay(database_url) as relay:
        before = relay.relay.changes.version
        [[journal, _]] = (await create(relay)).json()["entries"]
        await until(lambda: relay.relay.intake.order.through == 1, "read in")
        assert relay.relay.changes.version > before
        entries, _ = await relay.relay.node.read(await relay.relay.node.cursor_for(0), 0, 10, 10**6)
        assert [entry.dot.journal.hex() for entry in entries] == [journal]
        assert relay.relay.node.certificate(entries[0].dot.journal) is not None


async def test_a_known_guest_needs_no_second_card(database_url: str) -> None:
    async with running_relay(database_url) as relay:
        await create(relay)
        guest = (await read(relay)).json()["guest"]["guest"]
        again = booking("b2") | {"guest": {"guest": guest}}
        assert (await create(relay, again, "k2")).status_code == 201
        assert (await read(relay, "b2")).json()["guest"]["name"] == "田中 一郎"


async def test_a_stay_without_an_id_gets_one(database_url: str) -> None:
    async with running_relay(database_url) as relay:
        stay = (await create(relay, booking(None))).json()["stay"]
        assert (await read(relay, stay)).status_code == 200


async def test_a_passport_is_written_and_never_read_back(database_url: str) -> None:
    async with running_relay(database_url) as relay:
        taken = await create(relay)
        shown = await read(relay)
        amended = await amend(relay, shown.headers["ETag"], {"guest": {"passport": f"{PASSPORT}8"}})
        wrong = await create(relay, booking("b3") | {"guest": {"name": "x", "passport": PASSPORT, "visa": PASSPORT}})
        for answer in (taken, shown, amended, wrong, await read(relay)):
            assert PASSPORT not in answer.text
        assert "passport" not in shown.json()["guest"]
        assert rows_in(database_url)["guest"][0]["passport"] == f"{PASSPORT}8"


# Who asks


@pytest.mark.parametrize("given", [None, "Bearer unknown-token-0000001", "Basic dXNlcg==", f"Bearer {BOOKING_TOKEN}x"])
async def test_without_a_known_token_nothing_is_told_or_done(database_url: str, given: str | None) -> None:
    async with running_relay(database_url) as relay:
        await create(relay)
        sent = {"Idempotency-Key": "k9"} | ({} if given is None else {"Authorization": given})
        client = relay.client
        for answer in (
            await client.get(f"{RESERVATIONS}/b1", headers=sent),
            await client.post(RESERVATIONS, json=booking("b2"), headers=sent),
            await client.patch(f"{RESERVATIONS}/b1", json={"terms": {"nights": 1}}, headers=sent),
            await client.post(f"{RESERVATIONS}/b1/cancel", json={"reason": "x"}, headers=sent),
        ):
            require_problem(answer, 401, "token_unknown")
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
            if given is not None:
                assert given.partition(" ")[2] not in answer.text
    assert len(stored(database_url)) == 1


async def test_the_token_says_which_system_acts_and_what_it_may(database_url: str) -> None:
    async with running_relay(database_url) as relay:
        member = headers("k1", token=MEMBER_TOKEN)
        refused = await relay.client.post(RESERVATIONS, json=booking(), headers=member)
        body = require_problem(refused, 403, "origin_not_allowed")
        assert JAPANESE.search(body["detail_ja"])
        await create(relay, key="k1")
        etag = (await read(relay)).headers["ETag"]
        card = await relay.client.patch(
            f"{RESERVATIONS}/b1", json={"guest": {"member": "GOLD"}}, headers=headers(None, etag, MEMBER_TOKEN)
        )
        assert card.status_code == 200
        claimed = await create(relay, booking("b2") | {"origin": "hotel-pms"}, "k2")
        require_problem(claimed, 422, "request_invalid")
    assert [one.entry.author for one in stored(database_url)] == ["booking-engine", "hotel-member"]


async def test_a_token_is_one_for_its_property_only(database_url: str) -> None:
    async with running_relay(database_url) as relay:
        for token, path, status, code in (
            (TOKEN_ELSEWHERE, RESERVATIONS, 403, "token_of_another_property"),
            (BOOKING_TOKEN, f"/v1/properties/{ELSEWHERE}/reservations", 403, "token_of_another_property"),
            (TOKEN_ELSEWHERE, f"/v1/properties/{ELSEWHERE}/reservations", 404, "property_unknown"),
            ("unknown-token-0000001", f"/v1/properties/{ELSEWHERE}/reservations", 401, "token_unknown"),
        ):
            sent = headers("k1", '"x"', token)
            for answer in (
                await relay.client.post(path, json=booking(), headers=sent),
                await relay.client.get(f"{path}/b1", headers=sent),
                await relay.client.patch(f"{path}/b1", json={"terms": {"nights": 1}}, headers=sent),
                await relay.client.post(f"{path}/b1/cancel", json={"reason": "x"}, headers=sent),
            ):
                require_problem(answer, status, code)
    assert stored(database_url) == []


# As last read


async def test_a_change_must_say_what_was_read(database_url: str) -> None:
    async with running_relay(database_url) as relay:
        await create(relay)
        for etag in (None, "*", "", " , "):
            require_problem(await amend(relay, etag, {"terms": {"nights": 4}}), 428, "if_match_missing")
            require_problem(await cancel(relay, etag), 428, "if_match_missing")
        assert (await read(relay)).json()["terms"]["nights"] == 2


async def test_a_change_of_what_is_no_longer_there_is_told_what_is(database_url: str) -> None:
    async with running_relay(database_url) as relay:
        old = (await create(relay)).headers["ETag"]
        present = (await amend(relay, old, {"terms": {"nights": 4}})).headers["ETag"]
        for answer in (
            await amend(relay, old, {"terms": {"nights": 5}}),
            await cancel(relay, old),
            await cancel(relay, f"W/{present}"),
            await cancel(relay, '"guess"'),
        ):
            body = require_problem(answer, 412, "revision_stale")
            assert answer.headers["ETag"] == present == f'"{body["revision"]}"'
        shown = (await read(relay)).json()
        assert (shown["terms"]["nights"], shown["status"]) == (4, "reserved")
        assert (await cancel(relay, f'"other", {present}')).status_code == 200


async def test_a_change_of_the_guest_makes_what_was_read_of_the_stay_stale_too(database_url: str) -> None:
    async with running_relay(database_url) as relay:
        old = (await create(relay)).headers["ETag"]
        await amend(relay, old, {"guest": {"name": "田中 二郎"}})
        require_problem(await cancel(relay, old), 412, "revision_stale")


# Once and no more


async def test_a_repeated_request_gets_the_first_answer_and_does_nothing(database_url: str) -> None:
    async with running_relay(database_url) as relay:
        first = await create(relay, booking(None))
        again = await create(relay, booking(None))
        assert (again.status_code, again.content) == (first.status_code, first.content)
        assert again.headers["ETag"] == first.headers["ETag"]
        assert again.headers["Idempotency-Replayed"] == "true"
        assert "Idempotency-Replayed" not in first.headers
    async with running_relay(database_url) as restarted:
        later = await create(restarted, booking(None))
        assert later.content == first.content
    assert len(stored(database_url)) == 1


async def test_repeats_at_the_same_time_are_one_request(database_url: str) -> None:
    async with running_relay(database_url) as relay:
        answers: list[httpx.Response] = []

        async def send() -> None:
            answers.append(await create(relay, booking(None)))

        async with anyio.create_task_group() as tasks:
            for _ in range(6):
                tasks.start_soon(send)
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.content for answer in answers}) == 1
    assert len(stored(database_url)) == 1


async def test_a_repeated_change_is_answered_although_its_etag_is_stale_by_now(database_url: str) -> None:
    async with running_relay(database_url) as relay:
        etag = (await create(relay)).headers["ETag"]
        first = await cancel(relay, etag, "k2")
        again = await cancel(relay, etag, "k2")
        assert (again.status_code, again.content) == (200, first.content)
    assert len(stored(database_url)) == 2


async def test_a_key_with_another_request_is_refused(database_url: str) -> None:
    async with running_relay(database_url) as relay:
        etag = (await create(relay)).headers["ETag"]
        require_problem(await create(relay, booking("b2")), 422, "idempotency_key_reused")
        require_problem(await cancel(relay, etag, "k1"), 422, "idempotency_key_reused")
        assert (await read(relay)).json()["status"] == "reserved"
    assert len(stored(database_url)) == 1


async def test_the_same_key_of_another_system_is_another_key(database_url: str) -> None:
    async with running_relay(database_url) as relay:
        etag = (await create(relay, key="same")).headers["ETag"]
        card = await relay.client.patch(
            f"{RESERVATIONS}/b1", json={"guest": {"member": "GOLD"}}, headers=headers("same", etag, MEMBER_TOKEN)
        )
        assert card.status_code == 200


async def test_creating_needs_a_key(database_url: str) -> None:
    async with running_relay(database_url) as relay:
        answer = await relay.client.post(RESERVATIONS, json=booking(), headers=headers())
        require_problem(answer, 400, "idempotency_key_missing")
    assert stored(database_url) == []


async def test_a_refused_request_may_be_sent_again_under_its_key(database_url: str) -> None:
    async with running_relay(database_url) as relay:
        require_problem(await create(relay, booking(arrival="2026-06-01")), 409, "arrival_past")
        assert (await create(relay)).status_code == 201


async def test_creating_a_stay_again_with_the_same_content_changes_nothing(database_url: str) -> None:
    async with running_relay(database_url) as relay:
        await create(relay)
        again = await create(relay, key="k2")
        assert (again.status_code, again.json()["entries"]) == (200, [])
        problem = require_problem(await create(relay, booking(nights=5), "k3"), 409, "stay_exists")
        assert "nights" in problem["detail"]
        assert "If-Match" in problem["remedy"]
    assert len(stored(database_url)) == 1


async def test_the_same_stay_of_another_guest_is_a_conflict_that_names_the_guest(database_url: str) -> None:
    async with running_relay(database_url) as relay:
        await create(relay)
        other = booking() | {"guest": {"name": "別人 次郎", "contact": "090-1111-2222", "address": "鎌倉市"}}
        problem = require_problem(await create(relay, other, "k2"), 409, "stay_exists")
        assert problem["detail"].endswith("name, passport number."), problem["detail"]
        assert PASSPORT not in str(problem)
        assert (await read(relay)).json()["guest"]["name"] == "田中 一郎"


async def test_a_card_number_does_not_come_in_with_a_booking(database_url: str) -> None:
    async with running_relay(database_url) as relay:
        for place in ({"reason": "card 4111 1111 1111 1111"}, {"guest": {"name": "4111111111111111", "contact": "1"}}):
            problem = require_problem(await create(relay, booking() | place), 422, "card_number")
            assert "1111" not in str(problem)
    assert stored(database_url) == []


NO_TEXTS = ("\ud800", "a\udfff", "\0", "a\0b")
ODD_TEXTS = ("\x1f", "\x85", "\u202e", "\U0001f600" * 40, "x" * 1_999, "\n")


def with_texts(body: Any, text: str) -> Iterator[Any]:
    """The body with that text in the place of each of its texts, and as a further key."""
    if isinstance(body, str):
        yield text
    if isinstance(body, dict):
        yield body | {text: ""}
        for key, value in body.items():
            for changed in with_texts(value, text):
                yield body | {key: changed}


async def test_no_text_at_any_place_of_a_request_is_a_failure_of_the_relay(database_url: str) -> None:
    async with running_relay(database_url) as relay:
        etag = (await create(relay)).headers["ETag"]
        card = {"name": "n", "kana": "k", "contact": "c", "address": "a", "nationality": "n", "passport": "p"}
        bodies = [
            ("POST", "", booking("b2", segment="web") | {"guest": card | {"member": "m"}, "reason": "r"}),
            ("POST", "", booking("b2") | {"guest": {"guest": "guest-b1"}}),
            ("PATCH", "/b1", {"terms": booking(segment="web")["terms"], "guest": card, "reason": "r"}),
            ("POST", "/b1/cancel", {"reason": "r"}),
        ]
        for text in (*NO_TEXTS, *ODD_TEXTS):
            for method, path, whole in bodies:
                for number, body in enumerate(with_texts(whole, text)):
                    sent = headers(f"{method}{path}{number}{text!r}"[:64].encode("ascii", "replace").decode(), etag)
                    answer = await relay.client.request(
                        method, f"{RESERVATIONS}{path}", content=json.dumps(body), headers=sent
                    )
                    assert answer.status_code < 500, (body, answer.text)
                    if text in NO_TEXTS:
                        require_problem(answer, 422, "request_invalid")
            place = quote(text.encode("utf-8", "surrogatepass"), safe="")
            answer = await relay.client.get(f"{RESERVATIONS}/{place}", headers=headers())
            assert 400 <= answer.status_code < 500
        for name in ("Authorization", "Idempotency-Key", "If-Match"):
            for value in (b"\x80", "予約".encode(), b"\xff"):
                sent = {
                    **{key.encode(): text.encode() for key, text in headers("k", etag).items()},
                    name.encode(): value,
                }
                answer = await relay.client.request("PATCH", f"{RESERVATIONS}/b1", content=b"{}", headers=sent)
                require_problem(answer, 422, "request_invalid")


# What is refused


async def test_a_body_that_is_too_large_is_refused_before_it_is_read(database_url: str) -> None:
    async with running_relay(database_url) as relay:
        large = b'{"x": "' + b"x" * REQUEST_BODY_BYTES_MAX + b'"}'

        async def pieces() -> AsyncIterator[bytes]:
            for start in range(0, len(large), 10_000):
                yield large[start : start + 10_000]

        for content in (large, pieces()):
            answer = await relay.client.post(RESERVATIONS, content=content, headers=headers("k1"))
            require_problem(answer, 413, "body_too_large")


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (booking(nights="two"), "body.terms.nights"),
        (booking(nights=True), "body.terms.nights"),
        (booking(rate_minor=2**60), "body.terms.rate_minor"),
        (booking() | {"gest": {}}, "body.gest"),
        ({"guest": {"name": "x"}}, "body.terms"),
        (booking("x" * 81), "body.stay"),
        ([], "body"),
    ],
)
async def test_a_body_of_another_form_is_told_where(database_url: str, body: Any, place: str) -> None:
    async with running_relay(database_url) as relay:
        problem = require_problem(await create(relay, body or [1]), 422, "request_invalid")
        assert place in [error["place"] for error in problem["errors"]]


async def test_what_is_no_json_is_told_so(database_url: str) -> None:
    async with running_relay(database_url) as relay:
        for content in (b"{", b"\xff\xfe", b'{"stay": "\\ud800"}', b"[" * 60_000, b""):
            answer = await relay.client.post(RESERVATIONS, content=content, headers=headers("k1"))
            assert answer.status_code in (400, 422), (content[:20], answer.text)
            assert answer.headers["Content-Type"] == MEDIA_TYPE


@pytest.mark.parametrize("text", ["a\0b", "a\ud800b", "a\u202eb", "x" * 300, "", "  "])
async def test_a_text_that_cannot_be_a_name_is_refused(database_url: str, text: str) -> None:
    async with running_relay(database_url) as relay:
        answer = await relay.client.post(
            RESERVATIONS, content=_ascii_json(booking() | {"guest": {"name": text}}), headers=headers("k1")
        )
        assert answer.status_code == 422, answer.text
    assert stored(database_url) == []


@pytest.mark.parametrize(
    ("terms", "status", "code"),
    [
        ({"arrival": "2026-06-01"}, 409, "arrival_past"),
        ({"arrival": "tomorrow"}, 422, "date_impossible"),
        ({"nights": -1}, 422, "nights_impossible"),
        ({"adults": 0}, 422, "odd_terms"),
        ({"adults": 10_000}, 422, "guests_impossible"),
    ],
)
async def test_a_refusal_is_told_in_both_languages(
    database_url: str, terms: dict[str, Any], status: int, code: str
) -> None:
    async with running_relay(database_url) as relay:
        problem = require_problem(await create(relay, booking(**terms)), status, code)
        assert JAPANESE.search(problem["detail_ja"])
        assert JAPANESE.search(problem["remedy_ja"])
    assert stored(database_url) == []


async def test_a_change_against_the_state_of_the_stay_is_a_conflict(database_url: str) -> None:
    async with running_relay(database_url) as relay:
        etag = (await create(relay)).headers["ETag"]
        etag = (await cancel(relay, etag)).headers["ETag"]
        for answer in (await cancel(relay, etag), await amend(relay, etag, {"terms": {"nights": 5}})):
            assert answer.status_code == 409
            assert JAPANESE.search(answer.json()["detail_ja"])


async def test_of_a_change_that_is_partly_refused_nothing_is_done(database_url: str) -> None:
    async with running_relay(database_url) as relay:
        etag = (await create(relay)).headers["ETag"]
        answer = await amend(relay, etag, {"terms": {"nights": 3}, "guest": {"name": ""}})
        assert answer.status_code == 422
        assert (await read(relay)).headers["ETag"] == etag
        require_problem(await amend(relay, etag, {}), 422, "nothing_to_change")
        unchanged = await amend(relay, etag, {"terms": {"nights": 2}})
        assert (unchanged.status_code, unchanged.json()["entries"]) == (200, [])


async def test_an_unknown_stay_and_an_unknown_path_are_not_found(database_url: str) -> None:
    async with running_relay(database_url) as relay:
        problem = require_problem(await read(relay, "nobody"), 404, "stay_unknown")
        assert JAPANESE.search(problem["detail_ja"])
        require_problem(await relay.client.get("/v1/reservations"), 404, "not_found")
        require_problem(await relay.client.delete(f"{RESERVATIONS}/b1"), 405, "method_not_allowed")
        require_problem(await cancel(relay, '"x"'), 404, "stay_unknown")


# While PostgreSQL is down


async def test_while_the_database_is_down_nothing_is_taken_and_afterwards_it_is(database_url: str) -> None:
    async with running_relay(database_url) as relay:
        etag = (await create(relay)).headers["ETag"]
        await until(lambda: relay.relay.intake.order.through == 1, "read in")
        with outage(database_url):
            for answer in (await create(relay, booking("b2"), "k2"), await cancel(relay, etag, "k3")):
                problem = require_problem(answer, 503, "database_unavailable")
                assert "postgresql" not in problem["detail"].lower()
                assert int(answer.headers["Retry-After"]) > 0
            await _until_status(relay, "/ready", 503)
            assert (await relay.client.get("/health")).status_code == 200
            standing = await relay.client.get(f"{API}/status")
            assert standing.status_code == 200, "how it stands is asked most when something is wrong"
            assert standing.json()["content_hash"] is None
            assert standing.json()["committed_through"] == 1
        await _until_status(relay, "/ready", 200)
        assert (await create(relay, booking("b2"), "k2")).status_code == 201
        assert (await cancel(relay, etag, "k3")).status_code == 200
    require_whole(stored(database_url))


class _Breaking:
    """A store that breaks after a commit, or before it, whenever an entry was appended."""

    def __init__(self, url: str) -> None:
        self._store = open_postgresql(url, PROPERTY_ID)
        self.plan: list[str] = []
        self.down = False

    @contextmanager
    def transaction(self, *, durable: bool = True) -> Iterator[Transaction]:
        if self.down:
            raise StoreUnavailable("told to be down")
        with self._store.transaction(durable=durable) as transaction:
            before = transaction.last_position() if self.plan else 0
            yield transaction
            wrote = bool(self.plan) and transaction.last_position() > before
            trouble = self.plan.pop(0) if wrote else ""
            if trouble == "lost":
                raise CommitOutcomeUnknown("told to lose it")
        if trouble:
            self.down = trouble == "unheard and down"
            raise CommitOutcomeUnknown("told to lose the answer")

    def close(self) -> None:
        self._store.close()


@pytest.mark.parametrize(
    ("trouble", "status", "code"),
    [("unheard", 201, None), ("lost", 503, "outcome_unknown"), ("unheard and down", 503, "outcome_unknown")],
)
async def test_an_unknown_outcome_is_told_truly_and_a_repeat_does_nothing_twice(
    database_url: str, trouble: str, status: int, code: str | None
) -> None:
    made: list[_Breaking] = []

    def open_store() -> Store:
        made.append(_Breaking(database_url))
        return made[-1]

    async with running_relay(database_url, change=lambda database: replace(database, open_store=open_store)) as relay:
        await relay.client.get(f"{API}/status")
        projecting = made[1]
        projecting.plan = [trouble]
        answer = await create(relay, booking(None))
        assert (answer.status_code, answer.json().get("code")) == (status, code)
        if code is not None:
            assert "may have been done" in answer.json()["detail"]
        projecting.down = False
        again = await create(relay, booking(None))
        assert again.status_code == 201
        if code is None:
            assert again.content == answer.content
        await until(lambda: relay.relay.intake.order.through == 1, "read in")
    assert len(stored(database_url)) == 1
    assert len(rows_in(database_url)["reservation"]) == 1


async def test_too_many_who_wait_are_told_to_come_again(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(projector_module, "ORIGIN_REQUESTS_WAITING_MAX", 2)
    async with running_relay(database_url) as relay:
        answers: list[httpx.Response] = []

        async def send(number: int) -> None:
            answers.append(await create(relay, booking(f"b{number}"), f"k{number}"))

        async with anyio.create_task_group() as tasks:
            for number in range(8):
                tasks.start_soon(send, number)
        refused = [answer for answer in answers if answer.status_code == 503]
        assert refused
        for answer in refused:
            require_problem(answer, 503, "too_many_requests_waiting")
            assert answer.headers["Retry-After"]
    assert len(stored(database_url)) == 8 - len(refused)


# Beside the desk


async def test_a_cancellation_of_a_guest_who_was_checked_in_meanwhile_leaves_the_guest_in_house(
    database_url: str, tmp_path: Path
) -> None:
    """The desk was offline; what it did arrives after the cancellation was taken."""
    async with running_relay(database_url) as relay:
        etag = (await create(relay)).headers["ETag"]
        with open_desks(tmp_path, 1) as [desk]:
            await _pull(relay, desk)
            desk.do(SetRoomCondition("201", HK_CONDITION, "clean"))
            desk.do(CheckIn("b1", room="201"))
            assert (await cancel(relay, etag)).status_code == 200
            relay.relay.intake.receive_certificates(certificates_of(desk))
            relay.relay.intake.receive(entries_of(desk), {})
            await until(lambda: relay.relay.intake.order.through == 4, "committed")
            await relay.until_projected(4)
        shown = (await read(relay)).json()
        assert (shown["status"], shown["room"]) == ("in_house", "201")
        [conflict] = rows_in(database_url)["conflict"]
        assert (conflict["field_group"], conflict["row_id"]) == ("stay.occupancy", "b1")
        values = [row["value"] for row in rows_in(database_url)["conflict_value"]]
        assert any("cancelled" in str(value) for value in values)
        present = shown["revision"]
        require_problem(await cancel(relay, etag, "late"), 412, "revision_stale")
        assert (await cancel(relay, f'"{present}"')).status_code == 409, "a guest in house cannot be cancelled"


async def test_a_change_by_the_desk_makes_what_another_system_read_stale(database_url: str, tmp_path: Path) -> None:
    async with running_relay(database_url) as relay:
        etag = (await create(relay)).headers["ETag"]
        with open_desks(tmp_path, 1) as [desk]:
            await _pull(relay, desk)
            desk.do(SetRoomCondition("201", HK_CONDITION, "clean"))
            desk.do(CheckIn("b1", room="201"))
            relay.relay.intake.receive_certificates(certificates_of(desk))
            relay.relay.intake.receive(entries_of(desk), {})
            await until(lambda: relay.relay.intake.order.through == 3, "committed")
        require_problem(await cancel(relay, etag), 412, "revision_stale")


async def test_a_request_is_judged_on_what_is_committed_at_that_very_moment(database_url: str, tmp_path: Path) -> None:
    """Entries that come between reading and writing are read too, before anybody else may commit."""
    async with running_relay(database_url) as relay:
        await relay.client.get(f"{API}/status")
        with open_desks(tmp_path, 1) as [desk]:
            desk.reserve("b1")
            certificates, entries = certificates_of(desk), entries_of(desk)
        projection = relay.relay.projector._projecting.projection
        catch_up = projection.catch_up

        def catch_up_and_be_late() -> Standing:
            standing = catch_up()
            if entries:
                commit_all(database_url, certificates, entries)
                entries.clear()
            return standing

        projection.catch_up = catch_up_and_be_late
        require_problem(await create(relay), 409, "stay_exists")
        assert (await create(relay, booking("b2"), "k2")).status_code == 201
    require_whole(stored(database_url))


# How it stands, and what is documented


async def test_it_says_how_it_stands(database_url: str) -> None:
    async with running_relay(database_url) as relay:
        assert (await relay.client.get("/health")).json() == {"status": "ok", "alarm": None}
        assert (await relay.client.get("/ready")).json() == {"ready": True, "reason": None, "alarm": None}
        taken = (await create(relay)).json()
        await until(lambda: relay.relay.intake.order.through == 1, "read in")
        await relay.until_projected()
        assert (await relay.client.get("/v1/properties")).json() == {"properties": [PROPERTY_ID]}
        require_problem(await relay.client.get(f"/v1/properties/{ELSEWHERE}/status"), 404, "property_unknown")
        standing = (await relay.client.get(f"{API}/status?vector=true")).json()
        assert standing["property_id"] == PROPERTY_ID
        assert standing["generation"] == relay.relay.intake.order.generation.hex()
        assert (standing["committed_through"], standing["projected_through"], standing["queue"]) == (1, 1, 0)
        assert standing["vector"] == {taken["entries"][0][0]: 1}
        assert len(standing["content_hash"]) == 64
        page = await relay.client.get("/")
        assert page.headers["Content-Type"].startswith("text/html")


async def test_everything_is_documented(database_url: str) -> None:
    async with running_relay(database_url) as relay:
        document = (await relay.client.get("/openapi.json")).json()
    paths = document["paths"]
    reservations = "/v1/properties/{property}/reservations"
    stay = f"{reservations}/{{stay}}"
    expected = {
        (reservations, "post"): {200, 201, 400, 401, 403, 404, 409, 413, 422, 503},
        (reservations, "get"): {200, 401, 403, 404, 422, 503},
        (stay, "get"): {200, 401, 403, 404, 503},
        (stay, "patch"): {200, 401, 403, 404, 409, 412, 413, 422, 428, 503},
        (f"{stay}/cancel", "post"): {200, 401, 403, 404, 409, 412, 413, 422, 428, 503},
    }
    for (path, method), statuses in expected.items():
        operation = paths[path][method]
        assert {int(status) for status in operation["responses"]} >= statuses
        assert operation["security"]
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                schema = response["content"][MEDIA_TYPE]["schema"]
                assert schema == {"$ref": "#/components/schemas/ProblemBody"}, (path, status)
            elif (path, method) != (reservations, "get"):
                assert "ETag" in response["headers"], (path, status)
    parameters = {one["name"].lower() for one in paths[stay]["patch"]["parameters"]}
    assert parameters == {"property", "stay", "if-match", "idempotency-key"}
    assert set(paths) >= {"/health", "/ready", "/v1/properties", "/v1/properties/{property}/status"}
    assert not any(path.startswith("/control") for path in paths)
    guest = document["components"]["schemas"]["ReservationGuestBody"]["properties"]
    assert "passport" not in guest


async def _pull(relay: RunningRelay, desk: Desk) -> None:
    """Have the desk receive everything that is committed."""
    await until(lambda: relay.relay.intake.order.through > 0, "read in")
    with closing(open_postgresql(relay.database_url, PROPERTY_ID)) as store, store.transaction() as transaction:
        desk.replica.receive_certificates([record.certificate for record in transaction.journals()])
        desk.replica.receive([one.entry for one in transaction.entries_after(0, 1_000, 10**7)], desk.now_ms)


async def _until_status(relay: RunningRelay, path: str, status: int) -> None:
    async def answers() -> bool:
        return (await relay.client.get(path)).status_code == status

    await until(answers, f"{path} answers {status}")


def _ascii_json(body: Body) -> bytes:
    return json.dumps(body).encode()


async def test_reservations_are_listed_by_page_as_soon_as_they_are_taken(database_url: str) -> None:
    async with running_relay(database_url) as relay:
        for number in range(5):
            assert (await create(relay, booking(f"b{number}"), f"k{number}")).status_code == 201
        found: list[str] = []
        dates = f"from={OPENING_DATE}&until={OPENING_DATE}"
        path: str | None = f"{RESERVATIONS}?status=reserved&{dates}&rows=2"
        while path is not None:
            response = await relay.client.get(path, headers=headers())
            assert response.status_code == 200, response.text
            found += [row["stay"] for row in response.json()]
            path = response.links["next"]["url"] if "next" in response.links else None
        assert found == [f"b{number}" for number in range(5)]
        assert PASSPORT not in response.text
        for asked, code in (
            (f"status=reserved&{dates}&cursor=x", "cursor_invalid"),
            (f"status=reserved&from={OPENING_DATE}&until=2000-01-01", "range_invalid"),
            (f"status=none&{dates}", "request_invalid"),
        ):
            refused = await relay.client.get(f"{RESERVATIONS}?{asked}", headers=headers())
            assert (refused.status_code, refused.json()["code"]) == (422, code)
        unknown = await relay.client.get(
            f"{RESERVATIONS}?status=reserved&{dates}", headers=headers(token="unknown-token")
        )
        assert unknown.status_code == 401
