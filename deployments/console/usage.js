// What was used, and what it cost.

import { call } from "./api.js";
import { rows } from "./dom.js";

const page = document.querySelector("#usage");
const days = page.querySelector("[name=days]");
const said = page.querySelector("output");

days.addEventListener("change", show);

export async function show() {
  try {
    const report = await call("GET", `v1/usage?days=${encodeURIComponent(days.value)}`);
    said.textContent = `$${report.total_cost_usd.toFixed(6)} in all`;
    rows(page, report.data.map((row) => [
      row.day, row.model, row.requests, row.prompt_tokens, row.completion_tokens,
      row.cost_usd.toFixed(6),
    ]));
  } catch (error) {
    said.textContent = error.message;
  }
}
