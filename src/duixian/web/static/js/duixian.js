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
    dialog.close();
    if (answer.ok && !answer.redirected) arm(); else say(document.getElementById("messages")?.dataset.out, true);
  });
  const say = (text, out) => {  // out: signed out; what is on the page stays, one signs in beside it
    const place = document.getElementById("messages");
    if (!place || !text) return;
    const words = document.createElement("p");
    words.className = "message error";
    words.dataset.passing = "1";
    words.textContent = text;
    if (out) {
      const there = document.createElement("a");
      there.href = place.dataset.door;
      there.target = "_blank";
      there.textContent = place.dataset.sign;
      words.append(" ", there);
    }
    place.replaceChildren(words);
    place.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("submit", (event) => {
    const words = event.submitter?.dataset.confirm || event.target.dataset.confirm;
    if (event.defaultPrevented) return;  // a part of a page, sent by itself
    const form = event.target;
    if (words && !confirm(words)) { event.preventDefault(); return; }
    if (form.method !== "post") return;
    if (form.dataset.sent) { event.preventDefault(); return; }  // pressed twice, or once more because the answer takes its time
    form.dataset.sent = "1";
    event.submitter?.setAttribute("aria-busy", "true");
    setTimeout(() => again(form), form.dataset.file === undefined ? 30000 : 3000);  // where a file comes, or nothing, the page stays
  });
  const again = (form) => {
    delete form.dataset.sent;
    form.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
  };
  addEventListener("pageshow", (event) => {  // back by the button of the browser
    if (!event.persisted) return;
    if (document.querySelector("[data-revealed]")) { location.reload(); return; }  // what was shown once is covered again
    document.querySelectorAll("form[data-sent]").forEach(again);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    arm();
    if (event.detail.successful) document.querySelector("#messages [data-passing]")?.remove();  // what did not work then has worked now
  });
  document.addEventListener("htmx:oobAfterSwap", (event) => {
    const field = document.getElementById(event.detail.target?.dataset?.wrong || event.target?.dataset?.wrong || "");
    if (!field) return;
    if (event.target.textContent.trim()) field.setAttribute("aria-invalid", "true"); else field.removeAttribute("aria-invalid");
  });
  const failed = (event) => {
    const place = document.getElementById("messages"), answer = event.detail.xhr;
    const fresh = answer?.getResponseHeader("X-Form-Token");  // one signed in again in another tab: this page goes on with the token of now
    if (fresh) {
      document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": fresh }));
      document.querySelectorAll("input[name=csrfmiddlewaretoken]").forEach((field) => { field.value = fresh; });
      const field = event.detail.elt;
      if (field?.name && !field.dataset.again) { field.dataset.again = "1"; htmx.trigger(field, "change"); return; }
    }
    const plain = answer?.getResponseHeader("Content-Type")?.startsWith("text/plain");
    say(event.type !== "htmx:responseError" ? place?.dataset.lost : plain && answer.responseText ? answer.responseText : place?.dataset.failed, answer?.status === 401);
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
