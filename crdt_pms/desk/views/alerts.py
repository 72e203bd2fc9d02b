"""Alerts as sentences, with buttons for what is proposed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from crdt_pms.desk.folios import said as money
from crdt_pms.desk.view import DeskView
from crdt_pms.desk.views.said import ActionRequest, NamedValue, Said, said
from crdt_pms.desk.views.value_words import about, device_words, staff_words, stay_words
from crdt_pms.hotel.statuses import MAINTENANCE
from crdt_pms.hotel.words import Words, board_value_words
from crdt_pms.ledger.alerts import Alert, Detail, Fact
from crdt_pms.ledger.matters import Matter
from crdt_pms.ledger.operation import Register
from crdt_pms.ledger.policies import POSTING

ALERT_SENTENCES: Final[Mapping[Matter, Words]] = MappingProxyType(
    {
        Matter.ALERT_ROOM_DOUBLE_BOOKED: Words(
            "{room}号室が{from_date}から{until_date}まで重複しています: {shown_stay} と {other_stay}。"
            "{other_stay}に別の客室を割り当ててください。",
            "Room {room} is taken twice from {from_date} to {until_date}: {shown_stay} and {other_stay}. "
            "Give {other_stay} another room.",
        ),
        Matter.ALERT_ROOM_RETIRED_WITH_STAY: Words(
            "{room}号室は廃止されましたが、{stay}に割り当てられています。別の客室を割り当ててください。",
            "Room {room} was retired, yet {stay} has it. Give the guest another room.",
        ),
        Matter.ALERT_REVERSAL_OVER_ORIGINAL: Words(
            "{original}({original_minor})に対して{reversed_minor}が取り消されています。計上し直してください。",
            "{reversed_minor} was reversed of: {original} ({original_minor}). Post the difference again.",
        ),
        Matter.ALERT_SETTLEMENT_OVER_BALANCE: Words(
            "{stay}の会計は払い過ぎです(残高 {balance_minor})。返金してください(締めた会計は再開してから)。",
            "The folio of {stay} is overpaid (balance {balance_minor}). Give a refund; reopen it first if it is closed.",
        ),
        Matter.ALERT_POSTING_INTO_CLOSED_WINDOW: Words(
            "{stay}の締めた会計に計上があります(残高 {balance_minor})。"
            "会計を再開して精算するか、メモを添えて売掛で締め直してください。",
            "The closed folio of {stay} has postings since (balance {balance_minor}). "
            "Reopen it and settle, or close it again to receivables with a note.",
        ),
        Matter.ALERT_CHECK_OUT_WITH_BALANCE: Words(
            "{stay}は残高 {balance_minor} のままチェックアウトしています。"
            "会計を再開して精算するか、メモを添えて売掛で締めてください。",
            "{stay} checked out with a balance of {balance_minor}. "
            "Reopen the folio and settle, or close it to receivables with a note.",
        ),
        Matter.ALERT_CHECK_OUT_OVERRULED: Words(
            "{stay}は滞在中ですが、{checked_out_by}はチェックアウトを記録しました。客室 {room} を確認してください。",
            "{stay} shows in house, but {checked_out_by} recorded a check-out. Look into room {room}.",
        ),
        Matter.ALERT_STAY_CHANGED_APART: Words(
            "{stay}: {occupancy_by}の{occupancy_action}と{terms_by}の{terms_action}は、互いを知らずに行われました。"
            "予約内容を確認し、必要なら修正してください。",
            "{stay}: {occupancy_action} by {occupancy_by} and {terms_action} by {terms_by} did not know of each other. "
            "Check the stay and write again what is wrong.",
        ),
        Matter.ALERT_STAY_INCOMPLETE: Words(
            "{stay}(客室 {room})は在室中ですが、予約内容または宿泊者がありません({missing})。確認してください。",
            "{stay} (room {room}) is in house without terms or guest ({missing}). Look who is there.",
        ),
        Matter.ALERT_BUSINESS_DATE_AHEAD: Words(
            "{author}が先の日付 {date} を営業日にしました(記録 {entry})。正しい営業日に戻してください。",
            "{author} rolled the business day to {date}, far ahead (entry {entry}). Set the right business date.",
        ),
        Matter.ALERT_VALUE_WITHOUT_MEANING: Words(
            "{row}の{field}はこのバージョンでは読めません({written})。安全な値で表示しています。"
            "更新するか、書き直してください。",
            "This version cannot read {field} of {row} ({written}) and shows a safe value. Update, or write it again.",
        ),
        Matter.ALERT_MAINTENANCE_ON_ASSIGNED_ROOM: Words(
            "{room}号室は{maintenance}ですが、{stay}に割り当てられています({author}が設定)。客室を変更してください。",
            "Room {room} is {maintenance} (set by {author}), yet {stay} has it. Move the guest or end the maintenance.",
        ),
        Matter.ALERT_JOURNAL_FORKED: Words(
            "端末 {device} の記録が二つに分かれました。ディスクが複製された疑いがあります。",
            "The records of device {device} continue twice. Its disk may have been copied.",
        ),
        Matter.ALERT_JOURNAL_SLOT_FORKED: Words(
            "端末 {device} は同じ番号の記録を二度書きました(記録 {journal}、{slot} 番)。片方は数えられません。"
            "その端末で行った作業を確認し、足りないものを入力し直してください。",
            "Device {device} wrote number {slot} of journal {journal} twice; one of the two does not count. "
            "Check what was done at that device, and enter again what is missing.",
        ),
        Matter.ALERT_JOURNAL_RESTORED: Words(
            "端末 {device} は古いバックアップから再開しました(失われていた記録 {forgotten_entries} 件)。",
            "Device {device} came back from an older copy; it had forgotten {forgotten_entries} entries.",
        ),
        Matter.ALERT_ENTRY_HELD: Words(
            "新しいプログラムの端末が書いた記録 {entry} を、この端末は読めません({reason})。この端末を更新すると反映されます。",
            "This terminal cannot read entry {entry} of a newer program ({reason}). An update of this terminal applies it.",
        ),
        Matter.ALERT_PROGRAM_TOO_OLD: Words(
            "施設はレベル{level}ですが、この端末のプログラムはレベル{known}までです。この端末を更新してください。",
            "The property is at level {level}, this program knows levels up to {known}. Update this terminal.",
        ),
        Matter.ALERT_STAMP_OUT_OF_BOUND: Words(
            "時計が{lead_ms}進んだ端末があります(記録 {journal})。その端末の時計を直してください。",
            "A device's clock was {lead_ms} ahead (journal {journal}). Set that device's clock right.",
        ),
        Matter.ALERT_ENTRY_QUARANTINED: Words(
            "記録 {entry} は読めないため隔離されています({reason})。開発元に連絡してください。",
            "The entry {entry} cannot be read and is kept apart ({reason}). Report it to the maker.",
        ),
    }
)
"""What each kind of alert says; in braces its facts and details."""

NOT_KNOWN: Final = "…"
"""Stands in a sentence for a detail that an alert does not have."""

_SHORT_JOURNAL: Final = 8


@dataclass(frozen=True, slots=True)
class AlertLine:
    """One rule that does not hold. `sentence` says it with names, `facts` and `details` as they are.

    `stays` are the stays concerned, by id and by guest. `proposal` lists what would fit (free rooms of a double booking,
    the asked type first) and `remedies`, in the same order, the actions that would take it; of other alerts `remedies`
    says what would end them.
    """

    identity: str
    matter: Matter
    words: Said
    sentence: Said
    facts: Mapping[str, Fact]
    details: Mapping[str, Detail]
    stays: tuple[NamedValue, ...]
    proposal: tuple[str, ...]
    remedies: tuple[ActionRequest, ...]


def alert_lines(view: DeskView, alerts: Sequence[Alert]) -> tuple[AlertLine, ...]:
    """Alerts as a screen shows them, in the given order.

    The caller gives all of them, those of rows and board and those of the journals: a desk does not know journals.
    """
    return tuple(_line(view, alert) for alert in alerts)


def _line(view: DeskView, alert: Alert) -> AlertLine:
    known: dict[str, Detail] = {**dict(alert.facts), **dict(alert.details)}
    stays = dict.fromkeys(str(known[name]) for name in _STAY_NAMES if name in known)
    return AlertLine(
        identity=alert.identity,
        matter=alert.matter,
        words=said(Words(alert.matter.japanese, alert.matter.english)),
        sentence=_sentence(view, alert.matter, known),
        facts=dict(alert.facts),
        details=dict(alert.details),
        stays=tuple(NamedValue(stay, said(stay_words(view, stay))) for stay in stays),
        proposal=alert.proposal,
        remedies=_remedies(alert),
    )


def _sentence(view: DeskView, matter: Matter, known: Mapping[str, Detail]) -> Said:
    words = {name: _words(view, name, content) for name, content in known.items()}
    template = ALERT_SENTENCES.get(matter, Words(matter.japanese, matter.english))
    return Said(
        template.ja.format_map(_Known({name: word.ja for name, word in words.items()})),
        template.en.format_map(_Known({name: word.en for name, word in words.items()})),
    )


class _Known(dict[str, str]):
    """What is known of an alert. Details may be missing, and an alert must be shown all the same."""

    def __missing__(self, name: str) -> str:
        return NOT_KNOWN


_STAY_NAMES: Final = ("stay", "shown_stay", "other_stay", "first_stay", "second_stay")
_STAFF_NAMES: Final = frozenset({"author", "checked_out_by", "occupancy_by", "terms_by"})


def _words(view: DeskView, name: str, content: Detail) -> Words:
    if isinstance(content, int):
        if name.endswith("_minor"):
            return money(view, content)
        return _duration_words(content) if name.endswith("_ms") else Words(str(content), str(content))
    if isinstance(content, tuple):
        return Words("、".join(content), ", ".join(content))
    return _text_words(view, name, content or "")


def _text_words(view: DeskView, name: str, text: str) -> Words:
    if name in _STAY_NAMES:
        return stay_words(view, text)
    if name in _STAFF_NAMES:
        return staff_words(view, text)
    if name == "original":
        return about(view, Register(POSTING, text))
    if name == "device":
        return device_words(view, text)
    if name == "maintenance":
        return board_value_words(MAINTENANCE, text)
    if name in ("entry", "journal"):
        journal, colon, seq = text.partition(":")
        text = f"{journal[:_SHORT_JOURNAL]}{colon}{seq}"
    return Words(text, text)


def _duration_words(milliseconds: int) -> Words:
    minutes, seconds = divmod(round(milliseconds / 1000), 60)
    if minutes:
        return Words(f"{minutes}分{seconds}秒", f"{minutes} min {seconds} s")
    return Words(f"{seconds}秒", f"{seconds} s")


_KEEP: Final = Said("表示どおりで確定する", "Keep it as shown")
_CORRECT: Final = Said("営業日を訂正する", "Correct the business date")


def _remedies(alert: Alert) -> tuple[ActionRequest, ...]:
    if alert.matter is Matter.ALERT_STAY_CHANGED_APART:
        return (ActionRequest("keep_stay", {"stay": str(alert.fact("stay"))}, _KEEP),)
    if alert.matter is Matter.ALERT_BUSINESS_DATE_AHEAD:
        return (ActionRequest("correct_business_date", {}, _CORRECT),)
    if alert.matter is Matter.ALERT_ROOM_RETIRED_WITH_STAY:
        is_in_house, stay = alert.detail("in_house"), str(alert.fact("stay"))
    elif alert.matter is Matter.ALERT_ROOM_DOUBLE_BOOKED:
        is_in_house, stay = alert.detail("other_in_house"), str(alert.detail("other_stay"))
    else:
        return ()
    action = "move_room" if is_in_house else "assign_room"
    return tuple(
        ActionRequest(action, {"stay": stay, "room": room}, Said(f"{room}へ移す", f"{room}: move there"))
        for room in alert.proposal
    )
