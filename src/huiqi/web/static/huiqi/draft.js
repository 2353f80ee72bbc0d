// The editor of a draft, live. Without this file every button still works.
"use strict";

const PAUSE = 300;
const form = document.querySelector("form[data-live]");
let timer;
let running;

const typing = (element) => element?.matches?.("textarea, input:not([type=checkbox])") ?? false;
const sourceOf = (field) =>
  field.name === "eligible" ? "text" : /^row-\d+-/.test(field.name) ? "rows" : "other";

// a part that is being typed in stays as it is; focus on anything else survives the exchange
function exchange(id, fresh) {
  const old = document.getElementById(id);
  const made = fresh.getElementById(id);
  if (!old || !made) return;
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  if (focused && typing(focused)) {
    for (const part of old.querySelectorAll("[data-part]")) {
      const other = made.querySelector(`#${part.id}`);
      if (other && !part.contains(focused)) part.replaceWith(other);
    }
    return;
  }
  old.replaceWith(made);
  if (focused?.id) document.getElementById(focused.id)?.focus();
}

async function ask(source) {
  running?.abort();
  running = new AbortController();
  const sent = new URLSearchParams(new FormData(form));
  sent.set("source", source);
  let fresh;
  try {
    const answer = await fetch(form.dataset.live, { method: "POST", body: sent, signal: running.signal });
    if (!answer.ok) return;
    fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    return; // overtaken by the next change, or no connection: what is shown stays
  }
  const live = fresh.getElementById("live");
  if (!live) return;
  const text = document.getElementById("id_eligible");
  document.getElementById("id_base").value = live.dataset.base;
  if (document.activeElement !== text) text.value = live.dataset.text;
  for (const id of ["rows", "state", "amount-state", "checks", "reach"]) exchange(id, fresh);
  const told = document.getElementById("told");
  const now = fresh.getElementById("told").textContent;
  if (told.textContent !== now) told.textContent = now;
}

if (form) {
  let waiting = "other";
  const later = (event) => {
    if (!event.target.name) return;
    waiting = sourceOf(event.target);
    clearTimeout(timer);
    timer = setTimeout(() => ask(waiting), PAUSE);
  };
  form.addEventListener("input", later);
  form.addEventListener("submit", () => clearTimeout(timer));
}
