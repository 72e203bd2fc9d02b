"""A folio as a page shows it."""

from collections.abc import Sequence
from dataclasses import dataclass

from crdt_pms.desk.drafting import has_open_conflict
from crdt_pms.desk.folios import folio_by_now
from crdt_pms.desk.revisions import revision_of
from crdt_pms.desk.rows import FIRST_WINDOW
from crdt_pms.desk.view import DeskView
from crdt_pms.desk.views.said import Said, said
from crdt_pms.hotel.folio import Posting, WindowStatus, balance_minor, left_to_reverse_minor
from crdt_pms.hotel.transaction_codes import PostingKind
from crdt_pms.hotel.words import code_words
from crdt_pms.ledger.operation import Register
from crdt_pms.ledger.policies import GROUPS_OF_KIND, POSTING


@dataclass(frozen=True, slots=True)
class PostingLine:
    """One line of a folio. `amount_minor` is signed minor units, `left_minor` what of it can still be reversed.

    `posted_at_ms` is UTC milliseconds.

    `is_contested`: desks posted different contents under this row and a person must choose. No desk's content may
    then be shown, so that who posted it is not known.
    """

    posting: str
    kind: PostingKind
    code: str
    words: Said
    description: str
    amount_minor: int
    left_minor: int
    business_date: str
    revenue_date: str
    reverses: str | None
    reference: str | None
    posted_by: str | None
    posted_at_ms: int | None
    is_contested: bool


@dataclass(frozen=True, slots=True)
class FolioDetail:
    """A folio with its postings, oldest revenue first. Money is minor units.

    `balance_minor` is what is owed by now: the sum of the postings and `unposted_minor`, the room charges of past
    nights that settling, a payment or check-out will post along. It goes back with a form that decides about money.
    `has_open_conflict`: a person must decide before the window can be settled or closed. `revision` goes back with a
    form.
    """

    folio: str
    stay: str
    status: WindowStatus
    note: str | None
    balance_minor: int
    paid_minor: int
    unposted_minor: int
    has_open_conflict: bool
    postings: tuple[PostingLine, ...]
    revision: str


def folio_detail(view: DeskView, folio_id: str) -> FolioDetail | None:
    """The page of one folio; None when no stay of this terminal has it."""
    stay = view.stay(folio_id.removesuffix(f"/{FIRST_WINDOW}"))
    if stay is None or stay.folio != folio_id:
        return None
    folio, unposted = folio_by_now(view, stay)
    posted = [posting for posting in folio.postings if posting not in unposted]
    registers = (Register(group.name, folio_id) for group in GROUPS_OF_KIND["folio"])
    in_order = sorted(posted, key=lambda posting: (posting.revenue_date, posting.row))
    return FolioDetail(
        folio=folio_id,
        stay=stay.stay_id,
        status=folio.status,
        note=folio.note,
        balance_minor=folio.balance_minor,
        paid_minor=folio.paid_minor,
        unposted_minor=balance_minor(unposted),
        has_open_conflict=any(has_open_conflict(view, register) for register in registers),
        postings=tuple(_posting_line(view, posting, posted) for posting in in_order),
        revision=revision_of(view, "folio", folio_id),
    )


def _posting_line(view: DeskView, posting: Posting, posted: Sequence[Posting]) -> PostingLine:
    register = Register(POSTING, posting.row)
    written = view.ledger.shown_write(register)
    return PostingLine(
        posting=posting.row,
        kind=posting.kind,
        code=posting.code,
        words=said(code_words(posting.code, view.definition.codes)),
        description=posting.description,
        amount_minor=posting.amount_minor,
        left_minor=0 if posting.kind is PostingKind.REVERSAL else left_to_reverse_minor(posting, posted),
        business_date=posting.business_date,
        revenue_date=posting.revenue_date,
        reverses=posting.reverses,
        reference=posting.reference,
        posted_by=None if written is None else written.author,
        posted_at_ms=None if written is None else written.stamp.milliseconds,
        is_contested=has_open_conflict(view, register),
    )
