// One agent: what it has, what it did, what it was asked last and what came back.
import { made } from "./door.js";

const HIDDEN = new Set(["alive", "place", "archetype"]); // the picture and the name say it

export class Inspector {
  constructor(root, door) {
    Object.assign(this, { root, door, row: -1, step: -1 });
  }

  /** @param {number} agent its number @param {string} name @param {number} step */
  async show(agent, name, step) {
    if (agent === this.row && step === this.step) return;
    Object.assign(this, { row: agent, step });
    this.part("name").textContent = name;
    const found = await this.door.ask("GET", `agents/${agent}/?step=${step}`);
    if (!found || agent !== this.row) return;
    this.part("nobody").hidden = true;
    this.part("somebody").hidden = false;
    this.part("state").replaceChildren(...known(found.state).flatMap(([key, value]) => [made("dt", words(key)), made("dd", said(value), { className: "num" })]));
    this.decision(found.decision);
    this.history(found.history ?? []);
  }

  part(name) {
    return this.root.querySelector(`[data-${name}]`);
  }

  decision(last) {
    if (!last) {
      this.part("decision").replaceChildren(made("p", "No decision is on record up to this step.", { className: "small muted" }));
      return;
    }
    const { exchange } = last;
    const facts = made("dl", "", { className: "facts" });
    const rows = [["Step", last.step], ["Decided by", last.source], ["Chose", (last.options ?? []).map(choice).join(" · ")], ["Why", last.reason], ["Model", exchange?.model], ["Tokens", exchange && `${last.prompt_tokens} + ${last.completion_tokens}`], ["Cost", exchange && `$${Number(last.cost).toFixed(6)}`]];
    for (const [label, value] of rows) if (value !== undefined && value !== null && value !== "") facts.append(made("dt", label), made("dd", String(value)));
    const texts = [["Asked", exchange?.prompt], ["Answered", exchange?.answer]].filter(([, text]) => text).flatMap(([label, text]) => [made("h4", label), made("pre", said(text), { className: "said", tabIndex: 0 })]);
    this.part("decision").replaceChildren(facts, ...texts);
  }

  history(lines) {
    this.part("history").replaceChildren(...(lines.length ? lines.map((line) => made("li", `step ${line.step}: ${known(line.state).map(([key, value]) => `${words(key).toLowerCase()} ${said(value)}`).join(", ")}`)) : [made("li", "Nothing is kept.", { className: "muted" })]));
  }
}

function known(state) {
  return Object.entries(state ?? {}).filter(([key]) => !HIDDEN.has(key));
}

function choice(option) {
  const { action, args, weight } = Array.isArray(option) ? { action: option[0], args: option[1], weight: option[2] } : option;
  const given = Object.entries(args ?? {}).map(([key, value]) => `${key} ${said(value)}`).join(", ");
  return `${words(action).toLowerCase()}${given ? ` (${given})` : ""}${weight < 1 ? ` ${Math.round(weight * 100)}%` : ""}`;
}

function words(key) {
  const text = key.replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function said(value) {
  if (typeof value === "number") return value.toLocaleString("en", { maximumFractionDigits: 4 });
  return typeof value === "object" ? JSON.stringify(value, null, 1) : String(value);
}
