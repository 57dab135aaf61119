// Elements, made without markup: what the service says is only ever text.

export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value);
  }
  made.append(...children.map((child) => child ?? ""));
  return made;
}

export const rows = (table, lines) =>
  table.querySelector("tbody").replaceChildren(
    ...lines.map((cells) => element("tr", {}, ...cells.map(cell))));

const cell = (content) =>
  element("td", typeof content === "number" ? { class: "number" } : {}, content.nodeType ? content : String(content));

export const folded = (title, ...children) =>
  element("details", {}, element("summary", {}, title), ...children);
