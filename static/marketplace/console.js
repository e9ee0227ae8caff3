// The queue by keyboard: j and k move, Enter opens, c claims. Everything is also a link or a button.
const items = () => [...document.querySelectorAll("[data-item]")];
const typing = (target) => target.closest("input, textarea, select, [contenteditable]");

function move(by) {
  const all = items();
  const at = all.findIndex((item) => item.contains(document.activeElement));
  const next = all[Math.min(Math.max(at + by, 0), all.length - 1)];
  next?.querySelector("a")?.focus();
}

const current = () => items().find((item) => item.contains(document.activeElement));
const acts = {
  j: () => move(1),
  k: () => move(-1),
  c: () => (current() ?? document).querySelector("[data-claim]")?.click(),
};

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const act = acts[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});
