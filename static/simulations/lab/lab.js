// The page of one play: live picture, transport, charts, agents, stepping in, comparison. Bound to [data-lab].
import { connect } from "../../site/live.js";
import { Agents } from "./agents.js";
import { opened } from "./bytes.js";
import { Chart, Histogram, inWords } from "./charts.js";
import { Compare } from "./compare.js";
import { Controls } from "./controls.js";
import { Door, keep } from "./door.js";
import { Inspector } from "./inspector.js";
import { Legend } from "./legend.js";
import { Palette } from "./palette.js";
import { Pane } from "./pane.js";
import { People, addSliders } from "./people.js";
import { Record } from "./record.js";
import { Tabs } from "./tabs.js";
import { Transport } from "./transport.js";

const ANNOUNCE_MS = 5000;
const QUIET_MS = 3000;
const ENDED = ["completed", "failed", "stopped"];
const STATES = {
  connecting: "Connecting…",
  live: "Live.",
  reconnecting: "The connection broke; trying again…",
  polling: "No live connection; looking every 5 seconds.",
  refused: "No live connection.",
};

class Lab {
  constructor(root) {
    const { dataset: data } = root;
    Object.assign(this, { root, data, announced: 0, heardAt: 0, status: data.statusNow, charts: [], metrics: new Map() });
    this.door = new Door(data.api, (why) => this.refuse(why));
    this.palette = new Palette(this.part("probe"));
    this.pane = new Pane(root.querySelector('[data-stage="mine"]'), data, this.door, this.palette);
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches || data.show !== "";
    this.transport = new Transport(this.part("transport"), (step) => this.show(step), { still: still && (data.ended !== "true" || data.show !== "") });
    this.transport.start = Number(data.show || 0);
    this.tabs = new Tabs(this.part("tabs"));
    this.record = new Record(root, this.door, this.transport);
    const controls = document.querySelector("[data-controls]");
    this.controls = controls && new Controls(controls, { onAnswer: (found) => this.enter(found), onProblem: (why) => this.refuse(why) });
    this.people = new People(this.door, (sentence) => this.say(sentence));
    this.inspector = new Inspector(this.part("inspector"), this.door);
    this.bind();
  }

  part(name) {
    return this.root.querySelector(`[data-${name}]`) ?? document.querySelector(`[data-${name}]`);
  }

  bind() {
    addSliders();
    for (const gone of document.querySelectorAll("[data-without-script]")) gone.hidden = true;
    this.part("save-frame").addEventListener("click", async () => keep(await this.pane.picture.file(), `${this.data.file}-${this.transport.shown}.png`));
    this.part("full").addEventListener("click", () => (document.fullscreenElement ? document.exitFullscreen() : this.root.querySelector(".picture").requestFullscreen()));
    this.part("share").addEventListener("click", (event) => this.share(event));
    this.part("talk")?.addEventListener("click", () => this.people.speakTo(this.inspector.row));
    this.part("seat")?.addEventListener("click", () => this.people.sitAt(this.inspector.row));
    for (const query of ["(prefers-color-scheme: dark)", "(forced-colors: active)"]) matchMedia(query).addEventListener("change", () => this.repaint());
    new MutationObserver(() => this.repaint()).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    addEventListener("resize", () => this.redraw());
  }

  async start() {
    const beside = this.part("beside");
    if (beside) {
      this.compare = new Compare(beside.closest("[data-compare]"), new Pane(beside.querySelector("[data-stage]"), beside.dataset, this.door, this.palette), this.pane.numbers);
      await this.compare.start();
    }
    if (this.data.pictured === "true") await this.once();
    if (this.data.ended !== "true") this.listen();
  }

  /** Begin, however many ask for it meanwhile. */
  once() {
    this.beginning ??= this.begin().finally(() => (this.beginning = null));
    return this.beginning;
  }

  /** The first picture is there: learn the scene, the numbers so far, the record; then show. */
  async begin() {
    if (!(await this.pane.meet((row) => this.pick(row)))) return;
    await this.pane.past();
    const { scene, numbers } = this.pane;
    this.metrics = new Map(scene.metrics.map((metric) => [metric.name, metric]));
    for (const part of this.root.querySelectorAll("[data-scripted]")) part.hidden = false;
    for (const figure of this.root.querySelectorAll("[data-chart]")) this.charts.push(this.chart(figure, numbers));
    this.histograms = [...this.root.querySelectorAll("[data-histogram]")].map((figure) => new Histogram(figure, scene));
    this.agents = new Agents(this.part("agents"), scene, (row) => this.pick(row));
    this.legend = new Legend(this.part("legend"), this.part("layers"), scene, () => this.redraw());
    this.begun = true;
    this.record.read();
    this.transport.grow(Math.max(Number(this.data.step), numbers.length - 1));
  }

  chart(figure, numbers) {
    const chart = new Chart(figure, numbers);
    chart.others = this.compare?.pane.numbers ?? null;
    figure.querySelector("[data-save]").addEventListener("click", async () => keep(await chart.file(), `${this.data.file}-${chart.names[0]}.png`));
    return chart;
  }

  listen() {
    const live = connect(this.data.socket);
    live.onState(({ state, reason }) => this.sayConnection(state, reason));
    live.onBinary((buffer) => this.hear(buffer));
    live.subscribe(this.data.topic, Number(this.data.seq), (message) => this.take(message), { poll: (after) => this.poll(after) });
    setInterval(() => this.status === "running" && Date.now() - this.heardAt > QUIET_MS && live.again(this.data.topic), QUIET_MS);
  }

