// A row of tabs that is too long for a phone begins where the present one stands.
export function bindTabs(page) {
  for (const tab of page.querySelectorAll(".tabs [aria-current]")) {
    const row = tab.parentElement;
    row.scrollLeft = tab.offsetLeft - row.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2;
  }
}
