// The front desk's page: reads everything from the terminal's API and shows it anew whenever something changed.

import { Refused, Unreachable, listen, read, setPlug, syncNow } from "./api.js";
import { openBusinessDay, openDocument, openRoom, openStay, perform, remedy } from "./dialogs.js";
import { openProperty } from "./property.js";
import { balanceWords, boardWords, businessName, doubleBookingWords, money, named, staffName, state, when } from "./state.js";
import { button, el, fill, nothing, table } from "./ui.js";
import { currentLanguage, said, switchLanguage, word } from "./words.js";

const REFRESH_DELAY_MS = 100;
const DONE_SHOWN_MS = 6000;
const PRESSED_MS_MAX = 5000;
const CLICK_DELAY_MS = 50;
const PLUGS = ["relay", "lan"];
const CONDITION_ICONS = { dirty: "🧹", pickup: "🪄", clean: "✨", inspected: "✅" };
const SERVICE_ICONS = { do_not_disturb: "🔕", make_up_room: "🛏", declined: "🚫" };

// Reading: one refresh at a time; what happens meanwhile asks for another one.

let timer = 0;
let refreshing = false;
let changed = false;
// Of a plug that is being pulled or put back, what was read meanwhile says nothing: the box stays as it was set.
let plugsTouched = 0;
let plugsOnTheWay = 0;
let arePlugsKnown = true;

function refreshSoon() {
  changed = true;
  if (!refreshing && !timer) timer = setTimeout(refresh, REFRESH_DELAY_MS);
}

async function refresh() {
  timer = 0;
  refreshing = true;
  changed = false;
  const touchedBefore = plugsTouched;
  try {
    const names = ["property", "board", "arrivals", "in-house", "due-outs", "alerts", "conflicts", "sync"];
    const bodies = await Promise.all(names.map(read));
    names.forEach((name, index) => { state[name] = bodies[index]; });
    state.isLost = false;
    arePlugsKnown = !plugsOnTheWay && plugsTouched === touchedBefore;
    render();
  } catch (error) {
    // An old picture stays: it says since when it is one.
    if (error instanceof Unreachable) showLost();
    else if (error instanceof Refused) document.getElementById("notice").textContent = error.words;
    else throw error;
  } finally {
    refreshing = false;
    if (changed) refreshSoon();
  }
}

function showLost() {
  state.isLost = true;
  renderBanner();
}

// Header

let isCatchingUp = false;
let doneUntilMs = 0;

/** The banner says what is out of the ordinary: a desk that is linked saves and synchronises without a word. */
function renderBanner() {
  const { sync, isLost } = state;
  const isOffline = isLost || sync?.offline;
  if (isOffline) isCatchingUp = true;
  else if (isCatchingUp && sync && !sync.tentative) {
    isCatchingUp = false;
    doneUntilMs = Date.now() + DONE_SHOWN_MS;
    setTimeout(renderBanner, DONE_SHOWN_MS + 50);
  }
  let kind = "";
  if (isOffline) kind = "offline";
  else if (isCatchingUp) kind = "recovering";
  else if (Date.now() < doneUntilMs) kind = "done";
  const texts = { offline: isLost ? "daemon_gone" : "offline", recovering: "syncing", done: "done" };
  const banner = document.getElementById("banner");
  const overdue = kind === "offline" && !isLost && sync.relay_overdue ? ` · ${word("relay_overdue")}` : "";
  const text = kind ? word(texts[kind]) + overdue : "";
  banner.className = kind;
  // Said anew only when it changes: a screen reader reads this region aloud.
  if (banner.textContent !== text) banner.textContent = text;
}

function renderHeader() {
  const { property, sync } = state;
  document.documentElement.lang = currentLanguage();
  document.title = businessName();
  document.getElementById("property").textContent = businessName();
  document.getElementById("business-date").textContent = `${word("business_date")} ${property.business_date}`;
  document.getElementById("language").textContent = word("language");
  for (const element of document.querySelectorAll("[data-word]")) element.textContent = word(element.dataset.word);
  if (arePlugsKnown) PLUGS.forEach((name) => { document.getElementById(`plug-${name}`).checked = sync.plugs[name]; });
  const waiting = sync.tentative ? `🔄 ${sync.tentative} ${word("tentative")}` : "";
  const returned = sync.own_entries_returned ? ` ⚠ ${word("returned")} (${sync.own_entries_returned})` : "";
  document.getElementById("sync").textContent = (sync.quarantined ? `${waiting} ⚠ ${sync.quarantined}` : waiting) + returned;
  document.getElementById("property-rows").hidden = !property.is_administrator;
  const staff = document.getElementById("staff");
  if (document.activeElement !== staff) {
    const here = property.staff.filter((one) => one.is_active);
    const options = here.map((one) => el("option", { value: one.staff }, said(one.name)));
    staff.replaceChildren(el("option", { value: "" }, word("choose")), ...options);
    if (!here.some((one) => one.staff === state.staff)) state.staff = "";
    staff.value = state.staff;
  }
}

