// Sets the theme before the page is painted: "light", "dark", or as the system has it.
"use strict";
(() => {
  let kept = null;
  try { kept = localStorage.getItem("kelvolt-theme"); } catch { /* a frame may refuse storage */ }
  if (kept === "light" || kept === "dark") document.documentElement.dataset.theme = kept;
})();
