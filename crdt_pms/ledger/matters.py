"""What can need a person's eye: the one list of all conflicts and alerts, with policy and screen words.

A *conflict* is two or more writes of one register that did not know each other and say different things. An
*alert* is a rule of the hotel, or of the journals, that no longer holds after everything merged. Both are
derived; neither is ever stored as an operation.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Policy(StrEnum):
    """How concurrent writes of a field group are settled."""

    NEWEST = "newest"
    """By declared class, then the newest."""
    SYSTEM_PRIORITY = "system_priority"
    """By declared class, then the rank of the origin system, then the newest."""
    MANUAL = "manual"
    """Open until a person chooses; meanwhile what both sides started from is shown."""
    IDENTITY = "identity"
    """Equal contents are one thing; of different ones the lowest dot counts until a person chooses."""
    DERIVED = "derived"
    """For alerts: nothing decides, a person acts and the alert ends when its facts do."""


class Matter(StrEnum):
    """Every kind of conflict and alert. The values are stable: tables, reports and interfaces hold them."""

    policy: Policy
    japanese: str
    english: str

    def __new__(cls, value: str, policy: Policy, japanese: str, english: str) -> Self:
        """A member whose text is `value`."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.policy = policy
        member.japanese = japanese
        member.english = english
        return member

    @property
    def is_conflict(self) -> bool:
        """Whether this is a conflict of one register rather than an alert."""
        return self.policy is not Policy.DERIVED

    CONFLICT_OCCUPANCY = (
        "conflict_occupancy",
        Policy.SYSTEM_PRIORITY,
        "滞在状況の競合",
        "Stay status changed at two places",
    )
    CONFLICT_TERMS = (
        "conflict_terms",
        Policy.SYSTEM_PRIORITY,
        "予約条件の競合",
        "Stay terms changed at two places",
    )
    CONFLICT_STAY_GUEST = (
        "conflict_stay_guest",
        Policy.SYSTEM_PRIORITY,
        "宿泊者の割当ての競合",
        "Guest of a stay changed at two places",
    )
    CONFLICT_GUEST = (
        "conflict_guest",
        Policy.SYSTEM_PRIORITY,
        "顧客情報の競合",
        "Guest details changed at two places",
    )
    CONFLICT_FOLIO_WINDOW = (
        "conflict_folio_window",
        Policy.MANUAL,
        "会計ウィンドウの競合",
        "Folio window changed at two places",
    )
    CONFLICT_SETTLEMENT = (
        "conflict_settlement",
        Policy.MANUAL,
        "精算の競合",
        "Folio settled at two places",
    )
    CONFLICT_POSTING = (
        "conflict_posting",
        Policy.IDENTITY,
        "計上内容の競合",
        "One posting with different contents",
    )
    CONFLICT_POSTING_DECISION = (
        "conflict_posting_decision",
        Policy.NEWEST,
        "計上内容の決定の競合",
        "One posting decided differently at two places",
    )
    CONFLICT_BUSINESS_DAY = (
        "conflict_business_day",
        Policy.NEWEST,
        "営業日の競合",
        "Business day rolled to different dates",
    )
    CONFLICT_PROPERTY = (
        "conflict_property",
        Policy.SYSTEM_PRIORITY,
        "施設設定の競合",
        "Property changed at two places",
    )
    CONFLICT_ROOM_STATUS = (
        "conflict_room_status",
        Policy.NEWEST,
        "客室状態の競合",
        "Room status set at two places",
    )

    ALERT_ROOM_DOUBLE_BOOKED = (
        "alert_room_double_booked",
        Policy.DERIVED,
        "客室の重複割当て",
        "Two stays in one room",
    )
    ALERT_ROOM_RETIRED_WITH_STAY = (
        "alert_room_retired_with_stay",
        Policy.DERIVED,
        "廃止された客室の割当て",
        "Stay in a room that was retired",
    )
    ALERT_REVERSAL_OVER_ORIGINAL = (
        "alert_reversal_over_original",
        Policy.DERIVED,
        "元の計上を超える取消",
        "Reversed more than was posted",
    )
    ALERT_SETTLEMENT_OVER_BALANCE = (
        "alert_settlement_over_balance",
        Policy.DERIVED,
        "残高を超える精算",
        "Folio overpaid",
    )
    ALERT_POSTING_INTO_CLOSED_WINDOW = (
        "alert_posting_into_closed_window",
        Policy.DERIVED,
        "締め済み会計への計上",
        "Posting in a closed folio",
    )
    ALERT_CHECK_OUT_WITH_BALANCE = (
        "alert_check_out_with_balance",
        Policy.DERIVED,
        "残高のあるチェックアウト",
        "Checked out with an open balance",
    )
    ALERT_CHECK_OUT_OVERRULED = (
        "alert_check_out_overruled",
        Policy.DERIVED,
        "チェックアウトの取り下げ(在室を優先)",
        "Check-out overruled by a check-in",
    )
    ALERT_STAY_CHANGED_APART = (
        "alert_stay_changed_apart",
        Policy.DERIVED,
        "滞在状況と予約条件の行き違い",
        "Stay and its terms changed apart",
    )
    ALERT_STAY_INCOMPLETE = (
        "alert_stay_incomplete",
        Policy.DERIVED,
        "予約内容のない在室",
        "In house without terms or guest",
    )
    ALERT_BUSINESS_DATE_AHEAD = (
        "alert_business_date_ahead",
        Policy.DERIVED,
        "先の日付の営業日",
        "Business date far ahead",
    )
    ALERT_VALUE_WITHOUT_MEANING = (
        "alert_value_without_meaning",
        Policy.DERIVED,
        "読み取れない内容(更新が必要)",
        "Value that this version cannot read",
    )
    ALERT_MAINTENANCE_ON_ASSIGNED_ROOM = (
        "alert_maintenance_on_assigned_room",
        Policy.DERIVED,
        "割当て済み客室の使用停止",
        "Room out of use while assigned",
    )
    ALERT_JOURNAL_FORKED = (
        "alert_journal_forked",
        Policy.DERIVED,
        "端末記録の分岐(ディスク複製の疑い)",
        "Device history continued twice",
    )
    ALERT_JOURNAL_SLOT_FORKED = (
        "alert_journal_slot_forked",
        Policy.DERIVED,
        "端末記録の二重書き込み",
        "Device wrote one record twice",
    )
    ALERT_JOURNAL_RESTORED = (
        "alert_journal_restored",
        Policy.DERIVED,
        "端末が古いバックアップから復元",
        "Device came back from an older copy",
    )
    ALERT_STAMP_OUT_OF_BOUND = (
        "alert_stamp_out_of_bound",
        Policy.DERIVED,
        "端末時計のずれ",
        "Device clock out of bounds",
    )
    ALERT_ENTRY_HELD = (
        "alert_entry_held",
        Policy.DERIVED,
        "更新が必要な記録",
        "Entry of a newer program: update needed",
    )
    ALERT_PROGRAM_TOO_OLD = (
        "alert_program_too_old",
        Policy.DERIVED,
        "この端末のプログラムの更新が必要です",
        "This program is older than the property: update needed",
    )
    ALERT_ENTRY_QUARANTINED = (
        "alert_entry_quarantined",
        Policy.DERIVED,
        "隔離された記録",
        "Entry quarantined",
    )