/** A desk that knows no rows yet is not an empty hotel: it says so, and shows nothing that would look like one. */
function renderUnfounded() {
  const isUnfounded = !state.property.is_founded;
  document.body.classList.toggle("unfounded", isUnfounded);
  const section = document.getElementById("unfounded");
  section.hidden = !isUnfounded;
  const text = isUnfounded ? `${word("unfounded")} ${word("unfounded_advice")}` : "";
  if (section.textContent !== text) section.textContent = text;
}

// Board and lists

function roomButton(row) {
  const icons = [
    `${CONDITION_ICONS[row.hk_condition]} ${boardWords("hk_condition", row.hk_condition)}`,
    row.maintenance === "none" ? "" : `🔧 ${boardWords("maintenance", row.maintenance)}`,
    row.guest_service === "none" ? "" : `${SERVICE_ICONS[row.guest_service]} ${boardWords("guest_service", row.guest_service)}`,
    row.discrepancy === "none" ? "" : `⚠ ${named("discrepancies", row.discrepancy)}`,
    row.contested.length ? `⚡ ${word("contested")}` : "",
  ];
  const warnings = [...row.double_bookings.map(doubleBookingWords), ...row.matters.map((one) => said(one.words))];
  const reservation = row.hk_reservation === "not_reserved" ? "" : named("hk_reservations", row.hk_reservation);
  const classes = ["room", row.hk_condition, row.fo_occupancy, row.contested.length ? "contested" : "",
    warnings.length ? "alerted" : ""];
  const room = button("", `room-${row.room}`, () => openRoom(row.room), classes.filter(Boolean).join(" "));
  room.append(
    el("b", {}, row.room), " ", el("span", { className: "small" }, row.room_type),
    el("div", {}, row.guest_name ? `👤 ${row.guest_name}` : named("fo_occupancies", row.fo_occupancy)),
    ...icons.filter(Boolean).map((text) => el("div", { className: "small" }, text)),
    ...warnings.map((text) => el("div", { className: "small warning" }, `⚠ ${text}`)),
    el("div", { className: "small" }, reservation),
  );
  return room;
}

/** Screen readers hear which row's button it is. */
function labelled(element, label) {
  element.setAttribute("aria-label", label);
  return element;
}

function stayRow(list, line) {
  const place = line.room_shown ?? (line.room ? `${line.room} ${word("displaced")}` : word("no_room"));
  const nights = `${line.arrival} – ${line.departure} (${line.nights} ${word("nights")})`;
  const due = line.due === "overdue" ? `⚠ ${named("dues", line.due)}` : "";
  const owes = line.balance_minor ? balanceWords(line.balance_minor) : "";
  return el("div", {},
    el("span", {}, el("b", {}, place), ` ${line.guest_name} `,
      el("span", { className: "small" }, [line.room_type, nights, owes, due].filter(Boolean).join(" · "))),
    labelled(button(word("open"), `${list}-${line.stay}`, () => openStay(line.stay)), `${word("open")}: ${line.guest_name}`),
  );
}

const renderList = (id) =>
  fill(id, state[id].length ? state[id].map((line) => stayRow(id, line)) : nothing());

// Alerts and conflicts

function alertBox(alert) {
  const key = alert.identity;
  return el("article", { className: "matter" },
    el("b", {}, `⚠ ${said(alert.words)}`), el("p", {}, said(alert.sentence)),
    el("div", { className: "row" },
      alert.stays.map((stay) => button(`${word("open")}: ${said(stay.words)}`, `${key}-${stay.value}`, () => openStay(stay.value))),
      alert.remedies.map((request) =>
        button(said(request.words), `${key}-${request.action}-${request.fields.room ?? ""}`, () => remedy(alert, request)))),
  );
}

