"""What an enrolled device may do within its rights and no honest program does: everything signed, in order, of the format.

Whatever it writes is applied or quarantined everywhere alike, shown as the state that keeps guests and money safe, and is in
nobody's way: what the judge makes of the same entries says what must have become of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from crdt_pms.hotel.statuses import StayStatus
from crdt_pms.journal import entry as entries
from crdt_pms.journal.entry import Entry, EntryKind, RegisterKey
from crdt_pms.journal.limits import STAMP_COUNTER_MAX
from crdt_pms.journal.wire import pack
from crdt_pms.ledger.fields import Scalar
from crdt_pms.ledger.operation import Register
from crdt_pms.ledger.policies import BUSINESS_DAY, FIELD_GROUPS, HOTEL_PMS, OCCUPANCY, TERMS
from crdt_pms.session.messages import Certificates, Entries, Message
from simulations.world.intruder import Intruder

JOURNALS: Final = (20, 120)
SIBLINGS: Final = (20, 100)
AT_ONCE: Final = 100
"""Entries in one frame."""
LONGEST_BRANCH: Final = 6
FAR_DATE: Final = "2999-12-31"
NO_WORD: Final = "levitating"

Contents = Mapping[str, Scalar]


def misbehave(intruder: Intruder) -> Sequence[Message]:
    """One of these, drawn anew each time that it comes."""
    certificate = intruder.open_journal()
    kind = KINDS[intruder.random.randrange(len(KINDS))]
    return [Certificates((certificate,)), *kind(intruder)]


def open_journals(intruder: Intruder) -> Sequence[Message]:
    """Many journals, each with one entry that says nothing: everybody names them all."""
    certificates = [intruder.certificate]
    entries = [intruder.written(EntryKind.STATEMENT, None)]
    for _journal in range(intruder.random.randint(*JOURNALS)):
        certificates.append(intruder.open_journal())
        entries.append(intruder.written(EntryKind.STATEMENT, None))
    return [Certificates(tuple(certificates)), *_frames(entries)]


def crowd_a_row(intruder: Intruder) -> Sequence[Message]:
    """Many writes to one row that name nothing, not even each other."""
    stay = _stay(intruder)
    nights = range(1, intruder.random.randint(*SIBLINGS))
    values = [{**_TERMS, "nights": night} for night in nights]
    return _frames([_write(intruder, TERMS, stay, _content(TERMS, value)) for value in values])


def date_ahead(intruder: Intruder) -> Sequence[Message]:
    """The business day is rolled to the end of the calendar, and somebody arrives there."""
    property_id = intruder.victim.definition.property_id
    return _frames(
        [
            _write(intruder, BUSINESS_DAY, property_id, _content(BUSINESS_DAY, {"date": FAR_DATE})),
            _write(intruder, TERMS, _stay(intruder), _content(TERMS, {**_TERMS, "arrival": FAR_DATE})),
        ]
    )


def say_no_word(intruder: Intruder) -> Sequence[Message]:
    """A status that is none, of a stay that others know."""
    status = next(field.wire for field in FIELD_GROUPS[OCCUPANCY].fields if field.name == "status")
    return _frames([_write(intruder, OCCUPANCY, _stay(intruder), {**_in_house(intruder), status: NO_WORD})])


def move_in(intruder: Intruder) -> Sequence[Message]:
    """A guest is in house of whom nothing else is known."""
    return _frames([_write(intruder, OCCUPANCY, intruder.random.randbytes(8).hex(), _in_house(intruder))])


def know_everything(intruder: Intruder) -> Sequence[Message]:
    """An entry that names every journal that it has heard of, as many as one may."""
    heard = {entry.dot.journal: entry.dot.seq for entry in intruder.stolen[: entries.CONTEXT_JOURNALS_MAX]}
    return _frames([intruder.written(EntryKind.STATEMENT, None, seen=heard)])


def equivocate(first: Intruder, second: Intruder) -> None:
    """Give two nodes one journal with two ends: each is shown what the other is not.

    The entries say nothing: what a losing branch did to rows and documents the judge could not tell.
    """
    trunk = [first.written(EntryKind.STATEMENT, None) for _entry in range(first.random.randrange(3))]
    second.go_on_from(first)

    def branch(intruder: Intruder) -> Sequence[Message]:
        # The counters tell the branches apart, in whatever else they are alike.
        counters = [
            intruder.random.randrange(STAMP_COUNTER_MAX) for _entry in range(intruder.random.randint(1, LONGEST_BRANCH))
        ]
        written = [intruder.written(EntryKind.STATEMENT, None, counter=counter) for counter in counters]
        return [Certificates((intruder.certificate,)), *_frames([*trunk, *written])]

    first.attack = second.attack = branch


def _write(intruder: Intruder, group: str, row: str, content: Contents) -> Entry:
    payload = pack([HOTEL_PMS, "", [[dict(content), [], [], None, False]]])
    return intruder.written(EntryKind.OPERATION, payload, keys=[RegisterKey(*Register(group, row))])


def _stay(intruder: Intruder) -> str:
    """A stay that others have written of, if it has heard of any."""
    stays = sorted({key.row for entry in intruder.stolen for key in entry.keys if key.group == TERMS})
    return stays[intruder.random.randrange(len(stays))] if stays else "nobody"


def _in_house(intruder: Intruder) -> Contents:
    room = intruder.victim.definition.rooms.rooms[0].number
    return _content(OCCUPANCY, {**_OCCUPANCY, "status": StayStatus.IN_HOUSE.value, "room": room})


def _content(group: str, value: Contents) -> Contents:
    return FIELD_GROUPS[group].content_of(value)


def _frames(entries: Sequence[Entry]) -> Sequence[Message]:
    return [Entries(tuple(entries[first : first + AT_ONCE])) for first in range(0, len(entries), AT_ONCE)]


_OCCUPANCY: Final[Contents] = {
    "status": StayStatus.IN_HOUSE.value, "room": None, "arrived_at": None, "departed_at": None, "note": None,
}  # fmt: skip
_TERMS: Final[Contents] = {
    "arrival": "2026-07-02", "nights": 1, "room_type": "A", "rate_minor": 1, "adults": 1, "children": 0,
    "source": "nowhere", "segment": None, "do_not_move": False,
}  # fmt: skip
KINDS: Sequence[Callable[[Intruder], Sequence[Message]]] = (
    open_journals, crowd_a_row, date_ahead, say_no_word, move_in, know_everything,
)  # fmt: skip
