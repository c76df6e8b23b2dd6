// Reads the cards once, shows one at a time, and sends every mark before it moves on.
"use strict";

const at = (id) => document.getElementById(id);
let cards = [];
let here = 0;
let sending = Promise.resolve();

const marked = () => cards.filter((card) => card.accepted !== null).length;
const isOver = () => here >= cards.length;

function show() {
  at("card").hidden = isOver();
  at("keys").hidden = false;
  at("summary").hidden = !isOver();
  at("progress").max = cards.length;
  at("progress").value = marked();
  const accepted = cards.filter((card) => card.accepted === true).length;
  at("tally").textContent = `${accepted} accepted, ${marked() - accepted} rejected`;
  at("accept").disabled = at("reject").disabled = at("next").disabled = isOver();
  at("back").disabled = here === 0;
  if (isOver()) {
    const share = Math.round((1000 * accepted) / cards.length) / 10;
    at("position").textContent = "The end";
    at("verdict").textContent =
      `${accepted} of ${cards.length} accepted (${share} %). The left arrow goes back; Enter writes the review.`;
    at("finish").focus();
    return;
  }
  const card = cards[here];
  at("position").textContent = `Example ${here + 1} of ${cards.length}`;
  at("facts").textContent = [card.shown_id, card.source, ...card.tags].filter(Boolean).join(" · ");
  at("turns").replaceChildren(...card.turns.map((turn, index) => turnOf(turn, index === card.turns.length - 1)));
  at("note").value = card.note;
  at("accept").setAttribute("aria-pressed", String(card.accepted === true));
  at("reject").setAttribute("aria-pressed", String(card.accepted === false));
  window.scrollTo(0, 0);
}

function turnOf([role, text], learnt) {
  const turn = document.createElement("article");
  turn.className = learnt ? "turn learnt" : "turn";
  const head = document.createElement("h2");
  head.textContent = learnt ? `${role}: the reply to be learnt` : role;
  const body = document.createElement("pre");
  body.dir = "auto";
  body.textContent = text;
  turn.append(head, body);
  return turn;
}

async function send(path, fields) {
  const reply = await fetch(path, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(fields),
  });
  if (!reply.ok) throw new Error((await reply.json()).error);
}

// One thing after the other, so that fast keys cannot overtake what is being written.
function inTurn(work) {
  sending = sending.then(work).then(
    () => { at("trouble").hidden = true; },
    (error) => {
      at("trouble").textContent = `Not saved: ${error.message}. Is the program still running?`;
      at("trouble").hidden = false;
    },
  );
}

async function keep(card, accepted) {
  const note = at("note").value;
  await send("marks", { id: card.id, accepted, note });
  card.accepted = accepted;
  card.note = note;
}

function mark(accepted) {
  inTurn(async () => {
    if (isOver()) return;
    await keep(cards[here], accepted);
    const open = cards.findIndex((card, index) => index > here && card.accepted === null);
    const any = cards.findIndex((card) => card.accepted === null);
    here = open >= 0 ? open : any >= 0 ? any : cards.length;
    show();
  });
}

function move(step) {
  inTurn(async () => {
    await keepNote();
    const last = marked() === cards.length ? cards.length : cards.length - 1;
    here = Math.min(Math.max(here + step, 0), last);
    show();
  });
}

async function keepNote() {
  const card = cards[here];
  if (isOver()) return;
  if (card.accepted === null) card.note = at("note").value;
  else if (card.note !== at("note").value) await keep(card, card.accepted);
}

function finish() {
  inTurn(async () => {
    if (!isOver()) return;
    await send("finish", {});
    at("summary").hidden = true;
    at("keys").hidden = true;
    at("done").hidden = false;
    at("position").textContent = "Finished";
    document.removeEventListener("keydown", onKey);
  });
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.target === at("note")) {
    if (event.key === "Escape") at("note").blur();
    return;
  }
  const acts = {
    a: () => mark(true), r: () => mark(false), ArrowRight: () => move(1), ArrowLeft: () => move(-1),
    n: () => at("note").focus(), Enter: () => isOver() && finish(),
  };
  const onButton = event.key === "Enter" && event.target instanceof HTMLButtonElement;
  if (!(event.key in acts) || onButton) return;
  event.preventDefault();
  acts[event.key]();
}

async function begin() {
  const reply = await fetch("cards");
  const read = await reply.json();
  cards = read.cards;
  document.title = `Review of ${read.title}`;
  const open = cards.findIndex((card) => card.accepted === null);
  here = open >= 0 ? open : cards.length;
  at("accept").addEventListener("click", () => mark(true));
  at("reject").addEventListener("click", () => mark(false));
  at("back").addEventListener("click", () => move(-1));
  at("next").addEventListener("click", () => move(1));
  at("finish").addEventListener("click", finish);
  at("note").addEventListener("change", () => inTurn(keepNote));
  document.addEventListener("keydown", onKey);
  show();
}

begin().catch((error) => {
  at("trouble").textContent = `The examples could not be read: ${error.message}`;
  at("trouble").hidden = false;
});
