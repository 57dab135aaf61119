// The console: what the API can do, for people. Each page is a module of its own.

import { call, key } from "./api.js";
import "./ask.js";
import * as approvals from "./approvals.js";
import * as documents from "./documents.js";
import * as usage from "./usage.js";

const pages = { approvals, documents, usage };
const tabs = document.querySelectorAll("nav button");
const form = document.querySelector("#key");

for (const tab of tabs) tab.addEventListener("click", () => open(tab.dataset.page));

form.addEventListener("submit", (event) => {
  event.preventDefault();
  key.set(form.elements.key.value.trim());
  greet();
});

function open(name) {
  for (const main of document.querySelectorAll("main")) main.hidden = main.id !== name;
  for (const tab of tabs) {
    if (tab.dataset.page === name) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
  }
  pages[name]?.show();
}

async function greet() {
  const said = form.querySelector("output");
  try {
    const { data } = await call("GET", "v1/models");
    said.textContent = `${data.length} models`;
  } catch (error) {
    said.textContent = error.message;
  }
}

if (key.get()) {
  form.elements.key.value = key.get();
  greet();
}
