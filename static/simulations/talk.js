// The page of a conversation: when the run that answers ends or gets on, the turns are fetched anew. Bound to [data-talk].
import { connect } from "../site/live.js";

const POLL_MS = 3000;

class Talk {
  constructor(root) {
    this.root = root;
    this.here = root.querySelector("[data-fragment-here]");
    this.say = root.querySelector("[data-say]");
    this.live = connect(root.dataset.socket);
    this.watch();
  }

  get openRun() {
    return this.here.querySelector("[data-open]")?.dataset.open;
  }

  watch() {
    const topic = this.openRun;
    if (this.say) this.say.disabled = Boolean(topic);
    if (!topic || topic === this.topic) return;
    this.topic = topic;
    this.live.subscribe(topic, 0, (message) => this.hear(message), { poll: async () => { await this.refresh(); return []; } });
    this.timer = setInterval(() => this.refresh(), POLL_MS);
  }

  hear(message) {
    if (["run.status", "agent.status", "agent.task"].includes(message.type)) this.refresh();
  }

  async refresh() {
    const answer = await fetch(this.root.dataset.fragment, { headers: { Accept: "text/html" } });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    this.here.replaceChildren(...page.body.childNodes);
    if (this.openRun === this.topic) return;
    clearInterval(this.timer);
    this.live.unsubscribe(this.topic);
    this.topic = null;
    this.watch();
  }
}

for (const root of document.querySelectorAll("[data-talk]")) new Talk(root);
