// <button data-copy="#id">: copies what that element holds, and says so on the button.
export function bindCopy(page) {
  page.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-copy]");
    if (!button) return;
    const source = page.querySelector(button.dataset.copy);
    const label = button.querySelector("[data-label]") ?? button;
    const before = label.textContent;
    try {
      await navigator.clipboard.writeText((source.value ?? source.textContent).trim());
      label.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(source);
      label.textContent = "Press Ctrl-C";
    }
    setTimeout(() => { label.textContent = before; }, 2500);
  });
}
