// The bell of the top bar counts anew when its person is told something; a message that is opened counts as read.
import { join } from "./live.js";

export function bindBell(page) {
  const bell = page.getElementById("bell");
  if (bell?.dataset.socket) addEventListener("load", () => listen(bell)); // after the page's own connection, which it shares
  page.addEventListener("click", ({ target }) => read(target.closest?.("a[data-read]")));
}

function listen(bell) {
  join(bell.dataset.socket).subscribe("notifications", 0, ({ data }) => {
    if (data?.recipient_id === bell.dataset.person) ring(bell);
  }, { gapless: false });
}

async function ring(bell) {
  const answer = await fetch(bell.dataset.url, { headers: { "X-Requested-With": "fetch" } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("bell");
  if (!fresh) return;
  bell.ariaLabel = fresh.ariaLabel;
  bell.replaceChildren(...fresh.childNodes);
}

function read(link) {
  const form = link?.closest("li")?.querySelector("form");
  if (form) fetch(form.action, { method: "POST", body: new FormData(form), keepalive: true });
}
