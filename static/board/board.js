// The board: it follows the address, draws the model, and stays current.

import { goToSearch } from "./head.js";
import { drawBy, draw } from "./model.js";
import { drawPage } from "./page.js";
import { follow, pollIfSeen, showNewest } from "./refresh.js";

drawBy(drawPage);
window.addEventListener("hashchange", follow);
window.addEventListener("online", follow);
window.addEventListener("beforeprint", showNewest);
document.addEventListener("names", draw);
document.addEventListener("visibilitychange", pollIfSeen);
document.addEventListener("keydown", (event) => {
  const isTyping = event.target.matches("input, textarea, select");
  if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  goToSearch();
});
follow();
