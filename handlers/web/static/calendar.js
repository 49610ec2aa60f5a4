// Moves posts of the calendar by mouse, finger and keyboard; without this script "Set time" does the same.
"use strict";
const QUARTER = 15 * 60000;
const plan = () => document.querySelector("[data-plan]");
const bar = document.querySelector(".mover");
const told = document.querySelector("#moving");
let moving = null; // {post, from, at, ghost, dragged}; `at` is a place of the board
let pressed = null; // where a pointer went down, until it is a drag
let stale = false;
let turn = 0; // Counts the moves: an answer asked for before one shows the past.
const laps = () => [...document.querySelectorAll(".lap")].map((el) => ({ el, start: Date.parse(el.dataset.start), end: Date.parse(el.dataset.end) })).sort((a, b) => a.start - b.start);
const lapOf = (at, all = laps()) => all.find((lap) => lap.start <= at && at < lap.end);
const two = (n) => String(n).padStart(2, "0");
const days = () => [...document.querySelectorAll(".onday")];
// A week: a place is an instant, to the quarter of an hour. Its clock is read off its lap, "2026-11-23T09:00:00+01:00".
const week = {
  grid: ".week",
  start(post) {
    const all = laps();
    const next = (Math.floor(Date.now() / 3600000) + 1) * 3600000;
    return [Date.parse(post.dataset.at || ""), next, all[0].start].find((at) => lapOf(at, all));
  },
  read(at) {
    const lap = lapOf(at);
    const written = lap.el.dataset.start;
    const minute = Number(written.slice(14, 16)) + Math.floor((at - lap.start) / 60000);
    const which = lap.el.querySelector(".which")?.textContent.replace(/^\S+/, "") || "";
    const clock = `${written.slice(11, 13)}:${two(minute)}`;
    const text = `${lap.el.closest(".onday").dataset.label} ${clock}${which}`;
    return { el: lap.el, clock, when: `${written.slice(0, 11)}${clock}:00${written.slice(19)}`, text };
  },
  stays: (at, post) => at === Date.parse(post.dataset.at || ""),
  step(now, key) {
    const all = laps();
    if (key === "ArrowUp" || key === "ArrowDown") {
      const even = key === "ArrowDown" ? (Math.floor(now / QUARTER) + 1) * QUARTER : (Math.ceil(now / QUARTER) - 1) * QUARTER;
      return lapOf(even, all) ? even : now;
    }
    const lap = lapOf(now, all);
    const own = lap.el.closest(".onday");
    const day = days()[days().indexOf(own) + (key === "ArrowRight" ? 1 : -1)];
    const hour = [...own.querySelectorAll(".hour")].indexOf(lap.el.parentElement);
    const later = [...(day?.querySelectorAll(".hour") || [])].slice(hour).flatMap((h) => [...h.querySelectorAll(".lap")]);
    const there = all.find((one) => one.el === (later[0] || [...(day?.querySelectorAll(".lap") || [])].at(-1)));
    return there ? Math.min(there.start + (now - lap.start), there.end - 60000) : now;
  },
  under(x, y) {
    const el = document.elementsFromPoint(x, y).find((e) => e.classList.contains("lap"));
    if (!el) return null;
    const box = el.getBoundingClientRect();
    const lap = laps().find((one) => one.el === el);
    const share = Math.min(Math.max((y - box.top) / box.height, 0), 0.999);
    return lap.start + Math.floor((share * (lap.end - lap.start)) / QUARTER) * QUARTER;
  },
};
// A month: a place is a day; the time of day stays, nine in the morning where there was none.
const month = {
  grid: ".month",
  start: (post) => (post.closest(".onday") || document.querySelector(".onday.today") || days()[0]).dataset.day,
  read(day) {
    const el = days().find((one) => one.dataset.day === day);
    const clock = moving.post.dataset.clock || "09:00";
    return { el, clock, when: `${day}T${clock}`, text: `${el.dataset.label} ${clock}` };
  },
  stays: (day, post) => post.closest(".onday")?.dataset.day === day,
  step(day, key) {
    const all = days();
    const far = { ArrowUp: -7, ArrowDown: 7, ArrowLeft: -1, ArrowRight: 1 }[key];
    return (all[all.findIndex((one) => one.dataset.day === day) + far] || { dataset: { day } }).dataset.day;
  },
  under: (x, y) => document.elementsFromPoint(x, y).find((e) => e.classList.contains("onday"))?.dataset.day ?? null,
};
const board = () => (document.querySelector(".month") ? month : week);
function show(at) {
  moving.at = at;
  const { el, clock, text } = board().read(at);
  moving.ghost.textContent = `${clock} ${moving.post.dataset.name}`;
  el.append(moving.ghost);
  told.textContent = `Move “${moving.post.dataset.name}” to ${text} (${plan().dataset.zone})? ${moving.dragged ? "" : "Arrow keys change it, Enter moves it, Escape leaves it."}`;
  if (!moving.dragged) moving.ghost.scrollIntoView({ block: "nearest" });
}
function begin(post, dragged) {
  if (moving) giveUp();
  const grid = document.querySelector(board().grid);
  if (getComputedStyle(grid).display !== "grid") return false;
  const from = board().start(post);
  const ghost = Object.assign(document.createElement("div"), { className: "ghost" });
  moving = { post, from, at: from, ghost, dragged };
  post.classList.add("lifted");
  bar.hidden = false;
  bar.classList.toggle("dragging", dragged);
  show(from);
  return true;
}
function end() {
  moving.ghost.remove();
  moving.post.classList.remove("lifted");
  bar.hidden = true;
  moving = null;
}
function giveUp(text = "Left where it was.") {
  const { post, dragged } = moving;
  end();
  told.textContent = text;
  if (!dragged) (post.querySelector(".grip") || post).focus();
  if (stale) refresh();
}
async function drop() {
  const { post, at, from } = moving;
  if (board().stays(at, post) || (at === from && moving.dragged)) return giveUp();
  const { when, text } = board().read(at);
  const { csrf, view, day } = plan().dataset;
  const body = new URLSearchParams({ csrf, id: post.dataset.move, when, view, day });
  turn += 1;
  told.textContent = `Moving to ${text}`;
  bar.classList.add("busy");
  try {
    const answer = await fetch("/calendar/move", { method: "POST", body });
    end();
    if (!answer.ok) throw new Error(answer.status);
    redraw(await answer.text(), post.id);
  } catch {
    if (moving) end();
    told.textContent = "";
    say("The desk did not answer, so it is not certain that this moved. Load the page again to see.");
  } finally {
    bar.classList.remove("busy");
  }
}
function say(text) {
  const note = document.createElement("section");
  note.className = "told danger";
  note.append(Object.assign(document.createElement("p"), { className: "what", textContent: text }));
  document.querySelector("#notices").replaceChildren(note);
  bar.hidden = true;
}
function redraw(html, focus) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  const notices = document.querySelector("#notices");
  for (const part of ["[data-plan]", ".side"]) {
    const [old, now] = [document.querySelector(part), fresh.querySelector(part)];
    if (old && now) old.replaceWith(document.adoptNode(now));
    else if (!now) return location.reload();
  }
  stale = false;
  ready();
  if (!focus) return void document.querySelector("#notices").replaceWith(notices); // What was told, and its Undo, stay.
  const what = [...document.querySelectorAll("#notices p")].map((p) => p.textContent).join(" ");
  told.textContent = what;
  const post = document.getElementById(focus);
  if (post && !document.querySelector("#notices .danger")) post.classList.add("moved");
  (post?.querySelector(".grip") || document.querySelector("#notices button") || document.body).focus({ preventScroll: true });
}
async function refresh() {
  if (moving || pressed || plan().contains(document.activeElement)) { stale = true; return; }
  const asked = turn;
  try {
    const answer = await fetch(location.href);
    const html = await answer.text();
    if (answer.ok && asked === turn && !moving && !pressed) redraw(html, "");
    else stale = true;
  } catch {
    stale = true; // The desk is away; the next change brings the page up to date.
  }
}
function ready() {
  for (const grip of document.querySelectorAll(".grip")) grip.hidden = false;
  const keys = document.querySelector(".keys");
  if (keys) keys.hidden = false;
}
document.addEventListener("keydown", (event) => {
  if (!moving) {
    const post = event.target.closest?.("[data-move]");
    if (!post || event.ctrlKey || event.metaKey || event.altKey || event.key.toLowerCase() !== "m") return;
    if (begin(post, false)) event.preventDefault();
    return;
  }
  const onButton = event.target.closest?.(".mover button");
  if (event.key.startsWith("Arrow")) show(board().step(moving.at, event.key));
  else if (event.key === "Escape") giveUp();
  else if (event.key === "Enter" && !onButton) drop();
  else return;
  event.preventDefault();
});
document.addEventListener("click", (event) => {
  const grip = event.target.closest(".grip");
  if (grip) return void (moving?.post === grip.closest("[data-move]") ? giveUp() : begin(grip.closest("[data-move]"), false));
  if (!moving) return;
  if (event.target.closest("[data-drop]")) return void drop();
  if (event.target.closest("[data-give-up]")) return giveUp();
  const at = board().under(event.clientX, event.clientY);
  if (at !== null && !event.target.closest("a, button")) show(at);
});
document.addEventListener("dragstart", (event) => event.target.closest?.("[data-move]") && event.preventDefault());
document.addEventListener("pointerdown", (event) => {
  const post = event.target.closest("[data-move]");
  const touch = event.pointerType === "touch";
  if (!post || event.button !== 0 || (touch && !event.target.closest(".grip"))) return;
  pressed = { post, x: event.clientX, y: event.clientY, id: event.pointerId };
});
document.addEventListener("pointermove", (event) => {
  if (!pressed || event.pointerId !== pressed.id) return;
  if (!moving?.dragged) {
    if (Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) < 6 || !begin(pressed.post, true)) return;
    getSelection()?.removeAllRanges();
    document.documentElement.classList.add("dragging");
  }
  const edge = event.clientY < 60 ? -12 : event.clientY > innerHeight - 90 ? 12 : 0;
  if (edge) scrollBy(0, edge);
  const at = board().under(event.clientX, event.clientY);
  if (at !== null) show(at);
  event.preventDefault();
});
function released(event) {
  if (!pressed || event.pointerId !== pressed.id) return;
  pressed = null;
  document.documentElement.classList.remove("dragging");
  if (!moving?.dragged) return;
  // The click that follows a drag is not meant for the link it began on.
  const swallow = (click) => { click.preventDefault(); click.stopPropagation(); };
  addEventListener("click", swallow, { capture: true, once: true });
  setTimeout(() => removeEventListener("click", swallow, { capture: true }));
  if (event.type === "pointercancel" || board().under(event.clientX, event.clientY) === null) giveUp();
  else drop();
}
addEventListener("pointerup", released);
addEventListener("pointercancel", released);
document.addEventListener("focusout", () => setTimeout(() => stale && !moving && refresh()));
if ("EventSource" in window) {
  const source = new EventSource("/api/events");
  source.addEventListener("card", refresh);
  source.addEventListener("reload", refresh);
  addEventListener("pagehide", () => source.close());
}
ready();
