// Shows the files that were chosen before they are sent, and moves what is shown by buttons; without it both forms work.
"use strict";
const SMALL = 96;
const made = (kind, has) => Object.assign(document.createElement(kind), has);

/* Drawn, not linked: the page's policy lets no picture in from elsewhere, not even from this very machine. */
async function thumbnail(file, canvas) {
  if (!file.type.startsWith("image/")) return;
  try {
    const image = await createImageBitmap(file);
    const scale = Math.min(1, (2 * SMALL) / Math.max(image.width, image.height));
    canvas.width = Math.max(1, Math.round(image.width * scale));
    canvas.height = Math.max(1, Math.round(image.height * scale));
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    image.close();
    canvas.hidden = false;
  } catch {
    canvas.remove(); // no picture after all; the desk says so
  }
}

const KINDS = { image: "Picture", video: "Video", application: "PDF" };
function listed(file, canvas) {
  const line = made("li", {});
  const words = made("p", {});
  const size = `${Math.max(file.size / 1e6, 0.1).toFixed(1)} MB`;
  words.append(made("b", { textContent: file.name }), made("span", { className: "soft", textContent: `${KINDS[file.type.split("/")[0]] ?? "File"} · ${size}` }));
  line.append(canvas, words);
  return line;
}

function tooMuch(files, input) {
  const most = Number(input.dataset.most);
  const bytes = files.reduce((sum, file) => sum + file.size, 0);
  if (files.length > most) return `${files.length} files are chosen; ${most} at once is the most. Choose fewer and add the others afterwards.`;
  if (bytes > Number(input.dataset.bytes)) return `These files have ${Math.round(bytes / 1e6)} MB together; 500 MB at once is the most. Choose fewer, or smaller ones.`;
  return "";
}

for (const input of document.querySelectorAll("input[type=file][data-most]")) {
  const list = made("ol", { className: "chosen-files", hidden: true });
  const wrong = made("p", { className: "error", id: `${input.id}-much`, hidden: true });
  list.setAttribute("aria-label", "Chosen files, in their order");
  wrong.setAttribute("role", "alert");
  input.after(wrong, list);
  input.addEventListener("change", async () => {
    const files = [...input.files];
    wrong.textContent = tooMuch(files, input);
    wrong.hidden = !wrong.textContent;
    input.toggleAttribute("aria-invalid", false);
    if (wrong.textContent) input.setAttribute("aria-invalid", "true");
    const shown = files.map((file) => [file, made("canvas", { hidden: true })]);
    list.replaceChildren(...shown.map(([file, canvas]) => listed(file, canvas)));
    list.hidden = files.length < 1;
    for (const [file, canvas] of shown) if (canvas.isConnected) await thumbnail(file, canvas);
  });
  input.form.addEventListener("submit", (event) => {
    if (wrong.hidden) return;
    event.preventDefault();
    input.focus();
  });
}

/* The text field stays what is sent: the buttons write it, and what is typed into it moves the rows. */
function arranging(list) {
  const box = list.closest("form").elements[list.dataset.arrange];
  const status = document.getElementById("arranged");
  const rows = [...list.children];
  const shown = () => [...list.children].filter((row) => !row.classList.contains("gone"));
  const tell = (words) => { status.textContent = words; };
  const place = (row) => `number ${shown().indexOf(row) + 1} of ${shown().length}`;

  function write() {
    box.value = shown().map((row) => row.dataset.number).join(", ");
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }
  function read() {
    const wanted = [...new Set(box.value.match(/\d+/g) ?? [])].map((n) => rows[Number(n) - 1]).filter(Boolean);
    const gone = rows.filter((row) => !wanted.includes(row));
    for (const row of rows) row.classList.toggle("gone", gone.includes(row));
    const order = [...wanted, ...gone];
    if (order.some((row, n) => list.children[n] !== row)) list.append(...order);
    draw();
  }
  function draw() {
    const there = shown();
    for (const row of rows) {
      const [up, down, away] = row.querySelectorAll("button");
      const at = there.indexOf(row);
      for (const [button, stuck] of [[up, at === 0], [down, at === there.length - 1]]) {
        button.hidden = at < 0;
        button.setAttribute("aria-disabled", String(stuck));
      }
      away.firstChild.textContent = at < 0 ? "Put back" : "Remove";
    }
  }
  function move(row, by, button) {
    const there = shown();
    const other = there[there.indexOf(row) + by];
    if (!other) return tell(`${row.dataset.name} is the ${by < 0 ? "first" : "last"} already.`);
    if (by < 0) other.before(row);
    else other.after(row);
    write();
    button.focus();
    tell(`${row.dataset.name} is ${place(row)} now.`);
  }
  function take(row, button) {
    const back = row.classList.contains("gone");
    if (!back && shown().length === 1) return tell("One has to stay. Remove on the card takes everything away.");
    row.classList.toggle("gone", !back);
    if (back) shown().at(-2).after(row);
    else list.append(row);
    write();
    button.focus();
    tell(back ? `${row.dataset.name} is back, as ${place(row)}.` : `${row.dataset.name} is taken away. ${shown().length} left.`);
  }
  for (const row of rows) {
    const moves = made("span", { className: "moves" });
    for (const [word, act] of [["Up", (b) => move(row, -1, b)], ["Down", (b) => move(row, 1, b)], ["Remove", (b) => take(row, b)]]) {
      const button = made("button", { type: "button", className: "button", textContent: word });
      button.append(made("span", { className: "unseen", textContent: ` ${row.dataset.name}` }));
      button.addEventListener("click", () => act(button));
      moves.append(button);
    }
    row.append(moves);
  }
  box.addEventListener("input", read);
  read();
}
for (const list of document.querySelectorAll("[data-arrange]")) arranging(list);
