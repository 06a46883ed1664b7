// The phone: whose it is, what it shows, and what it sends.

import { brief, draw, make, picture, time } from "./bubbles.js";
import * as inspector from "./inspector.js";
import { setUp as setUpBar } from "./keyboard.js";
import { closePage, closeSheet, enlarge, openPage, openSheet, tell } from "./sheets.js";
import { get, listen, post, upload } from "./wire.js";

const byId = (id) => document.getElementById(id);
const lines = byId("lines");
const scanButtons = ["scancode_push", "scancode_waitmsg"];
const pictureButtons = ["pic_sysphoto", "pic_photo_or_album", "pic_weixin"];
let people = new Map();
let state = null;
let shown = null;
let pressed = "";
let unseen = new Map();
let stillTyping = 0;
let meanwhile = null;

const phone = {
  accountName: "",
  person: null,
  say: (text, tapped = "") => act("say", { text, tapped_id: tapped }),
  open: openPage,
  enlarge,
  settle: () => { lines.scrollTop = lines.scrollHeight; },
  tap,
};
const bar = setUpBar(phone);

async function act(verb, body) {
  try {
    await post(`people/${phone.person.openid}/${verb}`, body);
  } catch (error) {
    tell(error.message);
  }
}

function tap(button) {
  pressed = button.key ?? "";
  if (button.type === "view") {
    act("menu", { key: button.url });
    openPage(button.url);
  } else if (pictureButtons.includes(button.type)) {
    byId(button.type === "pic_sysphoto" ? "camera-file" : "photo-file").click();
  } else if (button.type === "location_select") {
    openSheet("place");
  } else if (scanButtons.includes(button.type)) {
    openSheet("scan");
  } else {
    act("menu", { key: button.key || button.url });
  }
}

async function sendFile(input) {
  const [file] = input.files;
  if (!file) return;
  const key = pressed ? `?key=${encodeURIComponent(pressed)}` : "";
  pressed = "";
  bar.quiet();
  try {
    await upload(`people/${phone.person.openid}/photo${key}`, "photo", file);
  } catch (error) {
    tell(error.message);
  }
  input.value = "";
}

function onSubmit(name, send) {
  byId(`sheet-${name}`).addEventListener("submit", (event) => {
    event.preventDefault();
    send();
    closeSheet();
    bar.quiet();
    pressed = "";
  });
}

function connect() {
  byId("open-people").addEventListener("click", () => openSheet("people"));
  byId("open-profile").addEventListener("click", () => openSheet("profile"));
  byId("open-voice").addEventListener("click", () => openSheet("voice"));
  for (const button of document.querySelectorAll("[data-sheet]")) {
    button.addEventListener("click", () => {
      pressed = "";
      openSheet(button.dataset.sheet);
      if (button.dataset.sheet === "scan") showCodes();
    });
  }
  for (const button of document.querySelectorAll("[data-act]")) {
    button.addEventListener("click", () => { closeSheet(); act(button.dataset.act, {}); });
  }
  for (const id of ["photo-file", "camera-file"]) {
    byId(id).addEventListener("change", (event) => sendFile(event.target));
  }
  onSubmit("voice", () => {
    act("voice", { text: byId("voice-words").value.trim() });
    byId("voice-words").value = "";
  });
  onSubmit("place", () => act("location", {
    latitude: Number(byId("place-latitude").value),
    longitude: Number(byId("place-longitude").value),
    label: byId("place-label").value.trim(),
    key: pressed,
  }));
  onSubmit("scan", () => {
    const scene = byId("scan-scene").value.trim();
    if (pressed) act("menu", { key: pressed, scanned: scene });
    else act("scan", { scene });
  });
  onSubmit("article", () => act("link", {
    title: byId("article-name").value.trim(),
    url: byId("article-url").value.trim(),
  }));
  byId("receives").addEventListener("change", (event) => act("receive", { on: event.target.checked }));
  byId("large").addEventListener("change", (event) => setLarge(event.target.checked));
}

function setLarge(on) {
  byId("large").checked = on;
  byId("phone").classList.toggle("large", on);
  localStorage.setItem("large", on ? "1" : "");
  phone.settle();
}

async function showCodes() {
  const { scenes } = await get("state");
  byId("codes").replaceChildren(...scenes.slice(-8).map(({ scene, ticket }) => {
    const code = make("button");
    code.type = "button";
    const address = `mp.weixin.qq.com/cgi-bin/showqrcode?ticket=${encodeURIComponent(ticket)}`;
    code.append(picture(address, "", scene));
    code.addEventListener("click", () => { byId("scan-scene").value = scene; });
    return code;
  }));
}

function showNotices() {
  byId("notices").replaceChildren(...state.templates.map(({ id, title }) => {
    const row = make("li");
    const words = make("div", "", title);
    words.append(make("small", "", "点“允许”一次，可以收到一条"));
    const yes = make("button", "yes", "允许");
    const no = make("button", "", "拒绝");
    yes.type = no.type = "button";
    yes.addEventListener("click", () => { act("accept-notice", { template_id: id }); tell("已允许一条"); });
    no.addEventListener("click", () => { act("reject-notice", { template_id: id }); tell("已拒绝"); });
    row.append(words, yes, no);
    return row;
  }));
}