function conflictBox(conflict) {
  const states = { open: "open_state", settled_by_policy: "settled_state", closed: "closed" };
  const { closing } = conflict;
  const option = (one) => el("div", { className: "row" },
    el("span", {}, one.is_shown && !closing ? el("b", {}, `${word("shown")}: `) : "", said(one.words), " ",
      el("span", { className: "small" }, `${staffName(one.author)} ${when(one.at_ms)} ${one.reason}`)),
    one.choose && button(said(one.choose.words), `${conflict.identity}-${one.dot}`, () => perform(one.choose.action, one.choose.fields)));
  return el("article", { className: `matter ${conflict.state === "open" ? "" : conflict.state.split("_")[0]}` },
    el("b", {}, `${said(conflict.words)} — ${said(conflict.about)}`), ` (${word(states[conflict.state])})`,
    // While a conflict is open, what both sides started from may be shown: none of the options.
    closing || conflict.options.some((one) => one.is_shown) ? ""
      : el("p", { className: "small" }, `${word("shown")}: ${said(conflict.shown_words)}`),
    conflict.options.map(option),
    closing && el("p", {}, `→ ${said(closing.words)} (${staffName(closing.by)} ${when(closing.at_ms)})`),
  );
}

let closedIsOpen = false;

function renderMatters() {
  const closed = state.conflicts.filter((one) => one.closing);
  const standing = state.conflicts.filter((one) => !one.closing);
  fill("alerts", state.alerts.length || standing.length ? state.alerts.map(alertBox) : nothing());
  const older = el("details", { open: closedIsOpen },
    el("summary", {}, `${word("closed_ones")} (${closed.length})`), closed.map(conflictBox));
  older.addEventListener("toggle", () => { closedIsOpen = older.open; });
  fill("conflicts", standing.map(conflictBox), closed.length ? older : []);
}

function renderLinks() {
  const names = ["link_peer", "link_state", "link_since", "link_rtt", "link_sent", "link_received", "link_reason"];
  const rows = state.sync.links.map((link) => [
    [link.peer, link.address, link.kind].filter(Boolean).join(" · "), word(`state_${link.state}`),
    link.since_ms ? when(link.since_ms) : "", link.rtt_ms === null ? "" : `${Math.round(link.rtt_ms)} ms`,
    String(link.entries_sent), String(link.entries_received), link.reason,
  ]);
  fill("links", table(names.map(word), rows));
}

// While something is pressed nothing is replaced: the click that the release makes would have lost its target.

let isPressed = false;
let isRenderDue = false;
let pressTimer = 0;

function onPressed(event) {
  if (!event.target.closest?.("button, summary")) return;
  isPressed = true;
  clearTimeout(pressTimer);
  // Not every release is told: some end in a menu or in another window.
  pressTimer = setTimeout(onReleased, PRESSED_MS_MAX);
}

function onReleased() {
  isPressed = false;
  // The click comes after the release.
  if (isRenderDue) setTimeout(render, CLICK_DELAY_MS);
}

function render() {
  isRenderDue = isPressed;
  if (isPressed || !state.property) return;
  renderHeader();
  renderUnfounded();
  renderBanner();
  fill("board", state.board.map(roomButton));
  ["arrivals", "in-house", "due-outs"].forEach(renderList);
  renderMatters();
  renderLinks();
}

// Wiring

function onPlug(name) {
  const box = document.getElementById(`plug-${name}`);
  box.addEventListener("change", async () => {
    arePlugsKnown = false;
    plugsTouched += 1;
    plugsOnTheWay += 1;
    // A terminal that does not answer shows as lost with the next reading.
    await setPlug(name, box.checked).catch(() => {});
    plugsOnTheWay -= 1;
    refreshSoon();
  });
}

document.getElementById("language").addEventListener("click", () => { switchLanguage(); render(); });
document.getElementById("sync-now").addEventListener("click", () => syncNow().catch(() => {}).finally(refreshSoon));
document.getElementById("business-date").addEventListener("click", () => { if (state.property) openBusinessDay(); });
document.getElementById("property-rows").addEventListener("click", openProperty);
document.getElementById("shift-log").addEventListener("click", () => {
  if (state.property) openDocument(word("shift_log"), state.property.shift_log);
});
document.getElementById("staff").addEventListener("change", (event) => {
  state.staff = event.target.value;
  localStorage.setItem("staff", state.staff);
});
PLUGS.forEach(onPlug);
document.addEventListener("acted", refreshSoon);
["pointerdown", "keydown"].forEach((type) => document.addEventListener(type, onPressed));
["pointerup", "pointercancel", "keyup"].forEach((type) => document.addEventListener(type, onReleased));
listen(refreshSoon, showLost);
refreshSoon();
