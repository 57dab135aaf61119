// The tenant's documents.

import { call } from "./api.js";
import { element, rows } from "./dom.js";

const form = document.querySelector("#document");
const table = document.querySelector("#documents table");
const said = form.querySelector("output");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  await told(async () => {
    const stored = await call("POST", "v1/documents", filled());
    form.reset();
    said.textContent = `Stored as ${stored.id}.`;
    await show();
  });
});

// A file takes the place of the text, and may have a title of its own.
const takesFile = (yes) => {
  form.elements.text.disabled = yes;
  form.elements.title.required = !yes;
};
form.elements.file.addEventListener("change", ({ target }) => takesFile(target.files.length > 0));
form.addEventListener("reset", () => takesFile(false));

function filled() {
  const { title, id, text } = Object.fromEntries(new FormData(form));
  const [file] = form.elements.file.files;
  if (!file) return { title, text, id: id.trim() || undefined };
  const upload = new FormData();
  upload.append("file", file);
  if (title.trim()) upload.append("title", title);
  if (id.trim()) upload.append("id", id.trim());
  return upload;
}

export async function show() {
  await told(async () => {
    const { data } = await call("GET", "v1/documents");
    rows(table, data.map((document) =>
      [document.title, document.id, document.source, remover(document)]));
  });
}

const remover = ({ id, title }) => element("button", {
  "aria-label": `Delete ${title}`,
  onclick: () => told(async () => {
    await call("DELETE", `v1/documents/${encodeURIComponent(id)}`);
    await show();
  }),
}, "Delete");

async function told(work) {
  try {
    await work();
  } catch (error) {
    said.textContent = error.message;
  }
}
