// On a phone the rail scrolls sideways: it begins where one is.
"use strict";
const here = document.querySelector(".rail [aria-current]");
if (here) {
  const rooms = here.closest("ul"), all = rooms.getBoundingClientRect(), one = here.getBoundingClientRect();
  rooms.scrollLeft += one.left - all.left - (all.width - one.width) / 2;
}
