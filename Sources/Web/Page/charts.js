// The last 30 days: amounts paid, costs, and times to settle. Each chart has a table with its numbers.

import { find, escaped, get, h, money, now, span, svg } from "./dom.js";

const DAYS = 30;
const HEIGHT = 150;
const INSET = { top: 14, right: 2, bottom: 22, left: 46 };

let charts = [];
let asking;

export function begin() {
  let width = 0;
  new ResizeObserver(([entry]) => {
    if (Math.abs(entry.contentRect.width - width) < 1) return;
    width = entry.contentRect.width;
    for (const chart of charts) chart.draw();
  }).observe(find("charts"));
}

export async function show() {
  asking?.abort();
  const own = asking = new AbortController();
  let answer;
  try { answer = await get(`api/charts?days=${DAYS}`, own.signal); } catch (error) {
    if (error.name === "AbortError") return;
    throw error;
  }
  const days = everyDay(answer.days);
  const settled = days.reduce((sum, day) => sum + day.settled, 0);
  find("settled").textContent = `${settled.toLocaleString("en")} payment${settled === 1 ? "" : "s"} settled`;
  charts = [
    ...sums(days, "paid", "Paid", (symbol) => `Paid in ${symbol}`),
    ...sums(days, "fees", "Network fees", (symbol) => `Network fees in ${symbol}`),
    settleTimes(days),
  ];
  const open = new Set(Array.from(find("charts").querySelectorAll("details[open]"), (details) => details.dataset.name));
  const focused = document.activeElement.closest("#charts details")?.dataset.name;
  find("charts").replaceChildren(...charts.map((chart) => card(chart, open.has(chart.name))));
  if (focused) find("charts").querySelector(`details[data-name="${CSS.escape(focused)}"] summary`)?.focus();
  for (const chart of charts) chart.draw();
}

/** Every day to today, in UTC, whether or not something was paid on it. */
function everyDay(known) {
  const byDate = new Map(known.map((day) => [day.date, day]));
  const today = new Date(now()).toISOString().slice(0, 10);
  const last = known.reduce((latest, day) => day.date > latest ? day.date : latest, today);
  return Array.from({ length: DAYS }, (_, index) => {
    const date = new Date(Date.parse(last) - (DAYS - 1 - index) * 86400_000).toISOString().slice(0, 10);
    return { paid: [], fees: [], settled: 0, ...byDate.get(date), date };
  });
}

/** The sum of decimal numbers, exactly. */
function add(texts) {
  const places = Math.max(0, ...texts.map((text) => (text.split(".")[1] ?? "").length));
  const sum = texts.reduce((all, text) => {
    const [whole, fraction = ""] = text.split(".");
    return all + BigInt(whole + fraction.padEnd(places, "0"));
  }, 0n);
  const digits = String(sum).padStart(places + 1, "0");
  return places ? `${digits.slice(0, -places)}.${digits.slice(-places)}`.replace(/\.?0+$/, "") : digits;
}

const isNumber = (text) => /^[0-9]+(\.[0-9]+)?$/.test(text);

function sums(days, member, none, title) {
  const symbols = [...new Set(days.flatMap((day) => day[member].map((sum) => sum.symbol)))].sort();
  if (!symbols.length) return [{ name: none, title: none, total: "nothing", rows: [], draw() {} }];
  return symbols.map((symbol) => {
    const amounts = days.map((day) =>
      add(day[member].filter((sum) => sum.symbol === symbol && isNumber(sum.amount)).map((sum) => sum.amount)));
    const name = `${member} ${symbol}`;
    const chart = {
      name, title: title(escaped(symbol)), total: money(`${add(amounts)} ${symbol}`), head: ["Day", escaped(symbol)],
      rows: days.map((day, index) => [day.date, amounts[index]]).filter((row) => row[1] !== "0"),
    };
    chart.draw = () => draw(chart, days, amounts.map(Number), shortNumber,
      (index) => `${dayName(days[index].date)}: ${amounts[index]} ${escaped(symbol)}`);
    return chart;
  });
}