  /** A picture over the socket; one that was left out is asked for when somebody wants to see its step. */
  hear(buffer) {
    const found = opened(buffer);
    if (found?.topic === this.data.topic) this.pane.reel.add(found.frame);
  }

  async poll(after) {
    const found = await this.door.ask("GET", this.data.api);
    if (!found) return [];
    this.enter(found);
    if (found.last_seq > after) await this.grow(found.step);
    return [];
  }

  async take({ type, data, ...refusal }) {
    this.heardAt = Date.now();
    if (type === "simulation.intervention") return this.record.read();
    if (type === "error") return this.refuse(refusal.detail);
    if (type === "simulation.status") return this.enter(data);
    this.pane.numbers.put(data.step, data.metrics);
    this.lastDigest = data.digest;
    return this.grow(data.step);
  }

  async grow(step) {
    this.part("newest").textContent = step;
    this.root.dataset.step = step;
    if (!this.begun) await this.once();
    if (this.begun) this.transport.grow(step);
  }

  enter(found) {
    const { status, detail } = found;
    this.status = status;
    this.part("problem").hidden = true;
    this.part("status").replaceChildren(this.part(`status-is="${status}"`).content.cloneNode(true));
    this.controls?.show(status);
    if (found.pace !== undefined) this.controls?.setPace(found.pace);
    this.record.enter(found);
    const ended = ENDED.includes(status);
    this.part("mode").textContent = ended ? "Replay" : "Live";
    for (const part of this.root.querySelectorAll("[data-came-out]")) part.hidden = !ended;
    if (status === "failed" || found.reason === "revoked") this.refuse(detail);
    else if (ended && detail) this.say(detail);
    if (ended) this.record.read();
  }

  async show(step) {
    const columns = await this.pane.show(step);
    if (!columns) return false;
    this.legend.draw(columns);
    this.agents.draw(columns);
    for (const chart of this.charts) chart.draw(step);
    for (const histogram of this.histograms) histogram.draw(columns);
    if (this.compare) await this.compare.show(step);
    this.describe(step);
    if (this.inspector.row >= 0 && !this.transport.replaying) this.inspect(this.pane.picture.chosen, step);
    return true;
  }

  pick(row) {
    this.pane.picture.choose(row);
    this.agents.chosen = row;
    this.tabs.open("tab-inspector");
    this.inspect(row, this.transport.shown);
  }

  inspect(row, step) {
    const { scene } = this.pane;
    this.inspector.show(row * scene.stride, scene.nameOf(row), step);
  }

  describe(step) {
    const metrics = this.pane.numbers.at(step);
    const word = (name) => inWords(metrics[name], this.metrics.get(name)?.unit);
    const sentence = this.data.summaryOf || [...this.metrics.values()].map(({ name, label }) => `${label.toLowerCase()} {${name}}`).join(", ");
    const text = `Step ${step}: ${sentence.replace(/\{(\w+)\}/g, (_, name) => word(name))}`;
    this.part("summary").textContent = text;
    this.part("at").textContent = step;
    for (const row of this.root.querySelectorAll("[data-figure]")) row.querySelector("[data-value]").textContent = inWords(metrics[row.dataset.figure], row.dataset.unit);
    for (const part of this.root.querySelectorAll("[data-came-out]")) part.querySelector("strong").textContent = word(part.dataset.cameOut);
    if (step === this.transport.newest && this.lastDigest) this.part("digest").textContent = this.lastDigest;
    for (const field of this.root.querySelectorAll("[data-note-step], [data-branch-step]")) Object.assign(field, { max: this.transport.newest, value: step });
    this.part("share").href = `?step=${step}`;
    this.announce(text);
  }

  /** For readers who do not see the picture, at most every five seconds. */
  announce(text) {
    clearTimeout(this.announcer);
    const wait = Math.max(0, this.announced + ANNOUNCE_MS - Date.now());
    this.announcer = setTimeout(() => {
      this.announced = Date.now();
      this.part("announce").textContent = text;
    }, wait);
  }

  async share(event) {
    event.preventDefault();
    const address = new URL(this.part("share").href).href;
    history.replaceState(null, "", address);
    await navigator.clipboard?.writeText(address).then(() => this.say("The link to this step was copied."), () => {});
  }

  repaint() {
    this.palette.read();
    this.legend && (this.legend.said = "");
    this.redraw();
  }

  redraw() {
    if (!this.begun) return;
    this.pane.picture.draw();
    this.compare?.pane.picture?.draw();
    this.legend.draw(this.pane.reel.columns);
    this.agents.draw();
    for (const chart of this.charts) chart.draw();
    for (const histogram of this.histograms) histogram.draw();
  }

  refuse(why) {
    this.part("why").textContent = why;
    this.part("problem").hidden = false;
  }

  say(text) {
    const line = this.part("connection");
    line.dataset.state = "said";
    line.textContent = text;
    this.announce(text);
  }

  sayConnection(state, reason) {
    const line = this.part("connection");
    line.dataset.state = state;
    line.textContent = reason ?? STATES[state];
  }
}

const root = document.querySelector("[data-lab]");
if (root) await new Lab(root).start();
