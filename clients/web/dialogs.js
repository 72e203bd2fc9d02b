// What a person does: dialogs of a room, a stay and a note, and the one way an action is asked for.

import { act, readFolio, readNote, readStay } from "./api.js";
import { balanceWords, boardField, boardWords, doubleBookingWords, money, named, staffName, state, when } from "./state.js";
import { button, closeDialog, definitions, el, form, showDialog, showRefusal, table } from "./ui.js";
import { said, word } from "./words.js";

const READY = ["clean", "inspected"];

/** Ask for an action. What is refused is said in words; otherwise the dialog closes and the page reads anew. */
export async function perform(action, fields) {
  if (!state.staff) {
    showRefusal(word("failed"), word("choose_staff"));
    return;
  }
  await orSay(async () => {
    const acted = await act(action, fields, state.staff);
    closeDialog();
    const notices = acted.notices.map((notice) => said(notice.words)).join(" ");
    document.getElementById("notice").textContent = notices || `${word("saved")} (${when(Date.now())})`;
    document.dispatchEvent(new Event("acted"));
  });
}

async function orSay(step) {
  try {
    await step();
  } catch (error) {
    if (!error.words) throw error;
    showRefusal(word("failed"), error.words);
  }
}

/** Take what an alert proposes, with what else must be said for it. */
export function remedy(alert, request) {
  if (request.action === "correct_business_date") {
    openBusinessDay();
    return;
  }
  const room = state.board.find((row) => row.room === request.fields.room);
  const fields = request.action === "move_room" ? [{ name: "override_reason", label: word("override") }] : [];
  const title = room ? word(request.action) : said(request.words);
  showDialog([said(alert.words), request.fields.room].filter(Boolean).join(": "), el("p", {}, said(alert.sentence)),
    definitions([[word("room"), room && roomWords(room)]]),
    form(title, fields, (values) => perform(request.action, { ...request.fields, ...values }), { open: true }));
}

export const openDocument = (title, document) =>
  orSay(async () => showDialog(title, noteForm(await readNote(document), true)));

function noteForm({ document, text }, open = false) {
  // A text area knows one kind of line end; the difference must not be taken for an edit.
  const base = text.replace(/\r\n?/g, "\n");
  const field = { name: "text", label: word("note"), kind: "textarea", value: base };
  const save = (values) => perform("edit_note", { document, base_text: base, new_text: values.text });
  return form(base ? `${word("note")} 📝` : word("note"), [field], save, { open });
}

// The business day

/** Closing the day, and for a manager setting a date back that was rolled too far. */
export function openBusinessDay() {
  const { business_date, revision, staff } = state.property;
  const date = { name: "business_date", label: word("business_date"), kind: "date", required: true };
  const reason = { name: "reason", label: word("reason"), required: true };
  const isManager = staff.find((one) => one.staff === state.staff)?.role === "manager";
  showDialog(`${word("business_date")} ${business_date}`,
    form(`${word("night_audit")} ${business_date}`, [], () => perform("run_night_audit", { business_date }),
      { open: true, asks: () => `${word("night_audit_asks")} ${business_date}` }),
    isManager ? form(word("correct_date"), [date, reason],
      (values) => perform("correct_business_date", { revision, ...values })) : el("p", { className: "small" }, word("manager_corrects")));
}

// Rooms

export const openRoom = (room) => orSay(async () => {
  const note = await readNote(`note/room/${room}`);
  const row = state.board.find((one) => one.room === room);
  const set = (field, extra = [], open = false) => {
    const { words, values } = boardField(field);
    const choice = {
      name: "value", label: said(words), kind: "select", value: row[field],
      options: values.map((one) => [one.value, said(one.words)]),
    };
    return form(`${said(words)}: ${boardWords(field, row[field])}`, [choice, ...extra],
      (chosen) => perform("set_room_condition", { room, field, ...chosen }), { open });
  };
  const reason = { name: "reason", label: word("reason"), value: row.maintenance_reason };
  showDialog(`${word("room")} ${room} ${row.room_type}`,
    definitions([
      [word("guest"), row.guest_name], [word("reason"), row.maintenance_reason],
      [word("matters"), row.matters.map((one) => said(one.words)).join("、")],
      [word("contested"), row.contested.map((field) => said(boardField(field).words)).join(" ")],
      [word("last_change"), row.updated_by && `${staffName(row.updated_by)} ${when(row.updated_at_ms)}`],
    ]),
    row.double_bookings.map(doubleBooking), set("hk_condition", [], true), set("hk_occupancy"), set("maintenance", [reason]), set("guest_service"), noteForm(note));
});

