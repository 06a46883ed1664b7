// How the page speaks with the simulator: requests, and the live feed.

export class Refused extends Error {}

async function answer(response) {
  if (response.ok) return response.json();
  const words = await response.text();
  let said = words;
  try {
    said = JSON.parse(words).error ?? words;
  } catch {
    // Plain words are shown as they are.
  }
  throw new Refused(said || `出错了（${response.status}）`);
}

export async function get(path) {
  return answer(await fetch(path, { headers: { Accept: "application/json" } }));
}

export async function post(path, body = {}) {
  const headers = { "Content-Type": "application/json" };
  return answer(await fetch(path, { method: "POST", headers, body: JSON.stringify(body) }));
}

export async function remove(path) {
  return answer(await fetch(path, { method: "DELETE" }));
}

export async function upload(path, name, file) {
  const form = new FormData();
  form.append(name, file, file.name || name);
  return answer(await fetch(path, { method: "POST", body: form }));
}

const NAMES = ["line", "typing", "exchange", "person", "menu", "settings", "faults", "clock"];

/** Hand each piece of news to `hear(name, body)`; `joined` runs on every (re)connection. */
export function listen(hear, joined, lost) {
  const source = new EventSource("events");
  source.addEventListener("open", joined);
  source.addEventListener("error", lost);
  for (const name of NAMES) {
    source.addEventListener(name, (event) => hear(name, JSON.parse(event.data)));
  }
}
