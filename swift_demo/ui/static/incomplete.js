// Inline in the page's head. One of the page's own files that does not arrive, or cannot be parsed, is named on
// top of the page: without it there may be nothing else to see.
window.addEventListener("error", ({ target, filename }) => {
  const address = (target && (target.src || target.href)) || filename || "";
  if (!address.includes("/gradio_api/page/")) return;
  let notice = document.getElementById("page-incomplete");
  if (!notice) {
    notice = document.createElement("p");
    notice.id = "page-incomplete";
    notice.setAttribute("role", "alert");
    notice.style.cssText = "margin: 0; padding: 8px 16px; font: 16px sans-serif; background: #fff3cd; color: #222";
    notice.append("Parts of this page did not load. Load it again; if that does not help, start the app again.",
      " Missing:");
    document.body.prepend(notice);
  }
  notice.append(" " + address.split("/").pop());
}, true); // such errors do not bubble, so they are caught on their way down
