"""What other systems ask of the relay: the booking engine sends, changes and cancels reservations, the member system
corrects guests' cards.

A request is what such a system sends, before anybody answers. The caller hands it to the relay's desk for other systems
(creating, or a change with `etags` and `actions`), or has its actions decided directly, and then tells `Origins.answered`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Final, Protocol

from crdt_pms.desk.actions.action import Action
from crdt_pms.desk.actions.reservations import AmendGuest, AmendTerms, CancelStay, CreateStay
from crdt_pms.desk.revisions import revision_of
from crdt_pms.desk.view import DeskView
from crdt_pms.hotel.nights import days_after
from crdt_pms.hotel.statuses import DUE_STATUSES, StayStatus
from crdt_pms.ledger.policies import BOOKING_ENGINE, HOTEL_MEMBER, OCCUPANCY
from simulations.workloads.booking import Booking
from simulations.workloads.names import CITIES
from simulations.world.work.memory import Kept, Memory
from simulations.world.work.reservations import created

STALE_SHARE: Final = 0.3
BLIND_SHARE: Final = 0.1
REPEAT_SHARE: Final = 0.1
CREATE_SHARE: Final = 0.4
CANCEL_SHARE: Final = 0.15
UNNAMED_SHARE: Final = 0.5
"""How often the relay is to choose the id of a new stay: then nothing but its key tells a repeat."""
SHARED_KEY_SHARE: Final = 0.1
"""How often a system happens to choose a key that another system has used."""
SAME_STAY_SHARE: Final = 0.1
"""How often the booking engine asks for a stay again with another guest: two of its guests got one number."""
SENT_MAX: Final = 8
SEEN_MAX: Final = 400


class RevisionPair(Protocol):
    """The revisions of a stay and of its guest, as the relay's desk for other systems hands them to `actions`."""

    @property
    def stay(self) -> str:
        """The revision of the stay."""
        ...

    @property
    def guest(self) -> str:
        """The revision of its guest."""
        ...


@dataclass(frozen=True, slots=True)
class Seen:
    """What a caller saw of a stay: the revisions of the stay and of its guest."""

    stay: str
    guest: str

    @property
    def etag(self) -> str:
        """As an HTTP entity tag, in the relay's form."""
        return f'"{self.stay}.{self.guest}"'


@dataclass(frozen=True, slots=True)
class OriginRequest:
    """One request of another system.

    `creates` is the stay to create, or None for a change of the stay `stay`: of its terms, its guest's card, or its end. A stay
    to create may not have its id yet; `stay` then is the booking.
    `seen` is what goes into If-Match, None for a request that forgets the header: the relay refuses that, and an operation
    decided without it names only its own system's last writes. `key` is the Idempotency-Key; a repeat carries the same
    one and the same content.
    """

    origin: str
    key: str
    stay: str
    creates: CreateStay | None = None
    terms: AmendTerms | None = None
    guest: AmendGuest | None = None
    cancels: CancelStay | None = None
    seen: Seen | None = None

    @property
    def etags(self) -> frozenset[str]:
        """What If-Match carries; empty for a request without the header."""
        return frozenset() if self.seen is None else frozenset({self.seen.etag})

    @property
    def forms(self) -> tuple[str, ...]:
        """The revisions that If-Match carries."""
        return () if self.seen is None else (self.seen.stay, self.seen.guest)

    @property
    def fingerprint(self) -> bytes:
        """The digest of what is asked, for the relay's memory of keys."""
        asked = (self.origin, self.stay, self.creates, self.terms, self.guest, self.cancels)
        return hashlib.sha256(repr(asked).encode()).digest()

    def actions(self, guest: str, revision: RevisionPair | None) -> Sequence[Action]:
        """What the desk is asked to do, for the guest's row id and the revision that the request is judged by."""
        if self.creates is not None:
            return (self.creates,)
        stay_revision = None if revision is None else revision.stay
        found: list[Action] = []
        if self.terms is not None:
            found.append(replace(self.terms, revision=stay_revision))
        if self.guest is not None:
            guest_revision = None if revision is None else revision.guest
            found.append(replace(self.guest, guest=guest, revision=guest_revision))
        if self.cancels is not None:
            found.append(replace(self.cancels, revision=stay_revision))
        return found


