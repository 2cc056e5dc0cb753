"use strict";

// Keys press what is on the page; waiting times stay true. The pages work without any of this.
document.documentElement.classList.add("has-script");

// Words as language/text.py has them: `_("Sort by %(column)s", { column })`; without a translation as they stand here.
const words = JSON.parse(document.getElementById("words")?.textContent ?? "{}");
const plurals = new Intl.PluralRules(document.documentElement.lang);
const FORMS = { one: 0, few: 1, many: 2, other: 1 };

function fill(text, values) {
  return text.replace(/%\((\w+)\)s/g, (all, name) => values[name] ?? all);
}

function _(message, values = {}) {
  return fill(words[message] ?? message, values);
}

function ngettext(one, many, num) {
  const forms = words[one] ?? [one, many];
  return fill(forms[FORMS[plurals.select(num)]], { num });
}

const TYPING = "input:not([type=radio], [type=checkbox]), select, textarea";
const LETTERS = "leads-letters";

// A key works on what is visible: times to call again and reasons share theirs.
function keyed(key) {
  const all = [...document.querySelectorAll(`[data-key~="${key}"]`)];
  return all.find((target) => target.offsetParent !== null);
}

function press(target) {
  if (target.matches(TYPING)) {
    target.select();
    return;
  }
  target.click();
  if (target.type !== "radio") return;
  target.focus();
  target.closest("form").scrollIntoView({ block: "nearest" });
  if (target.value === "won") target.form.elements.value.select();
}

function move(step) {
  const rows = [...document.querySelectorAll("[data-row]")];
  const at = rows.indexOf(document.activeElement);
  const next = rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step];
  if (next) {
    next.focus();
  }
}

function claimMarked() {
  const row = document.activeElement.closest("[data-rows] tbody tr");
  const button = row && row.querySelector("button");
  if (button) {
    button.click();
  }
  return Boolean(row);
}

// The focus goes to what closes it, as a space or Enter would else switch the keys off.
function showKeys(dialog) {
  dialog.showModal();
  dialog.querySelector("button").focus();
}

document.addEventListener("keydown", (event) => {
  const dialog = document.getElementById("keys");
  const form = event.target.closest("form.call");
  if (form && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    form.requestSubmit(form.querySelector("button.main"));
    event.preventDefault();
    return;
  }
  if (event.key === "Escape" && !dialog?.open) {
    document.activeElement.blur();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest(TYPING) || dialog?.open) {
    return;
  }
  if (localStorage.getItem(LETTERS) === "off") return;
  if (event.key === "?" && dialog) {
    showKeys(dialog);
  } else if (event.key === "j" || event.key === "k") {
    move(event.key === "j" ? 1 : -1);
  } else if (event.key !== "c" || !claimMarked()) {
    const target = /^[a-z0-9/]$/.test(event.key) && keyed(event.key);
    if (!target) {
      return;
    }
    press(target);
  }
  event.preventDefault();
});

// Keys without Ctrl can be switched off, for who speaks to the browser or leans on the keyboard.
const letters = document.getElementById("letters");
if (letters) {
  letters.checked = localStorage.getItem(LETTERS) !== "off";
  letters.addEventListener("change", () => localStorage.setItem(LETTERS, letters.checked ? "on" : "off"));
  document.getElementById("show-keys").addEventListener("click", () => showKeys(document.getElementById("keys")));
}

// New leads of the best grade are announced, and counted in the title.
const fresh = document.getElementById("fresh");
const title = document.title;

async function announce() {
  const answer = await fetch(`${fresh.dataset.url}?since=${fresh.dataset.since}`).catch(() => null);
  if (!answer?.ok || !answer.headers.get("content-type").startsWith("application/json")) return;
  const { leads } = await answer.json();
  document.title = leads.length ? `(${leads.length}) ${title}` : title;
  const text = leads.map((lead) => lead.text).join("; ");
  if (fresh.dataset.told === text) return;
  fresh.dataset.told = text;
  fresh.hidden = !leads.length;
  const links = leads.map((lead) => {
    const link = document.createElement("a");
    link.href = lead.url;
    link.textContent = lead.text;
    return link;
  });
  const heading = leads.length > 1 ? _("New A leads:") : _("New A lead:");
  fresh.replaceChildren(`${heading} `, ...links.flatMap((link, at) => (at ? ["; ", link] : [link])));
}
if (fresh) setInterval(announce, 10000);

