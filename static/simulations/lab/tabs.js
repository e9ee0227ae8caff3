// Sections that follow each other become tabs where scripts run.
export class Tabs {
  constructor(root) {
    this.panels = [...root.querySelectorAll(":scope > [data-tab]")];
    const list = Object.assign(document.createElement("div"), { className: "tab-list" });
    list.setAttribute("role", "tablist");
    list.setAttribute("aria-label", "Numbers, agents, events and notes");
    this.buttons = this.panels.map((panel) => this.button(panel));
    list.append(...this.buttons);
    list.addEventListener("keydown", (event) => this.key(event));
    root.prepend(list);
    this.show(Math.max(0, this.panels.findIndex((panel) => `#${panel.id}` === location.hash)));
  }

  button(panel) {
    const button = Object.assign(document.createElement("button"), { type: "button", id: `${panel.id}-tab`, textContent: panel.dataset.tab });
    button.setAttribute("role", "tab");
    button.setAttribute("aria-controls", panel.id);
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", button.id);
    button.addEventListener("click", () => this.show(this.panels.indexOf(panel)));
    return button;
  }

  key(event) {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    const next = (this.at + by + this.panels.length) % this.panels.length;
    this.show(next);
    this.buttons[next].focus();
  }

  show(at) {
    this.at = at;
    this.panels.forEach((panel, i) => (panel.hidden = i !== at));
    this.buttons.forEach((button, i) => {
      button.setAttribute("aria-selected", String(i === at));
      button.tabIndex = i === at ? 0 : -1;
    });
    dispatchEvent(new Event("resize"));
  }

  open(id) {
    this.show(this.panels.findIndex((panel) => panel.id === id));
  }
}
