// Reads the cards once, shows one at a time, and sends every mark before it moves on.
"use strict";

const at = (id) => document.getElementById(id);
let cards = [];
let choices = [];
let noun = "";
let here = 0;
let sending = Promise.resolve();
let lookedMs = 0;
let lookingSince = null;

const marked = () => cards.filter((card) => card.choice !== null).length;
const isOver = () => here >= cards.length;
const count = (value) => cards.filter((card) => card.choice === value).length;

function show() {
  at("card").hidden = isOver();
  at("keys").hidden = false;
  at("summary").hidden = !isOver();
  at("progress").max = cards.length;
  at("progress").value = marked();
  at("tally").textContent = choices.map((choice) => `${count(choice.value)} ${choice.told}`).join(", ");
  at("next").disabled = isOver();
  at("back").disabled = here === 0;
  const card = isOver() ? null : cards[here];
  for (const choice of choices) {
    at(choice.value).disabled = isOver();
    at(choice.value).setAttribute("aria-pressed", String(card !== null && card.choice === choice.value));
  }
  if (card === null) {
    showEnd();
    return;
  }
  at("position").textContent = `${capital(noun)} ${here + 1} of ${cards.length}`;
  at("facts").textContent = [card.shown_id, card.source, ...card.tags].filter(Boolean).join(" · ");
  const judged = (index) => card.replies.length === 0 && index === card.turns.length - 1;
  at("turns").replaceChildren(...card.turns.map((turn, index) => turnOf(turn, judged(index))));
  at("replies").replaceChildren(...card.replies.map((reply) => turnOf(reply, true)));
  at("note").value = card.note;
  look();
  window.scrollTo(0, 0);
}

function showEnd() {
  const share = (value) => Math.round((1000 * count(value)) / cards.length) / 10;
  at("position").textContent = "The end";
  at("all").textContent = `All ${noun}s are marked`;
  const told = choices.map((each) => `${count(each.value)} of ${cards.length} ${each.told} (${share(each.value)} %)`);
  at("verdict").textContent = `${told.join("; ")}. The left arrow goes back; Enter writes the review.`;
  at("finish").focus();
}

function turnOf([role, text], isJudged) {
  const turn = document.createElement("article");
  turn.className = isJudged ? "turn judged" : "turn";
  const head = document.createElement("h2");
  head.textContent = role;
  const body = document.createElement("pre");
  body.dir = "auto";
  body.textContent = text;
  turn.append(head, body);
  return turn;
}

const capital = (word) => word.slice(0, 1).toUpperCase() + word.slice(1);

// Time counts only while the page can be seen.
function look() {
  lookedMs = 0;
  lookingSince = document.hidden ? null : performance.now();
}

function looked() {
  const since = lookingSince === null ? 0 : performance.now() - lookingSince;
  return (lookedMs + since) / 1000;
}

function onVisibility() {
  if (document.hidden) {
    lookedMs = 1000 * looked();
    lookingSince = null;
  } else {
    lookingSince = performance.now();
  }
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

async function keep(card, choice) {
  const note = at("note").value;
  const seconds = looked();
  await send("marks", { id: card.id, choice, note, seconds });
  look();
  card.choice = choice;
  card.note = note;
}

function mark(choice) {
  inTurn(async () => {
    if (isOver()) return;
    await keep(cards[here], choice);
    const open = cards.findIndex((card, index) => index > here && card.choice === null);
    const any = cards.findIndex((card) => card.choice === null);
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
  if (card.choice === null) card.note = at("note").value;
  else if (card.note !== at("note").value) await keep(card, card.choice);
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
    ArrowRight: () => move(1), ArrowLeft: () => move(-1),
    n: () => at("note").focus(), u: () => { at("rubric").open = !at("rubric").open; },
    Enter: () => isOver() && finish(),
  };
  for (const choice of choices) acts[choice.key] = () => mark(choice.value);
  const onButton = event.key === "Enter" && event.target.matches("button, summary");
  if (!(event.key in acts) || onButton) return;
  event.preventDefault();
  acts[event.key]();
}

function buttonOf(choice) {
  const button = document.createElement("button");
  button.type = "button";
  button.id = choice.value;
  button.setAttribute("aria-keyshortcuts", choice.key);
  const key = document.createElement("kbd");
  key.textContent = choice.key;
  button.append(`${choice.label} `, key);
  button.addEventListener("click", () => mark(choice.value));
  return button;
}

async function begin() {
  const reply = await fetch("cards");
  const read = await reply.json();
  ({ cards, choices, noun } = read);
  document.title = `Review of ${read.title}`;
  at("choices").replaceChildren(...choices.map(buttonOf));
  at("rubric").hidden = read.rubric === "";
  at("rubric-text").textContent = read.rubric;
  document.body.classList.toggle("pairs", cards.some((card) => card.replies.length > 1));
  const open = cards.findIndex((card) => card.choice === null);
  here = open >= 0 ? open : cards.length;
  at("back").addEventListener("click", () => move(-1));
  at("next").addEventListener("click", () => move(1));
  at("finish").addEventListener("click", finish);
  at("note").addEventListener("change", () => inTurn(keepNote));
  document.addEventListener("keydown", onKey);
  document.addEventListener("visibilitychange", onVisibility);
  show();
}

begin().catch((error) => {
  at("trouble").textContent = `Nothing could be read: ${error.message}`;
  at("trouble").hidden = false;
});
