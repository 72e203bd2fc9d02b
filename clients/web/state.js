// What the API said last, and how values of it are written.

import { currentLanguage, said, word } from "./words.js";

export const state = { staff: localStorage.getItem("staff") ?? "", isLost: false, board: [] };

export const businessName = () => said(state.property.name);

/** The words of a value of one of the property's fixed sets; a value of a newer version stands for itself. */
export const named = (set, value) => said(state.property[set].find((one) => one.value === value)?.words) || value;

export const boardField = (field) => state.property.board_fields.find((one) => one.field === field);

export const boardWords = (field, value) => said(boardField(field).values.find((one) => one.value === value)?.words) || value;

export const staffName = (id) => said(state.property.staff.find((one) => one.staff === id)?.name) || id;

/** An amount of minor units. */
export function money(minor) {
  const { minor_digits: digits, sign_ja: ja, sign_en: en } = state.property.currency;
  const fraction = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  const amount = (Math.abs(minor) / 10 ** digits).toLocaleString("en-US", fraction);
  return `${minor < 0 ? "-" : ""}${currentLanguage() === "ja" ? ja : en}${amount}`;
}

/** An instant as the property's clocks show it. */
export function when(milliseconds) {
  if (milliseconds === null || milliseconds === undefined) return "";
  const style = { timeZone: state.property.zone, month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" };
  return new Date(milliseconds).toLocaleString(currentLanguage() === "ja" ? "ja-JP" : "en-GB", style);
}

/** A balance as people call it: what the guest owes, or what the house does. */
export const balanceWords = (minor) => (minor < 0 ? `${word("house_owes")} ${money(-minor)}` : `${word("balance")} ${money(minor)}`);

/** Two stays that hold one room, and on which nights. */
export const doubleBookingWords = ({ shown, other, from_date, until_date }) =>
  `${word("double_booked")}: ${said(shown.words)} / ${said(other.words)} (${from_date.slice(5)} – ${until_date.slice(5)})`;
