"""What every field of every field group is called, as people say it of a value."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from crdt_pms.hotel.words import PROFILE_FIELD_WORDS, Words

FIELD_WORDS: Final[Mapping[str, Words]] = MappingProxyType(
    {
        **PROFILE_FIELD_WORDS,
        "status": Words("状況", "status"),
        "room": Words("客室", "room"),
        "entry": Words("採用する記録", "entry that counts"),
        "arrived_at": Words("到着時刻", "arrived at"),
        "departed_at": Words("出発時刻", "departed at"),
        "note": Words("メモ", "note"),
        "arrival": Words("到着日", "arrival"),
        "nights": Words("泊数", "nights"),
        "room_type": Words("部屋タイプ", "room type"),
        "rate_minor": Words("1泊料金", "rate a night"),
        "adults": Words("大人", "adults"),
        "children": Words("子ども", "children"),
        "source": Words("予約経路", "source"),
        "segment": Words("市場区分", "segment"),
        "do_not_move": Words("客室固定", "do not move"),
        "guest": Words("宿泊者", "guest"),
        "stay": Words("滞在", "stay"),
        "payment": Words("入金", "payment"),
        "balance_minor": Words("精算額", "settled balance"),
        "method": Words("支払方法", "method"),
        "folio": Words("会計", "folio"),
        "kind": Words("種別", "kind"),
        "code": Words("科目", "code"),
        "amount_minor": Words("金額", "amount"),
        "business_date": Words("計上日", "posting date"),
        "revenue_date": Words("売上日", "revenue date"),
        "reverses": Words("取消元", "reverses"),
        "reference": Words("参照番号", "reference"),
        "description": Words("摘要", "description"),
        "date": Words("営業日", "business date"),
        "name_ja": Words("名称(日本語)", "name in Japanese"),
        "name_en": Words("名称(英語)", "name in English"),
        "floor": Words("階", "floor"),
        "kinds": Words("計上の種別", "kinds of posting"),
        "role": Words("役割", "role"),
        "device_class": Words("端末の種類", "class of device"),
        "public_key": Words("公開鍵", "public key"),
        "zone": Words("時間帯", "time zone"),
        "currency": Words("通貨", "currency"),
        "opening_date": Words("開業日", "opening date"),
        "register_fields": Words("宿泊者名簿の追加項目", "further register fields"),
        "active": Words("有効", "active"),
        "level": Words("データ形式の段階", "level of the data"),
        "reason": Words("理由", "reason"),
        "value": Words("値", "value"),
    }
)


def listed(fields: Iterable[str]) -> Words:
    """Several fields by name, one after the other."""
    words = [FIELD_WORDS[field] for field in fields]
    return Words("、".join(word.ja for word in words), ", ".join(word.en for word in words))
