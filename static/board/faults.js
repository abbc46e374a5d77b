// What the board did not expect. This is no module, and in old JavaScript: it runs where the board cannot.

(function () {
  "use strict";

  function show(text) {
    if (document.readyState === "loading") return addEventListener("DOMContentLoaded", function () { show(text); });
    document.body.setAttribute("data-fault", "");
    document.getElementById("fault").textContent = text;
    document.querySelector("#broken button").onclick = function () { location.reload(); };
  }

  addEventListener("error", function (event) {
    if (event.message) show(event.message);
    else if (event.target.tagName === "SCRIPT") show("a file of the page did not arrive");
  }, true); // what did not arrive does not bubble
  addEventListener("unhandledrejection", function (event) { show(String(event.reason)); });
  if (!("noModule" in HTMLScriptElement.prototype)) show("this browser knows no modules");
})();
