// Messages that say what just happened. They stay until dismissed, except good news, which leaves after eight seconds.
const GOOD_NEWS_MS = 8000;

export function bindToasts(page) {
  page.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-dismiss]");
    button?.closest(button.dataset.dismiss)?.remove();
  });
  for (const toast of page.querySelectorAll('.toast[data-tone="ok"]')) fade(toast);
}

/** Say `sentence` in the corner; `tone` is ok, warn, bad or live. Never the only place where an error appears. */
export function toast(sentence, tone = "live") {
  const item = document.createElement("div");
  item.className = "toast";
  item.dataset.tone = tone;
  const words = document.createElement("span");
  words.textContent = sentence;
  item.append(document.createElement("span"), words);
  document.getElementById("toasts")?.append(item);
  fade(item);
}

function fade(item) {
  setTimeout(() => item.matches(":hover, :focus-within") ? fade(item) : item.remove(), GOOD_NEWS_MS);
}
