// What a page is looked at for in the browser itself. Each function gives a list of faults, empty when there is none.
"use strict";

(() => {
  const FOCUSABLE = ["a[href]", "button:enabled", "input:not([type=hidden]):enabled", "select:enabled", "textarea:enabled", "summary", "[tabindex]:not([tabindex='-1'])"].join();
  const CONTROLS = "input:not([type=hidden]), select, textarea, button";
  const BLOCKY = new Set(["block", "flex", "grid", "list-item", "table-cell", "flow-root", "table", "table-caption"]);

  const seen = (element) => {
    if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) return false;
    const box = element.getBoundingClientRect();
    // what is for screen readers only is a clipped pixel; the link to the content waits outside for the focus
    return box.width > 1 && box.height > 1 && box.right > 0;
  };
  const tag = (element) => {
    const classes = typeof element.className === "string" ? element.className.trim().split(/\s+/).filter(Boolean) : [];
    return [element.localName, ...classes].join(".");
  };
  // where it stands, and its words as an example: “…” is left out where faults of one kind are told together
  const name = (element) => {
    const words = (element.getAttribute("aria-label") || element.textContent || element.value || "").trim();
    const parent = element.parentElement && element !== document.body ? `${tag(element.parentElement)} > ` : "";
    return `${parent}${tag(element)} “${words.replaceAll(/\s+/g, " ").slice(0, 40)}”`;
  };

  // the box that a thumb may hit: of a field that lies in its label the whole label
  const target = (element) => (element.matches("input[type=checkbox], input[type=radio]") && element.closest("label")) || element;

  // a link in the run of a sentence may be as low as its line (WCAG 2.2, 2.5.8, inline); a block of links only may not
  const inSentence = (element) => {
    if (!getComputedStyle(element).display.startsWith("inline") || element.localName !== "a") return false;
    let block = element.parentElement;
    while (block && !BLOCKY.has(getComputedStyle(block).display)) block = block.parentElement;
    const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
    for (let text = walker.nextNode(); text; text = walker.nextNode()) {
      const parent = text.parentElement;
      if (/[\p{L}\p{N}]/u.test(text.data) && !parent.closest("a, button") && seen(parent) && !parent.closest(".visually-hidden")) return true;
    }
    return false;
  };

  window.checks = {
    // everything that folds is opened, but for menus, which lie over the page
    unfold() {
      for (const fold of document.querySelectorAll("details:not(.pop)")) fold.open = true;
      return [];
    },

    sideways() {
      const wide = innerWidth;
      if (document.documentElement.scrollWidth <= wide) return [];
      const faults = [`the page is ${document.documentElement.scrollWidth} px wide in a window of ${wide}`];
      for (const element of document.querySelectorAll("main *, header *, footer *")) {
        const box = element.getBoundingClientRect();
        if ((box.right > wide + 1 || box.left < -1) && box.width > 1 && !element.children.length) faults.push(name(element));
      }
      return faults.slice(0, 6);
    },

    // a part that scrolls by itself, and text that is cut off
    cut() {
      const faults = [];
      for (const element of document.querySelectorAll("main *, header *, footer *")) {
        if (element.scrollWidth <= element.clientWidth + 1 || !element.clientWidth || !seen(element)) continue;
        const style = getComputedStyle(element);
        if (element.matches("input, textarea, select") || style.textOverflow === "ellipsis" || style.display === "inline") continue;
        if (element.closest(".visually-hidden, svg")) continue;
        if (style.overflowX === "auto" || style.overflowX === "scroll") faults.push(`scrolls sideways: ${name(element)}`);
        else if (style.overflowX !== "visible") faults.push(`cuts its text off: ${name(element)}`);
      }
      return faults;
    },

    targets(least) {
      const faults = [];
      for (const element of document.querySelectorAll(FOCUSABLE)) {
        if (!seen(element) || inSentence(element)) continue;
        const box = target(element).getBoundingClientRect();
        if (box.height < least - 0.5 || box.width < least - 0.5) faults.push(`${name(element)} is ${Math.round(box.width)} by ${Math.round(box.height)} px`);
      }
      return [...new Set(faults)];
    },

    // a field or a button that has been left as browsers draw it
    controls() {
      const faults = [];
      const bare = document.createElement("iframe");
      document.body.append(bare);
      for (const element of document.querySelectorAll(CONTROLS)) {
        if (!seen(element)) continue;
        const style = getComputedStyle(element);
        const tick = element.matches("input[type=checkbox], input[type=radio]");
        if (tick) {
          if (style.accentColor === "auto" && style.appearance !== "none") faults.push(`tick in the browser's colour: ${name(element)}`);
          if (element.getBoundingClientRect().height < 18) faults.push(`small tick: ${name(element)}`);
          continue;
        }
        const plain = bare.contentDocument.createElement(element.localName);
        if (element.localName === "input") plain.type = element.type;
        bare.contentDocument.body.append(plain);
        const theirs = bare.contentWindow.getComputedStyle(plain);
        const same = (...properties) => properties.every((property) => style[property] === theirs[property]);
        if (same("fontFamily")) faults.push(`in the browser's type: ${name(element)}`);
        if (same("borderTopStyle", "borderTopColor", "borderTopLeftRadius")) faults.push(`with the browser's edge: ${name(element)}`);
        if (same("backgroundColor") && element.localName === "button") faults.push(`on the browser's ground: ${name(element)}`);
        plain.remove();
      }
      bare.remove();
      return [...new Set(faults)];
    },

    // every thing that takes the focus shows that it has it
    focus() {
      const faults = [];
      for (const element of document.querySelectorAll(FOCUSABLE)) {
        if (!seen(element) && !element.matches(".skip")) continue;
        element.focus({ preventScroll: true });
        if (document.activeElement !== element || !element.matches(":focus-visible")) {
          faults.push(`takes no visible focus: ${name(element)}`);
          continue;
        }
        const style = getComputedStyle(element);
        if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) faults.push(`no ring: ${name(element)}`);
      }
      document.activeElement?.blur();
      return [...new Set(faults)];
    },

    // text in the other language that is not marked as such. `known` are names that stand in every language; addresses
    // of sites, and what the reader herself typed (it stands in a field or in the address), are in no language
    foreign(known) {
      const faults = [];
      const typed = [...new URLSearchParams(location.search).values(), ...[...document.querySelectorAll("input, textarea")].map((field) => field.value)];
      const own = new Set(typed.flatMap((text) => text.match(/[A-Za-z]+|[\u3400-\u9fff]+/g) || []));
      const look = (text, element, what) => {
        const words = text.replaceAll(/\{\w+\}|[\w.-]+\.(gov|org|com|net)(\.cn)?[\w./%-]*/g, " ").replaceAll(/\s+/g, " ").trim();
        if (!words || element.closest("code, pre, kbd, textarea, .code, .editor, bdi, script, noscript, style, [translate=no]")) return;
        const lang = element.closest("[lang]").lang;
        const pattern = lang.startsWith("en") ? /[\u3400-\u9fff]+/g : lang.startsWith("zh") ? /[A-Za-z]{2,}/g : /$^/g;
        const foreign = (words.match(pattern) || []).filter((word) => !known.includes(word) && !own.has(word));
        if (foreign.length) faults.push(`${what} ${foreign.join(" ").slice(0, 60)} “${words.slice(0, 60)}”`);
      };
      look(document.title, document.documentElement, "title");
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      for (let text = walker.nextNode(); text; text = walker.nextNode()) look(text.data, text.parentElement, "text");
      for (const attribute of ["aria-label", "placeholder", "title", "alt", "data-echo-words", "data-failed", "data-back", "data-copied"]) {
        for (const element of document.querySelectorAll(`[${attribute}]`)) look(element.getAttribute(attribute), element, attribute);
      }
      return [...new Set(faults)];
    },

    // with colours forced by the device, backgrounds go: what is told by one needs an edge, a weight or a line too
    forced() {
      const faults = [];
      const edged = (style) => ["Top", "Bottom", "Left", "Right"].some((side) => style[`border${side}Style`] !== "none" && parseFloat(style[`border${side}Width`]) >= 1) || (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1);
      for (const element of document.querySelectorAll(".btn:not(.btn-text), .form-control, .form-select, .chip, .tag, .note, .pick label, .cond.decides, .unread")) {
        if (seen(element) && !edged(getComputedStyle(element))) faults.push(`has no edge: ${name(element)}`);
      }
      for (const element of document.querySelectorAll("[aria-current]:not([aria-current=false])")) {
        const style = getComputedStyle(element);
        const marked = edged(style) || Number(style.fontWeight) >= 600 || style.textDecorationLine.includes("underline");
        if (seen(element) && !marked) faults.push(`is not told from the others: ${name(element)}`);
      }
      return [...new Set(faults)];
    },

    // on paper ink is dark on white: text paler than this grey is lost on a grey printer
    pale() {
      const faults = [];
      const light = (colour) => Math.min(...colour.match(/[\d.]+/g).slice(0, 3).map(Number));
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      for (let text = walker.nextNode(); text; text = walker.nextNode()) {
        const parent = text.parentElement;
        if (text.data.trim() && seen(parent) && light(getComputedStyle(parent).color) > 0x60) faults.push(name(parent));
      }
      return [...new Set(faults)].slice(0, 6);
    },

    // on paper nothing can be pressed
    furniture() {
      const faults = [];
      for (const element of document.querySelectorAll("nav, button, .btn, .mast, .foot, .skip, form[role=search]")) {
        if (seen(element)) faults.push(`is printed: ${name(element)}`);
      }
      return [...new Set(faults)].slice(0, 6);
    },
  };
})();
