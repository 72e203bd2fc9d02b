"""No action stores a card number, in whichever of its texts somebody types it; programs' ids are left alone."""

from __future__ import annotations

from typing import Any, get_type_hints

import pytest

from crdt_pms.desk.actions.folio import PostCharge
from crdt_pms.desk.actions.registry import ACTIONS
from crdt_pms.desk.refusals import RefusalCode
from tests.crdt_pms.desk.desks import TODAY, Terminal

CARD = "4111 1111 1111 1111"
NO_FREE_TEXT = frozenset(
    {"name", "stay", "other_stay", "guest", "room", "revision", "other_revision"}
    | {
        "idempotency_key",
        "code",
        "method",
        "posting",
        "group",
        "row",
        "chosen",
        "document",
        "base_text",
        "field",
        "value",
    }
    | {
        "staff",
        "device",
        "device_key",
        "device_class",
        "role",
        "kinds",
        "zone",
        "register_fields",
        "currency",
        "opening_date",
    }
    | {"status", "arrival", "revenue_date", "business_date", "guest_member", "guest_passport"}
)
"""Names of rows, sets of values and dates: none of them takes any text. Member and passport numbers are not looked at."""

LIKELY: dict[str, Any] = {
    "stay": "sato", "guest": "guest-sato", "room": "102", "amount_minor": 100, "code": "minibar", "method": "cash",
    "idempotency_key": "k1", "reason": "asked", "arrival": TODAY, "nights": 2, "rate_minor": 9_000, "adults": 2,
    "room_type": "twin", "source": "direct", "guest_name": "Guest", "seen_balance_minor": 0, "posting": "charge:b1",
    "floor": 1, "name_ja": "名", "name_en": "name", "kinds": "charge", "staff": "kato", "role": "clerk",
    "device_key": "0" * 64, "device_name": "desk", "device_class": "terminal", "zone": "UTC",
    "field": "hk_condition", "value": "clean", "business_date": TODAY, "locked": True, "other_stay": "suzuki",
}  # fmt: skip


def free_texts() -> list[tuple[str, str]]:
    return [
        (name, field)
        for name, action in ACTIONS.items()
        for field, kind in get_type_hints(action).items()
        if kind in (str, str | None) and field not in NO_FREE_TEXT and name not in ("edit_note", "resolve")
    ]


def a_desk_for(name: str) -> Terminal:
    """A desk at which nothing else is wrong with the action."""
    if name in ("assign_room", "unassign_room", "check_in", "create_stay", "walk_in", "take_over_stay", "cancel_stay"):
        return Terminal().reserve().clean("102")
    desk = Terminal().house("suzuki", "103").house("sato", "101").clean("102")
    desk.do(PostCharge("sato", "breakfast", 100, idempotency_key="b1"))
    desk.is_administrator = True
    return desk


@pytest.mark.parametrize(("name", "field"), free_texts())
def test_an_action_refuses_a_card_number_in_any_free_text(name: str, field: str) -> None:
    hints = get_type_hints(ACTIONS[name])
    given = {one: LIKELY[one] for one in hints if one in LIKELY}
    if name in ("create_stay", "walk_in", "take_over_stay"):
        given |= {"stay": None, "guest": None}
        given = {one: value for one, value in given.items() if one in hints}
    a_desk_for(name).refuses(ACTIONS[name](**given | {field: CARD}), RefusalCode.CARD_NUMBER)


def test_every_action_that_takes_words_is_among_them() -> None:
    assert len(free_texts()) > 30
    assert {"post_charge", "check_out", "cancel_stay", "amend_guest", "correct_business_date"} <= {
        name for name, _field in free_texts()
    }
