// Elements, untrusted text, times, and the relay's interface.
// All text becomes a text node: no code of the page writes HTML, and the page's content security policy forbids it.

const SVG = "http://www.w3.org/2000/svg";

export const find = (id) => document.getElementById(id);

/** An element with attributes, listeners (`onclick`) and children; null and undefined children are left out. */
export function h(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

/** The same of SVG. */
export function svg(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

/**
 * A string from elsewhere in pieces, by the rule of the tools: printable ASCII stands for itself; control characters,
 * marks that turn the direction, look-alike letters and spaces that nobody would see become \u{…}; what is longer than
 * `limit` is cut.
 */
function pieces(foreign, limit) {
  const letters = Array.from(String(foreign));
  const found = [];
  letters.slice(0, limit).forEach((letter, index) => {
    const code = letter.codePointAt(0);
    const isHiddenSpace =
      letter === " " && (index === 0 || index === letters.length - 1 || letters[index - 1] === " ");
    const isPlain = code >= 0x20 && code <= 0x7e && !isHiddenSpace;
    const text = letter === "\\" ? "\\\\" : isPlain ? letter : `\\u{${code.toString(16)}}`;
    const last = found.at(-1);
    if (last && last.isPlain === isPlain) last.text += text;
    else found.push({ text, isPlain });
  });
  if (letters.length > limit) found.push({ text: `… (${letters.length - limit} more)`, isPlain: false });
  return found;
}

/** A string from elsewhere as an element of its own, whose direction does not reach what stands around it. */
export function foreign(text, { limit = 300, code = false } = {}) {
  const children = pieces(text, limit).map((piece) =>
    piece.isPlain ? piece.text : h("span", { class: "mark" }, piece.text));
  return h("bdi", { class: code ? "code" : undefined }, ...children);
}

/** An amount such as `1234567.5 USDC`, with room between groups of digits; what is copied from the page has none. */
export function money(text) {
  const [digits] = /^[0-9]{5,}/.exec(text) ?? [];
  if (!digits) return foreign(text);
  const groups = digits.match(/[0-9]{1,3}(?=([0-9]{3})*$)/g);
  const element = foreign(text);
  // The digits are plain ASCII, so they are at the start of the first text node.
  element.firstChild.data = element.firstChild.data.slice(digits.length);
  element.prepend(...groups.map((group) => h("span", { class: "digits" }, group)));
  return element;
}

/** A foreign string by the same rule, where there can be no element. */
export const escaped = (text, limit = 80) => pieces(text, limit).map((piece) => piece.text).join("");

// Times by the relay's clock, since this machine's clock may be wrong.

let ahead = 0;

export function setClock(text) {
  const time = Date.parse(text);
  if (!Number.isNaN(time)) ahead = time - Date.now();
}

export const now = () => Date.now() + ahead;

export function span(milliseconds) {
  const seconds = Math.max(0, milliseconds / 1000);
  if (seconds > 0 && seconds < 0.095) return `${Math.max(1, Math.round(milliseconds))} ms`;
  if (seconds < 10) return `${Number(seconds.toFixed(1))} s`;
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86400 * 2) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86400)} d`;
}

/** How long ago a time was, in whole units; it is kept true by `tick`. */
export function age(text) {
  const element = h("time", { datetime: text, "data-age": "" });
  tell(element);
  return element;
}

function tell(element) {
  const passed = now() - Date.parse(element.getAttribute("datetime"));
  const words = Number.isNaN(passed) ? "–"
    : passed < 10_000 ? `${Math.max(0, Math.floor(passed / 1000))} s` : span(passed);
  if (element.textContent !== words) element.textContent = words;
}

export function tick() {
  for (const element of document.querySelectorAll("time[data-age]")) tell(element);
}

const clock = new Intl.DateTimeFormat(
  "en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });

/** A time of day, with the date where it is not that of `beside`. */
export function moment(text, beside) {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) return h("span", {}, "–");
  const date = day.format(time);
  const isSame = beside && day.format(new Date(beside)) === date;
  return h("time", { datetime: text }, isSame ? clock.format(time) : `${date}, ${clock.format(time)}`);
}

// States, each shown by a word and a shape.

const SHAPES = {
  recorded: "M8 2.8a5.2 5.2 0 1 0 0 10.4 5.2 5.2 0 0 0 0-10.4z",
  sent: "M2.5 8h10M8.5 4l4 4-4 4",
  mined: "M8 1.8 13.6 5v6L8 14.2 2.4 11V5zM2.6 5.1 8 8.2l5.4-3.1M8 8.2v5.8",
  settled: "M2.8 8.6l3.4 3.5 7-8",
  reverted: "M3.5 3.5l9 9M12.5 3.5l-9 9",
  replaced: "M2.5 5.5h10M10 3l2.5 2.5L10 8M13.5 11h-10M6 8.5L3.5 11 6 13.5",
  expired: "M4 2.5h8M4 13.5h8M4.8 2.5c0 3.5 3.2 4 3.2 5.5s-3.2 2-3.2 5.5M11.2 2.5c0 3.5-3.2 4-3.2 5.5s3.2 2 3.2 5.5",
  cancelled: "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM4.2 4.2l7.6 7.6",
};

export const STATES = Object.keys(SHAPES);

export function shape(state) {
  return svg("svg", { class: "shape", viewBox: "0 0 16 16", "aria-hidden": "true", focusable: "false" },
    svg("path", { d: SHAPES[state] ?? SHAPES.recorded }));
}

const kindOf = (state) =>
  state === "settled" ? "good" : ["reverted", "replaced", "expired"].includes(state) ? "bad"
    : ["recorded", "sent", "mined"].includes(state) ? "open" : "over";

export const badge = (state) =>
  h("span", { class: `state ${kindOf(state)}` }, shape(state), STATES.includes(state) ? state : foreign(state));

// The relay.

/** What the relay refused, or that it could not be reached (`isAway`). */
export class Refusal extends Error {
  constructor(problems, status, isAway = false) {
    super(problems[0]?.message ?? "");
    this.problems = problems;
    this.status = status;
    this.isAway = isAway;
  }
}

async function call(path, options) {
  let response, text;
  try {
    response = await fetch(path, { cache: "no-store", credentials: "same-origin", ...options });
    text = await response.text();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refusal([{ code: "page.away", message: "The relay cannot be reached." }], 0, true);
  }
  let body;
  try { body = JSON.parse(text || "{}"); } catch { /* Of a server in between, perhaps. */ }
  if (!response.ok || body === undefined) {
    const problems = body?.problems?.length ? body.problems
      : [{ code: `http.${response.status}`, message: `The relay answered ${response.status}.` }];
    throw new Refusal(problems, response.status);
  }
  return body;
}

export const get = (path, signal) => call(path, { signal });

export async function post(path, body, headers = {}) {
  const ask = () => call(path, {
    method: "POST", body,
    headers: { "Content-Type": "application/octet-stream", "X-Airlock-Token": token().content, ...headers },
  });
  try { return await ask(); } catch (error) {
    // A relay that was restarted has a new token, which its page contains.
    if (error.status !== 403 || !await renewToken()) throw error;
    return ask();
  }
}

const token = () => document.querySelector("meta[name=airlock-token]");

async function renewToken() {
  const page = await fetch("./", { cache: "no-store" }).then((response) => response.text()).catch(() => "");
  const [, found] = /<meta name="airlock-token" content="([^"]+)">/.exec(page) ?? [];
  if (!found || found === token().content) return false;
  token().content = found;
  return true;
}

/** Problems as a list: what is wrong, where, and what to do. */
export function problemList(problems) {
  if (!problems?.length) return null;
  return h("ul", { class: "problems" }, problems.map((problem) => h("li", {},
    h("p", {}, foreign(problem.message), problem.path ? [" ", foreign(problem.path, { code: true })] : null),
    problem.hint ? h("p", { class: "quiet" }, foreign(problem.hint)) : null,
    problem.code ? h("p", { class: "quiet" }, foreign(problem.code, { code: true })) : null)));
}

let announced = 0;

/** Says something to those who hear the page. */
export function announce(text) {
  // A screen reader reads the same text again only if it differs.
  find("announce").textContent = text + (announced++ % 2 ? "\u00a0" : "");
}

/** Gives a list of rows new values, and touches only the cells that differ, so that the focus stays where it is. */
export function reconcile(body, items, keyOf, cellsOf) {
  const old = new Map(Array.from(body.children, (row) => [row.dataset.key, row]));
  const rows = items.map((item) => {
    const key = String(keyOf(item));
    const row = old.get(key) ?? h("tr", { role: "row", "data-key": key });
    cellsOf(item).forEach((cell, index) => {
      const [text, attributes, ...children] = cell;
      const there = row.children[index];
      if (there?.airlockText === text) return;
      const made = h("td", { role: "cell", ...attributes }, ...children.map((child) => child()));
      made.airlockText = text;
      if (there) there.replaceWith(made);
      else row.append(made);
    });
    return row;
  });
  if (rows.length !== body.children.length || rows.some((row, index) => body.children[index] !== row)) {
    const focused = document.activeElement;
    body.replaceChildren(...rows);
    if (focused && body.contains(focused)) focused.focus({ preventScroll: true });
  }
}
