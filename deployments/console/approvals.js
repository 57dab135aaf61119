// What waits for a person, and the person's word.

import { call } from "./api.js";
import { element } from "./dom.js";

const page = document.querySelector("#approvals");
const said = page.querySelector("output");
const list = page.querySelector("section");

export async function show() {
  await told(async () => {
    const { data } = await call("GET", "v1/approvals");
    list.replaceChildren(...data.map(cardOf));
    said.textContent = data.length ? "" : "Nothing waits.";
  });
}

function cardOf(approval) {
  const wanted = element("textarea", { rows: 4, "aria-label": `What ${approval.tool} is done with` });
  wanted.value = JSON.stringify(approval.approved_arguments ?? approval.arguments, null, 2);
  wanted.readOnly = approval.status !== "pending";
  return element("article", { class: "answer" },
    element("strong", {}, approval.tool), ` for ${approval.user}: ${approval.status}`,
    approval.why === "outcome_unknown" ? element("p", { class: "failed" },
      "It was approved and begun before, and nobody knows how that ended: look before you approve it again.") : "",
    wanted,
    element("div", { class: "facts" },
      element("span", {}, `asked ${time(approval.asked_at)}`),
      element("span", {}, `expires ${time(approval.expires_at)}`),
      approval.decided_by ? element("span", {}, `decided by key ${approval.decided_by}`) : ""),
    approval.status === "pending" ? decisions(approval, wanted) : "");
}

function decisions(approval, wanted) {
  const comment = element("input", { placeholder: "why (the agent is told)", "aria-label": "Comment", maxlength: 500 });
  const path = `v1/approvals/${encodeURIComponent(approval.id)}`;
  const then = (work) => () => told(async () => {
    await work();
    await show();
  });
  const decide = (decision) => then(() => call("POST", path, decision()));
  return element("div", { class: "row" },
    element("button", { onclick: decide(() => approved(approval, wanted.value)) }, "Approve"),
    element("button", { onclick: decide(() => ({ decision: "reject", comment: comment.value })) }, "Reject"),
    comment,
    element("button", { onclick: then(() => call("DELETE", path)), title: "of what you asked for yourself" }, "Withdraw"));
}

// What was changed on the screen is what gets approved, and nothing else.
function approved(approval, text) {
  const wanted = JSON.parse(text);
  const same = JSON.stringify(wanted) === JSON.stringify(approval.arguments);
  return same ? { decision: "approve" } : { decision: "edit", arguments: wanted };
}

const time = (seconds) => new Date(seconds * 1000).toLocaleString();

async function told(work) {
  try {
    await work();
  } catch (error) {
    said.textContent = error.message;
  }
}
