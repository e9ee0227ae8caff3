// `/` and Ctrl-K jump to the field marked data-shortcut.
const typing = (element) => element instanceof HTMLElement && (element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName));

export function bindSearch(page) {
  const field = page.querySelector("[data-shortcut]");
  if (!field) return;
  page.addEventListener("keydown", (event) => {
    const slash = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !typing(event.target);
    const command = event.key === "k" && (event.ctrlKey || event.metaKey);
    if (!slash && !command) return;
    event.preventDefault();
    field.focus();
    field.select();
  });
}