class Origins:
    """The booking engine and the member system of one hotel, and what they remember of earlier answers."""

    def __init__(self, bookings: Sequence[Booking]) -> None:
        """`bookings` are those of guests who book on the web; their ids must not be those of the desks' callers."""
        self._memory = Memory(bookings)
        self._sent: Kept[tuple[str, str], OriginRequest] = Kept(SENT_MAX)
        self._used: Kept[tuple[str, str], bool] = Kept(SEEN_MAX)
        self._seen: Kept[str, Seen] = Kept(SEEN_MAX)

    def choose(self, random: Random, view: DeskView) -> OriginRequest | None:
        """The next request of one of the systems; None when there is nothing to ask.

        `view` is what the relay would show them: its committed state. Requests go by what was seen of a stay just now, or
        at the last answer, or without If-Match; some are repeats after an answer got lost, some carry a key
        that another system has used. Advances `random`.
        """
        draw = random.random()
        if draw < REPEAT_SHARE:
            sent = self._sent.values
            return sent[int(random.random() * len(sent))] if sent else None
        creates = draw < REPEAT_SHARE + CREATE_SHARE
        request = self._created(random, view) if creates else self._changed(random, view)
        if request is None:
            return None
        foreign = [
            sent.key
            for sent in self._sent.values
            if sent.origin != request.origin and self._used.get((request.origin, sent.key)) is None
        ]
        if foreign and random.random() < SHARED_KEY_SHARE:
            request = replace(request, key=foreign[-1])
        self._sent.keep((request.origin, request.key), request)
        self._used.keep((request.origin, request.key), True)
        return request

    def answered(self, request: OriginRequest, seen: Seen) -> None:
        """The relay answered with this entity tag: the system may go by it later, when it is stale."""
        self._seen.keep(request.stay, seen)

    def _created(self, random: Random, view: DeskView) -> OriginRequest | None:
        named = [sent for sent in self._sent.values if sent.creates is not None and sent.creates.stay is not None]
        if named and random.random() < SAME_STAY_SHARE:
            return self._created_again(named[-1])
        booking = self._memory.next_booking(view.business_date, random.random())
        if booking is None:
            return None
        action = created(view, booking, StayStatus.RESERVED, None, None)
        if random.random() < UNNAMED_SHARE:
            action = replace(action, stay=None)
        return OriginRequest(BOOKING_ENGINE, f"create-{booking.booking_id}", booking.booking_id, creates=action)

    def _created_again(self, sent: OriginRequest) -> OriginRequest:
        assert sent.creates is not None
        number = self._memory.next_number()
        return replace(sent, key=f"other-{number}", creates=replace(sent.creates, guest_name=f"別人 {number}"))

    def _changed(self, random: Random, view: DeskView) -> OriginRequest | None:
        stay = _one_due(random, view)
        found = None if stay is None else view.stay(stay)
        if stay is None or found is None:
            return None
        number = self._memory.next_number()
        seen = self._shown(random, view, stay, found.guest)
        card = AmendGuest(found.guest, guest_contact=f"070-0000-{int(random.random() * 10_000):04d}")
        draw = random.random()
        if draw < 0.25:
            member = replace(card, guest_member=f"W{number:05d}")
            return OriginRequest(HOTEL_MEMBER, f"member-{number}", stay, guest=member, seen=seen)
        if draw < 0.25 + CANCEL_SHARE:
            end = CancelStay(stay, "予約サイトでのキャンセル")
            return OriginRequest(BOOKING_ENGINE, f"cancel-{number}", stay, cancels=end, seen=seen)
        terms = AmendTerms(stay, nights=1 + int(random.random() * 4))
        if found.status is not StayStatus.IN_HOUSE and random.random() < 0.3:
            terms = replace(terms, arrival=days_after(view.business_date, int(random.random() * 3)))
        if random.random() < 0.3:
            address = replace(card, guest_address=CITIES[int(random.random() * len(CITIES))])
            return OriginRequest(BOOKING_ENGINE, f"amend-{number}", stay, terms=terms, guest=address, seen=seen)
        return OriginRequest(BOOKING_ENGINE, f"amend-{number}", stay, terms=terms, seen=seen)

    def _shown(self, random: Random, view: DeskView, stay: str, guest: str) -> Seen | None:
        draw = random.random()
        if draw < BLIND_SHARE:
            return None
        remembered = self._seen.get(stay)
        if remembered is not None and draw < BLIND_SHARE + STALE_SHARE:
            return remembered
        return Seen(revision_of(view, "stay", stay), revision_of(view, "guest", guest))


def _one_due(random: Random, view: DeskView) -> str | None:
    due = sorted(stay for stay, occupancy in view.ledger.rows(OCCUPANCY) if occupancy["status"] in DUE_STATUSES)
    return due[int(random.random() * len(due))] if due else None
