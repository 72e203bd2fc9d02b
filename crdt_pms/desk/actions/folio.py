"""Actions on a folio: post, pay, refund, reverse, settle. Amounts are minor units; a form gives sizes, not signs.

What a person decides about money names the amount that the person saw (`seen_balance_minor`, the balance with the nights that
are owed by now), and is refused when that has changed. Only a refund pays out.
"""

from dataclasses import dataclass, replace
from typing import ClassVar

from crdt_pms.desk.actions.action import Action
from crdt_pms.desk.actions.reservations import require_reason
from crdt_pms.desk.decision import Decision, Notice
from crdt_pms.desk.drafting import Draft, require_no_open_conflict, shown_by
from crdt_pms.desk.folios import (
    Folio,
    folio_by_now,
    folio_of,
    open_if_new,
    put_posting,
    require_open_window,
    require_seen_balance,
    said,
)
from crdt_pms.desk.inputs import (
    REASON_CHARACTERS_MAX,
    optional_text,
    require_amount,
    require_amount_above_zero,
    require_date,
    require_filled,
    require_key,
    require_text,
)
from crdt_pms.desk.moment import Moment
from crdt_pms.desk.refusals import RefusalCode, Refused
from crdt_pms.desk.rows import Stay
from crdt_pms.desk.view import DeskView
from crdt_pms.hotel.errors import MoneyInvalid, ReversalOverOriginal, TransactionCodeUnknown
from crdt_pms.hotel.folio import Posting, reversal_minor
from crdt_pms.hotel.transaction_codes import PostingKind, transaction_code
from crdt_pms.ledger.operation import Register
from crdt_pms.ledger.policies import FOLIO_SETTLEMENT, POSTING


def require_code(view: DeskView, code: str, kind: PostingKind) -> str:
    """A code that a posting of that kind may carry."""
    try:
        return transaction_code(code, kind, view.definition.codes).code
    except TransactionCodeUnknown as error:
        raise Refused(RefusalCode.CODE_UNKNOWN, code=code[:40]) from error


def payment_row(key: str) -> str:
    """The row id of the payment with that idempotency key, on every terminal."""
    return f"payment:{key}"


@dataclass(frozen=True, slots=True)
class PostCharge(Action):
    """Post a charge or a tax. A negative amount is an allowance and needs a reason.

    With an idempotency key a repeat posts nothing; `revenue_date` is the business date unless given.
    """

    name: ClassVar[str] = "post_charge"

    stay: str
    code: str
    amount_minor: int
    description: str = ""
    revenue_date: str | None = None
    reference: str | None = None
    reason: str = ""
    idempotency_key: str | None = None

    def plan(self, view: DeskView, moment: Moment) -> Decision:
        """See `Action.decide`."""
        stay = view.require_stay_understood(self.stay)
        kind = PostingKind.TAX if _is_tax(view, self.code) else PostingKind.CHARGE
        code = require_code(view, self.code, kind)
        amount = require_amount(self.amount_minor)
        reason = require_reason(self.reason)
        if amount == 0:
            raise Refused(RefusalCode.AMOUNT_IMPOSSIBLE, amount_minor=amount)
        if amount < 0 and not reason:
            raise Refused(RefusalCode.REASON_NEEDED)
        key = moment.new_id() if self.idempotency_key is None else require_key(self.idempotency_key)
        posting = Posting(
            # One kind of row for charges and taxes, so that a key is used once.
            row=f"charge:{key}",
            stay=stay.stay_id,
            folio=stay.folio,
            kind=kind,
            code=code,
            amount_minor=amount,
            business_date=view.business_date,
            revenue_date=view.business_date if self.revenue_date is None else require_date(self.revenue_date),
            reverses=None,
            reference=optional_text("reference", self.reference),
            description=require_text("description", self.description) or view.definition.codes[code].ja,
        )
        return _posted_once(view, moment, self.name, reason, stay, posting, key)


