// The way to the service. The key stays in this tab and goes nowhere but into the header.

import { events } from "./events.js";

const KEPT_AS = "genai-factory-key";

export class Refused extends Error {
  constructor(status, error) {
    super(error?.message ?? `the service answered with ${status}`);
    this.status = status;
    this.requestId = error?.request_id;
  }
}

export const key = {
  get: () => sessionStorage.getItem(KEPT_AS) ?? "",
  set: (value) => sessionStorage.setItem(KEPT_AS, value),
};

export async function call(method, path, body) {
  return (await reached(method, path, body)).json();
}

export async function* stream(path, body, signal) {
  const response = await reached("POST", path, body, signal);
  yield* events(response.body);
}

async function reached(method, path, body, signal) {
  const headers = { Authorization: `Bearer ${key.get()}` };
  const form = body instanceof FormData;
  if (body !== undefined && !form) headers["Content-Type"] = "application/json";
  if (method === "POST" && !signal) headers["Idempotency-Key"] = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
  const response = await fetch(path, { method, headers, body: form ? body : JSON.stringify(body), signal });
  if (!response.ok) {
    const said = await response.json().catch(() => null);
    throw new Refused(response.status, said?.error);
  }
  return response;
}