/** Both stays of a room that is taken twice, each a button away. */
const doubleBooking = (one) => el("div", { className: "matter" },
  el("b", {}, `⚠ ${doubleBookingWords(one)}`),
  el("div", { className: "row" }, [one.shown, one.other].map((stay) =>
    button(`${word("open")}: ${said(stay.words)}`, `${one.identity}-${stay.value}`, () => openStay(stay.value)))));

/** A room as somebody needs it who is about to give it to a guest. */
const roomWords = (row) => [
  row.room, row.room_type, named("fo_occupancies", row.fo_occupancy), boardWords("hk_condition", row.hk_condition),
  row.maintenance === "none" ? "" : boardWords("maintenance", row.maintenance),
].filter(Boolean).join(" ");

/** Every room as a choice: those of the asked type first, then vacant before occupied, ready before not. */
function roomOptions(type, first) {
  const rank = (row) => 4 * (row.room_type !== type) + 2 * (row.fo_occupancy !== "vacant") + !READY.includes(row.hk_condition);
  const rows = [...state.board].sort((one, other) => rank(one) - rank(other));
  return [["", first], ...rows.map((row) => [row.room, roomWords(row)])];
}

// Stays

export const openStay = (stay) => orSay(async () => {
  const detail = await readStay(stay);
  const [folio, note] = await Promise.all([readFolio(detail.line.folio), readNote(detail.note_document)]);
  const { line, guest } = detail;
  const missing = guest?.register_missing.map((field) => named("profile_fields", field)).join("、");
  const over = { checked_out: departedForms, cancelled: departedForms, no_show: departedForms };
  const forms = { reserved: arrivalForms, in_house: inHouseForms, ...over }[line.status];
  showDialog(`${line.guest_name} ${line.room_shown ?? word("no_room")}`,
    definitions([
      [word("status"), named("stay_statuses", line.status)],
      [word("room"), line.room && !line.room_shown ? `${line.room} ${word("displaced")}` : line.room_shown],
      [word("arrival"), `${line.arrival} ${when(detail.arrived_at_ms)}`],
      [word("departure"), `${line.departure} ${when(detail.departed_at_ms)} (${line.nights} ${word("nights")})`],
      [word("rate"), `${money(line.rate_minor)} ${line.room_type}`],
      [word("guest"), `${word("adults")} ${line.adults} ${word("children")} ${line.children}`],
      [word("contact"), guest?.contact], [word("missing"), missing], [word("reason"), detail.occupancy_note],
      [word("do_not_move"), line.do_not_move && "✓"],
    ]),
    forms ? forms(line, folio) : [], noteForm(note), folioTable(folio));
});

function arrivalForms(line) {
  const { stay, revision } = line;
  const assign = { name: "room", label: word("room"), kind: "select", required: true,
    options: roomOptions(line.room_type, word("choose")), value: line.room_shown ?? "" };
  const taken = { name: "room", label: word("room"), kind: "select", optional: true,
    options: roomOptions(line.room_type, `${word("assigned")} ${line.room_shown ?? "—"}`) };
  const override = { name: "override_reason", label: word("override") };
  return [
    form(word("check_in"), [taken, override], (values) => perform("check_in", { stay, revision, ...values }), { open: true }),
    form(word("assign_room"), [assign], (values) => perform("assign_room", { stay, revision, ...values })),
  ];
}

function inHouseForms(line, folio) {
  const { stay, revision } = line;
  const rooms = { name: "room", label: word("room"), kind: "select", required: true,
    options: roomOptions(line.room_type, word("choose")) };
  const [reason, override] = [{ name: "reason", label: word("reason") }, { name: "override_reason", label: word("override") }];
  return [
    leavingForm("check_out", folio, { stay, revision }),
    ...(folio.status === "closed" ? [reopenForm(stay, folio)] : moneyForms(stay, folio)),
    form(word("move_room"), [rooms, reason, override], (values) => perform("move_room", { stay, revision, ...values })),
  ];
}

/** What may still have to be done about the money of a stay that is over: nothing, if nobody ever posted anything. */
function departedForms({ stay }, folio) {
  if (!folio.postings.length) return [];
  const close = leavingForm("close_folio", folio, { stay, revision: folio.revision });
  return folio.status === "closed" ? [reopenForm(stay, folio), close] : [...moneyForms(stay, folio), close];
}

