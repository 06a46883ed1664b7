// Words of a message as WeChat shows them: links, answers to tap, faces; all else is text.

const LINK = /<a\s+([^>]*)>([\s\S]*?)<\/a>|(https?:\/\/[^\s<>"'，。；！？）】、]+)/gi;
const HREF = /href\s*=\s*(?:"([^"]*)"|'([^']*)')/i;
const HOSTS = /^https:\/\/((?:api|mp|open)\.weixin\.qq\.com)\//;
const FACES = {
  微笑: "🙂", 呲牙: "😁", 偷笑: "🤭", 流泪: "😢", 大哭: "😭", 愉快: "😊", 调皮: "😜", 憨笑: "😄",
  捂脸: "🤦", 强: "👍", 弱: "👎", 握手: "🤝", 抱拳: "🙏", 合十: "🙏", 玫瑰: "🌹", 爱心: "❤️",
  拥抱: "🤗", 鼓掌: "👏", 庆祝: "🎉", 礼物: "🎁", 红包: "🧧", 太阳: "☀️", 月亮: "🌙", 咖啡: "☕",
  加油: "💪", OK: "👌", 疑问: "❓", 再见: "👋", 困: "😪", 尴尬: "😅", 发呆: "😶", 惊讶: "😮",
};

export const FACE_LIST = Object.entries(FACES);

/** Where a link of a message leads inside the simulator; null when it may not be opened. */
export function target(href) {
  const raw = href.trim();
  const inside = raw.replace(HOSTS, "$1/");
  if (inside !== raw) return { url: inside, inside: true };
  if (!/^https?:\/\//i.test(raw)) return null;
  const host = new URL(raw, location.href).hostname;
  return { url: raw, inside: ["127.0.0.1", "localhost", "[::1]", location.hostname].includes(host) };
}

/** The words and id that a tap on a weixin://bizmsgmenu link sends; null for other links. */
export function answerOf(href) {
  if (!href.startsWith("weixin://bizmsgmenu?")) return null;
  const query = new URLSearchParams(href.slice(href.indexOf("?") + 1));
  return { text: query.get("msgmenucontent") ?? "", id: query.get("msgmenuid") || "0" };
}

export function withFaces(words) {
  return words.replace(/\[([^\s[\]]{1,4})\]/g, (whole, name) => FACES[name] ?? whole);
}

function plain(words) {
  return document.createTextNode(withFaces(words));
}

function button(label, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "tap";
  made.append(plain(label));
  made.addEventListener("click", act);
  return made;
}

function link(label, href, phone) {
  const tapped = answerOf(href);
  if (tapped) return button(label, () => phone.say(tapped.text, tapped.id));
  const goal = target(href);
  if (!goal) return plain(label);
  const made = document.createElement("a");
  made.href = goal.url;
  made.append(plain(label));
  made.addEventListener("click", (event) => {
    event.preventDefault();
    phone.open(href);
  });
  return made;
}

/** Put `words` into `element`; nothing in them is ever read as HTML but links. */
export function write(element, words, phone) {
  let from = 0;
  for (const found of words.matchAll(LINK)) {
    element.append(plain(words.slice(from, found.index)));
    from = found.index + found[0].length;
    const href = found[3] ? [found[3], found[3]] : HREF.exec(found[1]);
    const label = found[3] ?? found[2];
    const address = href?.[1] ?? href?.[2];
    element.append(address ? link(label, address, phone) : plain(found[0]));
  }
  element.append(plain(words.slice(from)));
}
