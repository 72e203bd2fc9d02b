"""The screen words of everything that has a fixed set of values, in Japanese and English."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from crdt_pms.hotel.business_day import Due
from crdt_pms.hotel.folio import WindowStatus
from crdt_pms.hotel.occupancy import Discrepancy, FrontOfficeOccupancy, HousekeepingReservation
from crdt_pms.hotel.odd_terms import Oddity
from crdt_pms.hotel.statuses import (
    GUEST_SERVICE,
    HK_CONDITION,
    HK_OCCUPANCY,
    MAINTENANCE,
    MAINTENANCE_REASON,
    GuestService,
    HousekeepingCondition,
    HousekeepingOccupancy,
    Maintenance,
    StayStatus,
)
from crdt_pms.hotel.transaction_codes import TRANSACTION_CODES, PostingKind, TransactionCode


class Words(NamedTuple):
    """The same thing said in Japanese and in English."""

    ja: str
    en: str

    def said(self, language: str) -> str:
        """The words in that language (`ja` or `en`)."""
        return self.ja if language == "ja" else self.en


STAY_STATUS_WORDS: Mapping[StayStatus, Words] = MappingProxyType(
    {
        StayStatus.REQUESTED: Words("リクエスト", "Requested"),
        StayStatus.WAITLISTED: Words("キャンセル待ち", "Waitlisted"),
        StayStatus.OPTIONAL: Words("仮予約", "Optional"),
        StayStatus.RESERVED: Words("予約", "Reserved"),
        StayStatus.IN_HOUSE: Words("滞在中", "In house"),
        StayStatus.CHECKED_OUT: Words("チェックアウト済み", "Checked out"),
        StayStatus.CANCELLED: Words("キャンセル済み", "Cancelled"),
        StayStatus.NO_SHOW: Words("ノーショー", "No-show"),
    }
)

BOARD_FIELD_WORDS: Mapping[str, Words] = MappingProxyType(
    {
        HK_CONDITION: Words("清掃状態", "Condition"),
        HK_OCCUPANCY: Words("在室確認", "Occupancy seen"),
        MAINTENANCE: Words("メンテナンス", "Maintenance"),
        MAINTENANCE_REASON: Words("メンテナンスの理由", "Maintenance reason"),
        GUEST_SERVICE: Words("お客様のご希望", "Guest service"),
    }
)

BOARD_VALUE_WORDS: Mapping[str, Mapping[str, Words]] = MappingProxyType(
    {
        HK_CONDITION: {
            HousekeepingCondition.DIRTY: Words("未清掃", "Dirty"),
            HousekeepingCondition.PICKUP: Words("簡易清掃", "Pickup"),
            HousekeepingCondition.CLEAN: Words("清掃済み", "Clean"),
            HousekeepingCondition.INSPECTED: Words("点検済み", "Inspected"),
        },
        HK_OCCUPANCY: {
            HousekeepingOccupancy.UNREPORTED: Words("未確認", "Not reported"),
            HousekeepingOccupancy.VACANT: Words("不在", "Vacant"),
            HousekeepingOccupancy.OCCUPIED: Words("在室", "Occupied"),
        },
        MAINTENANCE: {
            Maintenance.NONE: Words("なし", "None"),
            Maintenance.OUT_OF_SERVICE: Words("使用休止", "Out of service"),
            Maintenance.OUT_OF_ORDER: Words("故障・販売停止", "Out of order"),
        },
        GUEST_SERVICE: {
            GuestService.NONE: Words("なし", "None"),
            GuestService.DO_NOT_DISTURB: Words("起こさないでください", "Do not disturb"),
            GuestService.MAKE_UP_ROOM: Words("清掃希望", "Make up room"),
            GuestService.DECLINED: Words("清掃不要", "Declined"),
        },
    }
)

FO_OCCUPANCY_WORDS: Mapping[FrontOfficeOccupancy, Words] = MappingProxyType(
    {
        FrontOfficeOccupancy.VACANT: Words("空室", "Vacant"),
        FrontOfficeOccupancy.OCCUPIED: Words("滞在中", "Occupied"),
    }
)

DISCREPANCY_WORDS: Mapping[Discrepancy, Words] = MappingProxyType(
    {
        Discrepancy.NONE: Words("なし", "None"),
        Discrepancy.SLEEP: Words("スリープ(台帳は空室・部屋に在室)", "Sleep (vacant here, occupied there)"),
        Discrepancy.SKIP: Words("スキップ(台帳は滞在中・部屋は不在)", "Skip (occupied here, vacant there)"),
        Discrepancy.PERSON: Words("人数不一致", "Persons differ"),
    }
)

HK_RESERVATION_WORDS: Mapping[HousekeepingReservation, Words] = MappingProxyType(
    {
        HousekeepingReservation.NOT_RESERVED: Words("予約なし", "Not reserved"),
        HousekeepingReservation.DEPARTED: Words("出発済み", "Departed"),
        HousekeepingReservation.ARRIVAL: Words("到着予定", "Arrival"),
        HousekeepingReservation.STAY_OVER: Words("連泊", "Stay over"),
        HousekeepingReservation.ARRIVED: Words("到着済み", "Arrived"),
        HousekeepingReservation.DUE_OUT: Words("出発予定", "Due out"),
        HousekeepingReservation.DAY_USE: Words("デイユース", "Day use"),
    }
)

DUE_WORDS: Mapping[Due, Words] = MappingProxyType(
    {
        Due.FUTURE: Words("先の予約", "Future"),
        Due.DUE_IN: Words("本日到着", "Due in"),
        Due.STAYING: Words("連泊", "Staying"),
        Due.DUE_OUT: Words("本日出発", "Due out"),
        Due.OVERDUE: Words("期日超過", "Overdue"),
    }
)

WINDOW_STATUS_WORDS: Mapping[WindowStatus, Words] = MappingProxyType(
    {
        WindowStatus.OPEN: Words("未精算", "Open"),
        WindowStatus.CLOSED: Words("締め済み", "Closed"),
        WindowStatus.VOID: Words("無効", "Void"),
    }
)

POSTING_KIND_WORDS: Mapping[PostingKind, Words] = MappingProxyType(
    {
        PostingKind.CHARGE: Words("料金", "Charge"),
        PostingKind.TAX: Words("税", "Tax"),
        PostingKind.PAYMENT: Words("入金", "Payment"),
        PostingKind.REFUND: Words("返金", "Refund"),
        PostingKind.REVERSAL: Words("取消", "Reversal"),
        PostingKind.TRANSFER: Words("振替", "Transfer"),
        PostingKind.DEPOSIT: Words("預り金", "Deposit"),
    }
)

ODDITY_WORDS: Mapping[Oddity, Words] = MappingProxyType(
    {
        Oddity.DAY_USE: Words("0泊(デイユース)", "0 nights: day use"),
        Oddity.RATE_ZERO: Words("料金0", "a rate of 0"),
        Oddity.RATE_NEGATIVE: Words("マイナスの料金", "a negative rate"),
        Oddity.NO_ADULTS: Words("大人0名", "no adults"),
        Oddity.NO_GUESTS: Words("宿泊者0名", "no guests"),
        Oddity.TYPE_UNSOLD: Words("客室のない部屋タイプ", "a room type without rooms"),
    }
)

PROFILE_FIELD_WORDS: Mapping[str, Words] = MappingProxyType(
    {
        "name": Words("氏名", "name"),
        "kana": Words("フリガナ", "kana"),
        "contact": Words("連絡先", "contact"),
        "address": Words("住所", "address"),
        "nationality": Words("国籍", "nationality"),
        "passport": Words("旅券番号", "passport number"),
        "member": Words("会員番号", "member number"),
    }
)


def board_value_words(field: str, value: str) -> Words:
    """What a screen calls a board value; free text stands for itself."""
    words = BOARD_VALUE_WORDS.get(field, {}).get(value)
    return words if words is not None else Words(value, value)


def stay_status_words(status: str) -> Words:
    """What a screen calls a stay's status; a status of a newer version stands for itself."""
    return STAY_STATUS_WORDS[StayStatus(status)] if status in STAY_STATUS_WORDS else Words(status, status)


def code_words(code: str, codes: Mapping[str, TransactionCode] = TRANSACTION_CODES) -> Words:
    """What a folio calls a transaction code; a code that is not in the table stands for itself."""
    row = codes.get(code)
    return Words(row.ja, row.en) if row is not None else Words(code, code)
