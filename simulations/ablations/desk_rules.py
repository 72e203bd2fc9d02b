"""Ablations of the desk's own rules: what a desk charges, shows and asks about. Every node agrees on what came of it."""

# ruff: noqa: SLF001 - the inside of the rules is what is replaced
from __future__ import annotations

from typing import Any, Final

from crdt_pms.desk import folios, inputs
from crdt_pms.desk.actions import arrivals, departures, folio, moves, night_audit, reservations, windows
from crdt_pms.desk.drafting import Draft
from crdt_pms.ledger import holdings
from crdt_pms.ledger.ledger import Ledger
from simulations.ablations.ablation import Ablation
from simulations.ablations.patching import replacing
from simulations.world.work import forms, manager

_chargeable_nights: Final = folios.chargeable_nights
_nights_owed: Final = night_audit.nights_owed
_concerned: Final = night_audit._concerned
_HASTY_SHARE: Final = 0.5


def _one_night_more(arrival: str, nights: int, until: str) -> Any:
    return _chargeable_nights(arrival, nights + 1, until)


def _tonight_only(view: Any, stay: Any, until: str) -> Any:
    return _nights_owed(view, stay, until)[-1:]


def _in_house_only(view: Any) -> Any:
    return (stay for stay in _concerned(view) if stay.in_house)


def _any_date(*_arguments: Any) -> str:
    return "2999-12-31"


def _pass(*_arguments: Any) -> None:
    pass


def _nothing(*_arguments: Any) -> tuple[()]:
    return ()


def _room_held(self: Any, stay: str) -> str | None:
    holding = self._holdings.holding(stay)
    return None if holding is None else holding.room


def _whole_corridor(_calendar: Any, rooms: Any, _first: int, _until: int) -> Any:
    return (room.number for room in rooms)


def _no_field(*_arguments: Any) -> list[str]:
    return []


def _whatever_is_asked(_view: Any, _stay: Any, original: Any, size_minor: int) -> int:
    return -size_minor if original.amount_minor > 0 else size_minor


ABLATIONS: Final = (
    Ablation(
        "nights_of_the_terms",
        "A guest is charged the night of departure too (hotel/folio.py).",
        "nights",
        replacing((folios, "chargeable_nights", _one_night_more)),
    ),
    Ablation(
        "nights_caught_up",
        "A night audit charges the last night only, not those that an earlier audit could not know of (desk/folios.py).",
        "nights",
        replacing((night_audit, "nights_owed", _tonight_only)),
    ),
    Ablation(
        "no_shows",
        "A night audit passes over guests who have not come (desk/actions/night_audit.py).",
        "nights",
        replacing((night_audit, "_concerned", _in_house_only)),
    ),
    Ablation(
        "calendar",
        "A night audit rolls the business date whatever the calendar says (hotel/business_day.py).",
        "nights",
        replacing((night_audit, "latest_business_date", _any_date)),
        provokes=replacing((manager, "HASTY_AUDIT_SHARE", _HASTY_SHARE)),
    ),
    Ablation(
        "seen_balance",
        "What a person decides about money is done with whatever the balance is by then (desk/folios.py).",
        "money_seen",
        replacing(
            (folio, "require_seen_balance", _pass),
            (departures, "require_seen_balance", _pass),
            (windows, "require_seen_balance", _pass),
        ),
        provokes=replacing((forms, "PUT_ASIDE_SHARE", _HASTY_SHARE)),
    ),
    Ablation(
        "card_numbers",
        "A card number may stand in any text of an action (desk/inputs.py).",
        "card_numbers",
        replacing((inputs, "_find_card_number", _pass)),
    ),
    Ablation(
        "other_content",
        "A stay that another system asks for again with another guest counts as created (desk/actions/reservations.py).",
        "idempotency",
        replacing((reservations, "_differing", _no_field)),
    ),
    Ablation(
        "reversal_guard",
        "More may be reversed than is left of a posting (desk/actions/folio.py).",
        "guards",
        replacing((folio, "_left_to_reverse", _whatever_is_asked)),
        provokes=replacing((forms, "PUT_ASIDE_SHARE", _HASTY_SHARE)),
    ),
    Ablation(
        "left_dirty",
        "The room that a guest leaves is not reported dirty (desk/actions/rooms.py).",
        "departures",
        replacing(
            (departures, "left_behind", _nothing), (moves, "left_behind", _nothing), (arrivals, "left_behind", _nothing)
        ),
    ),
    Ablation(
        "displaced_stays",
        "A stay that lost its room to another is shown in it all the same (ledger/holdings.py).",
        "lodging",
        replacing((Ledger, "shown_room", _room_held)),
    ),
    Ablation(
        "free_rooms",
        "For a double booking every room of the corridor is proposed (ledger/holdings.py).",
        "lodging",
        replacing((holdings._Calendar, "free", _whole_corridor)),
    ),
    Ablation(
        "base_read",
        "A write that may wait for a person does not say what its author had read (desk/drafting.py).",
        "bases",
        replacing((Draft, "_read", _pass)),
    ),
)
