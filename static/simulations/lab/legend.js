// The legend and the layers of a picture, made from what the scene says of its columns.
import { made } from "./door.js";
import { inWords } from "./charts.js";

export class Legend {
  constructor(list, layers, scene, onChange) {
    Object.assign(this, { list, scene });
    this.choices(layers, onChange);
  }

  choices(box, onChange) {
    const { scene } = this;
    const offers = [["agents", "agents"], ...(scene.layer.mark ? [["marks", scene.column(scene.layer.mark).label.toLowerCase()]] : []), ...(scene.space.kind === "network" ? [["links", "links"]] : [])];
    for (const [name, word] of offers) {
      const input = Object.assign(document.createElement("input"), { type: "checkbox", checked: true });
      input.addEventListener("change", () => ((scene.shown[name] = input.checked), onChange()));
      const label = made("label");
      label.append(input, word);
      box.append(label);
    }
    if (scene.layers.length > 1) box.append(this.colours(onChange));
    box.hidden = false;
  }

  colours(onChange) {
    const select = made("select", "", { className: "input" });
    select.setAttribute("aria-label", "Coloured by");
    this.scene.layers.forEach((layer, i) => select.append(made("option", layer.label, { value: i })));
    select.addEventListener("change", () => ((this.scene.layer = this.scene.layers[select.value]), onChange()));
    return select;
  }

  draw(columns) {
    const { scene } = this;
    const tone = scene.tone(columns);
    const name = scene.layer.color;
    const said = name && `${name} ${tone.isRamp} ${inWords(tone.low, "number")} ${inWords(tone.high, "number")}`;
    if (said === this.said) return;
    this.said = said;
    const items = !name ? [] : tone.isRamp ? this.ramp(name, tone) : this.words(name);
    if (scene.space.kind === "grid") items.push(swatch("empty", "empty"));
    if (scene.layer.mark) items.push(made("li", `pale: not ${scene.column(scene.layer.mark).label.toLowerCase()}`, { className: "muted" }));
    this.list.replaceChildren(...items);
  }

  words(name) {
    return this.scene.column(name).words.map((word, i) => swatch(String(i % 8), word));
  }

  ramp(name, { low, high }) {
    const item = made("li", `${this.scene.column(name).label}: ${inWords(low, "number")} `);
    const span = made("span", "", { className: "span" });
    for (let level = 0; level < 5; level += 1) {
      const step = made("span", "", { className: "swatch" });
      step.dataset.ramp = level;
      span.append(step);
    }
    item.append(span, ` ${inWords(high, "number")}`);
    return [item];
  }
}

function swatch(name, word) {
  const item = made("li");
  const colour = made("span", "", { className: "swatch" });
  colour.dataset.swatch = name;
  item.append(colour, ` ${word}`);
  return item;
}
