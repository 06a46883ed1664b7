// One line of a chat as the phone draws it.

import { said } from "./clock.js";
import { withFaces, write } from "./markup.js";

const QUIET = 5 * 60 * 1000;

export function make(tag, className = "", words = "") {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (words) element.textContent = words;
  return element;
}

export function icon(name) {
  const drawn = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  drawn.setAttribute("class", "icon");
  drawn.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#icon-${name}`);
  drawn.append(use);
  return drawn;
}

export function picture(src, className, alt = "") {
  const image = make("img", className);
  image.alt = alt;
  image.src = src;
  return image;
}

function source(name) {
  return /^https?:\/\//.test(name) ? name : `pictures/${encodeURIComponent(name)}`;
}

/** The time above a line, when the chat has been quiet before it. */
export function time(line, before) {
  const at = new Date(line.at);
  if (before && at - new Date(before.at) < QUIET) return null;
  return make("p", "time", said(at));
}

/** A short form of a line for lists. */
export function brief(line) {
  if (!line) return "";
  const kinds = {
    image: "[图片]", voice: "[语音]", video: "[视频]", location: "[位置]", link: "[链接]",
    music: "[音乐]", miniprogram: "[小程序]", coupon: "[卡券]", article: "[图文]",
  };
  const words = line.kind in kinds ? `${kinds[line.kind]}${line.title}` : line.title || line.text;
  return withFaces(words).replace(/<\/?a\b[^>]*>/g, "").replace(/\s+/g, " ").slice(0, 40);
}

function bubble(line, phone) {
  const made = make("div", "bubble");
  write(made, line.text, phone);
  return made;
}

function menu(line, phone) {
  const made = make("div", "bubble");
  const head = make("div", "menu-words");
  write(head, line.text, phone);
  const choices = make("div", "menu-choices");
  for (const item of line.items) {
    const choice = make("button", "menu-choice", item.words);
    choice.type = "button";
    choice.addEventListener("click", () => phone.say(item.words, item.key));
    choices.append(choice);
  }
  made.append(...(line.text ? [head] : []), choices);
  if (line.tail) made.append(make("div", "menu-tail", line.tail));
  return made;
}

function photo(line, phone) {
  const made = make("button", "photo");
  made.type = "button";
  made.setAttribute("aria-label", "看大图");
  const image = picture(source(line.picture), "", "图片");
  image.addEventListener("error", () => made.replaceWith(make("div", "gone", "图片已过期或已被清理")));
  image.addEventListener("load", phone.settle);
  made.append(image);
  made.addEventListener("click", () => phone.enlarge(image.src));
  return made;
}

function voice(line) {
  const seconds = Math.max(2, Math.min(60, Math.round(line.text.length / 3)));
  const made = make("div", `bubble voice voice-${seconds > 10 ? 3 : seconds > 4 ? 2 : 1}`);
  made.setAttribute("aria-label", `语音 ${seconds} 秒`);
  made.append(icon("sound"), make("span", "", `${seconds}″`));
  if (line.side === "account") return [made];
  return [made, make("div", line.text ? "heard" : "heard nothing", line.text || "（没有识别出文字）")];
}

function opens(element, line, phone) {
  if (!line.url) return element;
  element.addEventListener("click", () => phone.open(line.url));
  return element;
}

function card(line) {
  const made = make(line.url ? "button" : "div", "card");
  if (line.url) made.type = "button";
  return made;
}

function place(line) {
  const made = make("div", "card");
  made.append(make("span", "place-name", line.title || "位置"), make("span", "place-where", line.text));
  made.append(picture("static/map.svg", "map"));
  return made;
}

function link(line, phone) {
  const made = card(line);
  made.classList.add("link-card");
  const mark = make("span", "link-mark");
  mark.append(line.picture ? picture(source(line.picture), "") : icon("link"));
  made.append(make("span", "link-title", line.title), make("span", "link-words", line.text), mark);
  return opens(made, line, phone);
}

function mini(line) {
  const made = make("div", "card mini");
  made.append(make("span", "mini-name", line.text), make("span", "mini-title", line.title));
  made.append(picture(source(line.picture), ""), make("span", "mini-foot", "小程序"));
  return made;
}

function film(line) {
  const made = make("div", "film");
  made.setAttribute("aria-label", "视频");
  made.append(make("span", "", line.title));
  return made;
}

function coupon(line) {
  const made = make("div", "card link-card");
  made.append(make("span", "link-title", "卡券"), make("span", "link-words", line.title));
  return made;
}

function news(line, phone) {
  const made = card(line);
  if (line.picture) made.append(picture(source(line.picture), "news-cover"));
  made.append(make("span", "news-title", line.title));
  if (line.text) made.append(make("span", "news-words", line.text));
  if (line.url) made.append(make("span", "more-line", "阅读全文"));
  return opens(made, line, phone);
}

function notice(line, phone) {
  const made = card(line);
  const head = make("span", "notice-head");
  head.append(picture("static/avatars/account.svg", ""), make("span", "", phone.accountName));
  const rows = make("dl", "notice-rows");
  for (const item of line.items) rows.append(make("dt", "", item.key), make("dd", "", item.words));
  made.append(head, make("strong", "notice-title", line.title), rows);
  if (line.url) made.append(make("span", "more-line", "详情"));
  return opens(made, line, phone);
}

const BROAD = { news, template: notice };
const KINDS = {
  text: bubble, menu, image: photo, voice, location: place, link, music: link, article: link,
  miniprogram: mini, video: film, coupon,
};

/** The element of one line; `phone` answers to taps. */
export function draw(line, phone) {
  if (line.side === "system") return make("p", "system", line.text);
  if (line.kind in BROAD) {
    const made = make("div", "news");
    made.append(BROAD[line.kind](line, phone));
    return made;
  }
  const made = make("div", `line ${line.side}`);
  const face = line.side === "person" ? phone.person.avatar : "account";
  made.append(picture(`static/avatars/${face}.svg`, "face", line.side === "person" ? phone.person.name : phone.accountName));
  const words = make("div", "said");
  words.append(...[(KINDS[line.kind] ?? bubble)(line, phone)].flat());
  if (line.ai) words.append(make("p", "ai", "内容由第三方 AI 生成"));
  made.append(words);
  return made;
}