@dataclass(frozen=True, slots=True)
class PostPayment(Action):
    """Take money: a payment on what is owed, or a deposit on what will be.

    A repeat with the same key and content posts nothing and says so; the key with other content is refused. Without
    `deposit` no more is taken than is owed, and room charges that no audit has posted yet are posted along. Another balance
    than the one that was seen refuses both: two desks do not take one deposit that each saw missing.
    """

    name: ClassVar[str] = "post_payment"

    stay: str
    amount_minor: int
    method: str
    idempotency_key: str
    seen_balance_minor: int
    deposit: bool = False
    reference: str | None = None

    def plan(self, view: DeskView, moment: Moment) -> Decision:
        """See `Action.decide`."""
        stay = view.require_stay_understood(self.stay)
        key = require_key(self.idempotency_key)
        kind = PostingKind.DEPOSIT if self.deposit else PostingKind.PAYMENT
        amount = require_amount_above_zero(self.amount_minor)
        posting = _money(
            view,
            stay,
            payment_row(key),
            kind,
            self.method,
            -amount,
            optional_text("reference", self.reference),
        )
        repeated = _repeated(view, posting, key)
        if repeated is not None:
            return repeated
        folio, owed = folio_by_now(view, stay)
        require_seen_balance(view, folio, self.seen_balance_minor)
        if self.deposit:
            return _posted(view, moment, self.name, "", stay, posting)
        balance = folio.balance_minor
        if amount > balance:
            raise Refused(RefusalCode.PAYMENT_OVER_BALANCE, asked=said(view, amount), balance=said(view, balance))
        return _posted(view, moment, self.name, "", stay, posting, owed)


@dataclass(frozen=True, slots=True)
class PostRefund(Action):
    """Give money back, no more than was paid, on a folio whose balance was seen. A repeat with the same key posts nothing.

    Two people who each saw the guest overpaid do not both pay out: the second saw a balance that is no more.
    """

    name: ClassVar[str] = "post_refund"

    stay: str
    amount_minor: int
    method: str
    reason: str
    idempotency_key: str
    seen_balance_minor: int

    def plan(self, view: DeskView, moment: Moment) -> Decision:
        """See `Action.decide`."""
        stay = view.require_stay_understood(self.stay)
        key = require_key(self.idempotency_key)
        amount = require_amount_above_zero(self.amount_minor)
        reason = require_reason(self.reason)
        if not reason:
            raise Refused(RefusalCode.REASON_NEEDED)
        posting = _money(view, stay, f"refund:{key}", PostingKind.REFUND, self.method, amount, None)
        repeated = _repeated(view, posting, key)
        if repeated is not None:
            return repeated
        folio, _owed = folio_by_now(view, stay)
        require_seen_balance(view, folio, self.seen_balance_minor)
        paid = folio.paid_minor
        if amount > paid:
            raise Refused(RefusalCode.REFUND_OVER_PAID, asked=said(view, amount), paid=said(view, paid))
        return _posted(view, moment, self.name, reason, stay, posting)


@dataclass(frozen=True, slots=True)
class ReversePosting(Action):
    """Take a posting back, all that is left of it or a part: `amount_minor`, its size. The original stays."""

    name: ClassVar[str] = "reverse_posting"

    posting: str
    reason: str
    amount_minor: int

    def plan(self, view: DeskView, moment: Moment) -> Decision:
        """See `Action.decide`."""
        original = view.posting(self.posting)
        if original is None:
            raise Refused(RefusalCode.POSTING_UNKNOWN, posting=self.posting[:80])
        if original.kind is PostingKind.REVERSAL:
            raise Refused(RefusalCode.NOT_REVERSIBLE)
        reason = require_filled("reason", self.reason, REASON_CHARACTERS_MAX)
        require_no_open_conflict(view, Register(POSTING, original.row))
        stay = view.require_stay_understood(original.stay)
        reversal = replace(
            original,
            row=f"reversal:{moment.new_id()}",
            kind=PostingKind.REVERSAL,
            amount_minor=_left_to_reverse(view, stay, original, self.amount_minor),
            business_date=view.business_date,
            reverses=original.row,
        )
        return _posted(view, moment, self.name, reason, stay, reversal)


