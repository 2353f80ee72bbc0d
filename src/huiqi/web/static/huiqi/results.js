// Answers are changed on the page of results itself. Without this file each link leads to its question.
"use strict";

const PARTS = ["live-head", "live-total", "live-body"];
const told = document.querySelector("[data-live-said]");
let turn = 0; // of several links clicked in haste the last one counts
let place; // where the question of the moment stands
let opener; // the address of the link that brought it
let group; // the group of results in which that link stood, if it was one

const pageOf = async (answer) => new DOMParser().parseFromString(await answer.text(), "text/html");
const sameQuestion = (link) => document.querySelector(`#live-body a[href="${CSS.escape(link)}"]`);

function close() {
  place?.remove();
  place = undefined;
}

// the form of a question, small enough to stand in a list
function show(form) {
  for (const heading of form.querySelectorAll("h1")) {
    const words = document.createElement("p");
    words.className = "strong";
    words.append(...heading.childNodes);
    heading.replaceWith(words);
  }
  form.querySelector(".btn-text").textContent = told.dataset.back;
  form.classList.replace("card-q", "edit");
  form.classList.replace("flow-5", "flow");
  place.replaceChildren(form);
  echoFigures(form);
  (form.querySelector("[aria-invalid]") ?? form.querySelector("[name=value]:checked, #id_value"))?.focus();
}

function makePlace(link) {
  close();
  const row = link.closest("dl.facts > div");
  place = document.createElement(row ? "dd" : "div");
  place.className = "edit-place";
  if (row) row.append(place);
  else (link.closest("p") ?? link).after(place);
}

async function open(link) {
  const mine = ++turn;
  let form;
  try {
    form = (await pageOf(await fetch(link.href))).querySelector("form.card-q");
  } catch {
    // no connection: the browser says so better
  }
  if (mine !== turn) return;
  if (!form) {
    location.assign(link.href);
    return;
  }
  opener = link.getAttribute("href");
  group = link.closest("section[id]")?.id;
  makePlace(link);
  show(form);
}

function exchange(fresh) {
  const unfolded = [...document.querySelectorAll("#live-body section > details[open]")].map((each) => each.parentElement.id);
  for (const id of PARTS) document.getElementById(id).replaceWith(fresh.getElementById(id));
  for (const id of unfolded) {
    const fold = document.querySelector(`#${id} > details`);
    if (fold) fold.open = true;
  }
  place = undefined;
  // go on where one was: at the answer that was changed, or at the head of the group that asked for one
  const next = group ? document.getElementById(`h-${group}`) : sameQuestion(opener);
  const target = next ?? document.getElementById("live-head");
  if (target.tagName !== "A") target.tabIndex = -1;
  target.focus();
  told.textContent = document.getElementById("live-body").dataset.said;
}

async function send(form, button) {
  const sent = new URLSearchParams(new FormData(form));
  if (button?.name) sent.set(button.name, button.value);
  let answer;
  let fresh;
  try {
    answer = await fetch(form.action, { method: "POST", body: sent });
    fresh = await pageOf(answer);
  } catch {
    form.querySelector("[role=alert]")?.remove();
    const words = document.createElement("p");
    words.className = "err";
    words.setAttribute("role", "alert");
    words.textContent = told.dataset.failed;
    form.prepend(words);
    return;
  }
  const again = fresh.querySelector("form.card-q");
  if (fresh.getElementById("live-body")) exchange(fresh);
  else if (answer.status === 422 && again) show(again);
  else location.assign(answer.redirected ? answer.url : location.href);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("#live-body a");
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  if (place?.contains(link)) {
    // it leads back to the page that one is on
    event.preventDefault();
    close();
    sameQuestion(opener)?.focus();
  } else if (new URL(link.href).searchParams.get("next") === location.pathname) {
    event.preventDefault();
    open(link);
  }
});

document.addEventListener("submit", (event) => {
  if (!place?.contains(event.target)) return;
  event.preventDefault();
  send(event.target, event.submitter);
});
