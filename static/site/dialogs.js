// Popovers marked as dialogs take the focus when they open and give it back when they close.
export function bindDialogs(page) {
  for (const dialog of page.querySelectorAll('[popover][role="dialog"]')) {
    let opener = null;
    dialog.addEventListener("beforetoggle", (event) => {
      if (event.newState === "open") opener = page.activeElement;
    });
    dialog.addEventListener("toggle", (event) => {
      if (event.newState === "open") dialog.querySelector("[autofocus], button, input")?.focus();
      else if (opener?.isConnected) opener.focus();
    });
  }
}
