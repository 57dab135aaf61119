// The conversation.

import { stream } from "./api.js";
import { AnswerView } from "./answer.js";
import { element } from "./dom.js";

const form = document.querySelector("#question");
const answers = document.querySelector("#answers");
const stop = document.querySelector("#stop");

let session;
let running;

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const { input, route } = Object.fromEntries(new FormData(form));
  if (running || !input.trim()) return;
  form.elements.input.value = "";
  ask(input, route);
});

form.elements.input.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  form.requestSubmit();
});

stop.addEventListener("click", () => running?.abort());

document.querySelector("#anew").addEventListener("click", () => {
  running?.abort();
  session = undefined;
  answers.replaceChildren();
});

async function ask(input, route) {
  const view = new AnswerView();
  const own = running = new AbortController();
  answers.append(element("p", { class: "asked" }, input), view.root);
  view.root.scrollIntoView({ block: "nearest" });
  stop.hidden = false;
  try {
    const body = { input, route, stream: true, session_id: session };
    for await (const event of stream("v1/assistant/generate", body, own.signal)) {
      view.take(event);
      if (event.name === "done" && running === own) session = event.data.session_id;
    }
  } catch (error) {
    view.fail(own.signal.aborted ? "stopped" : error.message, error.requestId);
  } finally {
    if (running === own) {
      running = undefined;
      stop.hidden = true;
    }
  }
}
