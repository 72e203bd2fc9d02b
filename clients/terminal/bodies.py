"""What the terminal's API takes and answers, beside the read models of `crdt_pms.desk.views`."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from crdt_pms.desk import views
from crdt_pms.runtime.link_status import LinkStatus


class ActedBody(BaseModel):
    """What an action wrote: its entries as [journal (hex), number], the rows it was about, notices to its author."""

    entries: list[tuple[str, int]]
    outcome: dict[Literal["stay", "guest", "posting"], str | None]
    notices: list[views.NoticeLine]


class RefusedBody(BaseModel):
    """Why something was not done or not found, in words, and what to do instead; nothing was written."""

    code: str
    message_ja: str
    message_en: str
    advice_ja: str
    advice_en: str


class NoteBody(BaseModel):
    """The text of a note or shift log as it stands here; empty before anybody wrote it."""

    document: str
    text: str


class PlugsBody(BaseModel):
    """Which network plugs are in."""

    relay: bool
    lan: bool


class SyncBody(BaseModel):
    """How this terminal, the device of that name, stands to the others. Instants are UTC milliseconds.

    `offline`: no link to the relay is open; `relay_overdue`: it failed so often that a person should look. `tentative`
    entries are durable here and not committed by the relay; its order is known here through `committed_through`, in the
    database `generation`. `journals` counts those that are held; `vector`, where it was asked for, says of each (hex) the last
    entry. Two terminals with equal vectors have equal `content_hash`.
    """

    device: str
    tentative: int
    committed_through: int
    generation: str | None
    journals: int
    vector: dict[str, int] | None
    content_hash: str
    offline: bool
    relay_overdue: bool
    own_entries_returned: int
    quarantined: int
    position: int
    plugs: PlugsBody
    links: list[LinkStatus]
    counters: dict[str, int]


class DigestBody(BaseModel):
    """The sums of the content digest, 256 buckets in hexadecimal; equal at two terminals that applied the same entries."""

    buckets: list[str]


class DigestRow(BaseModel):
    """A row of a bucket: its field group (`board` for a room of the board, `note` for a document), its id, and its sum."""

    group: str
    row: str
    sum: str


class DigestRowsBody(BaseModel):
    """Every row of one bucket."""

    rows: list[DigestRow]


class DigestFieldsBody(BaseModel):
    """For each field of a row a digest of the values that stand; `(history)` is what no field shows."""

    fields: dict[str, str]


class StartedBody(BaseModel):
    """Something goes on in the background."""

    status: Literal["started"] = "started"


class HealthBody(BaseModel):
    """The terminal can be used."""

    status: Literal["ok"] = "ok"


class PlugBody(BaseModel):
    """Whether the network plug is to be in."""

    model_config = ConfigDict(extra="forbid", strict=True)

    plugged: bool


class PlugState(BaseModel):
    """A network plug, and whether it is in."""

    name: str
    plugged: bool


class ClockBody(BaseModel):
    """Hotel time in UTC milliseconds, handed out by a replay's driver."""

    now_ms: int
