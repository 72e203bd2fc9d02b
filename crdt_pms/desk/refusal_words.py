"""The words of every refusal: the reason and what to do, as templates over the refusal's parameters."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from crdt_pms.desk.refusal_codes import RefusalCode
from crdt_pms.hotel.words import Words


class RefusalWords(NamedTuple):
    """The words of one code. A placeholder in braces is a parameter of the refusal."""

    reason: Words
    advice: Words


def _row(ja: str, en: str, advice_ja: str, advice_en: str) -> RefusalWords:
    return RefusalWords(Words(ja, en), Words(advice_ja, advice_en))


REFUSAL_WORDS: Mapping[RefusalCode, RefusalWords] = MappingProxyType(
    {
        RefusalCode.ORIGIN_NOT_ALLOWED: _row(
            "システム「{origin}」はこの操作({action})を行えません。",
            "The system {origin} may not do this ({action}).",
            "フロントの端末で操作してください。",
            "Do it at a desk terminal.",
        ),
        RefusalCode.STALE_FORM: _row(
            "画面の内容が古く、何をご覧になったか確認できません。",
            "The form is old and what it showed cannot be told any more.",
            "画面を読み直してから、もう一度入力してください。",
            "Load the row again and repeat the change.",
        ),
        RefusalCode.TEXT_MISSING: _row(
            "{field}が入力されていません。", "{field} is missing.", "入力してください。", "Fill it in."
        ),
        RefusalCode.TEXT_UNUSABLE: _row(
            "{field}に使えない文字があるか、{length_max}文字を超えています。",
            "{field} has characters that cannot be used, or more than {length_max}.",
            "短くするか、文字を入れ替えてください。",
            "Shorten it or replace the characters.",
        ),
        RefusalCode.CARD_NUMBER: _row(
            "{field}にカード番号らしき数字が含まれています。",
            "{field} holds what looks like a card number.",
            "履歴に残るため、番号を除いてください(下4桁は書けます)。",
            "History keeps it: leave the number out. Its last four digits may stay.",
        ),
        RefusalCode.KEY_UNUSABLE: _row(
            "受付番号「{key}」は使えません。",
            "The key {key!r} cannot be used.",
            "英数字と「.」「_」「-」で64文字以内にしてください。",
            "Give 1 to 64 letters, digits, '.', '_' or '-'.",
        ),
        RefusalCode.DATE_IMPOSSIBLE: _row(
            "日付「{date}」は正しくありません。",
            "{date!r} is not a date.",
            "YYYY-MM-DD の形で入力してください。",
            "Write it as YYYY-MM-DD.",
        ),
        RefusalCode.NIGHTS_IMPOSSIBLE: _row(
            "{nights}泊は登録できません。",
            "A stay cannot have {nights} nights.",
            "0(デイユース)から{nights_max}までで入力してください。",
            "Give 0 (day use) to {nights_max}.",
        ),
        RefusalCode.GUESTS_IMPOSSIBLE: _row(
            "大人{adults}名・子供{children}名は登録できません。",
            "A stay cannot be for {adults} adults and {children} children.",
            "それぞれ0から{guests_max}までで入力してください。",
            "Give 0 to {guests_max} of each.",
        ),
        RefusalCode.AMOUNT_IMPOSSIBLE: _row(
            "金額 {amount_minor} は使えません。",
            "The amount {amount_minor} cannot be used.",
            "通貨の最小単位の整数で、範囲内の金額を入力してください(お金の受け渡しは0より大きい額)。",
            "Give a whole number of minor units within bounds; above 0 where money changes hands.",
        ),
        RefusalCode.ODD_TERMS: _row(
            "通常でない条件です({oddity})。",
            "These terms are unusual ({oddity}).",
            "この条件でよければ、理由を添えてください。",
            "If they are meant, give a reason.",
        ),
        RefusalCode.REASON_NEEDED: _row(
            "理由が入力されていません。", "A reason is needed.", "理由を入力してください。", "Say why."
        ),
        RefusalCode.STAY_UNKNOWN: _row(
            "この端末には予約「{stay}」がありません。",
            "This terminal has no stay {stay}.",
            "番号を確かめるか、同期を待ってください。",
            "Check the number, or wait until it has arrived here.",
        ),
        RefusalCode.GUEST_UNKNOWN: _row(
            "この端末にはお客様「{guest}」の登録がありません。",
            "This terminal has no guest {guest}.",
            "番号を確かめるか、同期を待ってください。",
            "Check the number, or wait until it has arrived here.",
        ),
        RefusalCode.ROOM_UNKNOWN: _row(
            "{room}号室はありません。",
            "There is no room {room}.",
            "客室一覧から選んでください。",
            "Choose a room of the plan.",
        ),
        RefusalCode.POSTING_UNKNOWN: _row(
            "この端末には記帳「{posting}」がありません。",
            "This terminal has no posting {posting}.",
            "明細を読み直してください。",
            "Load the folio again.",
        ),
        RefusalCode.DOCUMENT_UNKNOWN: _row(
            "メモ「{document}」はありません。",
            "There is no note {document!r}.",
            "客室・予約・業務日のメモから選んでください。",
            "Choose the note of a room, of a stay, or the log of a business date.",
        ),
        RefusalCode.STAY_EXISTS: _row(
            "予約「{stay}」は別の内容で登録済みです(違う項目: {fields})。",
            "The stay {stay} was created with other content: {fields}.",
            "変更として入力するか、別の予約番号で登録してください。",
            "Amend the stay instead, or create it under another id.",
        ),
        RefusalCode.STEP_UNKNOWN: _row(
            "「{source}」から「{target}」にはできません。",
            "A stay cannot go from {source} to {target}.",
            "予約の現在の状態を確かめてください。",
            "Check the present status of the stay.",
        ),
        RefusalCode.ARRIVAL_PAST: _row(
            "到着日 {arrival} は業務日 {business_date} より前です。",
            "The arrival {arrival} is before the business date {business_date}.",
            "業務日以降の日付にしてください。",
            "Give the business date or a later one.",
        ),
        RefusalCode.ARRIVAL_FIXED: _row(
            "チェックイン後の到着日は変えられません。",
            "The arrival cannot change after check-in.",
            "泊数を変えるか、チェックインを取り消してください。",
            "Change the nights, or take the check-in back.",
        ),
        RefusalCode.NIGHTS_SLEPT: _row(
            "出発日 {departure} は業務日 {business_date} より前になります。",
            "The departure {departure} would be before the business date {business_date}.",
            "既に過ぎた夜は減らせません。",
            "Nights that have passed stay.",
        ),
        RefusalCode.STAY_ENDED: _row(
            "この予約は「{status}」のため変更できません。",
            "The stay is {status} and can no longer change.",
            "復活の操作ができる状態か確かめてください。",
            "See whether it can be reinstated first.",
        ),
        RefusalCode.STAY_NOT_EXPECTED: _row(
            "この操作は到着前の予約だけに行えます(現在「{status}」)。",
            "This is for stays that have not arrived yet; this one is {status}.",
            "滞在中のお客様にはルームチェンジを使ってください。",
            "Move the room of a guest in house.",
        ),
        RefusalCode.STAY_NOT_IN_HOUSE: _row(
            "この操作は滞在中のお客様だけに行えます(現在「{status}」)。",
            "This is for guests in house; this stay is {status}.",
            "到着前の予約には部屋割りを使ってください。",
            "Assign a room to a stay that has not arrived.",
        ),
        RefusalCode.NOT_ARRIVAL_DAY: _row(
            "到着日 {arrival} が業務日 {business_date} と違います。",
            "The arrival {arrival} is not the business date {business_date}.",
            "到着日を変更してから操作してください。",
            "Amend the arrival first.",
        ),
        RefusalCode.NOT_DEPARTURE_DAY: _row(
            "出発日 {departure} が業務日 {business_date} と違います。",
            "The departure {departure} is not the business date {business_date}.",
            "新しい予約として受け付けてください。",
            "Take the guest in as a walk-in.",
        ),
        RefusalCode.ONLY_AT_AUDIT: _row(
            "ノーショーは夜間監査でのみ記録されます。",
            "A no-show is marked by the night audit only.",
            "夜間監査を行うか、予約をキャンセルしてください。",
            "Run the night audit, or cancel the stay.",
        ),
        RefusalCode.ROOM_NEEDED: _row(
            "部屋が決まっていません。", "No room is given.", "部屋を選んでください。", "Choose a room."
        ),
        RefusalCode.ROOM_OCCUPIED: _row(
            "{room}号室には滞在中のお客様がいます(予約 {other})。",
            "Room {room} has a guest in it (stay {other}).",
            "空いている部屋を選んでください。",
            "Choose a vacant room.",
        ),
        RefusalCode.ROOM_HELD: _row(
            "{room}号室は {night} から別の予約({other})に割り当て済みです。",
            "Room {room} is held by another stay ({other}) from {night}.",
            "別の部屋か日程を選んでください。",
            "Choose another room or other dates.",
        ),
        RefusalCode.ROOM_NOT_READY: _row(
            "{room}号室はまだ使えません(清掃: {condition}・メンテナンス: {maintenance})。",
            "Room {room} is not ready (condition: {condition}; maintenance: {maintenance}).",
            "清掃を待つか、理由を添えて続けてください。",
            "Wait for housekeeping, or go on with a reason.",
        ),
        RefusalCode.ROOM_OUT_OF_ORDER: _row(
            "{room}号室は故障・販売停止中です。",
            "Room {room} is out of order.",
            "別の部屋を選ぶか、先に故障を解除してください。",
            "Choose another room, or put it back in order first.",
        ),
        RefusalCode.REGISTER_INCOMPLETE: _row(
            "宿泊者名簿に足りない項目があります: {missing}。",
            "The guest register lacks: {missing}.",
            "お客様の情報を入力してください(住所がなければ国籍と旅券番号)。",
            "Complete the guest's card (without an address: nationality and passport number).",
        ),
        RefusalCode.BALANCE_OPEN: _row(
            "未精算の残高が {balance} あります。",
            "The balance is {balance}.",
            "精算するか、責任者のメモを添えてください。",
            "Settle it, or give a manager's note.",
        ),
        RefusalCode.BALANCE_CHANGED: _row(
            "残高が変わりました。画面では {seen} でしたが、現在は {balance} です。",
            "The balance has changed: the screen showed {seen}, it is {balance} now.",
            "明細を開き直し、金額を確かめてからやり直してください。",
            "Open the folio again, check the amount, and decide anew.",
        ),
        RefusalCode.MOVE_LOCKED: _row(
            "この予約は{room}号室に固定されています。",
            "The stay is locked to room {room}.",
            "先に部屋の固定を外してください。",
            "Remove the do-not-move lock first.",
        ),
        RefusalCode.SAME_ROOM: _row(
            "同じ部屋({room}号室)です。",
            "It is the same room ({room}).",
            "別の部屋か予約を選んでください。",
            "Choose another room or another stay.",
        ),
        RefusalCode.SWAP_UNLIKE: _row(
            "交換できるのは、どちらも滞在中か、どちらも到着前で部屋のある予約だけです。",
            "Only two stays that are both in house, or both expected with a room, can swap.",
            "ルームチェンジか部屋割りを使ってください。",
            "Move or assign them one by one.",
        ),
        RefusalCode.BOARD_VALUE_UNKNOWN: _row(
            "「{field}」を「{value}」にはできません。",
            "The board has no {field} {value!r}.",
            "一覧から選んでください。",
            "Choose a field and value of the board.",
        ),
        RefusalCode.CONDITION_STEP_UNKNOWN: _row(
            "{room}号室の清掃状態は「{source}」から「{target}」にできません。",
            "The condition of room {room} cannot go from {source} to {target}.",
            "先に清掃済みにしてください。",
            "Mark it clean first.",
        ),
        RefusalCode.MAINTENANCE_ON_OCCUPIED: _row(
            "{room}号室には滞在中のお客様がいます(予約 {other})。",
            "Room {room} has a guest in it (stay {other}).",
            "先にルームチェンジをしてください。",
            "Move the guest first.",
        ),
        RefusalCode.MAINTENANCE_ON_ARRIVAL: _row(
            "{room}号室は本日到着の予約({other})に割り当て済みです。",
            "Room {room} is assigned to an arrival of today (stay {other}).",
            "先に部屋割りを変えてください。",
            "Assign another room first.",
        ),
        RefusalCode.NOTE_TOO_LONG: _row(
            "メモが長すぎます({length}文字)。",
            "The note is too long ({length} characters).",
            "{length_max}文字以内にしてください。",
            "Keep it within {length_max} characters.",
        ),
        RefusalCode.FOLIO_IN_USE: _row(
            "この予約は「{status}」のため、明細はまだ締められません。",
            "The stay is {status} and its folio is still needed.",
            "チェックアウトの際に締められます。",
            "It is closed at check-out.",
        ),
        RefusalCode.WINDOW_NOT_OPEN: _row(
            "この明細は「{status}」のため記帳できません。",
            "The folio is {status} and takes no postings.",
            "締めた明細は、理由を添えて再開できます。",
            "A closed folio can be reopened, with a reason.",
        ),
        RefusalCode.CODE_UNKNOWN: _row(
            "取引コード「{code}」はこの記帳に使えません。",
            "The transaction code {code!r} cannot be used for this posting.",
            "コード表から選んでください。",
            "Choose a code of the table.",
        ),
        RefusalCode.KEY_REUSED: _row(
            "受付番号「{key}」は別の内容で使用済みです。",
            "The key {key} was used with other content.",
            "新しい受付番号でやり直してください。",
            "Use a new key for a new posting.",
        ),
        RefusalCode.PAYMENT_OVER_BALANCE: _row(
            "入金 {asked} は残高 {balance} を超えます。",
            "A payment of {asked} is more than the balance of {balance}.",
            "先払いは預り金として記帳してください。",
            "Take what is paid in advance as a deposit.",
        ),
        RefusalCode.REFUND_OVER_PAID: _row(
            "返金 {asked} はお預かりした {paid} を超えます。",
            "A refund of {asked} is more than the {paid} that was paid.",
            "入金額の範囲で返金してください。",
            "Refund no more than was paid.",
        ),
        RefusalCode.REVERSAL_OVER_ORIGINAL: _row(
            "取消 {asked} は元の記帳の残り {left} を超えます。",
            "A reversal of {asked} is more than the {left} left of the original.",
            "残りの範囲で取り消してください。",
            "Reverse no more than what is left.",
        ),
        RefusalCode.NOT_REVERSIBLE: _row(
            "取消の記帳を取り消すことはできません。",
            "A reversal cannot be reversed.",
            "正しい内容をもう一度記帳してください。",
            "Post what is right instead.",
        ),
        RefusalCode.NOTHING_TO_SETTLE: _row(
            "精算する残高がありません。",
            "There is no balance to settle.",
            "そのままチェックアウトできます。",
            "The guest can check out as it is.",
        ),
        RefusalCode.HOUSE_OWES: _row(
            "お客様にお返しする金額が {owed} あります。精算では返金できません。",
            "The house owes the guest {owed}; settling pays nothing out.",
            "返金の操作で、金額と理由を確かめてお返しください。",
            "Give it back as a refund, with its amount and a reason.",
        ),
        RefusalCode.PROPERTY_NOT_HERE: _row(
            "施設の内容(客室・スタッフなど)がまだ届いていません。",
            "What the property is (its rooms, its staff) has not arrived here yet.",
            "管理者端末か中継につないで、同期が終わるのをお待ちください。",
            "Connect to an administrator's desk or the relay, and wait until it has synchronised.",
        ),
        RefusalCode.ADMINISTRATORS_ONLY: _row(
            "この端末では施設の設定を変更できません。",
            "This device may not change what the property is.",
            "管理者端末で操作してください。",
            "Do it on an administrator's device.",
        ),
        RefusalCode.DEFINITION_UNUSABLE: _row(
            "「{value}」は使えません。",
            "{value!r} cannot be used.",
            "入力内容を確認してください。",
            "Check what was entered.",
        ),
        RefusalCode.ROOM_IN_USE: _row(
            "客室 {room} には滞在または割当てがあります。",
            "A stay is in room {room}, or has it assigned.",
            "先に別の客室へ移してください。",
            "Give that stay another room first.",
        ),
        RefusalCode.STAFF_UNKNOWN: _row(
            "スタッフ「{staff}」は登録されていません。",
            "There is no member of staff {staff}.",
            "スタッフを一覧から選んでください。",
            "Choose one of the list.",
        ),
        RefusalCode.STAFF_REMOVED: _row(
            "スタッフ「{staff}」の登録は終了しています。",
            "{staff} does not work here any more.",
            "在籍しているスタッフで操作してください。",
            "Let somebody who works here do it.",
        ),
        RefusalCode.DEVICE_UNKNOWN: _row(
            "端末「{device}」は登録されていません。",
            "There is no device {device}.",
            "端末を一覧から選んでください。",
            "Choose one of the list.",
        ),
        RefusalCode.DEVICE_REMOVED: _row(
            "この端末の登録は終了しています。",
            "This device was taken out of the property.",
            "管理者に登録を再開してもらってください。",
            "Have an administrator let it write again.",
        ),
        RefusalCode.DEVICE_IS_THIS: _row(
            "操作中の端末自身の登録は終了できません。",
            "A device cannot take itself out of the property.",
            "別の管理者端末で操作してください。",
            "Do it on another administrator's device.",
        ),
        RefusalCode.CONFLICT_OPEN: _row(
            "この項目({matter})には未解決の競合があります。",
            "A conflict is open here ({matter}).",
            "先に競合画面で解決してください。",
            "Resolve it first, on the conflict desk.",
        ),
        RefusalCode.NO_CONFLICT: _row(
            "解決する競合がありません。",
            "There is no conflict to resolve.",
            "競合画面を読み直してください。誰かが解決した可能性があります。",
            "Load the conflict desk again: somebody may have resolved it.",
        ),
        RefusalCode.CHOICE_UNKNOWN: _row(
            "選んだ内容「{choice}」はこの競合にありません。",
            "The choice {choice!r} is not part of this conflict.",
            "競合画面を読み直して選んでください。",
            "Load the conflict desk again and choose.",
        ),
        RefusalCode.CHOICE_WITHOUT_MEANING: _row(
            "このプログラムでは読めない内容は選べません。",
            "This program cannot read the value that was chosen.",
            "別の内容を選ぶか、プログラムを更新してから選んでください。",
            "Choose another one, or update the program first.",
        ),
        RefusalCode.RESOLVE_ON_BOARD: _row(
            "客室ボードの競合は、ボードに正しい値を入れると解決します。",
            "A disagreement on the board ends when the right value is set there.",
            "客室ボードで値を選んでください。",
            "Set the room's value on the board.",
        ),
        RefusalCode.OFFLINE_NOT_ALLOWED: _row(
            "中継に接続できないため、この端末では操作できません。",
            "The relay cannot be reached, and this terminal is not allowed to work without it.",
            "回線の復旧を待つか、責任者に設定(OFFLINE_MODE_ENABLED)を確認してください。",
            "Wait for the line, or ask the manager about the setting OFFLINE_MODE_ENABLED.",
        ),
        RefusalCode.AUDIT_NOT_DUE: _row(
            "業務日 {asked} の夜間監査はできません(現在の業務日は {business_date})。",
            "The night audit of {asked} cannot run: the business date is {business_date}.",
            "業務日を確かめてください。既に終わった可能性があります。",
            "Check the business date: the audit may have been run already.",
        ),
        RefusalCode.AUDIT_TOO_EARLY: _row(
            "業務日 {business_date} はまだ終えられません(この端末の日付は {local_date})。",
            "The business date {business_date} cannot be closed yet: this desk's calendar says {local_date}.",
            "その日の夜になってから行うか、端末の時計を確かめてください。業務日が誤っている場合は、責任者が訂正できます。",
            "Wait for that day's evening, or check this desk's clock; a manager can correct a wrong business date.",
        ),
        RefusalCode.MANAGER_NEEDED: _row(
            "この操作は責任者だけが行えます。",
            "Only a manager may do this.",
            "責任者に依頼してください。",
            "Ask a manager.",
        ),
        RefusalCode.BUSINESS_DATE_NOT_EARLIER: _row(
            "業務日を {business_date} から {asked} に訂正することはできません。",
            "The business date cannot be corrected from {business_date} to {asked}.",
            "訂正は前の日付に戻すときだけです。先へ進めるには夜間監査を行ってください。",
            "A correction goes back; the night audit goes forward.",
        ),
        RefusalCode.BUSINESS_DATE_OUT_OF_BOUNDS: _row(
            "業務日 {asked} は使えません({first} から {last} まで)。",
            "{asked} cannot be the business date: it is {first} to {last}.",
            "正しい日付を入力してください。",
            "Give the right date.",
        ),
        RefusalCode.LEVEL_TOO_LOW: _row(
            "この内容は施設のレベル{level}から記録できます(現在は{present})。",
            "This can be written from level {level} of the property on; it is at {present}.",
            "すべての端末を更新したあと、管理者にレベルの引き上げを依頼してください。",
            "Ask an administrator to raise the level after every terminal was updated.",
        ),
        RefusalCode.LEVEL_NOT_NEXT: _row(
            "レベル{level}には上げられません(現在は{present})。",
            "The property cannot be raised to level {level}: it is at {present}.",
            "レベルは一段ずつ上げてください。下げることはできません。",
            "Raise it one step at a time. It never falls.",
        ),
        RefusalCode.PROGRAM_TOO_OLD: _row(
            "この端末のプログラムはレベル{known}までです(必要なのは{level})。",
            "This program knows levels up to {known}; {level} is needed.",
            "先にこの端末を更新してください。",
            "Update this terminal first.",
        ),
        RefusalCode.UPDATE_NEEDED: _row(
            "新しいプログラムの端末が「{row}」に書いた内容を、この端末は読めません。",
            "A terminal with a newer program has written about {row} what this one cannot read.",
            "この端末を更新するか、更新済みの端末で精算・チェックアウトを行ってください。",
            "Update this terminal, or do money and departures at one that is updated.",
        ),
    }
)
