// Chooses the view and keeps it current, by the relay's events and by polling what has no events.

import { age, escaped, find, foreign, get, h, moment, now, reconcile, setClock, span, svg, tick } from "./dom.js";
import * as payments from "./payments.js";
import * as payment from "./payment.js";
import * as charts from "./charts.js";
import * as send from "./send.js";

const TITLES = {
  payments: "Payments", payment: "Payment", days: "The last 30 days", nodes: "Nodes and relays", send: "Send a payment",
};

let view;
/** How far the list was scrolled when it was left. */
let listPlace = 0;

/** The view and its words in an address: `#/payment/12`, `#/?state=sent`. */
function route() {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  const [name, ...rest] = path.split("/");
  const words = new URLSearchParams(query);
  if (name === "") return { name: "payments", words };
  if (name === "payment" && rest.length === 1) {
    try { return { name, id: decodeURIComponent(rest[0]) }; } catch { return { name: "payments", words }; }
  }
  return name in TITLES && name !== "payment" ? { name, words } : { name: "payments", words };
}

async function go() {
  // A link within the page, such as the one that skips to the content.
  if (location.hash && !location.hash.startsWith("#/")) return;
  const wanted = route();
  const isOther = view !== undefined && (view.name !== wanted.name || view.id !== wanted.id);
  if (isOther && view.name === "payment") payment.leave();
  if (isOther && view.name === "send") send.leave();
  if (isOther && view.name === "payments") listPlace = scrollY;
  view = wanted;
  for (const name of Object.keys(TITLES)) find(name).hidden = name !== view.name;
  for (const link of document.querySelectorAll("header nav a")) {
    const isHere = link.dataset.view === (view.name === "payment" ? "payments" : view.name);
    if (isHere) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = `${TITLES[view.name]} – Airlock relay`;
  if (isOther) {
    scrollTo(0, 0);
    find(`${view.name}-title`).focus({ preventScroll: true });
  }
  await attempt(() => {
    switch (view.name) {
      case "payments": return payments.show(view.words);
      case "payment": return payment.show(view.id);
      case "days": return charts.show();
    }
  });
  if (isOther && view === wanted && view.name === "payments") scrollTo(0, listPlace);
}

/** Runs what asks the relay, and says when it is not there or refuses. */
async function attempt(work) {
  try { await work(); } catch (error) {
    if (error.isAway) return lose();
    if (!error.problems) throw error;
    if (error.status !== 404) warn(`The relay answers: ${escaped(error.message, 300)}`);
  }
}

function warn(text) {
  find("lost").textContent = text;
  find("lost").hidden = false;
}

// The overall state.

async function loadState() {
  const state = await get("api/state");
  setClock(state.now);
  payments.showState(state);
  showNodes(state);
  if (find("live").dataset.mode !== "lost") find("lost").hidden = true;
  find("about").replaceChildren(
    "Airlock ", foreign(state.version), ", journal ", foreign(state.journal, { code: true }));
}

function showNodes(state) {
  const names = new Map(state.chains.map((chain) => [String(chain.chainId), chain.name]));
  const chainName = (id) => names.get(String(id)) ?? (id === undefined ? "" : `chain ${id}`);
  // A node that has not answered yet has not reported its chain.
  const chainCell = (id) => chainName(id) ? foreign(chainName(id)) : "–";
  find("no-nodes").hidden = state.nodes.length > 0;
  find("node-table").hidden = state.nodes.length === 0;
  reconcile(find("node-rows"), state.nodes, (node) => `${node.chainId} ${node.node}`, (node) => [
    [`${node.ok} ${node.said ?? ""}`, {}, () => health(node.ok),
      () => node.said ? h("p", { class: "quiet" }, foreign(node.said)) : ""],
    [node.node, {}, () => foreign(node.node, { code: true })],
    [chainName(node.chainId), {}, () => chainCell(node.chainId)],
    [String(node.seconds), { class: "number", "data-label": "in" },
      () => node.seconds === undefined ? "–" : span(node.seconds * 1000)],
    [String(node.at), { class: "number", "data-label": "asked" },
      () => node.at ? h("span", {}, age(node.at), " ago") : "–"],
  ]);
  find("no-relays").hidden = state.relays.length > 0;
  find("relay-table").hidden = state.relays.length === 0;
  reconcile(find("relay-rows"), state.relays, (relay) => `${relay.owner} ${relay.chainId} ${relay.from}`, (relay) => [
    [`${relay.owner} ${relay.isThis}`, {}, () => foreign(relay.owner),
      () => relay.isThis ? h("span", { class: "tag" }, "this relay") : ""],
    [chainName(relay.chainId), {}, () => chainCell(relay.chainId)],
    [relay.from, {}, () => foreign(relay.from, { code: true })],
    [String(relay.until), { class: "number", "data-label": "until" }, () => moment(relay.until, new Date(now()).toISOString())],
  ]);
}

function health(isWell) {
  return h("span", { class: `state ${isWell ? "good" : "bad"}` },
    svg("svg", { class: "shape", viewBox: "0 0 16 16", "aria-hidden": "true" },
      svg("path", { d: isWell ? "M2.8 8.6l3.4 3.5 7-8" : "M8 3v6.5M8 12v1" })),
    isWell ? "answers" : "fails");
}

// Live updates.

let source;
let timer;
let pause = 1000;
/** When the page last knew that the relay is there. */
let seen;

function tellLive(mode, words) {
  const live = find("live");
  if (live.dataset.mode === mode) return;
  live.dataset.mode = mode;
  live.textContent = words;
}

function connect() {
  clearTimeout(timer);
  source?.close();
  const own = source = new EventSource("api/events");
  own.addEventListener("open", () => found("live", "Live"));
  own.addEventListener("payment", (event) => {
    const change = JSON.parse(event.data);
    payments.tellChange(change);
    touch(view.name !== "payment" || payment.isShown(change.id));
  });
  own.addEventListener("state", () => touch(false));
  own.addEventListener("error", () => {
    if (own !== source) return;
    own.close();
    retry();
  });
}

/** The relay is there: what is shown is loaded again where it was away. */
async function found(mode, words) {
  const wasAway = find("live").dataset.mode !== "live";
  pause = 1000;
  seen = now();
  find("lost").hidden = true;
  tellLive(mode, words);
  if (wasAway) await attempt(refresh);
}

/** Without events the page asks by itself, where the relay answers at all: it may have as many readers as it allows. */
async function retry() {
  clearTimeout(timer);
  try {
    await loadState();
    await found("asking", "Every 10 s");
    timer = setTimeout(connect, 10_000);
  } catch { lose(); }
}

function lose() {
  if (find("live").dataset.mode !== "lost") {
    warn(seen === undefined ? "The relay does not answer. Trying again…"
      : "The connection to the relay is lost. What stands here may be old. Trying again…");
  }
  tellLive("lost", "Not connected");
  source?.close();
  clearTimeout(timer);
  timer = setTimeout(connect, pause);
  pause = Math.min(pause * 2, 8000);
}

let pending;
let isBusy = false;
/** Whether more than the counts changed. */
let isViewOld = false;
/** At least so long between two looks, so that the relay has time for others when much happens. */
let rest = 200;

/** Something changed: loads again what is shown, soon, and once for many changes. */
function touch(isView) {
  isViewOld ||= isView;
  if (!isBusy) pending ??= setTimeout(look, rest);
}

async function look() {
  const began = performance.now();
  const isWhole = isViewOld;
  [pending, isViewOld, isBusy] = [undefined, false, true];
  await attempt(isWhole ? refresh : loadState);
  isBusy = false;
  rest = Math.max(200, 3 * (performance.now() - began));
  if (isViewOld) touch(true);
}

async function refresh() {
  await loadState();
  switch (view.name) {
    case "payments": return payments.reload();
    case "payment": return payment.reload();
    case "days": return charts.show();
  }
}

payments.begin();
payment.begin();
charts.begin();
send.begin();
addEventListener("hashchange", go);
setInterval(tick, 1000);
// Requests to nodes and their answers change no state and cause no event, so they are polled.
setInterval(() => { if (view.name === "payment" && payment.isOpen() && !document.hidden) touch(true); }, 3000);
go();
attempt(loadState);
connect();
