// The button that switches between the theme of the system, light and dark.

const NEXT = { "": "light", light: "dark", dark: "" };

export class Theme {
  constructor(button, changed) {
    const root = document.documentElement;
    const tell = () => { button.textContent = `Theme: ${root.dataset.theme || "system"}`; };
    button.addEventListener("click", () => {
      const next = NEXT[root.dataset.theme || ""];
      if (next) root.dataset.theme = next;
      else delete root.dataset.theme;
      try { localStorage.setItem("kelvolt-theme", next); } catch { /* a frame may refuse storage */ }
      tell();
      changed();
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
    tell();
  }
}
