// One answer, from its first token to everything that is known about it.

import { call } from "./api.js";
import { element, folded } from "./dom.js";

export class AnswerView {
  constructor() {
    this.text = element("div", { class: "text" });
    this.below = element("div");
    this.root = element("article", { class: "answer" }, this.text, this.below);
  }

  take({ name, data }) {
    if (name === "token") this.text.append(data.text);
    else if (name === "step") this.below.append(stepOf(data));
    else if (name === "approval") this.below.append(waitingOf(data));
    else if (name === "done") this.finish(data);
    else if (name === "error") this.fail(data.error.message, data.error.request_id);
  }

  // The whole answer replaces its parts: it is what was checked, counted and remembered.
  finish(answer) {
    this.text.textContent = answer.output;
    this.below.replaceChildren(
      ...answer.citations.map(citationOf),
      ...answer.steps.map(stepOf),
      folded("Checks and times", element("pre", {}, checksOf(answer))),
      ...(answer.approval ? [waitingOf(answer.approval)] : []),
      factsOf(answer),
      ratingOf(answer));
  }

  fail(message, requestId) {
    const id = requestId ? ` (request ${requestId})` : "";
    this.root.append(element("p", { class: "failed", role: "alert" }, `${message}${id}`));
  }
}

const citationOf = (citation) => folded(
  [citation.title, citation.section].filter(Boolean).join(" › "),
  element("blockquote", {}, citation.quote));

const stepOf = (step) => folded(
  `${step.tool}, ${step.seconds.toFixed(2)} s${step.error ? ", failed" : ""}`,
  element("pre", {}, argumentsOf(step.arguments)),
  element("pre", {}, step.error ?? step.observation));

const waitingOf = (approval) => element("p", { class: "waiting" },
  `Waits for somebody to approve ${approval.tool}: ${approval.arguments}`);

function argumentsOf(text) {
  try {
    const values = Object.values(JSON.parse(text));
    return values.length === 1 ? String(values[0]) : text;
  } catch {
    return text;
  }
}

function checksOf({ safety, timings_ms }) {
  const checks = safety.map((made) =>
    `${made.stage} ${made.check}: ${made.action}${made.rule ? ` (${made.rule})` : ""}`);
  const times = Object.entries(timings_ms).map(([step, ms]) => `${step}: ${ms.toFixed(1)} ms`);
  return [...checks, ...times].join("\n");
}

function factsOf(answer) {
  const { usage } = answer;
  const facts = [
    `${answer.route}, by ${answer.model}`,
    `${usage.total_tokens} tokens`,
    `$${usage.cost_usd.toFixed(6)}`,
  ];
  if (answer.certainty) facts.push(answer.certainty);
  if (answer.degraded) facts.push(`degraded: ${answer.degraded_reason}`);
  return element("div", { class: "facts" }, ...facts.map((fact) => element("span", {}, fact)));
}

function ratingOf({ id }) {
  const said = element("output");
  const rate = (rating) => async () => {
    try {
      await call("POST", "v1/feedback", { answer_id: id, rating });
      said.textContent = "Thank you.";
    } catch (error) {
      said.textContent = error.message;
    }
  };
  return element("div", { class: "row dim" },
    element("button", { onclick: rate("up"), "aria-label": "A good answer" }, "▲"),
    element("button", { onclick: rate("down"), "aria-label": "A bad answer" }, "▼"),
    said);
}
