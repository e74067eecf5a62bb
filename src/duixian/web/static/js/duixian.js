/* Small and optional: every page works without it. The time-out warning, confirmations, unsaved forms. */
"use strict";
(() => {
  const seconds = Number(document.body.dataset.session || 0);
  const dialog = document.getElementById("time-out");
  let timer = 0;
  const arm = () => {
    if (!seconds || !dialog) return;
    clearTimeout(timer);
    timer = setTimeout(() => dialog.showModal(), Math.max(30, seconds - 120) * 1000);
  };
  const token = () => {
    try { return JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"]; } catch { return ""; }
  };
  dialog?.addEventListener("click", async (event) => {
    const url = event.target.dataset?.stay;
    if (!url) return;
    const answer = await fetch(url, { method: "POST", headers: { "X-CSRFToken": token() } });
    if (answer.ok && !answer.redirected) { dialog.close(); arm(); } else { location.reload(); }
  });
  document.addEventListener("submit", (event) => {
    const words = event.submitter?.dataset.confirm || event.target.dataset.confirm;
    if (words && !confirm(words)) event.preventDefault();
  });
  document.addEventListener("htmx:afterRequest", arm);
  document.addEventListener("htmx:oobAfterSwap", (event) => {
    const field = document.getElementById(event.detail.target?.dataset?.wrong || event.target?.dataset?.wrong || "");
    if (!field) return;
    if (event.target.textContent.trim()) field.setAttribute("aria-invalid", "true"); else field.removeAttribute("aria-invalid");
  });
  const failed = (event) => {
    const place = document.getElementById("messages");
    if (!place) return;
    const answer = event.detail.xhr, plain = answer?.getResponseHeader("Content-Type")?.startsWith("text/plain");
    const words = document.createElement("p");
    words.className = "message error";
    words.textContent = event.type !== "htmx:responseError" ? place.dataset.lost : plain && answer.responseText ? answer.responseText : place.dataset.failed;
    place.replaceChildren(words);
    place.scrollIntoView({ block: "nearest" });
  };
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) document.addEventListener(name, failed);
  document.addEventListener("allauth.error", (event) => {  // a passkey that did not work: said on the page, not in the console
    const say = document.getElementById("passkey-words")?.dataset, place = document.getElementById("messages");
    if (!say || !place) return;
    event.preventDefault();
    const name = event.detail.exception?.name, local = /^(127\.|\[::1\])/.test(location.hostname);
    const words = document.createElement("p");
    words.className = "message error";
    if (!window.PublicKeyCredential && isSecureContext) words.textContent = say.none;
    else if (name === "SecurityError" || !isSecureContext) {
      words.textContent = local ? say.local : say.place;
      if (local) {
        const there = document.createElement("a"), address = new URL(location.href);
        address.hostname = "localhost";
        there.href = there.textContent = address.href;
        words.append(there);
      }
    } else words.textContent = { NotAllowedError: say.no, AbortError: say.no, InvalidStateError: say.there }[name] || say.failed;
    place.replaceChildren(words);
    place.scrollIntoView({ block: "nearest" });
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) print();
    const all = event.target.closest("[data-check-all]");
    if (all) document.querySelectorAll(`input[name="${all.dataset.checkAll}"]`).forEach((box) => { box.checked = all.checked; });
  });
  const unfold = () => {
    const place = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (place?.tagName === "DETAILS") place.open = true;
  };
  addEventListener("hashchange", unfold);
  unfold();
  arm();
})();
