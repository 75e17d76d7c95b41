// The button that switches between the theme of the system, light and dark (theme.js).

const NEXT = { "": "light", light: "dark", dark: "" };

export class Theme {
  constructor(button, changed) {
    const tell = () => { button.textContent = `Theme: ${window.theme.chosen || "system"}`; };
    button.addEventListener("click", () => {
      window.theme.choose(NEXT[window.theme.chosen]);
      tell();
    });
    new MutationObserver(changed).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    tell();
  }
}
