// The board: it follows the address, draws the model, and stays current.

import { goToSearch } from "./head.js";
import { drawBy } from "./model.js";
import { drawPage } from "./page.js";
import { follow, pollIfSeen, showNewest } from "./refresh.js";

drawBy(drawPage);
window.addEventListener("hashchange", follow);
window.addEventListener("online", follow);
window.addEventListener("beforeprint", showNewest);
document.addEventListener("names", follow); // the search, and the order, go by names
document.addEventListener("visibilitychange", pollIfSeen);
document.addEventListener("keydown", (event) => {
  const isTyping = event.target.matches("input, textarea, select");
  if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  goToSearch();
});
follow();
