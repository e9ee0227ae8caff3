// An element marked data-fresh is fetched anew when something happens on its topic, until the server no longer marks it.
import { connect } from "./live.js";

const SOON_MS = 250;

class Fresh {
  constructor(element) {
    this.id = element.id;
    this.live = connect(element.dataset.socket);
    this.live.subscribe(element.dataset.topic, 0, () => this.soon(), { gapless: false, poll: async () => this.refresh() });
    this.live.onState(({ state }) => state === "live" && this.soon());
  }

  soon() {
    this.timer ??= setTimeout(() => this.refresh(), SOON_MS);
  }

  async refresh() {
    this.timer = null;
    const answer = await fetch(location.href, { headers: { "X-Requested-With": "fetch" } });
    if (!answer.ok) return [];
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    this.place(page.getElementById(this.id));
    return [];
  }

  place(part) {
    const old = document.getElementById(this.id);
    if (!part || old.querySelector(":popover-open")) return;
    old.replaceWith(document.importNode(part, true));
    if (!part.hasAttribute("data-fresh")) this.live.close();
  }
}

for (const element of document.querySelectorAll("[data-fresh]")) new Fresh(element);
