// Elements, forms and the one dialog. Texts go in as text nodes only: a guest's name is never markup.

import { word } from "./words.js";

/** An element. `props` are properties, `data-…` and `aria-…` attributes; children are elements or texts. */
export function el(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name.includes("-")) element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

/** A button; `key` names it across renderings, so that the focus stays where it was. */
export const button = (text, key, onclick, className = "") =>
  el("button", { type: "button", className, onclick, "data-key": key }, text);

/** Replace what an element holds and give the focus back to the button of the same key. */
export function fill(id, ...children) {
  const container = document.getElementById(id);
  const key = container.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  container.replaceChildren(...children.flat());
  if (key) [...container.querySelectorAll("[data-key]")].find((one) => one.dataset.key === key)?.focus();
}

let inputs = 0;

/** An input of a field {name, label, kind, options, value, required}, with its label tied to it. */
function control(field) {
  const id = `input-${++inputs}`;
  const props = { id, name: field.name, required: field.required ?? false };
  let input;
  if (field.kind === "select") {
    input = el("select", props, field.options.map(([value, text]) => el("option", { value }, text)));
    if (field.value !== undefined) input.value = field.value;
  } else if (field.kind === "textarea") {
    input = el("textarea", { ...props, value: field.value ?? "" });
  } else if (field.kind === "checkbox") {
    input = el("input", { ...props, type: "checkbox" });
  } else {
    const money = field.kind === "money";
    input = el("input", { ...props, type: money ? "number" : field.kind ?? "text", value: field.value ?? "" });
    if (money) input.step = String(1 / 10 ** field.digits);
    else input.maxLength = 200;
  }
  const label = el("label", { htmlFor: id }, field.label);
  return { element: el("div", { className: "row" }, label, input), input };
}

/** What was entered, as the API takes it: money in minor units, an empty choice as null. */
function entered(field, input) {
  if (field.kind === "checkbox") return input.checked;
  if (field.kind === "money") return Math.round(Number(input.value) * 10 ** field.digits);
  return field.optional && input.value === "" ? null : input.value;
}

/**
 * A form that calls `onSubmit` with its values and cannot be sent twice at once.
 *
 * With `asks` (values → a question) it asks before it sends, and asks again when something else is entered.
 */
export function form(title, fields, onSubmit, { open = false, asks = null } = {}) {
  const controls = fields.map((field) => [field, control(field)]);
  const submit = el("button", { type: "submit", className: "main" }, title);
  const question = el("p", { className: "question", role: "alert" });
  const element = el("form", {}, controls.map(([, one]) => one.element), question, submit);
  const ask = (text) => {
    question.textContent = text;
    submit.textContent = text ? word("yes") : title;
  };
  element.addEventListener("input", () => ask(""));
  element.addEventListener("submit", async (event) => {
    event.preventDefault();
    const values = Object.fromEntries(controls.map(([field, one]) => [field.name, entered(field, one.input)]));
    if (asks && !question.textContent) {
      ask(asks(values));
      return;
    }
    submit.disabled = true;
    try {
      await onSubmit(values);
    } finally {
      submit.disabled = false;
    }
  });
  return el("details", { open }, el("summary", {}, title), element);
}

const dialog = () => document.getElementById("dialog");

export function showDialog(title, ...children) {
  document.getElementById("dialog-title").textContent = title;
  document.getElementById("dialog-content").replaceChildren(...children.flat());
  document.getElementById("refusal").textContent = "";
  if (!dialog().open) dialog().showModal();
}

export const closeDialog = () => dialog().close();

/** Say why something was not done: in the open dialog, or in one of its own. */
export function showRefusal(title, text) {
  if (!dialog().open) showDialog(title);
  document.getElementById("refusal").textContent = text;
}

export const definitions = (pairs) =>
  el("dl", {}, pairs.filter(([, text]) => text).flatMap(([name, text]) => [el("dt", {}, name), el("dd", {}, text)]));

export const table = (heads, rows) => [
  el("thead", {}, el("tr", {}, heads.map((head) => el("th", { scope: "col" }, head)))),
  el("tbody", {}, rows.map((cells) => el("tr", {}, cells.map((cell) => el("td", {}, cell))))),
];

export const nothing = () => el("p", { className: "small" }, word("nothing"));
