// The inspector beside the phone: what went to and fro, what goes wrong, how the platform behaves.

import { make } from "./bubbles.js";
import * as clock from "./clock.js";
import { get, post, remove } from "./wire.js";

const byId = (id) => document.getElementById(id);
const list = byId("exchanges");
const MOST = 300;
let names = new Map();
const REASONS = [
  [/^no answer within (.+) s$/, "$1 秒内没有回答"],
  [/^status (\d+)$/, "回答的状态码是 $1"],
  [/^connection failed: .+$/, "连不上服务器"],
  [/^lost on the way$/, "推送丢失"],
  [/^answer too long$/, "回答太长"],
  [/^neither success nor XML$/, "回答既不是 success，也不是 XML"],
  [/^document type in the answer$/, "回答里有文档类型声明"],
  [/^root element is (.+)$/, "根元素是 $1"],
  [/^plain answer in safe mode$/, "安全模式下回答没有加密"],
  [/^wrong MsgSignature$/, "MsgSignature 不对"],
  [/^no key opens the answer$/, "回答解不开密"],
  [/^ToUserName is not the sender$/, "ToUserName 不是发消息的人"],
  [/^FromUserName is not the account$/, "FromUserName 不是本公众号"],
  [/^CreateTime is not a number$/, "CreateTime 不是数字"],
  [/^(\S+) is missing$/, "缺少 $1"],
  [/^unknown MsgType (.+)$/, "不认识的 MsgType：$1"],
  [/^unknown or expired MediaId$/, "MediaId 不存在或已过期"],
  [/^Content is empty$/, "Content 是空的"],
  [/^Content is over 2048 bytes$/, "Content 超过 2048 字节"],
  [/^not exactly one article$/, "图文不是正好一条"],
];
let ahead = 0;
let last = 0;
let tell = () => {};

export function setUp(state, people, complain) {
  tell = complain;
  names = new Map(people.map((person) => [person.openid, person.name]));
  byId("fault-kind").replaceChildren(...groups(state.kinds));
  tabs();
  faults(state.faults);
  settings(state.settings);
  setClock(state.clock);
  setInterval(tick, 1000);
  connect();
}

export function hear(name, body) {
  if (name === "exchange") add(body);
  if (name === "faults") faults(body.faults);
  if (name === "settings") settings(body);
  if (name === "clock") setClock(body);
}

export async function catchUp() {
  const { exchanges } = await get(`exchanges?after=${last}`);
  for (const each of exchanges) add(each);
}

function attempt(work) {
  return work.catch((error) => tell(error.message));
}

function connect() {
  byId("clear").addEventListener("click", () => {
    list.replaceChildren();
    byId("no-exchanges").hidden = false;
  });
  byId("only").addEventListener("change", filter);
  byId("fault-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const wanted = { fault: byId("fault-kind").value, path: byId("fault-path").value.trim() };
    if (byId("fault-times").value) wanted.count = Number(byId("fault-times").value);
    if (byId("fault-seconds").value) wanted.seconds = Number(byId("fault-seconds").value);
    attempt(post("faults", wanted).then(() => {
      if (wanted.fault === "stolen") tell("凭证已经作废");
    }));
  });
  byId("all-off").addEventListener("click", () => attempt(remove("faults")));
  for (const input of document.querySelectorAll("[data-setting]")) {
    input.addEventListener("change", () => {
      const value = input.type === "checkbox" ? input.checked : Number(input.value);
      attempt(post("settings", { [input.id]: value }));
    });
  }
  for (const input of document.getElementsByName("mode")) {
    input.addEventListener("change", () => attempt(post("settings", { mode: input.value })));
  }
  byId("advance").addEventListener("click", (event) => {
    const seconds = event.target.dataset.seconds;
    if (seconds) attempt(post("clock", { advance: Number(seconds) }));
  });
  byId("verify").addEventListener("click", () => attempt(post("verify").then((result) => {
    byId("verified").textContent = result.passed ? "验证通过" : result.problem;
  })));
}

function tabs() {
  const all = [...document.querySelectorAll("[role=tab]")];
  const choose = (tab) => {
    for (const each of all) {
      const on = each === tab;
      each.setAttribute("aria-selected", String(on));
      each.tabIndex = on ? 0 : -1;
      byId(each.getAttribute("aria-controls")).hidden = !on;
    }
  };
  for (const [index, tab] of all.entries()) {
    tab.addEventListener("click", () => choose(tab));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = all[(index + step + all.length) % all.length];
      choose(next);
      next.focus();
    });
  }
}

function groups(kinds) {
  const labels = { push: "平台推送", call: "接口调用", token: "凭证" };
  return Object.entries(labels).map(([where, label]) => {
    const group = make("optgroup");
    group.label = label;
    for (const kind of kinds.filter((each) => each.where === where)) {
      const option = make("option", "", kind.label);
      option.value = kind.fault;
      group.append(option);
    }
    return group;
  });
}

