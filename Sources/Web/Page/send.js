// Reads payment files that are chosen, dropped or scanned by the camera; shows them; sends them once the code was
// compared.

import { announce, escaped, find, foreign, h, money, post, problemList } from "./dom.js";
import { Gatherer } from "./ur.js";

const LARGEST = 1 << 20;

/** The payments that wait for their code, and those that were sent. */
let waiting = 0;
let leaveCamera;

export function begin() {
  find("files").addEventListener("change", async () => {
    const files = [...find("files").files];
    find("files").value = "";
    await take(files);
  });
  find("camera").addEventListener("click", () => leaveCamera ? stopCamera() : startCamera());
  let depth = 0;
  const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
  const end = () => { depth = 0; find("dropping").hidden = true; };
  addEventListener("dragenter", (event) => {
    if (!hasFiles(event)) return;
    depth++;
    find("dropping").hidden = false;
  });
  addEventListener("dragleave", (event) => { if (hasFiles(event) && --depth <= 0) end(); });
  addEventListener("dragover", (event) => { if (hasFiles(event)) event.preventDefault(); });
  addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    end();
    location.hash = "#/send";
    take([...event.dataTransfer.files]);
  });
}

export function leave() { stopCamera(); }

async function take(files) {
  for (const file of files) {
    if (file.size > LARGEST) {
      show(file.name, [{ message: "The file is larger than 1 MiB, and no payment." }]);
      continue;
    }
    let bytes;
    try { bytes = new Uint8Array(await file.arrayBuffer()); } catch {
      show(file.name, [{ message: "The browser cannot read this file." }]);
      continue;
    }
    await inspect(file.name, bytes);
  }
}

async function inspect(name, bytes) {
  let answer;
  try { answer = await post("api/inspect", bytes); } catch (error) {
    return show(name, error.problems ?? [{ message: error.message }]);
  }
  if (answer.problems?.length || !answer.code) return show(name, answer.problems ?? []);
  offer(name, bytes, answer);
}

function card(name, ...children) {
  const element = h("article", { class: "panel payment-card" },
    h("p", { class: "quiet file" }, foreign(name, { limit: 120 })), ...children);
  find("intake").prepend(element);
  return element;
}

/** A file that is no payment, or none that may be sent. */
function show(name, problems) {
  const heading = h("h2", { tabindex: "-1" }, "This is not sent");
  card(name, heading, problemList(problems));
  heading.focus();
}

function offer(name, bytes, answer) {
  const groups = answer.code.split("-");
  const last = groups.at(-1);
  const id = `code-${crypto.getRandomValues(new Uint32Array(1))[0]}`;
  const input = h("input", {
    id, type: "text", maxlength: 12, autocomplete: "off", autocapitalize: "characters", spellcheck: "false",
    "aria-describedby": `${id}-why`, size: 8, class: "code",
  });
  const button = h("button", { type: "submit", class: "primary", disabled: true }, "Send");
  const said = h("div", { role: "status" });
  const form = h("form", { class: "confirm" },
    h("p", { id: `${id}-why` },
      "Compare this code with the one that the signing machine shows. If all of it is the same, type its last group."),
    h("div", { class: "actions" },
      h("label", { for: id }, "Last group of the code"), input, button,
      h("button", { type: "button", onclick: setAside }, "Set aside")),
    said);
  function setAside() {
    settle();
    element.remove();
    announce("Set aside.");
    find("files").focus();
  }
  const typed = () => input.value.trim().toUpperCase();
  input.addEventListener("input", () => {
    button.disabled = typed() !== last;
    const isWrong = typed().length >= last.length && typed() !== last;
    input.setAttribute("aria-invalid", String(isWrong));
    said.replaceChildren(isWrong ? h("p", { class: "wrong" }, "This is not the last group of the code above.") : "");
  });
  let isOpen = true;
  waiting++;
  const settle = () => {
    if (isOpen) waiting--;
    isOpen = false;
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (typed() !== last || button.disabled) return;
    button.disabled = true;
    input.readOnly = true;
    said.replaceChildren("Sending…");
    try {
      const sent = await post("api/send", bytes, { "X-Airlock-Code": last });
      settle();
      const place = `#/payment/${encodeURIComponent(sent.id)}`;
      form.replaceChildren(h("p", {}, "Handed to the relay. ", h("a", { href: place }, "See its timeline")));
      announce("The relay has the payment.");
      if (waiting === 0) {
        location.hash = place;
        element.remove();
      }
    } catch (error) {
      input.readOnly = false;
      button.disabled = false;
      said.replaceChildren(problemList(error.problems) ?? error.message);
    }
  });
  const title = h("h2", { tabindex: "-1" }, answer.amount ? money(answer.amount.text) : foreign(answer.kind));
  const facts = [
    ["Recipient", answer.to && foreign(answer.to, { code: true })],
    ["Sender", answer.from && foreign(answer.from, { code: true })],
    ["Chain", answer.chain ? [foreign(answer.chain), " (", foreign(answer.chainId), ")"] : foreign(answer.chainId)],
    ["Network fee", answer.cost && foreign(answer.cost.text)],
    ["Transactions", answer.steps !== undefined && foreign(answer.steps)],
  ];
  // The sentence names every approval, so nothing of it may be cut.
  const element = card(name, title,
    answer.sentence ? h("p", { class: "sentence" }, foreign(answer.sentence, { limit: Infinity })) : null,
    h("dl", { class: "facts" }, facts.filter(([, value]) => value)
      .map(([term, value]) => h("div", {}, h("dt", {}, term), h("dd", {}, ...[value].flat())))),
    h("p", { class: "large-code", "aria-label": "Comparison code" }, groups.map((group, index) =>
      [index ? h("span", { class: "dash" }, "-") : null, h("span", { class: "group" }, foreign(group))])),
    answer.known ? knownNote(answer.id) : null,
    form);
  announce(`${name.length < 80 ? escaped(name) : "The file"} is a payment. Compare its code.`);
  input.focus();
}