@dataclass(frozen=True, slots=True)
class SettleFolio(Action):
    """Bring a folio to zero in one step: one payment of the whole balance that was seen. Nothing is paid out.

    Room charges of past nights that no audit has posted yet are posted along. Two desks that settle one folio while
    cut apart have both taken money: both payments stand and a person decides.
    """

    name: ClassVar[str] = "settle_folio"

    stay: str
    method: str
    idempotency_key: str
    seen_balance_minor: int
    revision: str | None = None

    def plan(self, view: DeskView, moment: Moment) -> Decision:
        """See `Action.decide`."""
        stay = view.require_stay_understood(self.stay)
        key = require_key(self.idempotency_key)
        method = require_code(view, self.method, PostingKind.PAYMENT)
        repeated = self._repeated(view, stay, method, key)
        if repeated is not None:
            return repeated
        folio, owed = folio_by_now(view, stay)
        require_open_window(folio)
        require_no_open_conflict(view, Register(FOLIO_SETTLEMENT, folio.row))
        require_seen_balance(view, folio, self.seen_balance_minor)
        balance = folio.balance_minor
        if balance == 0:
            raise Refused(RefusalCode.NOTHING_TO_SETTLE)
        if balance < 0:
            raise Refused(RefusalCode.HOUSE_OWES, owed=said(view, -balance))
        payment = _money(view, stay, payment_row(key), PostingKind.PAYMENT, method, -balance, None)
        draft = Draft(view, moment, self.name, "", shown_by(view, self.revision, "folio", stay.folio))
        open_if_new(draft, folio)
        for posting in (*owed, payment):
            put_posting(draft, posting)
        draft.put(
            Register(FOLIO_SETTLEMENT, stay.folio),
            {"payment": payment.row, "balance_minor": balance, "method": method},
        )
        return Decision(operations=(draft.operation(),), stay=stay.stay_id, posting=payment.row)

    def _repeated(self, view: DeskView, stay: Stay, method: str, key: str) -> Decision | None:
        """The answer to a key that has been used: the amount is not compared, it was the balance of then."""
        existing = view.posting(payment_row(key))
        if existing is None:
            return None
        siblings = view.ledger.siblings(Register(FOLIO_SETTLEMENT, stay.folio))
        earlier = view.ledger.superseded(Register(FOLIO_SETTLEMENT, stay.folio))
        settled = any(write.value["payment"] == existing.row for write in (*siblings, *earlier))
        if not settled or (existing.stay, existing.code) != (stay.stay_id, method):
            raise Refused(RefusalCode.KEY_REUSED, key=key)
        return Decision(notices=(Notice.ALREADY_POSTED,), stay=stay.stay_id, posting=existing.row)


def _is_tax(view: DeskView, code: str) -> bool:
    row = view.definition.codes.get(code)
    return row is not None and PostingKind.TAX in row.kinds


def _money(
    view: DeskView, stay: Stay, row: str, kind: PostingKind, method: str, amount: int, reference: str | None
) -> Posting:
    code = require_code(view, method, kind)
    today = view.business_date
    return Posting(
        row=row,
        stay=stay.stay_id,
        folio=stay.folio,
        kind=kind,
        code=code,
        amount_minor=amount,
        business_date=today,
        revenue_date=today,
        reverses=None,
        reference=reference,
        description=view.definition.codes[code].ja,
    )


def _repeated(view: DeskView, posting: Posting, key: str) -> Decision | None:
    """The answer to a key that has been used, or None. Dates are not compared: a retry may come a day later."""
    existing = view.posting(posting.row)
    if existing is None:
        return None
    dates = {"business_date": existing.business_date, "revenue_date": existing.revenue_date}
    if replace(posting, **dates) != existing:
        raise Refused(RefusalCode.KEY_REUSED, key=key)
    return Decision(notices=(Notice.ALREADY_POSTED,), stay=existing.stay, posting=existing.row)


def _posted_once(
    view: DeskView, moment: Moment, action: str, reason: str, stay: Stay, posting: Posting, key: str
) -> Decision:
    repeated = _repeated(view, posting, key)
    return _posted(view, moment, action, reason, stay, posting) if repeated is None else repeated


def _posted(
    view: DeskView,
    moment: Moment,
    action: str,
    reason: str,
    stay: Stay,
    posting: Posting,
    along: tuple[Posting, ...] = (),
) -> Decision:
    folio = folio_of(view, stay)
    require_open_window(folio)
    draft = Draft(view, moment, action, reason)
    open_if_new(draft, folio)
    for one in (*along, posting):
        put_posting(draft, one)
    return Decision(operations=(draft.operation(),), stay=stay.stay_id, posting=posting.row)


def _left_to_reverse(view: DeskView, stay: Stay, original: Posting, part_minor: int) -> int:
    folio: Folio = folio_of(view, stay)
    try:
        return reversal_minor(original, folio.postings, part_minor)
    except ReversalOverOriginal as error:
        raise Refused(
            RefusalCode.REVERSAL_OVER_ORIGINAL,
            asked=said(view, error.asked_minor),
            left=said(view, error.left_minor),
        ) from error
    except MoneyInvalid as error:
        raise Refused(RefusalCode.AMOUNT_IMPOSSIBLE, amount_minor=str(part_minor)[:40]) from error