// What is still being made is asked for again.
const again = document.querySelector("[data-again]");
if (again) setTimeout(() => location.reload(), 1000 * again.dataset.again);

// A form is sent once, however often its key is pressed; one that is answered with a file stays, and may be sent again.
document.addEventListener("submit", (event) => {
  if ("download" in event.target.dataset) return;
  if (event.target.method !== "post" || event.target.dataset.sent) {
    if (event.target.dataset.sent) {
      event.preventDefault();
    }
    return;
  }
  event.target.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
});

// Tables sort by a button in each head: figures the largest first, names from A on, what is not known last.
function worth(row, column) {
  const cell = row.cells[column];
  const known = cell.querySelector("data");
  if (known) return Number(known.value);
  return cell.querySelector(".unknown") ? null : cell.textContent.trim();
}

function compared(one, other) {
  if (typeof one === "number" && typeof other === "number") return one - other;
  return String(one).localeCompare(String(other), undefined, { numeric: true });
}

function sortBy(table, head, button) {
  const column = head.cellIndex;
  const falls = head.ariaSort ? head.ariaSort === "ascending" : head.classList.contains("figure");
  const rows = [...table.tBodies[0].rows].map((row) => ({ row, worth: worth(row, column) }));
  rows.sort((one, other) => {
    if (one.worth === null || other.worth === null) return (one.worth === null) - (other.worth === null);
    return falls ? compared(other.worth, one.worth) : compared(one.worth, other.worth);
  });
  table.tBodies[0].append(...rows.map(({ row }) => row));
  for (const other of table.tHead.rows[0].cells) {
    other.removeAttribute("aria-sort");
    const mark = other.querySelector(".sort");
    if (mark) mark.textContent = "↕";
  }
  head.ariaSort = falls ? "descending" : "ascending";
  button.textContent = falls ? "↓" : "↑";
}

for (const table of document.querySelectorAll("table.numbers, table.sortable")) {
  if (table.tBodies[0].rows.length < 2) continue;
  for (const head of table.tHead.rows[0].cells) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.textContent = "↕";
    button.ariaLabel = _("Sort by %(column)s", { column: head.textContent.replace("↕", "").trim() });
    button.addEventListener("click", () => sortBy(table, head, button));
    const room = head.querySelector(".sort");
    if (room) {
      room.replaceWith(button);
    } else {
      head.append(" ", button);
    }
  }
}

// The same words as serving/pages/formatting.py.
function duration(seconds) {
  const minutes = Math.floor(Math.max(seconds, 0) / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  if (minutes < 1) return _("less than a minute");
  if (minutes < 60) return _("%(minutes)s min", { minutes });
  if (hours < 10 && minutes % 60) return _("%(hours)s h %(minutes)s min", { hours, minutes: minutes % 60 });
  if (days < 2) return _("%(hours)s h", { hours });
  return ngettext("%(num)s day", "%(num)s days", days);
}

function tick() {
  const now = Date.now() / 1000;
  for (const place of document.querySelectorAll(".waiting")) {
    const { arrived, promisedBy } = place.dataset;
    place.querySelector(".words").textContent = _("waiting %(duration)s", { duration: duration(now - arrived) });
    const late = promisedBy === undefined ? 0 : now - promisedBy;
    place.querySelector(".late").hidden = late <= 0;
    place.querySelector(".late").textContent = late > 0 ? _("overdue by %(duration)s", { duration: duration(late) }) : "";
    place.classList.toggle("overdue", late > 0);
  }
  for (const claim of document.querySelectorAll("[data-until]")) {
    if (now >= claim.dataset.until) {
      claim.textContent = claim.dataset.ended;
    }
  }
}
setInterval(tick, 15000);
