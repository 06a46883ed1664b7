// The time in the simulated world, which need not be the browser's.

let shift = 0;

export function set(now) {
  shift = new Date(now).getTime() - Date.now();
}

export function now() {
  return new Date(Date.now() + shift);
}

/** A moment in the words of a chat: today without a date, then 昨天, then the day. */
export function said(at) {
  const today = now();
  const clock = at.toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false });
  const days = Math.round((midnight(today) - midnight(at)) / 864e5);
  if (days === 0) return clock;
  if (days === 1) return `昨天 ${clock}`;
  const year = at.getFullYear() === today.getFullYear() ? "" : `${at.getFullYear()} 年 `;
  return `${year}${at.getMonth() + 1} 月 ${at.getDate()} 日 ${clock}`;
}

function midnight(at) {
  return new Date(at).setHours(0, 0, 0, 0);
}
