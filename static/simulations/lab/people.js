// Stepping in: parameters that apply now, events, words to agents, seats and what is asked of whoever sits there.
import { made } from "./door.js";

/** `said(sentence)` tells the reader what was taken. */
export class People {
  constructor(door, said) {
    Object.assign(this, { door, said });
    for (const form of document.querySelectorAll("[data-change], [data-inject]")) form.addEventListener("submit", (event) => this.inject(event, form));
  }

  async inject(event, form) {
    event.preventDefault();
    const { kind, target, value, ...rest } = Object.fromEntries(new FormData(form));
    const field = kind === "parameter" ? form.querySelector(`[name="parameters.${target}"]`) : null;
    const given = field?.type === "checkbox" ? field.checked : (value ?? rest[`parameters.${target}`]);
    const sent = kind === "message" ? given : plain(given);
    const taken = await this.door.ask("POST", "inject/", { kind, target: String(target), value: sent });
    if (!taken) return;
    this.said(`Taken: ${target} from the next step on.`);
    if (kind === "message") form.reset();
  }

  /** Fill the forms for one agent and go there. */
  speakTo(agent) {
    const fold = document.querySelector("[data-message]").closest("details");
    fold.open = true;
    document.querySelector("#message-target").value = agent;
    document.querySelector("#message-value").focus();
  }

  sitAt(agent) {
    document.querySelector("[data-sit]").closest("details").open = true;
    const field = document.querySelector("#seat-agent");
    field.value = agent;
    field.focus();
  }
}

function plain(text) {
  if (typeof text !== "string" || text.trim() === "") return text;
  if (text === "true" || text === "false") return text === "true";
  return Number.isNaN(Number(text)) ? text : Number(text);
}

/** Sliders beside numbers. The number stays the one that is sent. */
export function addSliders() {
  for (const number of document.querySelectorAll("input[data-slider][min][max]")) {
    const range = made("input", "", { type: "range", min: number.min, max: number.max, step: number.step, value: number.value, tabIndex: -1 });
    range.setAttribute("aria-hidden", "true"); // for the pointer only: the number has the label and the keyboard
    const pair = made("div", "", { className: "slider" });
    number.replaceWith(pair);
    pair.append(range, number);
    range.addEventListener("input", () => (number.value = range.value));
    number.addEventListener("input", () => (range.value = number.value));
  }
}
