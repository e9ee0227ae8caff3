// Changes colours at once and remembers them in the cookie that the server reads; without this file the form posts.
const YEAR = 31536000;

function remember(theme) {
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `theme=${theme}; path=/; max-age=${YEAR}; samesite=lax${secure}`;
}

export function bindTheme(page) {
  const form = page.querySelector("[data-theme-form]");
  form?.addEventListener("submit", (event) => {
    const chosen = event.submitter?.value;
    if (!["light", "dark", "system"].includes(chosen)) return;
    event.preventDefault();
    remember(chosen);
    page.documentElement.dataset.theme = chosen;
    for (const button of form.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button.value === chosen));
    form.hidePopover();
  });
}
