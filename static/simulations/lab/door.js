// The server's doors for this page: JSON in, JSON out, refusals as sentences.
const AWAY = "The server cannot be reached. Check the connection and try again.";

export class Door {
  /** `onProblem(sentence)` is told why something was refused. */
  constructor(api, onProblem) {
    Object.assign(this, { api, onProblem });
    this.token = document.querySelector("input[name=csrfmiddlewaretoken]")?.value ?? "";
  }

  /** The answer's content, or null after a refusal, which is told unless it is `quiet`. `path` is below the simulation, or a whole address. */
  async ask(method, path, body, { quiet = false } = {}) {
    const headers = { Accept: "application/json" };
    if (method !== "GET") Object.assign(headers, { "X-CSRFToken": this.token, "Content-Type": "application/json" });
    try {
      const answer = await fetch(path.startsWith("/") ? path : this.api + path, { method, headers, body: body && JSON.stringify(body) });
      const content = answer.status === 204 ? {} : await answer.json();
      if (answer.ok) return content;
      if (!quiet) this.onProblem(content.detail ?? `The server answered ${answer.status}.`);
    } catch (error) {
      if (!(error instanceof TypeError) && !(error instanceof SyntaxError)) throw error;
      this.onProblem(AWAY);
    }
    return null;
  }

  async text(path) {
    const answer = await fetch(path, { headers: { Accept: "text/csv" } });
    return answer.ok ? answer.text() : "";
  }
}

/** Let the reader keep a file. @param {Blob} blob */
export function keep(blob, name) {
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** An element with a text. */
export function made(name, text = "", more = {}) {
  return Object.assign(document.createElement(name), { textContent: text, ...more });
}
