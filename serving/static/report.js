"use strict";

// Folds open where a link leads into one, and for a printer; the report is there without any of this.
function open(folds) {
  for (const fold of folds) fold.open = true;
}

function openTarget() {
  const target = location.hash && document.getElementById(location.hash.slice(1));
  const fold = target && target.closest("details");
  if (!fold || fold.open) return;
  open([fold]);
  target.scrollIntoView();
}

addEventListener("hashchange", openTarget);
let closed = [];
addEventListener("beforeprint", () => {
  closed = [...document.querySelectorAll(".fold:not([open])")];
  open(closed);
});
addEventListener("afterprint", () => {
  for (const fold of closed) fold.open = false;
});
openTarget();

const print = document.querySelector("[data-print]");
print.hidden = false;
print.addEventListener("click", () => window.print());

const copy = document.querySelector("[data-copy]");
if (navigator.clipboard) copy.hidden = false;
copy.addEventListener("click", async () => {
  await navigator.clipboard.writeText(location.href);
  copy.textContent = copy.dataset.copied;
});
