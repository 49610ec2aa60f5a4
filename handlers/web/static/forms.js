// Texts grow with what is typed, and nothing typed is left behind by accident; without this script every form works.
"use strict";
const grown = window.CSS && CSS.supports("field-sizing", "content");
function grow(box) {
  const lines = box.value.split("\n").reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / 48)), 1);
  box.rows = Math.min(Math.max(3, lines), 24);
}
if (!grown) {
  for (const box of document.querySelectorAll("textarea[data-grow]")) {
    grow(box);
    box.addEventListener("input", () => grow(box));
  }
}
let typed = false;
for (const form of document.querySelectorAll("form[data-keep]")) {
  form.addEventListener("input", () => { typed = true; });
  form.addEventListener("submit", () => { typed = false; });
}
for (const link of document.querySelectorAll("[data-leave]")) {
  link.addEventListener("click", () => { typed = false; });
}
addEventListener("beforeunload", (event) => {
  if (typed) event.preventDefault();
});
const lost = document.getElementById("lost");
function tell(text) {
  if (!lost) return;
  lost.textContent = text;
  lost.hidden = !text;
}
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status < 400) return;
  event.detail.shouldSwap = false;
  event.detail.isError = true;
});
document.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr.status;
  if (status === 401 || status === 403) tell("You are signed out. Your text is still here: sign in again in another tab, then save.");
  else tell("The count could not be made just now. Your text is still here.");
});
document.addEventListener("htmx:sendError", () => tell("The desk can't be reached just now. Your text is still here."));
document.addEventListener("htmx:afterSwap", () => tell(""));
const news = document.querySelector("[data-news]");
if (news && "EventSource" in window) {
  const source = new EventSource("/api/events");
  for (const kind of ["card", "reload"]) source.addEventListener(kind, () => { news.hidden = false; });
  addEventListener("pagehide", () => source.close());
}
for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.textContent = "Copied";
  });
}
