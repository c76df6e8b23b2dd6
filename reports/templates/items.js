"use strict";
// Lists the items and unpacks the details of one when it is opened. All text is set as text.
(() => {
  const PAGE = 50;
  const byId = (id) => document.getElementById(id);
  const { index, size } = JSON.parse(byId("index").textContent);
  const chapters = [...document.querySelectorAll("script.chapter")];
  const unpacked = new Map();
  let chosen = [];
  let shown = 0;

  const made = (tag, text, name) => {
    const element = document.createElement(tag);
    if (text !== undefined) element.textContent = text;
    if (name) element.className = name;
    return element;
  };
  const signed = (number) => (number > 0 ? "+" : "") + number.toFixed(3);
  const lead = (changes) => (changes.find(([, change]) => change !== 0) || ["", 0])[1];

  const chapter = (place) => {
    if (!unpacked.has(place)) {
      const bytes = Uint8Array.from(atob(chapters[place].textContent), (one) => one.charCodeAt(0));
      const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
      unpacked.set(place, new Response(stream).json());
    }
    return unpacked.get(place);
  };

  const side = (told, mark) => {
    const box = made("div");
    const title = made("h3", told.side + " ");
    title.append(made("small", told.ended));
    const reply = made("pre", undefined, "reply");
    for (const [text, differs] of told.text) reply.append(differs ? made(mark, text) : text);
    box.append(title, reply);
    for (const score of told.scores) {
      const parts = score.parts.map(([name, value]) => `${name} ${value}`).join(", ");
      box.append(made("p", `${score.metric}: ${score.value}` + (parts ? ` (${parts})` : ""), "why"));
      if (score.note) box.append(made("p", score.note, "why"));
    }
    if (told.examples.length) {
      const more = made("details");
      more.append(made("summary", `${told.examples.length} examples in the prompt`));
      for (const example of told.examples) {
        more.append(made("p", example.id, "why"));
        if (example.asked) more.append(made("pre", example.asked, "question"));
        if (example.output) more.append(made("pre", example.output));
      }
      box.append(more);
    }
    return box;
  };

  const fill = async (body, place) => {
    body.textContent = "…";
    try {
      const card = (await chapter(Math.floor(place / size)))[place % size];
      body.textContent = "";
      body.append(made("p", `source: ${card.source}`, "why"));
      if (card.question) body.append(made("pre", card.question, "question"));
      if (card.reference) body.append(made("p", `reference: ${card.reference}`, "why"));
      const sides = made("div", undefined, "sides");
      card.sides.forEach((told, turn) => sides.append(side(told, turn ? "ins" : "del")));
      body.append(sides);
    } catch (error) {
      body.textContent = `This item could not be unpacked (${error.message}): open the page in a newer browser.`;
    }
  };

  const row = (place) => {
    const [of, id, changes] = index[place];
    const line = made("details", undefined, "item");
    const summary = made("summary", id + " ");
    const told = changes.map(([name, change]) => `${name} ${signed(change)}`).join(", ");
    summary.append(made("small", `${of}; ${told}`));
    const body = made("div");
    line.append(summary, body);
    line.addEventListener("toggle", () => { if (line.open && !body.firstChild) fill(body, place); });
    return line;
  };

  const more = () => {
    const next = chosen.slice(shown, shown + PAGE);
    byId("list").append(...next.map(row));
    shown += next.length;
    byId("more").hidden = shown >= chosen.length;
    byId("said").textContent = `${shown} of ${chosen.length} items listed.`;
  };

  const wanted = {
    all: () => true,
    differ: (changes) => changes.some(([, change]) => change !== 0),
    lost: (changes) => lead(changes) < 0,
    gained: (changes) => lead(changes) > 0,
  };
  const choose = () => {
    const which = wanted[byId("which").value];
    const of = byId("of").value;
    const find = byId("find").value.toLowerCase();
    chosen = index
      .map((entry, place) => [entry, place])
      .filter(([[name, id, changes]]) => which(changes) && (!of || name === of) && id.toLowerCase().includes(find))
      .sort(([[, , one]], [[, , other]]) => lead(one) - lead(other))
      .map(([, place]) => place);
    shown = 0;
    byId("list").textContent = "";
    more();
  };

  for (const name of new Set(index.map(([of]) => of))) {
    const option = made("option", name);
    option.value = name;
    byId("of").append(option);
  }
  byId("tools").hidden = false;
  for (const id of ["which", "of", "find"]) byId(id).addEventListener("input", choose);
  byId("more").addEventListener("click", more);
  choose();
})();
