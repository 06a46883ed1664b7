"""What staff read: names of states, plain reasons, times as people say them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from models.application import CaseStatus
from models.delivery import Status
from models.policy import FileState, Standing
from models.question import CardStatus, GroupState, Reason
from models.staff import Role
from models.ticket import Why
from nlp import amendment
from nlp.entities import SHANGHAI

if TYPE_CHECKING:
    from collections.abc import Mapping

    from handlers.actions.phrasing import Condition


@dataclass(frozen=True, slots=True)
class Label:
    """Words and the colour they stand on."""

    words: str
    colour: str


WHY: Mapping[str, Label] = {
    Why.ASKED: Label("主动找人工", "blue"),
    Why.NOT_UNDERSTOOD: Label("没有听懂", "yellow"),
    Why.URGENT: Label("紧急", "red"),
    Why.FAILED: Label("出错转来", "orange"),
}
CASE: Mapping[str, Label] = {
    CaseStatus.SENT: Label("待审核", "blue"),
    CaseStatus.RETURNED: Label("待补充", "yellow"),
    CaseStatus.APPROVED: Label("已通过", "green"),
    CaseStatus.REFUSED: Label("未通过", "red"),
    CaseStatus.WITHDRAWN: Label("已撤回", "secondary"),
}
DELIVERY: Mapping[str, Label] = {
    Status.QUEUED: Label("已排队", "blue"),
    Status.RESERVED: Label("正在发送", "blue"),
    Status.HELD: Label("等待对方来信", "yellow"),
    Status.SENT: Label("已发送", "green"),
    Status.FAILED: Label("失败", "red"),
    Status.UNKNOWN: Label("结果未知", "orange"),
    Status.SKIPPED: Label("没有发送", "secondary"),
}
STANDING: Mapping[str, Label] = {
    Standing.IN_FORCE: Label("现行有效", "green"),
    Standing.COMING: Label("尚未施行", "blue"),
    Standing.UNDATED: Label("施行日期不明", "yellow"),
    Standing.SUPERSEDED: Label("已被新版代替", "secondary"),
    Standing.EXPIRED: Label("已失效", "red"),
    Standing.WITHDRAWN: Label("已收回", "secondary"),
}
CHANGE: Mapping[str, Label] = {
    amendment.Kind.CHANGED: Label("改动", "yellow"),
    amendment.Kind.ADDED: Label("新增", "green"),
    amendment.Kind.REMOVED: Label("删去", "red"),
    amendment.Kind.RENUMBERED: Label("只改条号", "blue"),
}
FILE: Mapping[str, Label] = {
    FileState.WAITING: Label("等待读取", "blue"),
    FileState.STORED: Label("已导入", "green"),
    FileState.KNOWN: Label("早已导入，没有变化", "secondary"),
    FileState.BROKEN: Label("没有导入", "red"),
}
GROUP: Mapping[str, Label] = {
    GroupState.OPEN: Label("待回答", "blue"),
    GroupState.WAITING: Label("待复核", "yellow"),
    GroupState.ANSWERED: Label("已回答", "green"),
    GroupState.ASIDE: Label("已搁置", "secondary"),
}
ASKED: Mapping[str, Label] = {
    Reason.REFUSED: Label("没有答案", "blue"),
    Reason.NOT_HELPFUL: Label("说没有用", "orange"),
}
CARD: Mapping[str, Label] = {
    CardStatus.VERIFIED: Label("已复核", "green"),
    CardStatus.UNVERIFIED: Label("待复核", "yellow"),
    CardStatus.WITHDRAWN: Label("已撤回", "secondary"),
}
ROLE: Mapping[Role, str] = {
    Role.OFFICER: "工会干部",
    Role.COUNSELLOR: "心理咨询师",
    Role.AUDITOR: "审计员",
    Role.ADMIN: "管理员",
}
ACTION: Mapping[str, str] = {
    "ticket.open": "转到人工",
    "ticket.urgent": "标为紧急",
    "ticket.return": "会员让机器人回来",
    "ticket.reply": "回复会员",
    "ticket.close": "结束工单",
    "ticket.reopen": "重新打开工单",
    "ticket.words": "看了紧急内容",
    "ticket.export": "导出工单",
    "case.send": "提交申请",
    "case.returned": "退回补充",
    "case.approved": "审核通过",
    "case.refused": "不予通过",
    "case.withdraw": "撤回申请",
    "case.read": "打开敏感内容",
    "case.export": "导出申请",
    "evidence.read": "打开照片",
    "question.read": "看了问题原话",
    "question.export": "导出待答问题",
    "question.answer": "写好答案",
    "question.link": "用现有的卡回答",
    "question.check": "复核通过",
    "question.undo": "退回到待回答",
    "question.aside": "搁置",
    "question.move": "移入一个问题",
    "question.wordings": "补充问法",
    "member.read": "查看联系电话",
    "member.bind": "绑定身份",
    "member.unbind": "解除绑定",
    "staff.sign_in": "登录工作台",
    "staff.sign_out": "退出工作台",
    "staff.lock": "账号被锁定",
    "audit.check": "检查审计完整性",
    "document.import": "导入文件版本",
    "document.upload": "上传文件",
    "document.register": "修改文件登记",
    "document.expire": "标为失效",
    "document.withdraw": "收回文件版本",
    "document.restore": "恢复文件版本",
    "document.undo": "撤销上一步改动",
    "document.notice": "保存通知草稿",
    "document.export": "导出文件目录",
}
DONE: Mapping[str, str] = {
    "reply": "已经交给系统发送，下面可以看到是否送达。",
    "close": "工单已结束，会员会收到一句说明。如果点错了，可以重新打开。",
    "reopen": "工单已重新打开，会员的消息会继续转到这里。",
    "decide": "已经处理，并告诉了申请人。",
    "answer": "答案写好了，请另一位同事复核；复核前不会发给会员。",
    "check": "复核通过，已经交给系统告诉问过的人。",
    "undo": "已退回到待回答。还没发出去的答复不会再发。",
    "aside": "已搁置。想起来要答，随时可以退回。",
    "move": "问题已经移过去了。",
    "wordings": "问法加好了，几秒后生效。",
    "none": "没有别的申请在等审核了，辛苦了。",
    "out": "已经退出登录。",
    "register": "登记已保存。如果填错了，可以在“经过”里撤销。",
    "expire": "已标为失效，回答时不再当作现行规定引用。如果点错了，可以在“经过”里撤销。",
    "withdraw": "已收回，机器人和会员都看不到这个版本了，原文还在。可以随时恢复。",
    "restore": "已恢复使用。",
    "back": "已撤销，回到了改动之前的样子。",
    "notice": "通知草稿已保存，没有发给任何人。",
}
KINDS: Mapping[str, str] = {
    "image": "[图片]",
    "voice": "[语音]",
    "video": "[视频]",
    "location": "[位置]",
    "link": "[链接]",
    "unknown": "[暂不支持的消息]",
}
EVENTS: Mapping[str, str] = {
    "subscribe": "关注了公众号",
    "unsubscribe": "取消了关注",
    "scan": "扫了二维码",
    "click": "点了菜单",
    "view": "打开了网页",
    "location": "上报了位置",
}
DATA: Mapping[str, str] = {
    "reason": "原因",
    "about": "相关",
    "why": "为什么",
    "rows": "条数",
    "show": "范围",
    "state": "状态",
    "result": "结果",
    "source": "来源",
    "issuer": "发布机关",
    "scope": "适用范围",
    "in_force_from": "施行日期",
    "in_force_to": "失效日期",
    "withdrawn": "收回时间",
    "was_source": "原来源",
    "was_issuer": "原发布机关",
    "was_scope": "原适用范围",
    "was_in_force_from": "原施行日期",
    "was_in_force_to": "原失效日期",
    "was_withdrawn": "原收回时间",
}
VALUES: Mapping[str, str] = {
    **{why: label.words for why, label in WHY.items()},
    **{status: label.words for status, label in CASE.items()},
    "open": "待处理",
    "mine": "我负责的",
    "waiting": "待复核",
    "answered": "已回答",
    "aside": "已搁置",
    "closed": "已结束",
    "all": "全部",
    "whole": "完整",
}
FACTS: Mapping[str, str] = {
    "documents": "政策文件（份）",
    "articles": "政策条文（条）",
    "cards": "政策问答卡（张）",
    "language": "语言文件的版本",
    "encoder": "语义模型",
    "language_fault": "语言文件的错误",
    "phrasing": "政策答复的措辞",
}
INTENTS: Mapping[str, str] = {
    "greet": "打招呼",
    "help": "问能办什么",
    "thanks": "感谢、道别",
    "human": "找工作人员",
    "feedback": "反映问题",
    "bind": "绑定身份、入会",
    "profile": "本人信息",
    "privacy": "个人数据",
    "aid_hardship": "困难帮扶",
    "aid_tuition": "金秋助学",
    "aid_medical": "大病互助",
    "aid_women": "女职工安康险",
    "aid_condolence": "慰问",
    "aid_progress": "查申请进度",
    "aid_supplement": "补充材料",
    "aid_withdraw": "撤回申请",
    "event_list": "看活动",
    "event_signup": "报名活动",
    "event_cancel": "取消报名",
    "event_mine": "查我的报名",
    "event_checkin": "签到",
    "club_join": "兴趣小组",
    "job_search": "找工作",
    "cooling": "夏送清凉",
    "counsel_book": "心理咨询",
    "crisis": "有危险",
    "quiz": "答题",
    "survey": "问卷",
    "pairing": "结对帮带",
    "notice_on": "打开通知",
    "notice_off": "少收通知",
    "policy": "问政策",
    "other": "别的",
}
STAGES: Mapping[str, str] = {
    "urgent": "紧急识别",
    "command": "固定说法",
    "rule": "规则",
    "characters": "字词",
    "encoder": "字词和语义模型",
    "none": "没有看懂",
}

# Source: the platform's error table; the numbers are its error codes.
CODES: Mapping[str, str] = {
    "-1": "微信系统繁忙",
    "40003": "微信不认识这个人了，可能已取消关注",
    "43004": "对方已经取消关注",
    "43019": "对方把公众号拉黑了",
    "45009": "今天发送的次数用完了，系统过一会儿再试",
    "45011": "发得太快，系统稍等再发",
    "45015": "对方超过 48 小时没有来信",
    "45047": "连续发得太多，要等对方来信",
    "48001": "公众号没有这项权限，请联系管理员",
    "48002": "对方关闭了接收消息",
    "50002": "公众号被微信限制了，请联系管理员",
    "50005": "对方没有关注公众号",
}
REASONS: Mapping[str, str] = {
    "expired": "等得太久，已经过了有效期",
    "not following": "对方没有关注公众号",
    "window": "对方超过 48 小时没有来信，或可发的条数用完了",
    "away": "对方现在不在线",
    "taken back": "答案被撤回，没有发出",
    "interrupted": "发送时中断了，不知道对方有没有收到；系统不会自动再发",
}


def reason(stored: str | None) -> str:
    """Why a delivery is where it is, in words that help; "" when there is nothing to say."""
    if not stored:
        return ""
    if stored in REASONS:
        return REASONS[stored]
    code = re.match(r"(-?\d+)\b", stored)
    if code is None:
        return "网络没有给出结果" if stored.startswith("None:") else "系统没能送达"
    return CODES.get(code[1], f"微信没有接受（代码 {code[1]}）")


def encoder(state: str, learnt: int, to_learn: int) -> str:
    """How the encoder stands."""
    if state == "ready":
        return "正常"
    if state == "learning":
        return f"正在准备（{learnt} / {to_learn}），先按字词理解"
    if state == "off":
        return "没有启用，会多问一句"
    return f"这台机器上不能用，会多问一句：{state}"


def phrasing(condition: Condition | None) -> str:
    """Whether a model puts answers on rules into words, and how often it could be used."""
    if condition is None:
        return "照问答卡原话回答"
    plain = sum(condition.plain.values())
    return f"由语言模型组织，启动以来用了 {condition.phrased} 次，照原话回答 {plain} 次"


def share(part: float) -> str:
    """A share as people read it."""
    return f"{part:.0%}"


def local(moment: datetime) -> datetime:
    """The moment on the clocks of those who read it."""
    return moment.astimezone(SHANGHAI)


def day(moment: datetime) -> str:
    """A moment such as “11 月 24 日 09:00”."""
    here = local(moment)
    return f"{here.month} 月 {here.day} 日 {here:%H:%M}"


def date_of(some: date | None) -> str:
    """A day such as “2026 年 11 月 24 日”; a dash when it is not known."""
    return f"{some.year} 年 {some.month} 月 {some.day} 日" if some else "—"


def stamp(moment: datetime) -> str:
    """A moment to the second, for lists and exports."""
    return f"{local(moment):%Y-%m-%d %H:%M:%S}"


def ago(moment: datetime, now: datetime) -> str:
    """How long ago, as people say it."""
    passed = now - moment
    if passed < timedelta(minutes=1):
        return "刚刚"
    if passed < timedelta(hours=1):
        return f"{passed // timedelta(minutes=1)} 分钟前"
    if passed < timedelta(days=1):
        return f"{passed // timedelta(hours=1)} 小时前"
    if passed < timedelta(days=30):
        return f"{passed // timedelta(days=1)} 天前"
    return day(moment)