function settleTimes(days) {
  const told = days.filter((day) => day.settled && day.seconds);
  const medians = days.map((day) => day.seconds?.median ?? 0);
  const chart = {
    name: "seconds", title: "Time to settle", head: ["Day", "Settled", "Median", "Longest"],
    total: told.length ? `mostly about ${seconds(median(told.map((day) => day.seconds.median)))}` : "nothing settled",
    rows: told.map((day) => [day.date, day.settled, seconds(day.seconds.median), seconds(day.seconds.most)]),
  };
  const longest = days.map((day) => day.seconds?.most ?? 0);
  chart.draw = () => draw(chart, days, medians, seconds,
    (index) => `${dayName(days[index].date)}: median ${seconds(medians[index])}, longest ${seconds(longest[index])}`,
    longest);
  return chart;
}

const seconds = (number) => span(number * 1000);

function median(numbers) {
  const sorted = [...numbers].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)];
}

function card(chart, isOpen) {
  chart.figure = h("div", { class: "figure" });
  const id = `chart-${chart.name.replace(/[^a-z]/gi, "")}-${charts.indexOf(chart)}`;
  return h("section", { class: "panel chart", "aria-labelledby": id },
    h("div", { class: "title" }, h("h2", { id }, chart.title), h("p", {}, chart.total)),
    chart.rows.length ? chart.figure : h("p", { class: "empty" }, "Nothing in these days."),
    chart.rows.length ? h("details", { "data-name": chart.name, open: isOpen },
      h("summary", {}, "Numbers"),
      h("table", { class: "numbers" },
        h("caption", { class: "hidden" }, chart.title),
        h("thead", {}, h("tr", {}, chart.head.map((name) => h("th", { scope: "col" }, name)))),
        h("tbody", {}, [...chart.rows].reverse().map(([first, ...rest]) =>
          h("tr", {}, h("th", { scope: "row" }, first), rest.map((cell) => h("td", {}, String(cell)))))))) : null);
}

const dayName = (date) =>
  new Date(`${date}T00:00:00Z`).toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });

function shortNumber(value) {
  if (value === 0) return "0";
  if (value < 0.001) return value.toExponential(0);
  return new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 }).format(value);
}

/** 1, 2 or 5 with zeros, at or above a number. */
function ceiling(value) {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value * 0.999999) ?? value;
}

/** Bars, with a thin line above each up to `tops` where there are those. */
function draw(chart, days, values, name, words, tops = []) {
  if (!chart.figure || !chart.rows.length) return;
  const width = Math.max(240, Math.floor(chart.figure.clientWidth));
  const most = ceiling(Math.max(...values, ...tops));
  const step = (width - INSET.left - INSET.right) / days.length;
  const y = (value) => INSET.top + (1 - value / most) * (HEIGHT - INSET.top - INSET.bottom);
  const bar = Math.max(2, Math.min(14, step * 0.62));
  const lines = [0, most / 2, most].map((value) => [
    svg("line", { class: "grid", x1: INSET.left, x2: width - INSET.right, y1: y(value), y2: y(value) }),
    svg("text", { class: "tick", x: INSET.left - 8, y: y(value) + 4, "text-anchor": "end" }, name(value)),
  ]);
  const bars = days.map((day, index) => {
    const x = INSET.left + step * (index + 0.5);
    if (!values[index] && !tops[index]) return null;
    const top = Math.min(y(values[index]), y(0) - 2);
    return svg("g", {}, svg("title", {}, words(index)),
      tops[index] ? svg("line", { class: "whisker", x1: x, x2: x, y1: y(tops[index]), y2: top }) : null,
      svg("rect", { class: "bar", x: x - bar / 2, y: top, width: bar, height: y(0) - top, rx: Math.min(2, bar / 3) }));
  });
  const middle = Math.floor(days.length / 2);
  const dates = [
    [0, INSET.left, "start"], [middle, INSET.left + step * (middle + 0.5), "middle"],
    [days.length - 1, width - INSET.right, "end"],
  ].map(([index, x, anchor]) =>
    svg("text", { class: "tick", x, y: HEIGHT - 4, "text-anchor": anchor }, dayName(days[index].date)));
  const label = `${chart.title}, by day. The numbers are in the table below.`;
  chart.figure.replaceChildren(svg("svg",
    { width, height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}`, role: "img", "aria-label": label },
    lines, bars, dates));
}
