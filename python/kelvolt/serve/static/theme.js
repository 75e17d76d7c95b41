// Sets the theme before the page is painted and follows the system while the page is open. The attribute `data-theme` of
// the page is "light" or "dark"; `window.theme.chosen` is what the reader chose, empty for the theme of the system.
"use strict";
(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const theme = {
    chosen: "",
    choose(name) {
      theme.chosen = name;
      try { localStorage.setItem("kelvolt-theme", name); } catch { /* a frame may refuse storage */ }
      paint();
    },
  };
  const paint = () => { root.dataset.theme = theme.chosen || (system.matches ? "dark" : "light"); };
  let kept = null;
  try { kept = localStorage.getItem("kelvolt-theme"); } catch { /* a frame may refuse storage */ }
  if (kept === "light" || kept === "dark") theme.chosen = kept;
  paint();
  system.addEventListener("change", paint);
  window.theme = theme;
})();
