// Fetches the pieces of a page that take a moment; without this script a link fetches them.
"use strict";
for (const place of document.querySelectorAll("[data-lazy]")) {
  fetch(place.dataset.lazy)
    .then((answer) => (answer.ok ? answer.text() : Promise.reject(answer.status)))
    .then((text) => place.replaceChildren(...new DOMParser().parseFromString(text, "text/html").body.childNodes))
    .catch(() => {
      const note = Object.assign(document.createElement("p"), { className: "hint", textContent: "The charts did not come. Load the page again." });
      note.setAttribute("role", "alert");
      place.replaceChildren(note);
    })
    .finally(() => place.removeAttribute("aria-busy"));
}
