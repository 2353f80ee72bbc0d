// Signing in: passkeys, and a meter for new passwords. What can be done without a script works without this file.
"use strict";

// --- passkeys: the exchange between the browser and the server is JSON, in which bytes are base64 for addresses --------

const toBytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
const known = (list) => (list || []).map((each) => ({ ...each, id: toBytes(each.id) }));

async function make({ creation_options: { publicKey: wish } }) {
  const publicKey = {
    ...wish,
    challenge: toBytes(wish.challenge),
    user: { ...wish.user, id: toBytes(wish.user.id) },
    excludeCredentials: known(wish.excludeCredentials),
  };
  const made = await navigator.credentials.create({ publicKey });
  return answer(made, {
    attestationObject: toText(made.response.attestationObject),
    transports: made.response.getTransports ? made.response.getTransports() : [],
  });
}

async function use({ request_options: { publicKey: wish } }) {
  const publicKey = {
    ...wish,
    challenge: toBytes(wish.challenge),
    allowCredentials: known(wish.allowCredentials),
  };
  const used = await navigator.credentials.get({ publicKey });
  return answer(used, {
    authenticatorData: toText(used.response.authenticatorData),
    signature: toText(used.response.signature),
    userHandle: used.response.userHandle ? toText(used.response.userHandle) : null,
  });
}

function answer(credential, response) {
  return JSON.stringify({
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: { clientDataJSON: toText(credential.response.clientDataJSON), ...response },
  });
}

async function options(form) {
  if (form.dataset.passkey !== "sign-in") return JSON.parse(document.getElementById("passkey_options").textContent);
  const reply = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!reply.ok) throw new Error(`the server answered ${reply.status}`);
  return reply.json();
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const said = form.querySelector("[data-passkey-said]");
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    said.hidden = true;
    try {
      if (!window.PublicKeyCredential) throw new DOMException("no passkeys", "SecurityError");
      const wish = await options(form);
      form.elements.credential.value = await (form.dataset.passkey === "create" ? make(wish) : use(wish));
      form.submit();
    } catch (problem) {
      // a browser allows no passkeys at a bare number such as 127.0.0.1
      const cannot = ["SecurityError", "NotSupportedError"].includes(problem.name);
      said.textContent = cannot ? said.dataset.cannot : said.dataset.failed;
      said.hidden = false;
    }
  });
}

// --- a new password: shown on wish, and a first idea of how strong it is; the server has the last word ----------------

const LEAST = 12;

/** 0 too short, 1 easy to guess, 2 fair, 3 strong: by how much of it is not repeated and not a run of neighbours. */
function strength(password) {
  if ([...password].length < LEAST) return 0;
  const codes = [...password.toLowerCase()].map((sign) => sign.codePointAt(0));
  const turns = codes.filter((code, at) => at === 0 || Math.abs(code - codes[at - 1]) > 1).length;
  const fresh = new Set(codes).size;
  const worth = Math.min(turns, 1.6 * fresh);
  return worth < 9 ? 1 : worth < 14 ? 2 : 3;
}

for (const meter of document.querySelectorAll("[data-meter]")) {
  const field = document.getElementById(meter.dataset.meter);
  const level = meter.querySelector(".level");
  const words = meter.querySelector("[data-words]");
  const show = meter.querySelector("[data-show]");
  meter.hidden = false;
  field.addEventListener("input", () => {
    const reached = strength(field.value);
    level.setAttribute("width", field.value ? 25 * (reached + 1) : 0);
    level.setAttribute("class", `level of-${reached}`);
    words.textContent = field.value ? words.dataset.words.split("|")[reached] : "";
  });
  show.addEventListener("click", () => {
    const shown = field.type === "text";
    field.type = shown ? "password" : "text";
    show.setAttribute("aria-pressed", String(!shown));
    [show.textContent, show.dataset.other] = [show.dataset.other, show.textContent];
  });
}
