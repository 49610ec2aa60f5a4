// Keeps the channel as the desk has it, puts answers in their place and spares a few keystrokes; without it all works.
"use strict";
const channel = document.getElementById("channel");
const box = document.getElementById("box");
const lost = document.getElementById("link-lost");
const newest = channel?.dataset.live === "newest";
const still = matchMedia("(prefers-reduced-motion: reduce)");
const turnOf = (id) => document.getElementById(`turn-${id}`);
const SLOW = 70000;
const CONTROLS = "a, button, summary, textarea, input, select, video";

/* Somebody is at work in it: it must not change under their hands. */
function busy(turn) {
  const at = document.activeElement;
  const playing = [...turn.querySelectorAll("video")].some((video) => !video.paused);
  return playing || (turn.contains(at) && at.matches(CONTROLS)) || turn.querySelector(".more[open]") !== null;
}

function read(html) {
  return new DOMParser().parseFromString(html, "text/html");
}

/* What each turn was drawn from, so that the same once more is no change; and when a change of it was last heard of. */
const drawn = new WeakMap();
const heard = new Map();
for (const turn of document.querySelectorAll("[data-turn]")) drawn.set(turn, turn.outerHTML);

/* Put a turn where the old one stands; the keyboard stays at the card it was on. */
function exchange(old, fresh) {
  const held = old.contains(document.activeElement);
  drawn.set(fresh, fresh.outerHTML);
  old.replaceWith(fresh);
  htmx.process(fresh);
  if (held) fresh.querySelector("[tabindex='-1']")?.focus({ preventScroll: true });
  retell(fresh);
}

function show(fresh) {
  document.getElementById("welcome")?.remove();
  drawn.set(fresh, fresh.outerHTML);
  channel.prepend(fresh);
  htmx.process(fresh);
  if (!still.matches) fresh.classList.add("fresh");
}

/* The line above the channel stays true when the card it is about changes. */
function retell(turn) {
  const flash = document.querySelector(`.flash[data-about="${CSS.escape(turn.dataset.turn)}"]`);
  const said = turn.querySelector("[data-said]")?.dataset.said;
  if (flash && said && flash.textContent !== said) flash.textContent = said;
}

async function fetchTurn(id) {
  const answer = await fetch(`/cards/${encodeURIComponent(id)}`, { headers: { "HX-Request": "true" } });
  if (!answer.ok) return null;
  const found = read(await answer.text()).querySelector("[data-turn]");
  return found && document.adoptNode(found);
}

const coming = new Map();
async function redraw(id) {
  if (coming.has(id)) {
    coming.set(id, true);
    return;
  }
  coming.set(id, false);
  try {
    const old = turnOf(id);
    if (!old && !newest) return;
    const fresh = await fetchTurn(id);
    const there = turnOf(id);
    if (!fresh) return;
    if (!there) {
      if (!id.startsWith("delivery-") || fresh.querySelector(".buttons")) show(fresh);
    } else if (drawn.get(there) === fresh.outerHTML) {
      delete there.dataset.stale;
    } else if (busy(there)) {
      meanwhile(there, id);
    } else {
      exchange(there, fresh);
    }
  } finally {
    const again = coming.get(id);
    coming.delete(id);
    if (again) redraw(id);
  }
}

function meanwhile(turn, id) {
  turn.dataset.stale = "1";
  if (turn.querySelector(".meanwhile")) return;
  const line = document.createElement("p");
  line.className = "meanwhile";
  line.setAttribute("role", "status");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "linklike";
  button.textContent = "Show";
  button.addEventListener("click", async () => {
    const fresh = await fetchTurn(id);
    if (fresh) exchange(turn, fresh);
  });
  line.append("Changed meanwhile. ", button);
  turn.querySelector("article").append(line);
}

/* What was put off while somebody was at work in it. */
function settle() {
  for (const turn of document.querySelectorAll("[data-stale]")) {
    if (!busy(turn)) redraw(turn.dataset.turn);
  }
}

