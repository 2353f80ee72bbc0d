// Small helps. Every page works without this file.
"use strict";

// buttons that only a script can serve appear when there is one
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// a figure in ten thousands is repeated in yuan while it is typed
function echoFigures(part) {
  for (const echo of part.querySelectorAll("[data-echo]")) {
    const field = echo.parentElement.querySelector("input");
    const show = () => {
      const text = field.value.replaceAll(",", "").trim();
      const yuan = Number(text) * Number(echo.dataset.echo);
      const words = yuan.toLocaleString("en", { maximumFractionDigits: 2 });
      echo.textContent = text && Number.isFinite(yuan) ? `= ${echo.dataset.echoWords.replace("{yuan}", words)}` : "";
    };
    field.addEventListener("input", show);
    show();
  }
}
echoFigures(document);

// the name of a chosen file is told by the page, in its own words while there is none
for (const part of document.querySelectorAll("[data-file]")) {
  const field = part.querySelector("input");
  const name = part.querySelector(".file-name");
  const none = name.textContent;
  const show = () => {
    name.textContent = [...field.files].map((file) => file.name).join(", ") || none;
    name.classList.toggle("muted", !field.files.length);
  };
  field.addEventListener("change", show);
  // a browser that comes back to the page puts the file back after this
  window.addEventListener("pageshow", show);
  name.hidden = false;
  part.classList.add("with-script");
  show();
}

// a second press on a button while the answer is under way sends nothing again; what a script of the page sends by
// itself (it has prevented the default by now) is its own affair
const AGAIN_AFTER = 10_000;
const sent = new WeakMap();
window.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method !== "post") return;
  if (Date.now() - (sent.get(event.target) ?? 0) < AGAIN_AFTER) event.preventDefault();
  else sent.set(event.target, Date.now());
});
// who comes back to a page that was kept may send its forms once more
window.addEventListener("pageshow", (event) => {
  if (event.persisted) for (const form of document.forms) sent.delete(form);
});

// after an entry that must change, begin at the list of what is to mend
document.querySelector("[data-focus]")?.focus();

// an open menu closes on Escape and on a click elsewhere
const menus = document.querySelectorAll("details.pop");
document.addEventListener("click", (event) => {
  for (const menu of menus) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of menus) {
    if (menu.open) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  }
});

// folded lists are printed whole
window.addEventListener("beforeprint", () => {
  for (const fold of document.querySelectorAll("details.fold:not([open])")) {
    fold.open = true;
    fold.dataset.printed = "";
  }
});
window.addEventListener("afterprint", () => {
  for (const fold of document.querySelectorAll("details[data-printed]")) {
    fold.open = false;
    delete fold.dataset.printed;
  }
});

// a line that is there to be copied
for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  button.hidden = false;
  field.addEventListener("focus", () => field.select());
  button.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      document.execCommand("copy"); // the newer way is kept from pages without https
    }
    document.querySelector("[data-copy-said]").textContent = button.dataset.copied;
  });
}

// in a list of cases the arrow keys go from line to line and x chooses one; only while the focus is in the list
for (const list of document.querySelectorAll("[data-rows]")) {
  list.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const row = event.target.closest("tbody tr");
    if (!row) return;
    const other = { ArrowDown: row.nextElementSibling, ArrowUp: row.previousElementSibling }[event.key];
    if (other) {
      event.preventDefault();
      other.querySelector("a.title")?.focus();
    } else if (event.key === "x") {
      row.querySelector("input[type=checkbox]")?.click();
    }
  });
}
