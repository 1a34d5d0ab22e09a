// One payment: what it pays, its history, and the actions that are still possible.

import { amountText, lastAddress } from "./payments.js";
import { badge, escaped, find, foreign, get, h, moment, money, post, problemList, reconcile, span } from "./dom.js";

let shownID;
let payment;
let asking;

export function begin() {
  find("resume").addEventListener("click", () => confirm(
    "Resume this payment?",
    "The relay looks at the chain again and sends what is still missing. The same transaction is never paid twice.",
    "Resume", "resume"));
  find("cancel").addEventListener("click", () => confirm(
    "Cancel this payment?",
    "The relay sends the signed cancel transactions that came with the payment. They cost a network fee, and the payment "
      + "may still be mined first.",
    "Cancel payment", "cancel"));
  const dialog = find("confirm");
  find("confirm-no").addEventListener("click", () => dialog.close());
  find("confirm-yes").addEventListener("click", () => act(dialog.dataset.action));
}

export const isShown = (id) => shownID !== undefined && String(id) === shownID;

/** Whether the payment that is shown may still change. */
export const isOpen = () => ["recorded", "sent", "mined"].includes(payment?.state) && !payment.endedAt;

export function leave() {
  shownID = undefined;
  asking?.abort();
  if (find("confirm").open) find("confirm").close();
}

export async function show(id) {
  if (shownID !== id) {
    shownID = id;
    document.querySelector(".back").setAttribute("href", lastAddress());
    payment = undefined;
    find("payment-title").textContent = "Payment";
    find("payment-state").replaceChildren();
    find("payment-body").hidden = true;
    find("payment-none").hidden = true;
    find("acted").replaceChildren();
  }
  await reload();
}

export async function reload() {
  const id = shownID;
  if (id === undefined) return;
  asking?.abort();
  const own = asking = new AbortController();
  let answer;
  try { answer = await get(`api/payments/${encodeURIComponent(id)}`, own.signal); } catch (error) {
    if (error.name === "AbortError") return;
    if (!error.isAway && !payment) {
      find("payment-none").replaceChildren(
        error.status === 404 ? "The journal has no such payment." : foreign(error.message));
      find("payment-none").hidden = false;
    }
    throw error;
  }
  if (shownID !== id) return;
  payment = answer;
  render();
}

function render() {
  find("payment-title").replaceChildren(money(amountText(payment)));
  document.title = `${escaped(amountText(payment))}, ${escaped(payment.state)} – Airlock relay`;
  const state = find("payment-state");
  if (state.textContent !== payment.state) state.replaceChildren(badge(payment.state));
  find("sentence").replaceChildren(payment.sentence ? foreign(payment.sentence, { limit: 2000 }) : "");
  find("payment-problems").replaceChildren(problemList(payment.problems) ?? "");
  find("facts").replaceChildren(...facts());
  find("timeline").replaceChildren(...timeline());
  reconcile(find("steps"), payment.steps, (step) => step.hash, (step) => [
    [step.role, {}, () => foreign(step.role)],
    [String(step.nonce), { class: "number", "data-label": "nonce" }, () => foreign(step.nonce)],
    [String(step.rung ?? ""), { class: "number", "data-label": "rung" },
      () => step.rung === undefined ? "–" : foreign(step.rung)],
    [step.hash, {}, () => foreign(step.hash, { code: true })],
  ]);
  // A button that has the focus stays until its replacement is known.
  find("resume").hidden = !payment.canResume;
  find("cancel").hidden = !payment.canCancel;
  find("actions").hidden = !payment.canResume && !payment.canCancel;
  find("payment-body").hidden = false;
}

function facts() {
  const took = Date.parse(payment.endedAt) - Date.parse(payment.recordedAt);
  const rows = [
    ["Recipient", payment.to && foreign(payment.to, { code: true })],
    ["Sender", payment.from && foreign(payment.from, { code: true })],
    ["Chain", [foreign(payment.chain), ` (${escaped(payment.chainId)})`]],
    ["Reference", payment.reference && foreign(payment.reference)],
    ["Network fee", payment.cost && foreign(payment.cost.text)],
    ["Code", foreign(payment.code, { code: true })],
    ["Transaction", payment.hash && foreign(payment.hash, { code: true })],
    ["Recorded", moment(payment.recordedAt)],
    ["Ended", payment.endedAt && [moment(payment.endedAt), ` after ${span(took)}`]],
  ];
  return rows.filter(([, value]) => value)
    .map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, ...[value].flat())));
}

const WORDS = {
  received: () => ["Received"],
  journaled: () => ["Written to the journal"],
  "cancel-asked": () => ["Cancel requested"],
  asked: (entry) => ["Sent", entry.node ? [" to ", foreign(entry.node, { code: true })] : null],
  answered: (entry) => [
    entry.node ? foreign(entry.node, { code: true }) : "A node", entry.detail === "taken" ? " took it" : " answered",
  ],
  mined: () => ["Mined"],
  confirmed: () => ["Confirmed"],
  state: (entry) => [h("span", { class: "capital" }, badge(entry.state ?? "recorded"))],
};

/** The moments in order, without the states that other moments tell already. */
function moments() {
  const told = new Set(payment.timeline.map((entry) => entry.event));
  const isTold = ({ event, state }) => event === "state"
    && (state === "recorded" || state === "sent" && told.has("answered") || state === "mined" && told.has("mined"));
  // Among moments of the same second the end comes last.
  const isEnd = ({ event }) => event === "state" ? 1 : 0;
  return payment.timeline.filter((entry) => !isTold(entry))
    .sort((one, other) => Date.parse(one.at) - Date.parse(other.at) || isEnd(one) - isEnd(other));
}

function timeline() {
  let before;
  return moments().map((entry) => {
    const words = (WORDS[entry.event] ?? (() => [foreign(entry.event)]))(entry).flat().filter((word) => word !== null);
    const passed = before === undefined ? undefined : Date.parse(entry.at) - Date.parse(before);
    const isGood = ["settled", "confirmed"].includes(entry.state ?? entry.event);
    const item = h("li", { class: isGood ? "event good" : "event" },
      h("p", {}, ...words),
      entry.detail && entry.detail !== "taken" ? h("p", { class: "quiet" }, foreign(entry.detail, { limit: 500 })) : null,
      h("p", { class: "when quiet" }, moment(entry.at, before ?? undefined),
        passed >= 100 ? h("span", {}, ` +${span(passed)}`) : null));
    before = entry.at;
    return item;
  });
}

function confirm(title, text, word, action) {
  const dialog = find("confirm");
  find("confirm-title").textContent = title;
  find("confirm-text").textContent = text;
  find("confirm-yes").textContent = word;
  find("confirm-yes").className = action === "cancel" ? "danger solid" : "primary";
  dialog.dataset.action = action;
  dialog.showModal();
}

async function act(action) {
  const id = shownID;
  find("confirm").close();
  const acted = find("acted");
  acted.replaceChildren("Asking the relay…");
  try {
    await post(`api/payments/${encodeURIComponent(id)}/${action}`);
    acted.replaceChildren(
      action === "cancel" ? "The relay sends the cancel transactions." : "The relay takes the payment up again.");
  } catch (error) {
    acted.replaceChildren(problemList(error.problems) ?? error.message);
  }
  await reload().catch(() => {});
}