function faults(active) {
  byId("no-faults").hidden = active.length > 0;
  byId("fault-count").hidden = active.length === 0;
  byId("fault-count").textContent = String(active.length);
  byId("active-faults").replaceChildren(...active.map((fault) => {
    const row = make("li");
    const words = make("div", "", fault.label);
    const rest = [fault.left === null ? "直到关掉" : `还有 ${fault.left} 次`];
    if (fault.path) rest.push(fault.path);
    if (fault.seconds) rest.push(`${fault.seconds} 秒`);
    words.append(make("small", "", rest.join(" · ")));
    const off = make("button", "plain", "关掉");
    off.type = "button";
    off.addEventListener("click", () => attempt(remove(`faults/${fault.number}`)));
    row.append(words, off);
    return row;
  }));
}

function settings(now) {
  for (const input of document.querySelectorAll("[data-setting]")) {
    if (input.type === "checkbox") input.checked = now[input.id];
    else input.value = now[input.id];
  }
  for (const input of document.getElementsByName("mode")) input.checked = input.value === now.mode;
}

function setClock(now) {
  clock.set(now.now);
  ahead = now.ahead;
  tick();
}

function tick() {
  const at = clock.now();
  const short = at.toLocaleTimeString("zh-CN", { hour: "numeric", minute: "2-digit", hour12: false });
  byId("status-time").textContent = short;
  const whole = at.toLocaleString("zh-CN", { hour12: false });
  const more = ahead ? [make("small", "", `平台已拨快 ${span(ahead)}`)] : [];
  byId("clock").replaceChildren(whole, ...more);
}

function span(seconds) {
  const days = Math.floor(seconds / 86400);
  const hours = Math.floor((seconds % 86400) / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const parts = [[days, "天"], [hours, "小时"], [minutes, "分"], [seconds % 60, "秒"]];
  return parts.filter(([count]) => count).map(([count, unit]) => `${count} ${unit}`).join(" ");
}

function add(exchange) {
  if (exchange.number <= last) return;
  last = exchange.number;
  byId("no-exchanges").hidden = true;
  list.prepend(row(exchange));
  if (list.children.length > MOST) list.lastElementChild.remove();
}

function filter() {
  for (const each of list.children) each.hidden = !wanted(each);
}

function wanted(element) {
  const only = byId("only").value;
  return only === "" || element.classList.contains(only);
}

function row(exchange) {
  const bad = exchange.verdict || exchange.status >= 400;
  const made = make("li", `exchange ${exchange.direction}${bad ? " bad" : ""}`);
  made.hidden = !wanted(made);
  const details = make("details");
  const summary = make("summary");
  const title = make("span", "exchange-title", exchange.title);
  const who = names.get(exchange.openid);
  const tries = exchange.attempt > 1 ? `，第 ${exchange.attempt} 次` : "";
  if (who || tries) title.append(make("b", "", `  ${who ?? ""}${tries}`));
  const at = clock.said(new Date(exchange.at));
  summary.append(
    make("span", "way", exchange.direction === "push" ? "推送" : "调用"),
    title,
    make("span", "took", `${at} · ${exchange.took} ms`),
    make("span", "state", String(exchange.status || "无应答")),
  );
  if (exchange.verdict) summary.append(make("span", "verdict", reason(exchange.verdict)));
  details.append(summary);
  details.addEventListener("toggle", () => {
    if (details.open && details.children.length === 1) details.append(body(exchange));
  });
  made.append(details);
  return made;
}

/** Why an answer does not count, in the words of the page. */
function reason(verdict) {
  const [found, words] = REASONS.find(([shape]) => shape.test(verdict)) ?? [verdict, verdict];
  return verdict.replace(found, words);
}

function body(exchange) {
  const made = make("div", "exchange-body");
  const sent = exchange.direction === "push" ? "推送的内容（已解密）" : "请求";
  made.append(heading(sent, exchange.url), code(exchange.request));
  if (exchange.wire) {
    const wire = make("details", "wire");
    wire.append(make("summary", "", "看加密后的原文"), code(exchange.wire));
    made.append(wire);
  }
  made.append(heading("回答", exchange.rid), code(exchange.response));
  return made;
}

function heading(words, aside) {
  const made = make("h4", "", words);
  made.append(make("span", "", aside));
  return made;
}

const TOKEN = /(<\/?[\w.]+>|<!\[CDATA\[|\]\]>)|("(?:[^"\\]|\\.)*")(?=\s*:)|("(?:[^"\\]|\\.)*")|\b(-?\d+(?:\.\d+)?)\b/g;

function code(words) {
  const made = make("pre");
  made.tabIndex = 0;
  const text = pretty(words) || "（空）";
  let from = 0;
  for (const found of text.matchAll(TOKEN)) {
    const kind = found[1] || found[2] ? "tag" : found[3] ? "string" : "number";
    made.append(text.slice(from, found.index), make("span", kind, found[0]));
    from = found.index + found[0].length;
  }
  made.append(text.slice(from));
  return made;
}

function pretty(words) {
  if (!/^[[{]/.test(words)) return words;
  try {
    return JSON.stringify(JSON.parse(words), null, 2);
  } catch {
    return words;
  }
}
