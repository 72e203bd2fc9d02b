"""The cashier: charges, payments, refunds, reversals, settlements. Keys come off one roll for the whole hotel."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from crdt_pms.desk.actions.action import Action
from crdt_pms.desk.actions.folio import PostCharge, PostPayment, PostRefund, ReversePosting, SettleFolio
from crdt_pms.desk.folios import folio_of
from crdt_pms.desk.rows import Stay
from crdt_pms.hotel.folio import left_to_reverse_minor
from crdt_pms.hotel.statuses import StayStatus
from crdt_pms.hotel.transaction_codes import PAYMENT_METHODS, PostingKind
from crdt_pms.ledger.policies import FOLIO_SETTLEMENT, POSTING
from simulations.world.work.scene import Scene

CHARGES: Final = (
    ("minibar", 600),
    ("restaurant", 4_800),
    ("breakfast", 2_200),
    ("laundry", 1_500),
    ("parking", 1_000),
    ("telephone", 120),
    ("extra_bed", 3_000),
    ("accommodation_tax", 200),
    ("bathing_tax", 150),
)
ALLOWANCE_SHARE: Final = 0.08
PART_SHARE: Final = 0.4
CARD_SHARE: Final = 0.05
CARD_NUMBERS: Final = ("4111 1111 1111 1111", "5555-5555-5555-4444", "378282246310005")
"""What somebody writes down who has the guest's card in hand."""
CARELESS_SHARE: Final = 0.5


def post_charge(scene: Scene) -> Action | None:
    """Something goes on a guest's folio, or an allowance comes off it."""
    for stay in _open_folios(scene):
        key = _key(scene, "charge") if scene.chance(0.6) else None
        if scene.chance(ALLOWANCE_SHARE):
            return PostCharge(stay.stay_id, "allowance", -500, reason="ご不便をおかけしたお詫び", idempotency_key=key)
        code, amount_minor = scene.one_of(CHARGES)
        if scene.chance(CARD_SHARE):
            spelt = scene.one_of(CARD_NUMBERS)
            return PostCharge(stay.stay_id, code, amount_minor, f"カード {spelt}", idempotency_key=key)
        reference = f"T{scene.below(1_000):03d}" if scene.chance(0.2) else None
        return PostCharge(
            stay.stay_id, code, amount_minor * (1 + scene.below(3)), reference=reference, idempotency_key=key
        )
    return None


def post_payment(scene: Scene) -> Action | None:
    """A guest pays what is owed, or a part of it."""
    for stay in _open_folios(scene):
        balance = scene.balance_by_now(stay)
        if balance <= 0:
            continue
        amount = 1 + scene.below(balance) if scene.chance(PART_SHARE) else balance
        return _paid(
            scene, PostPayment(stay.stay_id, amount, scene.one_of(PAYMENT_METHODS), _key(scene, "pay"), balance)
        )
    return None


def post_deposit(scene: Scene) -> Action | None:
    """Somebody who has not come yet pays a part beforehand."""
    for stay in scene.picks(scene.in_status(StayStatus.RESERVED)):
        found = scene.view.stay(stay)
        if found is not None and scene.window_is_open(found.folio):
            amount = 1_000 * (1 + scene.below(10))
            method = scene.one_of(PAYMENT_METHODS)
            key, balance = _key(scene, "deposit"), scene.balance_by_now(found)
            return _paid(scene, PostPayment(stay, amount, method, key, balance, deposit=True))
    return None


def repeat_payment(scene: Scene) -> Action | None:
    """Take a payment again of which nobody knows whether it was taken: the same slip, at whichever desk.

    The balance that is named is the one on the screen of that desk. Rarely the slip is misread, and the key comes with another
    method.
    """
    slips = scene.memory.paid.values
    if not slips:
        return None
    slip = scene.one_of(slips)
    stay = scene.view.stay(slip.stay)
    if stay is None:
        return None
    if isinstance(slip, SettleFolio):
        return slip
    slip = replace(slip, seen_balance_minor=scene.balance_by_now(stay))
    if scene.chance(CARELESS_SHARE) and not _is_posted(scene, slip):
        return replace(slip, method="cash")
    return slip


def post_refund(scene: Scene) -> Action | None:
    """Give money back."""
    for stay in _open_folios(scene):
        folio = folio_of(scene.view, stay)
        if folio.paid_minor > 0:
            amount = 1 + scene.below(folio.paid_minor) if scene.chance(PART_SHARE) else folio.paid_minor
            return PostRefund(
                stay.stay_id,
                amount,
                scene.one_of(PAYMENT_METHODS),
                "過払いの返金",
                _key(scene, "refund"),
                scene.balance_by_now(stay),
            )
    return None


def reverse_posting(scene: Scene) -> Action | None:
    """Take a wrong posting back, whole or in part."""
    for stay in _open_folios(scene):
        postings = folio_of(scene.view, stay).postings
        wrong = [
            posting
            for posting in postings
            if posting.kind is not PostingKind.REVERSAL and left_to_reverse_minor(posting, postings) != 0
        ]
        row = scene.pick([posting.row for posting in wrong])
        if row is None or scene.waits_for_manager(POSTING, row):
            continue
        left = next(abs(left_to_reverse_minor(posting, postings)) for posting in wrong if posting.row == row)
        part = 1 + scene.below(left) if scene.chance(PART_SHARE / 2) else left
        return ReversePosting(row, "入力誤り", part)
    return None


def settle_folio(scene: Scene) -> Action | None:
    """A guest who leaves soon pays everything."""
    for stay in scene.picks(scene.leaving if scene.chance(0.6) else scene.in_house):
        found = scene.view.stay(stay)
        if found is None or not scene.window_is_open(found.folio):
            continue
        if scene.waits_for_manager(FOLIO_SETTLEMENT, found.folio) or scene.balance_by_now(found) <= 0:
            continue
        return settlement(scene, found)
    return None


def settlement(scene: Scene, stay: Stay) -> SettleFolio:
    """The form that settles a stay's folio."""
    action = SettleFolio(
        stay.stay_id,
        scene.one_of(PAYMENT_METHODS),
        _key(scene, "settle"),
        scene.balance_by_now(stay),
        scene.form("folio", stay.folio),
    )
    scene.memory.paid.keep(action.idempotency_key, action)
    return action


def _paid(scene: Scene, action: PostPayment) -> PostPayment:
    scene.memory.paid.keep(action.idempotency_key, action)
    return action


def _is_posted(scene: Scene, slip: PostPayment) -> bool:
    return scene.view.posting(f"payment:{slip.idempotency_key}") is not None


def _open_folios(scene: Scene) -> Iterator[Stay]:
    for stay in scene.picks(scene.in_house):
        found = scene.view.stay(stay)
        if found is not None and scene.window_is_open(found.folio):
            yield found


def _key(scene: Scene, kind: str) -> str:
    return f"{kind}-{scene.memory.next_number()}"