function castRow(person) {
  const row = make("li");
  const button = make("button");
  button.type = "button";
  const current = person.openid === phone.person?.openid;
  button.setAttribute("aria-current", String(current));
  button.append(
    picture(`static/avatars/${person.avatar}.svg`, ""),
    make("span", "cast-name", person.name),
    make("span", "cast-note-line", brief(person.last) || person.note),
  );
  button.title = person.note;
  const count = unseen.get(person.openid) ?? 0;
  if (count) button.append(make("span", "dot", String(count)));
  button.addEventListener("click", () => { closeSheet(); closePage(); hold(person.openid); });
  row.append(button);
  return row;
}

function showCast() {
  for (const id of ["cast", "people"]) {
    const focused = byId(id).contains(document.activeElement);
    byId(id).replaceChildren(...[...people.values()].map(castRow));
    if (focused) byId(id).querySelector("[aria-current=true]")?.focus();
  }
  const others = [...unseen.values()].reduce((sum, count) => sum + count, 0);
  byId("unread").hidden = others === 0;
  byId("unread").textContent = String(others);
}

function showPerson() {
  const { following, receives } = phone.person;
  byId("bar").hidden = !following;
  byId("follow-bar").hidden = following;
  byId("profile-follow").hidden = following;
  byId("profile-unfollow").hidden = !following;
  byId("receives").checked = receives;
  byId("receives").disabled = !following;
}

/** Take the phone of another person into the hand. */
async function hold(openid) {
  phone.person = people.get(openid);
  unseen.delete(openid);
  localStorage.setItem("person", openid);
  document.cookie = `simulator_person=${openid}; path=${new URL(".", location.href).pathname}; SameSite=Lax`;
  shown = null;
  setTyping(0);
  bar.reset();
  const late = [];
  meanwhile = late;
  const found = await get(`people/${openid}/transcript`);
  if (phone.person.openid !== openid) return;
  meanwhile = null;
  lines.replaceChildren();
  if (found.lines.length === 0) lines.append(hello());
  for (const line of [...found.lines, ...late]) append(line);
  showPerson();
  showCast();
  phone.settle();
}

function hello() {
  const made = make("div", "hello");
  made.append(picture("static/avatars/account.svg", ""), make("p", "", `${phone.person.name}，${phone.person.note}`));
  return made;
}

function append(line, fresh = false) {
  if (shown && line.number <= shown.number) return;
  const near = lines.scrollHeight - lines.scrollTop - lines.clientHeight < 160;
  lines.querySelector(".hello")?.remove();
  const above = time(line, shown);
  const drawn = draw(line, phone);
  if (fresh) drawn.classList.add("fresh");
  lines.append(...(above ? [above] : []), drawn);
  shown = line;
  if (near || line.side === "person") phone.settle();
}

function setTyping(seconds) {
  clearTimeout(stillTyping);
  byId("chat-title").textContent = seconds ? "对方正在输入…" : phone.accountName;
  if (seconds) stillTyping = setTimeout(() => setTyping(0), seconds * 1000);
}

function hear(name, body) {
  inspector.hear(name, body);
  const mine = body.openid === phone.person.openid;
  if (name === "line") {
    people.get(body.openid).last = body;
    if (mine && meanwhile) meanwhile.push(body);
    else if (mine) append(body, true);
    else if (body.side !== "person") unseen.set(body.openid, (unseen.get(body.openid) ?? 0) + 1);
    showCast();
  }
  if (name === "typing" && mine) setTyping(body.seconds);
  if (name === "menu") bar.setMenu(body.button);
  if (name === "person") {
    Object.assign(people.get(body.openid), body);
    if (mine) showPerson();
  }
}

/** After each connection: what was missed while there was none. */
async function catchUp() {
  byId("live").textContent = "实时";
  byId("live").classList.add("on");
  const openid = phone.person.openid;
  const missed = await get(`people/${openid}/transcript?after=${shown?.number ?? 0}`);
  if (phone.person.openid === openid) for (const line of missed.lines) append(line);
  await inspector.catchUp();
}

function lost() {
  byId("live").textContent = "连接断了，正在重连…";
  byId("live").classList.remove("on");
}

async function start() {
  const [given, cast] = await Promise.all([get("state"), get("people")]);
  state = given;
  people = new Map(cast.people.map((person) => [person.openid, person]));
  phone.accountName = state.account.name;
  inspector.setUp(state, cast.people, tell);
  bar.setMenu(state.menu);
  showNotices();
  connect();
  setLarge(localStorage.getItem("large") === "1");
  const before = localStorage.getItem("person");
  await hold(people.has(before) ? before : cast.people[0].openid);
  listen(hear, catchUp, lost);
}

start();
