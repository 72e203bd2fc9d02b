"""A stay's folio as the desk reads it."""

from dataclasses import dataclass, replace
from typing import cast

from crdt_pms.desk.drafting import Draft
from crdt_pms.desk.refusals import RefusalCode, Refused
from crdt_pms.desk.rows import Stay, posting_value, window_value
from crdt_pms.desk.view import DeskView
from crdt_pms.hotel.folio import (
    Posting,
    WindowStatus,
    balance_minor,
    chargeable_nights,
    night_charge_row,
    paid_minor,
)
from crdt_pms.hotel.money import written
from crdt_pms.hotel.transaction_codes import TRANSACTION_CODES, PostingKind
from crdt_pms.hotel.words import WINDOW_STATUS_WORDS, Words
from crdt_pms.ledger.operation import Register
from crdt_pms.ledger.policies import FOLIO_WINDOW, POSTING


@dataclass(frozen=True, slots=True)
class Folio:
    """The window of a stay with its postings, in the order of their row ids."""

    row: str
    stay_id: str
    status: WindowStatus
    note: str | None
    exists: bool
    postings: tuple[Posting, ...]

    @property
    def balance_minor(self) -> int:
        """What the guest owes: the sum of the postings."""
        return balance_minor(self.postings)

    @property
    def paid_minor(self) -> int:
        """What the guest has paid and not got back."""
        return paid_minor(self.postings)


def folio_of(view: DeskView, stay: Stay) -> Folio:
    """Read a stay's folio. A window that does not exist yet is open and empty."""
    window = view.ledger.shown(Register(FOLIO_WINDOW, stay.folio))
    rows = view.ledger.postings_of_folio(stay.folio)
    postings = tuple(posting for row in rows if (posting := view.posting(row)) is not None)
    status = WindowStatus.OPEN if window is None else WindowStatus(cast("str", window["status"]))
    note = None if window is None else cast("str | None", window["note"])
    return Folio(stay.folio, stay.stay_id, status, note, window is not None, postings)


def require_open_window(folio: Folio) -> None:
    """Refused unless the folio takes postings."""
    if folio.status is not WindowStatus.OPEN:
        raise Refused(RefusalCode.WINDOW_NOT_OPEN, status=WINDOW_STATUS_WORDS[folio.status])


def require_settled_or_note(view: DeskView, folio: Folio | None, note: str) -> None:
    """Refused while something is owed, either way, unless a note says why it may stay so."""
    balance = 0 if folio is None else folio.balance_minor
    if balance != 0 and not note:
        raise Refused(RefusalCode.BALANCE_OPEN, balance=said(view, balance))


def open_if_new(draft: Draft, folio: Folio) -> None:
    """Write the window of a stay that has none yet."""
    if not folio.exists:
        draft.create(Register(FOLIO_WINDOW, folio.row), window_value(folio.stay_id, WindowStatus.OPEN))


def put_posting(draft: Draft, posting: Posting) -> None:
    """Write a posting. Its row must not exist: a posting never changes."""
    draft.create(Register(POSTING, posting.row), posting_value(posting))


def nights_owed(view: DeskView, stay: Stay, until: str) -> tuple[Posting, ...]:
    """The room charges that a guest in house owes for nights begun before `until` and that are not posted yet.

    Both dates of such a posting are the night's own. So two desks that charge one night, whenever they do, write
    equal contents, which are one posting.
    """
    if not stay.in_house:
        return ()
    owed: list[Posting] = []
    for night, code in chargeable_nights(stay.terms.arrival, stay.terms.nights, until):
        row = night_charge_row(stay.stay_id, night, code)
        if view.ledger.shown(Register(POSTING, row)) is not None:
            continue
        owed.append(
            Posting(
                row=row,
                stay=stay.stay_id,
                folio=stay.folio,
                kind=PostingKind.CHARGE,
                code=code,
                amount_minor=stay.terms.rate_minor,
                business_date=night,
                revenue_date=night,
                reverses=None,
                reference=None,
                description=TRANSACTION_CODES[code].ja,
            )
        )
    return tuple(owed)


def folio_by_now(view: DeskView, stay: Stay) -> tuple[Folio, tuple[Posting, ...]]:
    """The folio as it stands by now, and the room charges in it that no audit has posted yet.

    Its balance is the one that screens show, and that a person who decides about money has seen.
    """
    owed = nights_owed(view, stay, view.business_date)
    folio = folio_of(view, stay)
    return replace(folio, postings=(*folio.postings, *owed)), owed


def balance_by_now(view: DeskView, stay: Stay) -> int:
    """What the guest owes by now, as `folio_by_now` would say, without reading every posting."""
    owed = nights_owed(view, stay, view.business_date)
    return view.ledger.folio_balance(stay.folio) + balance_minor(owed)


def require_seen_balance(view: DeskView, folio: Folio, seen_minor: int) -> None:
    """Refused, with both amounts, unless the balance is the one that the person saw."""
    balance = folio.balance_minor
    if balance != seen_minor:
        raise Refused(RefusalCode.BALANCE_CHANGED, seen=said(view, seen_minor), balance=said(view, balance))


def said(view: DeskView, amount_minor: int) -> Words:
    """An amount in the property's currency, as words of a refusal."""
    currency = view.definition.currency
    return Words(written(amount_minor, currency, "ja"), written(amount_minor, currency, "en"))
