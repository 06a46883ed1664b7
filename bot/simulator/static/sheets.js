// What slides over the chat: sheets, web pages, large pictures, short words.

import { make } from "./bubbles.js";
import { target } from "./markup.js";

const byId = (id) => document.getElementById(id);
const chat = byId("chat");
const shade = byId("shade");
const webview = byId("webview");
const viewer = byId("viewer");
const toast = byId("toast");

let back = null;
let current = null;
let hush = 0;

export function openSheet(name) {
  closeSheet();
  current = byId(`sheet-${name}`);
  back = document.activeElement;
  chat.inert = true;
  shade.hidden = false;
  current.hidden = false;
  (current.querySelector("input:not([type=checkbox]), textarea") ?? current.querySelector("button")).focus();
}

export function closeSheet() {
  if (!current) return;
  current.hidden = true;
  current = null;
  shade.hidden = true;
  chat.inert = false;
  back?.focus();
}

export function tell(words) {
  toast.textContent = words;
  toast.hidden = false;
  clearTimeout(hush);
  hush = setTimeout(() => { toast.hidden = true; }, 2200);
}

/** Open a page as WeChat does; pages of other machines are only named. */
export function openPage(href) {
  const goal = target(href);
  if (!goal) return tell("这个链接不能打开");
  back = document.activeElement;
  chat.inert = true;
  webview.hidden = false;
  byId("webview-title").textContent = goal.inside ? "正在打开…" : "外部网页";
  byId("webview-body").replaceChildren(goal.inside ? frame(goal.url) : outside(goal.url));
  byId("webview-close").focus();
}

export function closePage() {
  if (webview.hidden) return;
  webview.hidden = true;
  byId("webview-body").replaceChildren();
  chat.inert = false;
  back?.focus();
}

function frame(url) {
  const made = make("iframe");
  made.title = "网页";
  made.addEventListener("load", () => entered(made));
  made.src = url;
  return made;
}

/** Name the page, and give pages of our own origin the bridge they would find in WeChat. */
function entered(made) {
  let inside = null;
  try {
    inside = made.contentDocument;
  } catch {
    // A page of another origin keeps its title to itself.
  }
  byId("webview-title").textContent = inside?.title || "网页";
  if (!inside) return;
  const call = (name) => { if (name === "closeWindow") closePage(); };
  made.contentWindow.WeixinJSBridge = { call, invoke: call };
  inside.dispatchEvent(new made.contentWindow.Event("WeixinJSBridgeReady"));
}

function outside(url) {
  const made = make("div", "outside");
  const link = make("a", "", "在浏览器打开");
  link.href = url;
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  made.append(make("p", "", "这个网页不在本机上"), make("code", "", url), link);
  return made;
}

export function enlarge(src) {
  back = document.activeElement;
  viewer.firstElementChild.src = src;
  viewer.hidden = false;
  viewer.focus();
}

function shrink() {
  viewer.hidden = true;
  back?.focus();
}

shade.addEventListener("click", closeSheet);
viewer.addEventListener("click", shrink);
byId("webview-close").addEventListener("click", closePage);
for (const button of document.querySelectorAll("[data-close]")) button.addEventListener("click", closeSheet);
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  if (!viewer.hidden) shrink();
  else if (!webview.hidden) closePage();
  else closeSheet();
});
