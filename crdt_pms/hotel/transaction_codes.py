"""The table of transaction codes that every property begins with: what can stand on a folio, and what it is called."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from crdt_pms.hotel.errors import TransactionCodeUnknown


class PostingKind(StrEnum):
    """The kinds of posting. Their signs are in `crdt_pms.hotel.folio`."""

    CHARGE = "charge"
    TAX = "tax"
    PAYMENT = "payment"
    REFUND = "refund"
    REVERSAL = "reversal"
    TRANSFER = "transfer"
    DEPOSIT = "deposit"


@dataclass(frozen=True, slots=True)
class TransactionCode:
    """One code: its words in Japanese and English, and the kinds of posting that may carry it.

    A reversal carries the code of what it reverses and is therefore in no row.
    """

    code: str
    ja: str
    en: str
    kinds: frozenset[PostingKind]


_CHARGE = frozenset({PostingKind.CHARGE})
_TAX = frozenset({PostingKind.TAX})
_MONEY = frozenset({PostingKind.PAYMENT, PostingKind.REFUND, PostingKind.DEPOSIT})

ROOM = "room"
DAY_USE = "day_use"
TRANSFER = "transfer"

TRANSACTION_CODES: Mapping[str, TransactionCode] = MappingProxyType(
    {
        row.code: row
        for row in (
            TransactionCode(ROOM, "宿泊料", "Room charge", _CHARGE),
            TransactionCode(DAY_USE, "デイユース料", "Day use", _CHARGE),
            TransactionCode("breakfast", "朝食", "Breakfast", _CHARGE),
            TransactionCode("restaurant", "レストラン", "Restaurant", _CHARGE),
            TransactionCode("minibar", "ミニバー", "Minibar", _CHARGE),
            TransactionCode("laundry", "ランドリー", "Laundry", _CHARGE),
            TransactionCode("parking", "駐車場", "Parking", _CHARGE),
            TransactionCode("telephone", "電話", "Telephone", _CHARGE),
            TransactionCode("extra_bed", "エキストラベッド", "Extra bed", _CHARGE),
            TransactionCode("cancellation_fee", "キャンセル料", "Cancellation fee", _CHARGE),
            TransactionCode("allowance", "値引き", "Allowance", _CHARGE),
            TransactionCode("other", "その他", "Other", _CHARGE),
            TransactionCode("consumption_tax", "消費税", "Consumption tax", _TAX),
            TransactionCode("accommodation_tax", "宿泊税", "Accommodation tax", _TAX),
            TransactionCode("bathing_tax", "入湯税", "Bathing tax", _TAX),
            TransactionCode("cash", "現金", "Cash", _MONEY),
            TransactionCode("card", "クレジットカード", "Credit card", _MONEY),
            TransactionCode("electronic_money", "電子マネー", "Electronic money", _MONEY),
            TransactionCode("code_payment", "コード決済", "Code payment", _MONEY),
            TransactionCode("bank_transfer", "銀行振込", "Bank transfer", _MONEY),
            TransactionCode("receivable", "売掛", "Receivable", _MONEY),
            TransactionCode(TRANSFER, "振替", "Transfer", frozenset({PostingKind.TRANSFER})),
        )
    }
)

PAYMENT_METHODS: tuple[str, ...] = tuple(
    row.code for row in TRANSACTION_CODES.values() if PostingKind.PAYMENT in row.kinds
)
"""The codes with which a guest can pay."""


def transaction_code(
    code: str, kind: PostingKind, codes: Mapping[str, TransactionCode] = TRANSACTION_CODES
) -> TransactionCode:
    """The row of a code that may be used for a posting of that kind. Raises `TransactionCodeUnknown`."""
    row = codes.get(code)
    if row is None or kind not in row.kinds:
        raise TransactionCodeUnknown(code)
    return row
