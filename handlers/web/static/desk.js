// Redraws a card when the desk says that it changed; without this script the page works just the same.
"use strict";
const channel = document.querySelector("[data-live]");
const busy = (card) => card.contains(document.activeElement) || card.querySelector("details[open]");
async function redraw(id) {
  const card = document.querySelector(`.channel [data-card="${CSS.escape(id)}"]`);
  if (!card) {
    if (!document.activeElement || document.activeElement === document.body) location.reload();
    return;
  }
  if (busy(card)) {
    card.dataset.stale = "1";
    return;
  }
  const answer = await fetch(`/cards/${encodeURIComponent(id)}`);
  if (!answer.ok) return;
  const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = parsed.querySelector("article");
  if (!fresh) return;
  card.replaceWith(document.adoptNode(fresh));
  retell(id, fresh);
}
function retell(id, card) {
  const flash = document.querySelector(`.flash[data-about="${CSS.escape(id)}"]`);
  const status = [...card.querySelectorAll("dt")].find((e) => e.textContent === "Status");
  if (!flash || !status) return;
  const text = `${card.querySelector("h2").textContent}: ${status.nextElementSibling.textContent}.`;
  if (flash.textContent !== text) flash.textContent = text;
}
if (channel && "EventSource" in window) {
  const source = new EventSource("/api/events");
  source.addEventListener("card", (event) => redraw(JSON.parse(event.data).card_id));
  source.addEventListener("reload", () => location.reload());
  document.addEventListener("focusout", () => {
    setTimeout(() => {
      for (const card of document.querySelectorAll("[data-stale]")) {
        if (!busy(card)) redraw(card.dataset.card);
      }
    });
  });
  addEventListener("pagehide", () => source.close());
}
