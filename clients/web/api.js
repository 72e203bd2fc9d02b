// The terminal's API: reading, acting, and being told that something changed.

import { currentLanguage, word } from "./words.js";

/** Why something was not done, in words of both languages. */
export class Refused extends Error {
  constructor(body) {
    super(body.code);
    this.body = body;
  }

  get words() {
    const language = currentLanguage();
    return `${this.body[`message_${language}`]} ${this.body[`advice_${language}`]}`;
  }
}

/** The local daemon did not answer at all. */
export class Unreachable extends Error {
  get words() {
    return word("daemon_gone");
  }
}

async function request(path, options = {}) {
  let response;
  try {
    response = await fetch(`/api/${path}`, { cache: "no-store", ...options });
  } catch {
    throw new Unreachable();
  }
  const body = await response.json().catch(() => null);
  if (response.ok && body !== null) return body;
  throw new Refused(body?.message_ja ? body : {
    code: String(response.status),
    message_ja: word("failed"), message_en: word("failed"),
    advice_ja: word("failed_advice"), advice_en: word("failed_advice"),
  });
}

const post = (path, body, headers = {}) =>
  request(path, { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json", ...headers } });

export const read = (path) => request(path);
export const readNote = (document) => read(`notes/${document.split("/").map(encodeURIComponent).join("/")}`);
export const readFolio = (folio) => read(`folios/${folio.split("/").map(encodeURIComponent).join("/")}`);
export const readStay = (stay) => read(`stays/${encodeURIComponent(stay)}`);
export const act = (action, fields, staff) => post(`actions/${action}`, fields, { "X-Staff": staff });
export const setPlug = (name, plugged) => post(`plugs/${name}`, { plugged });
export const syncNow = () => post("sync/run", {});

const RECONNECT_MS = 1000;

/** Calls `onChange` on every event and after every reconnection, `onLost` when the daemon is gone. */
export function listen(onChange, onLost) {
  const source = new EventSource("/api/events");
  source.onopen = onChange;
  source.onmessage = onChange;
  source.onerror = () => {
    onLost();
    // A browser does not retry by itself after some errors; and it waits longer than a desk wants to.
    source.close();
    setTimeout(() => listen(onChange, onLost), RECONNECT_MS);
  };
}