async function everything() {
  const answer = await fetch(location.href);
  if (!answer.ok) return;
  const fresh = read(await answer.text()).getElementById("channel");
  if (!fresh) return;
  const kept = [...channel.children].filter(busy);
  for (const turn of [...fresh.children].reverse()) {
    const old = turnOf(turn.dataset.turn);
    if (old && drawn.get(old) === turn.outerHTML) continue;
    if (old && kept.includes(old)) meanwhile(old, turn.dataset.turn);
    else if (old) exchange(old, document.adoptNode(turn));
    else show(document.adoptNode(turn));
  }
  document.body.dispatchEvent(new Event("desk-changed"));
}

function watch() {
  let away = false;
  /* What changed while the page was on its way here is told first. */
  const source = new EventSource(`/api/events${channel.dataset.seen ? `?since=${channel.dataset.seen}` : ""}`);
  source.addEventListener("open", () => {
    if (away) everything();
    away = false;
    lost.hidden = true;
    lost.textContent = "";
  });
  source.addEventListener("error", () => {
    away = true;
    lost.hidden = false;
    lost.textContent = "The connection to the desk is lost. What you see may be old; it is tried again by itself.";
  });
  source.addEventListener("card", (event) => {
    const { card_id: id } = JSON.parse(event.data);
    heard.set(id, performance.now());
    redraw(id);
    document.body.dispatchEvent(new Event("desk-changed"));
  });
  source.addEventListener("reload", everything);
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (event) => event.persisted && location.reload());
}

/* A card that is up is exchanged, never shown twice. An answer that was long on its way may be older than what was heard
   since it was asked for, so the card is looked at once more. */
document.body.addEventListener("htmx:oobBeforeSwap", (event) => {
  const { target, fragment } = event.detail;
  const fresh = target.id === "channel" ? fragment.querySelector("[data-turn]") : null;
  if (!fresh) return;
  event.detail.shouldSwap = false;
  const id = fresh.dataset.turn;
  const old = turnOf(id);
  if (old) {
    const pressed = old.contains(document.activeElement);
    exchange(old, fresh);
    if (!pressed) fresh.scrollIntoView({ block: "nearest" });
  } else {
    show(fresh);
  }
  if (performance.now() - (heard.get(id) ?? -SLOW) < SLOW) redraw(id);
});
document.body.addEventListener("htmx:oobAfterSwap", (event) => {
  if (event.detail.target.id !== "rail-count") return;
  const waiting = document.getElementById("rail-count").firstChild?.textContent ?? "";
  document.title = (waiting ? `(${waiting}) ` : "") + document.title.replace(/^\(\d+\) /, "");
});
document.body.addEventListener("htmx:sendError", () => told("The desk did not answer. Nothing is lost: try it again."));
document.body.addEventListener("htmx:timeout", () => told("This takes too long. It may have worked: look at the card."));

function told(words) {
  const line = document.createElement("p");
  line.className = "flash danger";
  line.textContent = words;
  document.getElementById("said")?.replaceChildren(line);
}

if (box) {
  const text = box.elements.text;
  let sent = null;
  /* Only what was sent leaves the box, and only when it was understood. */
  box.addEventListener("submit", (event) => {
    sent = event.submitter?.name ? null : text.value;
  });
  box.addEventListener("desk-done", () => {
    if (text.value === sent) text.value = "";
  });
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      box.requestSubmit(box.querySelector(".primary"));
    }
  });
  for (const starter of box.querySelectorAll("[data-fill]")) {
    starter.addEventListener("click", (event) => {
      event.preventDefault();
      if (!text.value.trim()) text.value = starter.dataset.fill;
      text.focus();
      text.setSelectionRange(text.value.length, text.value.length);
    });
  }
}
if (channel && "EventSource" in window) {
  watch();
  document.addEventListener("focusout", () => setTimeout(settle));
  document.addEventListener("toggle", settle, true);
  document.addEventListener("pause", settle, true);
}
