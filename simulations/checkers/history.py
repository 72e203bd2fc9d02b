"""What happened in a run, event by event, as somebody outside the nodes saw it.

A history is a sequence of events in the order in which they happened. `at_ms` is the time of the run in milliseconds (virtual
in a simulated world), `node` the name of the node, empty where an event belongs to no single one. A vector maps each journal
to the last of its entries that is held.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from simulations.checkers.contents import NodeContents
from simulations.checkers.violation import Dot

REBUILT: Final = "rebuilt"
"""A probe: the projection of its node recomputed from that node's log."""
REORDERED: Final = "reordered"
"""A probe: the entries of its node applied in another order that respects causes."""
PROBES: Final = (REBUILT, REORDERED)


@dataclass(frozen=True, slots=True)
class Opened:
    """A process run of the node began and loaded what its disk held: `vector`.

    `rewound` says that the disk was replaced by an older copy, emptied or damaged, so that it may hold less than before;
    `replaced`, that nothing is left on it that could tell the node so. `held` are the entries that its program cannot read.
    `forked` are the journals that it knows to have been written twice: from that number on it may hold others than before.
    `covered` says up to which numbers it holds journals by a snapshot on which it has just come to stand.
    """

    at_ms: int
    node: str
    vector: Mapping[bytes, int]
    rewound: bool
    replaced: bool = False
    held: frozenset[Dot] = frozenset()
    forked: Mapping[bytes, int] = field(default_factory=dict[bytes, int])
    covered: Mapping[bytes, int] = field(default_factory=dict[bytes, int])


@dataclass(frozen=True, slots=True)
class LossTold:
    """The node did not open its disk and told its operator that it lacks what it once held.

    `reason` is the code of what was told; `own` and `others` say how many entries of its device and of others are lost, None
    where that cannot be told.
    """

    at_ms: int
    node: str
    reason: str
    own: int | None
    others: int | None


@dataclass(frozen=True, slots=True)
class ClockRead:
    """From now on the clock that the node goes by is so far ahead of `at_ms`, which is true time here (UTC).

    `relay_ahead_ms` is the same of the relay's own clock; None where the node has not measured its distance from that one since
    it started, or since either machine's clock was set.
    """

    at_ms: int
    node: str
    ahead_ms: int
    relay_ahead_ms: int | None


@dataclass(frozen=True, slots=True)
class Acted:
    """A person was told that the action is done; `dots` are the entries that the node wrote for it, in order.

    `forms` are the revisions of the forms that it was done with, as the node had shown them: none where somebody meant what
    stood there just then, None where nobody knows. `seen_minor` is the balance that the form showed;
    None where it showed none, or nobody knows. `is_of_older` says that the program does not read all that others write.
    """

    at_ms: int
    node: str
    action: str
    staff: str
    dots: tuple[Dot, ...]
    forms: tuple[str, ...] | None = None
    seen_minor: int | None = None
    is_of_older: bool = False


@dataclass(frozen=True, slots=True)
class Edited:
    """A person saved `wanted` as the text of a document that had been opened as `base`; it said `before`, and then `after`."""

    at_ms: int
    node: str
    document: str
    base: str
    wanted: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Showed:
    """A person took a form from a screen of the node: `form` is the revision that it carries."""

    at_ms: int
    node: str
    form: str


@dataclass(frozen=True, slots=True)
class Asked:
    """Another system asked the node for something under an idempotency key. It is not answered where no `Answered` follows."""

    at_ms: int
    node: str
    origin: str
    key: str


@dataclass(frozen=True, slots=True)
class Answered:
    """The node answered such a request.

    `request` is a digest of what was asked, `answer` one of what was answered, None for a refusal, of which `refusal` says the
    kind. `dots` are the entries that the answer names as written, `creates` the id of a stay that the system chose.
    """

    at_ms: int
    node: str
    origin: str
    key: str
    request: bytes
    answer: bytes | None
    dots: tuple[Dot, ...]
    refusal: str = ""
    creates: str | None = None


@dataclass(frozen=True, slots=True)
class Applied:
    """The node stored and applied entries of others, in this order.

    `quarantined` are those of `dots` that it set aside, `held` those that wait for a newer program.
    """

    at_ms: int
    node: str
    dots: tuple[Dot, ...]
    quarantined: tuple[Dot, ...]
    held: frozenset[Dot] = frozenset()


@dataclass(frozen=True, slots=True)
class Committed:
    """The node learned (a terminal) or announced (the relay) at which positions of the committed order entries stand."""

    at_ms: int
    node: str
    generation: bytes
    order: tuple[tuple[int, Dot], ...]


@dataclass(frozen=True, slots=True)
class Renewed:
    """The relay gave its database a new generation, since it does not hold the order of `generation` up to `through`."""

    at_ms: int
    node: str
    generation: bytes
    through: int


@dataclass(frozen=True, slots=True)
class Queued:
    """The depth of a queue of the node, sampled when it grew. `size` and `limit` are in the unit that `what` names."""

    at_ms: int
    node: str
    what: str
    size: int
    limit: int


@dataclass(frozen=True, slots=True)
class OpenedJournals:
    """The node learned `journals` new journals of a device from the device itself; 0: it made the device wait.

    `began_ms` is when the process run began. A device may open `at_once_max` journals at once and `per_second` more a second.
    """

    at_ms: int
    node: str
    device: str
    journals: int
    began_ms: int
    at_once_max: int
    per_second: float


@dataclass(frozen=True, slots=True)
class TookDamaged:
    """The node took a frame that was damaged on the way. `what` says what for."""

    at_ms: int
    node: str
    what: str


@dataclass(frozen=True, slots=True)
class Read:
    """Somebody read the content of the node while it held the entries of `vector`, and had applied all but those of `held`.

    `content_hash` is the node's own digest of it; `rows` one of the readable rows, alerts aside, None where nobody looked.
    """

    at_ms: int
    node: str
    content_hash: bytes
    vector: Mapping[bytes, int]
    rows: bytes | None = None
    held: frozenset[Dot] = frozenset()


@dataclass(frozen=True, slots=True)
class Lodged:
    """What the screens of the node showed of rooms.

    `rooms` has the room in which each stay of the lists was shown, None for one that is shown in none. `proposals` are the
    buttons of double bookings: a stay that is to move, and a room for it. The node held the entries of `vector`.
    """

    at_ms: int
    node: str
    vector: Mapping[bytes, int]
    rooms: Mapping[str, str | None]
    proposals: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Healed:
    """The faults ended; within `limit_ms` milliseconds from now all nodes must agree."""

    at_ms: int
    limit_ms: int
    node: str = ""


@dataclass(frozen=True, slots=True)
class Agreed:
    """All reachable nodes hold the same entries, and where there is a relay nothing is tentative."""

    at_ms: int
    node: str = ""


Event = (
    Opened
    | LossTold
    | ClockRead
    | Acted
    | Edited
    | Showed
    | Asked
    | Answered
    | Applied
    | Committed
    | Renewed
    | Queued
    | OpenedJournals
    | TookDamaged
    | Read
    | Lodged
    | Healed
    | Agreed
)


@dataclass(frozen=True, slots=True)
class Probe:
    """Contents that the product computed another way from the entries of `of_node`. `name` is REBUILT or REORDERED.

    Readable tables (alerts brought up to date) and quarantine are compared; the log of `contents` may be empty.
    """

    name: str
    of_node: str
    contents: NodeContents
