// The page of one simulation: live picture, charts, transport, controls. Bound to [data-simulation].
import { connect } from "../site/live.js";
import { Chart, readNumbers } from "./chart.js";
import { Controls } from "./controls.js";
import { Reel } from "./frames.js";
import { Picture } from "./picture.js";
import { Transport } from "./transport.js";

const ANNOUNCE_MS = 5000;
const ENDED = ["completed", "failed", "stopped"];
const STATES = {
  connecting: "Connecting…",
  live: "Live.",
  reconnecting: "The connection broke; trying again…",
  polling: "No live connection; looking every 5 seconds.",
  refused: "No live connection.",
};

class SimulationPage {
  constructor(root) {
    const { dataset: data } = root;
    Object.assign(this, { root, data, announced: 0 });
    this.charts = [...root.querySelectorAll("[data-chart]")].map((figure) => new Chart(figure));
    this.reel = new Reel((step) => this.fetchFrames(step));
    this.picture = new Picture(root.querySelector("[data-picture]"), { ...data, width: Number(data.width), height: Number(data.height) });
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches && data.ended !== "true";
    this.transport = new Transport(root.querySelector("[data-transport]"), (step) => this.show(step), { still });
    const controls = document.querySelector("[data-controls]");
    this.controls = controls && new Controls(controls, { onAnswer: (found) => this.enter(found), onProblem: (why) => this.refuse(why) });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.repaint());
    new MutationObserver(() => this.repaint()).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  }

  async start() {
    await this.loadPast();
    if (this.data.ended !== "true") this.listen();
  }

  async loadPast() {
    if (Number(this.data.seq) === 0) return;
    const numbers = await fetch(this.data.numbers, { headers: { Accept: "text/csv" } });
    if (numbers.ok) readNumbers(await numbers.text(), this.charts);
    for (const frame of await this.fetchFrames(Number(this.data.step))) this.take(frame);
  }

  listen() {
    this.live = connect(this.data.socket);
    this.live.onState(({ state }) => this.say(state));
    this.live.subscribe(this.data.topic, Number(this.data.seq), (message) => this.hear(message), { poll: (after) => this.poll(after) });
  }

  /** Without a socket: the pictures since the one we have; the status comes with the page's own API. */
  async poll() {
    const found = await fetch(this.controls?.api ?? this.data.frames.replace(/frames\/$/, ""));
    if (found.ok) this.enter(await found.json());
    return (await this.fetchFrames(this.reel.newest + 1)).map((frame) => ({ type: "simulation.frame", data: frame }));
  }

  async fetchFrames(step) {
    const answer = await fetch(`${this.data.frames}?from=${Math.max(step, 0)}`, { headers: { Accept: "application/json" } });
    return answer.ok ? (await answer.json()).frames : [];
  }

  hear({ type, data }) {
    if (type === "simulation.frame") this.take(data);
    else if (type === "simulation.status") this.enter(data);
  }

  take(frame) {
    this.reel.add(frame);
    for (const chart of this.charts) chart.put(frame.step, frame.metrics[chart.name]);
    this.root.querySelector("[data-stage-note]").hidden = true;
    document.querySelector("[data-newest]").textContent = this.reel.newest;
    if (frame.digest && frame.step === this.reel.newest) this.root.querySelector("[data-digest]").textContent = frame.digest;
    this.transport.grow(frame.step);
  }

  async show(step) {
    const columns = await this.reel.show(step);
    if (columns === null) return false;
    this.picture.draw(columns);
    for (const chart of this.charts) chart.draw(step);
    this.summarise(step);
    return true;
  }

  summarise(step) {
    const words = this.charts.map((chart) => `${chart.label} ${chart.words(chart.values[step])}`).join(", ");
    const sentence = `Step ${step}: ${words}.`;
    this.root.querySelector("[data-summary]").textContent = sentence;
    if (Date.now() - this.announced < ANNOUNCE_MS) return;
    this.announced = Date.now();
    this.root.querySelector("[data-announce]").textContent = sentence;
  }

  repaint() {
    this.picture.readColours();
    if (this.reel.at >= 0) this.show(this.transport.shown);
  }

  enter({ status, detail, stop_detail: stopDetail }) {
    const pill = this.root.querySelector(`template[data-status-is="${status}"]`);
    document.querySelector("[data-status]").replaceChildren(pill.content.cloneNode(true));
    this.controls?.show(status);
    this.root.querySelector("[data-problem]").hidden = true;
    if (status === "failed") this.refuse(detail ?? stopDetail);
    this.root.querySelector("[data-mode]").textContent = ENDED.includes(status) ? "Replay" : "Live";
    if (ENDED.includes(status)) this.close(`The simulation is ${status}. ${detail ?? stopDetail ?? ""}`);
  }

  close(sentence) {
    this.root.querySelector("[data-announce]").textContent = sentence;
    for (const line of this.root.querySelectorAll("[data-came-out]")) {
      const chart = this.charts.find((each) => each.name === line.dataset.cameOut);
      line.querySelector("strong").textContent = chart.words(chart.values.at(-1));
      line.hidden = chart.values.length === 0;
    }
  }

  refuse(sentence) {
    const problem = this.root.querySelector("[data-problem]");
    problem.querySelector("[data-why]").textContent = sentence;
    problem.hidden = false;
  }

  say(state) {
    const line = this.root.querySelector("[data-connection]");
    line.dataset.state = state;
    line.textContent = STATES[state];
  }
}

for (const root of document.querySelectorAll("[data-simulation][data-width]")) new SimulationPage(root).start();
