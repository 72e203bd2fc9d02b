// Every text of the page's own, in Japanese and English. What the API names itself comes with both languages.

const WORDS = {
  acted_by: ["入力者", "By"], adults: ["大人", "Adults"],
  alert: ["要確認", "Alert"], amount: ["金額", "Amount"], arrivals: ["本日の到着", "Arrivals"], arrival: ["到着", "Arrival"],
  assign_room: ["客室を割り当てる", "Assign room"], assigned: ["割当て済みの客室", "The assigned room"],
  balance: ["残高", "Balance"], board: ["客室", "Rooms"], business_date: ["営業日", "Business date"],
  check_in: ["チェックイン", "Check in"], check_out: ["チェックアウト", "Check out"], children: ["子ども", "Children"],
  choose: ["選んでください", "Choose"], choose_staff: ["先に担当者を選んでください。", "Choose who acts first."],
  close: ["閉じる", "Close"], close_folio: ["会計を締める", "Close the folio"], closed: ["決着済み", "Closed"], closed_ones: ["決着済みの競合", "Closed conflicts"],
  code: ["科目", "Code"], contact: ["連絡先", "Contact"], contested: ["競合", "Contested"], correct_date: ["営業日を訂正する", "Correct the business date"], date: ["日付", "Date"],
  daemon_gone: ["🔌 この端末のサービスに接続できません。再接続しています…", "🔌 This terminal's service does not answer. Reconnecting…"],
  departure: ["出発", "Departure"], deposit: ["預り金として受け取る", "Take it as a deposit"],
  description: ["摘要(任意)", "Description (optional)"], displaced: ["⚠ 客室重複・未割当て", "⚠ room taken twice: unassigned"],
  double_booked: ["重複", "Taken twice"], done: ["✅ 同期完了", "✅ Everything is synchronised"], do_not_move: ["🔒 客室固定", "🔒 Do not move"],
  due_outs: ["本日の出発", "Due out"], failed: ["処理できませんでした。", "That did not work."],
  failed_advice: ["画面を読み込み直してください。", "Load the page again."], folio: ["会計", "Folio"],
  folio_conflict: ["⚠ 会計に未決着の競合があります。", "⚠ A conflict on this folio waits for a person."],
  guest: ["お客様", "Guest"], house_owes: ["⚠ 過払い(お返しする金額)", "⚠ Overpaid, to give back"], in_house: ["滞在中", "In house"], language: ["English", "日本語"],
  last_change: ["最終更新", "Last change"], links: ["接続", "Links"], link_peer: ["相手", "Peer"], link_state: ["状態", "State"],
  link_since: ["いつから", "Since"], link_rtt: ["往復", "Round trip"], link_sent: ["送信", "Sent"],
  link_received: ["受信", "Received"], link_reason: ["理由", "Reason"], manager_note: ["残高を残す場合の理由", "Reason for an open balance"],
  manager_corrects: ["営業日の訂正は責任者が行います。", "A manager can correct the business date."],
  matters: ["要確認・競合", "Alerts and conflicts"], method: ["支払方法", "Method"], missing: ["名簿の不足", "Register lacks"],
  move_room: ["客室を移る", "Move room"], nights: ["泊", "nights"],
  night_audit: ["夜間監査", "Night audit of"], night_audit_asks: ["宿泊料を計上し、この営業日を終えます。よろしいですか:", "Post the room charges and close this day?"],
  no_room: ["未割当て", "No room"], nothing: ["ありません", "None"], note: ["メモ", "Note"],
  offline: ["🔌 オフライン作業中", "🔌 Working offline"], open: ["開く", "Open"], open_state: ["未決着", "Waits for a person"],
  override: ["例外の理由(準備中の客室を使う場合)", "Reason, if the room is not ready"],
  returned: ["この端末の記録が他から戻りました。ディスクを確認してください", "What this desk had written came back from others: check its disk"],
  relay_overdue: ["中継に繰り返し接続できません", "The relay cannot be reached"],
  plug_lan: ["LAN", "LAN"], plug_relay: ["中継", "Relay"], post_charge: ["料金を計上", "Post a charge"],
  post_payment: ["入金", "Take a payment"], rate: ["1泊料金", "Rate a night"], reason: ["理由", "Reason"], room: ["客室", "Room"],
  unfounded: ["この端末には、施設の内容(客室・スタッフなど)がまだ届いていません。客室がない施設、という意味ではありません。",
    "What the property is (its rooms, its staff) has not arrived at this desk yet. It does not mean that there are no rooms."],
  unfounded_advice: ["管理者端末か中継につないで、同期が終わるのをお待ちください。", "Connect it to an administrator's desk or the relay, and wait until it has synchronised."],
  property_rows: ["施設設定", "Property"], define_room: ["客室を追加・変更", "Add or change a room"],
  retire_room: ["客室を廃止", "Retire a room"], define_staff: ["スタッフを追加・変更", "Add or change staff"],
  remove_staff: ["スタッフの登録を終了", "Remove staff"], remove_device: ["端末の登録を終了", "Remove a device"],
  name_ja: ["名称(日本語)", "Name in Japanese"], name_en: ["名称(英語)", "Name in English"], floor: ["階", "Floor"],
  room_type: ["部屋タイプ", "Room type"], role: ["役割", "Role"], device: ["端末", "Device"], removed: ["終了", "removed"],
  clerk: ["フロント", "Clerk"], manager: ["責任者", "Manager"], housekeeping: ["客室係", "Housekeeping"],
  terminal: ["フロント端末", "Desk"], administrator: ["管理者端末", "Administrator's desk"], relay: ["中継", "Relay"],
  refund: ["返金", "Refund"], refund_asks: ["お客様にお渡しします。よろしいですか:", "Hand out to the guest?"],
  reverse_posting: ["取消", "Reverse"], reopen_folio: ["会計を再開する", "Reopen the folio"], saved: ["保存しました。", "Saved."], settle: ["精算", "Settle"],
  settled_state: ["自動決着", "Settled by policy"], shift_log: ["引継ぎ", "Shift log"], shown: ["表示中", "Shown"],
  staff: ["担当者", "Staff"], status: ["状況", "Status"], syncing: ["🔄 同期中", "🔄 Synchronising"],
  sync_now: ["同期実行", "Synchronise now"], tentative: ["同期待ち", "waiting to synchronise"],
  state_waiting: ["待機中", "Waiting to retry"], state_connecting: ["接続中", "Connecting"], state_proving: ["認証中", "Proving"],
  state_open: ["接続済み", "Open"], state_unplugged: ["切断(プラグ)", "Unplugged"], state_linked_otherwise: ["別経路で接続済み", "Linked otherwise"],
  unposted: ["うち未計上の宿泊料", "of it room charges not yet posted"], value: ["値", "Value"], yes: ["はい、実行する", "Yes, do it"],
};

let language = localStorage.getItem("language") === "en" ? "en" : "ja";

export const currentLanguage = () => language;

export function switchLanguage() {
  language = language === "ja" ? "en" : "ja";
  localStorage.setItem("language", language);
}

/** A text of the page's own. */
export const word = (key) => WORDS[key]?.[language === "ja" ? 0 : 1] ?? key;

/** Words of the API, {ja, en}. */
export const said = (words) => (words ? words[language] : "");
