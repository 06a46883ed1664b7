"""Who are you? Name, unit and the last four of the ID number, in one message or in three."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from handlers import texts
from handlers.actions import binding
from handlers.errors import AlreadyBoundError
from handlers.types import Choice, Reply, say
from models.member import Member
from models.unit import Unit

if TYPE_CHECKING:
    from handlers.context import Context

LAST_FOUR = re.compile(r"(?<![0-9])[0-9]{3}[0-9Xx](?![0-9A-Za-z])")
WHOLE_ID = re.compile(r"[0-9]{17}[0-9Xx]")
NAME = re.compile(r"[\u4e00-\u9fff·]{2,12}")
NOT_NAMES = re.compile(
    r"我要|我想|绑定|认证|我叫|我是|姓名|名字|单位|身份证|后四位|后4位|尾号|工会|的|是|在|号"
)
STOP = frozenset({"取消", "算了", "不绑了", "先不绑了", "先不绑定", "退出", "返回"})

ASK_ALL = (
    "为了保护您的信息，先核对一下身份。请发：姓名、单位、身份证后四位，用空格隔开，例如：\n"
    "周小禾 省财政厅 1234\n不用发完整的身份证号。"
)
ASK = {
    "name": "您的姓名是？",
    "unit": "您在哪个单位？例如：省财政厅",
    "last_four": "您身份证号的后四位是？（最后一位是 X 也照写）",
}


def tells(words: str) -> bool:
    """Whether the words hold part of an ID number, or say a name."""
    return bool(LAST_FOUR.search(words) or WHOLE_ID.search(words) or "我叫" in words)


async def start(context: Context) -> Reply:
    """The member wants to bind, or must before what they asked for."""
    if context.member_id is not None:
        raise AlreadyBoundError
    context.state.binding = {}
    if LAST_FOUR.search(context.inbound.text):
        return await go_on(context)
    return say(ASK_ALL, Choice("先不绑了", "取消"))


async def go_on(context: Context) -> Reply:
    """Take what the message says, ask for what is missing, try when nothing is."""
    words = context.inbound.text.strip()
    if words in STOP:
        context.state.binding = None
        context.state.after_binding = ""
        return say("好的，先不绑定。想绑的时候发“绑定”就行。", *texts.MENU)
    told = context.state.binding or {}
    await _take(context, told, words)
    context.state.binding = told
    for key, question in ASK.items():
        if not told.get(key):
            return say(question, Choice("先不绑了", "取消"))
    return await _try(context, told)


async def _take(context: Context, told: dict[str, str], words: str) -> None:
    whole = WHOLE_ID.search(words)
    if whole:
        told["last_four"] = whole.group()[-4:]
        words = words.replace(whole.group(), " ")
    four = LAST_FOUR.search(words)
    if four:
        told["last_four"] = four.group()
        words = words.replace(four.group(), " ")
    names = context.services.language.now.names
    units, words = await binding.units_named(context.work, names, words)
    if units:
        told["unit"] = ",".join(str(unit.id) for unit in units)
    named = NAME.search(NOT_NAMES.sub(" ", words))
    if named and ("我叫" in context.inbound.text or not told.get("name")):
        told["name"] = named.group()


async def _try(context: Context, told: dict[str, str]) -> Reply:
    member = await binding.bind(
        context.work,
        context.services.ring,
        context.conversation_id,
        binding.Told(told["name"], tuple(map(int, told["unit"].split(","))), told["last_four"]),
        context.now,
        context.services.guessing,
    )
    context.state.binding = {}
    if member is None:
        return say(
            "名册里没有找到完全对得上的人。请核对姓名、单位和身份证后四位，三样一起再发一次；"
            "还是不行的话，可能是单位名册没有更新，可以找工作人员。\n"
            f"试 {context.services.guessing.attempts} 次不对，要等一会儿才能再试。",
            texts.STAFF,
            Choice("先不绑了", "取消"),
        )
    context.state.binding = None
    context.member_id = member.id
    name = member.plain_name(context.services.ring)
    return say(f"{name}，您好，绑定好了。", *_next(context))


def _next(context: Context) -> tuple[Choice, ...]:
    wanted, context.state.after_binding = context.state.after_binding, ""
    return (Choice(f"继续：{wanted}", wanted),) if wanted else texts.MENU


async def profile(context: Context) -> Reply:
    """What is known of the member, with little shown."""
    ring = context.services.ring
    member = await context.work.get_one(Member, context.known_member("我的信息"))
    unit = await context.work.get_one(Unit, member.unit_id)
    phone = member.plain_phone(ring)
    shown = f"{phone[:3]}****{phone[-4:]}" if phone else "没有登记"
    return say(
        f"姓名：{member.plain_name(ring)}\n单位：{unit.name}\n手机：{shown}\n会员号：{member.public_id}\n"
        "有不对的地方，发“人工”让工作人员帮您改。",
        Choice("解除绑定", "解除绑定"),
    )


async def let_go(context: Context) -> Reply:
    """The member loosens the binding; asked once."""
    if context.member_id is None:
        return say("这个微信还没有绑定，不用解除。")
    member = await context.work.get_one(Member, context.member_id)
    if context.inbound.text.strip() != "确认解除绑定":
        return say(
            "解除以后，这个微信就不能再查您的申请和报名了；申请本身还在，重新绑定就能看到。确定吗？",
            Choice("确认解除", "确认解除绑定"),
            Choice("不解除", "我的信息"),
        )
    await binding.unbind(context.work, context.conversation_id, member, context.now)
    context.member_id = None
    context.state.form = ""
    return say("已经解除绑定。想再绑的时候发“绑定”就行。")
