// The tenant's documents.

import { call } from "./api.js";
import { element, rows } from "./dom.js";

const form = document.querySelector("#document");
const table = document.querySelector("#documents table");
const said = form.querySelector("output");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { title, id, text } = Object.fromEntries(new FormData(form));
  await told(async () => {
    const stored = await call("POST", "v1/documents", { title, text, id: id.trim() || undefined });
    form.reset();
    said.textContent = `Stored as ${stored.id}.`;
    await show();
  });
});

form.querySelector("[type=file]").addEventListener("change", async ({ target }) => {
  const [file] = target.files;
  if (!file) return;
  form.elements.text.value = await file.text();
  form.elements.title.value ||= file.name.replace(/\.\w+$/, "");
});

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
