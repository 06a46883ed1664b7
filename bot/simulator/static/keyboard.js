// The bar below the chat: menu, keyboard, faces, and what else can be sent.

import { make } from "./bubbles.js";
import { FACE_LIST } from "./markup.js";

const byId = (id) => document.getElementById(id);
const words = byId("words");
const panels = { faces: byId("open-faces"), more: byId("open-more") };
let menu = [];
let typing = false;

/** Connect the bar; `phone` sends. Returns what the page tells the bar. */
export function setUp(phone) {
  byId("text-row").addEventListener("submit", (event) => {
    event.preventDefault();
    send(phone);
  });
  words.addEventListener("input", fit);
  words.addEventListener("focus", () => show(null));
  words.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      send(phone);
    }
  });
  byId("to-keyboard").addEventListener("click", () => { prefer(true); words.focus(); });
  byId("to-menu").addEventListener("click", () => prefer(false));
  for (const [name, button] of Object.entries(panels)) {
    button.addEventListener("click", () => show(byId(name).hidden ? name : null));
  }
  byId("faces").append(...FACE_LIST.map(([name, sign]) => face(name, sign)));
  document.addEventListener("click", (event) => {
    if (!event.target.closest(".menu-slot")) closeSubMenus();
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") closeSubMenus(); });
  byId("lines").addEventListener("click", () => show(null));
  return { setMenu: (buttons) => setMenu(buttons, phone), quiet: () => show(null), reset };
}

function send(phone) {
  const said = words.value.trim();
  if (!said) return;
  words.value = "";
  fit();
  phone.say(said);
}

function fit() {
  words.style.height = "40px";
  words.style.height = `${Math.min(words.scrollHeight, 124)}px`;
  const something = words.value.trim() !== "";
  byId("send").hidden = !something;
  byId("open-more").hidden = something;
}

/** As it is when another phone is taken up: nothing written, the menu in front. */
function reset() {
  words.value = "";
  fit();
  prefer(false);
}

function prefer(keyboard) {
  typing = keyboard;
  show(null);
  layOut();
}

function show(name) {
  for (const [each, button] of Object.entries(panels)) {
    byId(each).hidden = each !== name;
    button.setAttribute("aria-expanded", String(each === name));
  }
}

function face(name, sign) {
  const made = make("button", "", sign);
  made.type = "button";
  made.setAttribute("aria-label", name);
  made.addEventListener("click", () => {
    words.setRangeText(`[${name}]`, words.selectionStart, words.selectionEnd, "end");
    fit();
  });
  return made;
}

function setMenu(buttons, phone) {
  menu = buttons;
  byId("menu-buttons").replaceChildren(...buttons.map((button) => slot(button, phone)));
  layOut();
}

function layOut() {
  const none = menu.length === 0;
  byId("menu-row").hidden = none || typing;
  byId("text-row").hidden = !none && !typing;
  byId("to-menu").hidden = none;
}

function slot(button, phone) {
  const made = make("div", "menu-slot");
  const main = make("button", "menu-button", button.name);
  main.type = "button";
  made.append(main);
  if (button.sub_button.length === 0) {
    main.addEventListener("click", () => phone.tap(button));
    return made;
  }
  main.classList.add("has-more");
  main.setAttribute("aria-haspopup", "true");
  main.setAttribute("aria-expanded", "false");
  const sub = make("div", "sub-menu");
  sub.hidden = true;
  for (const each of button.sub_button) {
    const item = make("button", "", each.name);
    item.type = "button";
    item.addEventListener("click", () => { closeSubMenus(); phone.tap(each); });
    sub.append(item);
  }
  main.addEventListener("click", () => {
    const opening = sub.hidden;
    closeSubMenus();
    sub.hidden = !opening;
    main.setAttribute("aria-expanded", String(opening));
  });
  made.append(sub);
  return made;
}

function closeSubMenus() {
  for (const sub of document.querySelectorAll(".sub-menu")) sub.hidden = true;
  for (const main of document.querySelectorAll(".has-more")) main.setAttribute("aria-expanded", "false");
}

