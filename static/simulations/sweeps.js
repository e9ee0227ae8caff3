// A sweep that runs: what changes is fetched anew every few seconds. Bound to [data-sweep]; without it, the page has a link.
const EVERY_MS = 3000;

async function refresh(part) {
  const answer = await fetch(part.dataset.sweep, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-sweep]");
  if (fresh) part.replaceWith(fresh);
}

setInterval(() => {
  const part = document.querySelector("[data-sweep][data-running]");
  if (part && !document.hidden && !part.contains(document.activeElement)) refresh(part);
}, EVERY_MS);
