// A button that opens a small menu: arrow keys, Home, End and Escape work, and the focus comes back.
// Not for: what an entry does; `chosen(entry)` hears of it.

export function wireMenu(button, menu, chosen) {
  const entries = () => [...menu.querySelectorAll("[role=menuitem]:not([hidden])")];

  function open() {
    menu.hidden = false;
    button.setAttribute("aria-expanded", "true");
    entries()[0]?.focus();
    document.addEventListener("pointerdown", closeOutside, true);
  }

  function close(back = true) {
    if (menu.hidden) return;
    menu.hidden = true;
    button.setAttribute("aria-expanded", "false");
    document.removeEventListener("pointerdown", closeOutside, true);
    if (back) button.focus();
  }

  function closeOutside(event) {
    if (!menu.contains(event.target) && !button.contains(event.target)) close(false);
  }

  function step(by) {
    const all = entries();
    const at = all.indexOf(document.activeElement);
    all[(at + by + all.length) % all.length]?.focus();
  }

  button.addEventListener("click", () => (menu.hidden ? open() : close()));
  menu.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !menu.contains(event.relatedTarget) && event.relatedTarget !== button) close(false);
  });
  menu.addEventListener("click", (event) => {
    const entry = event.target.closest("[role=menuitem]");
    if (!entry) return;
    close();
    chosen(entry);
  });
  menu.addEventListener("keydown", (event) => {
    const keys = {
      ArrowDown: () => step(1),
      ArrowUp: () => step(-1),
      Home: () => entries()[0]?.focus(),
      End: () => entries().at(-1)?.focus(),
      Escape: () => close(),
    };
    if (!keys[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    keys[event.key]();
  });
}
