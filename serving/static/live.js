"use strict";

// A form with data-live answers while one types: it is sent as its button would, and the part of the page that it names
// is put in anew. Without this the button does the same.
const PAUSE = 200;

function answerLive(form) {
  const spoken = document.getElementById("said");
  let waiting;
  let asking;

  async function send() {
    asking?.abort();
    asking = new AbortController();
    const sent = new URLSearchParams(new FormData(form));
    const asks = form.method === "get";
    const url = asks ? `${form.action}?${sent}` : form.action;
    const given = { method: form.method, body: asks ? undefined : sent, signal: asking.signal };
    const answer = await fetch(url, given).catch(() => null);
    const text = await answer?.text().catch(() => null);
    const part = text && new DOMParser().parseFromString(text, "text/html").getElementById(form.dataset.live);
    if (!part) return;
    for (const field of form.elements) {
      const other = field.id && part.ownerDocument.getElementById(field.id);
      if (!other) continue;
      if (other.hasAttribute("aria-invalid")) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
    }
    document.getElementById(form.dataset.live).replaceWith(part);
    if (spoken) spoken.textContent = part.dataset.said;
  }

  function sendSoon() {
    clearTimeout(waiting);
    waiting = setTimeout(send, PAUSE);
  }

  form.addEventListener("input", sendSoon);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation();
    clearTimeout(waiting);
    send();
  });
}

document.querySelectorAll("form[data-live]").forEach(answerLive);

// A part with data-renew is asked for again every so many seconds; once the page has it no more, the page is read anew.
function renewSoon(part) {
  const spoken = document.getElementById("said");

  async function renew() {
    const answer = await fetch(location.pathname).catch(() => null);
    const text = await answer?.text().catch(() => null);
    const page = text && answer.ok && new DOMParser().parseFromString(text, "text/html");
    const next = page && page.getElementById(part.id);
    if (page && !next) {
      location.replace(location.pathname);
      return;
    }
    if (next) {
      if (spoken && next.dataset.said !== part.dataset.said) spoken.textContent = next.dataset.said;
      part.replaceWith(next);
    }
    renewSoon(next || part);
  }

  setTimeout(renew, 1000 * part.dataset.renew);
}

document.querySelectorAll("[data-renew]").forEach(renewSoon);
