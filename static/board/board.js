// The board: it follows the address, draws the model, and stays current.

import { setZone } from "./read/days.js";
import { isTyped, model, setDrawPage } from "./read/model.js";
import { follow, pollIfSeen, showAsRead } from "./read/refresh.js";
import { followKey } from "./show/keyboard.js";
import { drawPage } from "./show/page.js";

setZone(document.body.dataset.timeZone); // a browser that does not know it shows no day
setDrawPage(drawPage);
window.addEventListener("hashchange", follow);
window.addEventListener("online", follow);
window.addEventListener("beforeprint", showAsRead);
window.addEventListener("beforeunload", (event) => [...model.drafts.keys()].some(isTyped) && event.preventDefault());
document.addEventListener("nameschange", follow); // sent by names.js: the search, and the order, go by names
document.addEventListener("visibilitychange", pollIfSeen);
document.addEventListener("keydown", followKey);
follow();
