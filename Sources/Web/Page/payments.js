// The list of payments: counts by state, filters, pages.

import { age, announce, badge, escaped, find, foreign, get, h, money, reconcile, shape, STATES } from "./dom.js";

const PAGE = 50;
/** Of pages that are loaded again when something changed. */
const MOST_PAGES = 10;

let filter = { state: "", chain: "", q: "" };
let shown = [];
let next;
let asking;
/** The states by id, to tell what changed. */
const known = new Map();

/** The address of the list with a filter. */
export function address(some) {
  const words = new URLSearchParams(Object.entries(some).filter(([, value]) => value));
  return words.size ? `#/?${words}` : "#/";
}

/** The address of the list as it was last shown. */
export const lastAddress = () => address(filter);

export function begin() {
  find("filters").addEventListener("submit", (event) => event.preventDefault());
  let timer;
  find("search").addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => change({ q: find("search").value.trim() }), 200);
  });
  find("chain").addEventListener("change", () => change({ chain: find("chain").value }));
  find("older").addEventListener("click", older);
}

function change(some) {
  history.replaceState(null, "", address({ ...filter, ...some }));
  dispatchEvent(new HashChangeEvent("hashchange"));
}

/** Shows what the address says. */
export async function show(words) {
  const wanted = { state: words.get("state") ?? "", chain: words.get("chain") ?? "", q: words.get("q") ?? "" };
  const isOther = JSON.stringify(wanted) !== JSON.stringify(filter);
  filter = wanted;
  const search = find("search");
  if (search.value.trim() !== filter.q) search.value = filter.q;
  find("chain").value = filter.chain;
  markState();
  if (isOther) find("list").classList.add("stale");
  await load(isOther ? 1 : pages());
  if (isOther) announce(shown.length ? `${shown.length} payments shown` : "No payment is like this.");
}

const pages = () => Math.min(MOST_PAGES, Math.max(1, Math.ceil(shown.length / PAGE)));

export const reload = () => load(pages());

async function page(before, signal) {
  const words = { limit: PAGE };
  if (before !== undefined) words.before = before;
  for (const [name, value] of Object.entries(filter)) if (value) words[name] = value;
  return get(`api/payments?${new URLSearchParams(words)}`, signal);
}

async function load(count) {
  asking?.abort();
  const own = asking = new AbortController();
  let found = [];
  let before;
  try {
    for (let number = 0; number < count; number++) {
      const answer = await page(before, own.signal);
      found = found.concat(answer.payments);
      before = answer.next;
      if (before === undefined || before === null) break;
    }
  } catch (error) {
    if (error.name === "AbortError") return;
    throw error;
  }
  shown = found;
  next = before ?? undefined;
  render();
}

async function older() {
  const button = find("older");
  button.disabled = true;
  try {
    const answer = await page(next);
    const first = shown.length;
    const ids = new Set(shown.map((payment) => payment.id));
    shown = shown.concat(answer.payments.filter((payment) => !ids.has(payment.id)));
    next = answer.next ?? undefined;
    render();
    find("rows").children[first]?.querySelector("a")?.focus();
    announce(`${answer.payments.length} more payments`);
  } catch (error) {
    announce(error.message);
  } finally {
    button.disabled = false;
  }
}

function tellNone(text) {
  const none = find("none");
  none.textContent = text;
  none.hidden = !text;
}

function render() {
  reconcile(find("rows"), shown, (payment) => payment.id, cells);
  find("list").classList.remove("stale");
  find("list").hidden = shown.length === 0;
  find("older").hidden = next === undefined;
  const isFiltered = filter.state || filter.chain || filter.q;
  tellNone(shown.length ? "" : isFiltered ? "No payment is like this." : "There is no payment in the journal yet.");
}

/** `12.5 USDC`, or what kind of payment it is where it has no amount. */
export const amountText = (payment) => payment.amount?.text ?? payment.kind ?? "payment";

function cells(payment) {
  const to = payment.to ?? "";
  return [
    [payment.state, { class: "state-cell" }, () => badge(payment.state)],
    [amountText(payment), { class: "number amount" },
      () => h("a", { href: `#/payment/${encodeURIComponent(payment.id)}` }, money(amountText(payment)))],
    [`${to} ${payment.reference ?? ""}`, { class: "recipient" },
      () => to ? foreign(to, { code: true }) : h("span", { class: "quiet" }, "no recipient"),
      () => payment.reference ? h("p", { class: "quiet" }, foreign(payment.reference, { limit: 80 })) : ""],
    [String(payment.chain), { class: "chain" }, () => foreign(payment.chain)],
    [payment.cost?.text ?? "", { class: "number cost" }, () => payment.cost ? foreign(payment.cost.text) : "–"],
    [payment.recordedAt, { class: "number age" }, () => age(payment.recordedAt)],
  ];
}

// Counts by state.

export function showState(state) {
  const all = STATES.reduce((sum, name) => sum + (state.counts[name] ?? 0), 0);
  const counts = [["", all], ...STATES.map((name) => [name, state.counts[name] ?? 0])];
  const list = find("counts");
  if (!list.children.length) {
    list.append(...counts.map(([name]) => h("li", {},
      h("a", { "data-state": name, href: "#/" },
        h("b", {}), h("span", {}, name ? shape(name) : null, name || "all")))));
  }
  counts.forEach(([, count], index) => {
    const number = list.children[index].querySelector("b");
    const text = count.toLocaleString("en");
    if (number.textContent !== text) number.textContent = text;
    list.children[index].classList.toggle("zero", count === 0);
  });
  markState();
  const oldest = state.chains.filter((chain) => chain.oldestOpen)
    .sort((one, other) => Date.parse(one.oldestOpen) - Date.parse(other.oldestOpen))[0];
  find("open").replaceChildren(...(state.open === 0 ? ["None is open."] : oldest
    ? [`${state.open.toLocaleString("en")} open, the oldest on `, foreign(oldest.name), " for ", age(oldest.oldestOpen)]
    : [`${state.open.toLocaleString("en")} open`]));
  showChains(state.chains);
}

function markState() {
  for (const link of find("counts").querySelectorAll("a")) {
    link.setAttribute("href", address({ ...filter, state: link.dataset.state }));
    if (link.dataset.state === filter.state) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

function showChains(chains) {
  const select = find("chain");
  const wanted = chains.map((chain) => String(chain.chainId));
  const there = Array.from(select.options).slice(1).map((option) => option.value);
  if (wanted.join() === there.join()) return;
  while (select.options.length > 1) select.remove(1);
  for (const chain of chains) select.append(h("option", { value: chain.chainId }, escaped(chain.name)));
  select.value = filter.chain;
}

/** Says aloud that a payment came to another state, once. */
export function tellChange(event) {
  if (known.get(event.id) === event.state) return;
  known.set(event.id, event.state);
  if (known.size > 1000) known.delete(known.keys().next().value);
  const payment = shown.find((payment) => payment.id === event.id);
  announce(`${escaped(payment ? amountText(payment) : event.code)}: ${escaped(event.state)}`);
}
