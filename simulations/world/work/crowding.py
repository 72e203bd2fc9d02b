"""Everybody at every desk has the same stay on the screen, and sends the form of it again and again."""

from __future__ import annotations

from typing import Final

from crdt_pms.desk.actions.action import Action
from crdt_pms.desk.actions.reservations import AmendGuest, AmendTerms
from crdt_pms.desk.revisions import revision_of
from crdt_pms.ledger.operation import Register
from crdt_pms.ledger.policies import STAY_GUEST
from simulations.world.work.scene import Scene, hottest

GUEST_SHARE: Final = 0.3
RATES: Final = 1_000


def crowd(scene: Scene) -> Action | None:
    """Change the terms of the stay that is everybody's concern, or its guest's card, on the form that was opened first.

    What one desk sends on an old form stands against what it sent before.
    """
    stay = hottest(scene.due)
    if stay is None:
        return None
    card = scene.view.ledger.shown(Register(STAY_GUEST, stay))
    if card is not None and scene.chance(GUEST_SHARE):
        guest = str(card["guest"])
        contact = f"090-{scene.below(RATES):04}"
        return AmendGuest(guest, guest_contact=contact, revision=_opened_first(scene, "guest", guest))
    rate = 100 * (1 + scene.below(RATES))
    return AmendTerms(stay, rate_minor=rate, reason="料金の見直し", revision=_opened_first(scene, "stay", stay))


def _opened_first(scene: Scene, row_kind: str, row: str) -> str:
    forms, key = scene.memory.forms, (f"{scene.desk} left open", row_kind, row)
    form = forms.get(key)
    if form is None:
        form = revision_of(scene.view, row_kind, row)
        scene.note_form(form)
        forms.keep(key, form)
    return form
