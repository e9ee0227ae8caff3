// The controls of a simulation, without leaving the page. Without this file they are ordinary forms.
export class Controls {
  /** `onAnswer(simulation)` gets what the server says it is now, `onProblem(sentence)` why it refused. */
  constructor(element, { onAnswer, onProblem }) {
    Object.assign(this, { element, onAnswer, onProblem, api: element.dataset.api });
    for (const form of element.querySelectorAll("[data-control]")) {
      form.addEventListener("submit", (event) => this.press(event, form));
    }
    const pace = element.querySelector("[data-pace]");
    pace.querySelector("[data-without-script]").hidden = true;
    pace.addEventListener("submit", (event) => event.preventDefault());
    pace.elements.pace.addEventListener("change", () => this.send("PATCH", this.api, pace, { pace: Number(pace.elements.pace.value) }));
  }

  async press(event, form) {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      await this.send("POST", `${this.api}${form.dataset.control}/`, form);
    } finally {
      button.disabled = false;
    }
  }

  async send(method, url, form, body) {
    const headers = { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value, "Content-Type": "application/json", Accept: "application/json" };
    try {
      const answer = await fetch(url, { method, headers, body: JSON.stringify(body ?? {}) });
      const content = await answer.json();
      if (answer.ok) this.onAnswer(content);
      else this.onProblem(content.detail);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      this.onProblem("The server cannot be reached. Check the connection and try again.");
    }
  }

  setPace(pace) {
    const field = this.element.querySelector("[data-pace]").elements.pace;
    if ([...field.options].some(({ value }) => Number(value) === pace)) field.value = String(pace);
  }

  show(status) {
    for (const part of document.querySelectorAll("[data-when]")) {
      const has = part.contains(document.activeElement);
      part.hidden = !part.dataset.when.split(" ").includes(status);
      if (has && part.hidden) this.element.querySelector("[data-when]:not([hidden]) :is(button, select), a[data-when]:not([hidden])")?.focus();
    }
  }
}
