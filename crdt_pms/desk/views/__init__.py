"""Read models: what screens show of a `DeskView`, as pure functions of it.

Everything is a frozen dataclass of plain values with both languages' words, so that an HTTP API can document it and no
client needs the hotel's tables. The names exported here are all that callers use.
"""

from crdt_pms.desk.views.alerts import AlertLine, alert_lines
from crdt_pms.desk.views.availability import NightAvailability, TypeAvailability, availability
from crdt_pms.desk.views.conflicts import ConflictClosing, ConflictLine, ConflictOption, conflict_lines
from crdt_pms.desk.views.folios import FolioDetail, PostingLine, folio_detail
from crdt_pms.desk.views.properties import PropertyView, property_view
from crdt_pms.desk.views.room_matters import DoubleBooking, RoomMatter
from crdt_pms.desk.views.rooms import BoardRow, room_board
from crdt_pms.desk.views.said import ActionRequest, NamedValue, NoticeLine, Said, notice_line
from crdt_pms.desk.views.stays import (
    GuestCardView,
    StayDetail,
    StayLine,
    arrivals,
    due_outs,
    in_house,
    stay_detail,
)

__all__ = [
    "ActionRequest",
    "AlertLine",
    "BoardRow",
    "ConflictClosing",
    "ConflictLine",
    "ConflictOption",
    "DoubleBooking",
    "FolioDetail",
    "GuestCardView",
    "NamedValue",
    "NightAvailability",
    "NoticeLine",
    "PostingLine",
    "PropertyView",
    "RoomMatter",
    "Said",
    "StayDetail",
    "StayLine",
    "TypeAvailability",
    "alert_lines",
    "arrivals",
    "availability",
    "conflict_lines",
    "due_outs",
    "folio_detail",
    "in_house",
    "notice_line",
    "property_view",
    "room_board",
    "stay_detail",
]
