// Comfort on top of pages that work without it.
(() => {
  "use strict";

  const typing = (element) =>
    element instanceof HTMLElement && element.matches("input:not([type=radio]), textarea, select");

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.ctrlKey && event.target instanceof HTMLTextAreaElement) {
      event.target.form?.requestSubmit();
      return;
    }
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || typing(event.target)) {
      return;
    }
    const key = event.key.toLowerCase();
    const target = /^[a-z]$/.test(key) ? document.querySelector(`[data-key="${key}"]`) : null;
    if (!target) return;
    event.preventDefault();
    if (target instanceof HTMLInputElement) {
      target.checked = true;
      target.focus();
    } else {
      target.click();
    }
  });

  document.addEventListener("click", (event) => {
    const phrase = event.target instanceof Element ? event.target.closest("[data-phrase]") : null;
    const box = document.getElementById("sentence");
    if (!phrase || !box) return;
    event.preventDefault();
    const ready = [...document.querySelectorAll("[data-phrase]")].map((each) => each.dataset.phrase);
    const own = box.value.trim() && !ready.includes(box.value.trim());
    box.value = own ? `${box.value.trimEnd()}\n${phrase.dataset.phrase}` : phrase.dataset.phrase;
    const choice = document.querySelector(`[name="decision"][value="${phrase.dataset.decision}"]`);
    if (choice) choice.checked = true;
    box.focus();
  });

  // The server counts a form once; this only spares the second click.
  const busy = (form, yes) => {
    if ("stay" in form.dataset) return;
    for (const button of form.querySelectorAll("button")) button.disabled = yes;
  };
  document.addEventListener("submit", (event) => {
    setTimeout(() => busy(event.target, true), 0);
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.forms) busy(form, false);
  });

  const offline = document.getElementById("offline");
  const say = (lost) => { if (offline) offline.hidden = !lost; };
  document.addEventListener("htmx:sendError", () => say(true));
  document.addEventListener("htmx:responseError", () => say(true));
  document.addEventListener("htmx:afterOnLoad", () => say(false));

  const news = document.getElementById("news");
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target instanceof HTMLElement && event.target.id === "alarm") return;
    if (news) news.textContent = `页面有更新，${new Date().toLocaleTimeString("zh-CN")}`;
  });

  // Somebody in danger is shown in the title and heard, once for each ticket.
  const title = document.title;
  const rung = new Set();
  const ring = () => {
    try {
      const audio = new AudioContext();
      const tone = audio.createOscillator();
      tone.frequency.value = 880;
      tone.connect(audio.destination);
      tone.start();
      tone.stop(audio.currentTime + 0.6);
    } catch {
      // A browser that lets no page make a sound still shows the banner.
    }
  };
  document.addEventListener("htmx:afterSettle", (event) => {
    if (!(event.target instanceof HTMLElement) || event.target.id !== "alarm") return;
    const waiting = (event.target.querySelector("[data-alarm]")?.dataset.alarm ?? "").split(" ").filter(Boolean);
    document.title = waiting.length ? `【紧急】${title}` : title;
    const fresh = waiting.filter((number) => !rung.has(number));
    for (const number of fresh) rung.add(number);
    if (fresh.length) ring();
  });

  const scroll = document.getElementById("scroll");
  if (scroll) {
    let atEnd = true;
    const toEnd = () => { scroll.scrollTop = scroll.scrollHeight; };
    toEnd();
    document.addEventListener("htmx:beforeSwap", () => {
      atEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 40;
    });
    document.addEventListener("htmx:afterSettle", () => { if (atEnd) toEnd(); });
  }
})();
