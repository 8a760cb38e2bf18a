/* Shift three times within two seconds leaves, as the button does. Nothing else is looked at. */
(() => {
  "use strict";

  const way = document.querySelector("[data-leave]");
  let pressed = [];

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Shift") {
      pressed = [];
      return;
    }
    if (event.repeat || !way) return;
    const now = Date.now();
    pressed = [...pressed.filter((when) => now - when < 2000), now];
    if (pressed.length === 3) window.location.replace(way.href);
  });

  // The page takes its own place in the history with it.
  way?.addEventListener("click", (event) => {
    event.preventDefault();
    window.location.replace(way.href);
  });
})();