function knownNote(id) {
  const link = id && h("a", { href: `#/payment/${encodeURIComponent(id)}` }, "See it");
  return h("p", { class: "note" },
    "This payment is in the journal already. Sending it again pays nothing twice. ", link);
}

// The camera.

function tell(text, isCommandShown = false) {
  find("camera-text").textContent = text;
  find("camera-command").hidden = !isCommandShown;
}

async function detector() {
  if (!("BarcodeDetector" in window)) return undefined;
  const formats = await BarcodeDetector.getSupportedFormats().catch(() => []);
  return formats.includes("qr_code") ? new BarcodeDetector({ formats: ["qr_code"] }) : undefined;
}

function openPanel(isOpen) {
  find("camera-panel").hidden = !isOpen;
  find("camera").setAttribute("aria-expanded", String(isOpen));
  find("camera").textContent = isOpen ? "Stop the camera" : "Use the camera";
}

async function startCamera() {
  let isLeft = false;
  let stream;
  leaveCamera = () => {
    isLeft = true;
    for (const track of stream?.getTracks() ?? []) track.stop();
  };
  openPanel(true);
  tell("Looking for a camera…");
  const codes = await detector();
  if (isLeft) return;
  const instead = "A scanner can, on any machine that has the relay; then drop the file that it writes here:";
  if (!codes) return tell(`This browser cannot read QR codes. ${instead}`, true);
  try {
    if (!navigator.mediaDevices) throw new Error("it is given only to pages of this machine, or by https");
    const wanted = { facingMode: "environment", width: { ideal: 1280 } };
    stream = await navigator.mediaDevices.getUserMedia({ video: wanted });
  } catch (error) {
    return tell(`There is no camera to use (${error.message}). ${instead}`, true);
  }
  if (isLeft) return leaveTracks(stream);
  const video = find("video");
  video.srcObject = stream;
  video.hidden = false;
  await video.play().catch(() => {});
  tell("Show the codes of the signing machine to the camera.");
  const bytes = await gather(codes, video, () => isLeft);
  if (isLeft || !bytes) return;
  stopCamera();
  announce("All parts were read.");
  await inspect("from the camera", bytes);
}

const leaveTracks = (stream) => { for (const track of stream.getTracks()) track.stop(); };

/** Reads codes until a file is whole. */
async function gather(codes, video, isLeft) {
  const gatherer = new Gatherer();
  const bar = find("parts");
  let before = "";
  while (!isLeft()) {
    const found = await codes.detect(video).catch(() => []);
    for (const { rawValue } of found) {
      if (rawValue === before) continue;
      before = rawValue;
      try {
        const bytes = await gatherer.receive(rawValue);
        if (bytes) return bytes;
        const { received, of } = gatherer.progress;
        bar.hidden = false;
        bar.max = of;
        bar.value = received;
        tell(`${received} of ${of} parts`);
      } catch (error) { tell(error.message); }
    }
    await new Promise((resolve) => setTimeout(resolve, 60));
  }
  return undefined;
}

function stopCamera() {
  if (!leaveCamera) return;
  leaveCamera();
  leaveCamera = undefined;
  find("video").srcObject = null;
  find("video").hidden = true;
  find("parts").hidden = true;
  openPanel(false);
}