/** Check-out or closing the folio: with an open balance, the form says which, and why it may stay so. */
function leavingForm(action, folio, fields) {
  const seen_balance_minor = folio.balance_minor;
  const note = { name: "manager_note", label: word("manager_note"), required: true };
  const title = seen_balance_minor ? `${word(action)} (${balanceWords(seen_balance_minor)})` : word(action);
  return form(title, seen_balance_minor ? [note] : [],
    (values) => perform(action, { ...fields, seen_balance_minor, ...values }));
}

const reopenForm = (stay, folio) => form(word("reopen_folio"), [{ name: "reason", label: word("reason"), required: true }],
  (values) => perform("reopen_folio", { stay, revision: folio.revision, ...values }));

function moneyForms(stay, folio) {
  const digits = state.property.currency.minor_digits;
  const codes = (kinds) => state.property.transaction_codes
    .filter((code) => code.kinds.some((kind) => kinds.includes(kind)))
    .map((code) => [code.code, said(code.words)]);
  const amount = (minor) => ({ name: "amount_minor", label: word("amount"), kind: "money", digits, required: true,
    value: minor > 0 ? (minor / 10 ** digits).toFixed(digits) : "" });
  const reason = (required = false) => ({ name: "reason", label: word("reason"), required });
  const methods = codes(["payment"]);
  const method = { name: "method", label: word("method"), kind: "select", options: methods };
  // What was decided by the balance on this screen names it, and is refused when it is another by then.
  const seen_balance_minor = folio.balance_minor;
  // One key for each form: sent twice, by a person or a network, it posts once.
  const keyed = (action, extra = {}) => {
    const idempotency_key = crypto.randomUUID();
    return (values) => perform(action, { stay, idempotency_key, ...extra, ...values });
  };
  const description = { name: "description", label: word("description") };
  const deposit = { name: "deposit", label: word("deposit"), kind: "checkbox" };
  const code = { name: "code", label: word("code"), kind: "select", options: codes(["charge", "tax"]) };
  const handedOut = (values) =>
    `${word("refund_asks")} ${money(values.amount_minor)} (${methods.find(([one]) => one === values.method)[1]})`;
  const settle = form(`${word("settle")} ${money(seen_balance_minor)}`, [method],
    keyed("settle_folio", { revision: folio.revision, seen_balance_minor }));
  const refund = form(seen_balance_minor < 0 ? `${word("refund")} ${money(-seen_balance_minor)}` : word("refund"),
    [method, amount(-seen_balance_minor), reason(true)], keyed("post_refund", { seen_balance_minor }), { asks: handedOut });
  return [
    ...(seen_balance_minor > 0 ? [settle] : []),
    form(word("post_charge"), [code, amount(0), description, reason()], keyed("post_charge")),
    form(word("post_payment"), [method, amount(seen_balance_minor), deposit], keyed("post_payment", { seen_balance_minor })),
    ...(folio.paid_minor > 0 ? [refund] : []),
  ];
}

/** Take a posting back: what is left of it, which the button says. */
function reverseButton(posting) {
  const { posting: row, left_minor, is_contested } = posting;
  if (!left_minor || is_contested) return "";
  const size = Math.abs(left_minor);
  const title = `${word("reverse_posting")} ${money(size)}`;
  const reason = { name: "reason", label: word("reason"), required: true };
  return button(title, `reverse-${row}`, () => showDialog(`${said(posting.words)} ${posting.revenue_date}`,
    form(title, [reason], (values) => perform("reverse_posting", { posting: row, amount_minor: size, ...values }), { open: true })));
}


function folioTable(folio) {
  const rows = folio.postings.map((posting) => [
    posting.revenue_date, `${posting.is_contested ? "⚡ " : ""}${said(posting.words)}`,
    named("posting_kinds", posting.kind), money(posting.amount_minor), posting.posted_by ? staffName(posting.posted_by) : "",
    folio.status === "open" ? reverseButton(posting) : "",
  ]);
  const unposted = folio.unposted_minor ? ` (${word("unposted")} ${money(folio.unposted_minor)})` : "";
  return [
    el("h3", {}, `${word("folio")} (${named("window_statuses", folio.status)}): ${balanceWords(folio.balance_minor)}${unposted}`),
    folio.has_open_conflict ? el("p", {}, word("folio_conflict")) : "",
    el("table", {}, table([..."date code status amount acted_by".split(" ").map(word), ""], rows)),
  ];
}
