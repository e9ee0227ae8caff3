// A range input beside every number that has a smallest and a largest value. The number stays the one that is sent.
for (const number of document.querySelectorAll("input[data-slider][min][max]")) {
  const range = document.createElement("input");
  Object.assign(range, { type: "range", min: number.min, max: number.max, step: number.step, value: number.value, tabIndex: -1 });
  range.setAttribute("aria-hidden", "true"); // for the pointer only: the number has the label and the keyboard
  const pair = document.createElement("div");
  pair.className = "slider";
  number.replaceWith(pair);
  pair.append(range, number);
  range.addEventListener("input", () => { number.value = range.value; });
  number.addEventListener("input", () => { range.value = number.value; });
}
