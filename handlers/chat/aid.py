"""Applying for aid: the form in chat, what I applied for, correcting and taking back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from handlers import flow, texts
from handlers.actions import cases, drafts, evidence
from handlers.errors import DomainError
from handlers.flow import Outcome, Turn
from handlers.types import Choice, Kind, Reply, say
from models.application import (
    Application,
    CaseStatus,
    DraftRow,
    cases_of,
    drafts_of,
    find_draft,
)
from models.member import Member
from models.unit import Unit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from handlers.catalogue.schema import Programme
    from handlers.context import Context
    from handlers.draft import Draft

SHANGHAI = ZoneInfo("Asia/Shanghai")
STATES = {
    CaseStatus.SENT: "已提交，等待审核",
    CaseStatus.RETURNED: "需要您补充或更正",
    CaseStatus.APPROVED: "审核通过",
    CaseStatus.REFUSED: "没有通过",
    CaseStatus.WITHDRAWN: "您已撤回",
}
OPEN_STATES = (CaseStatus.SENT, CaseStatus.RETURNED)
# A picture that the form has no place for; it is told about it, and keeps none.
UNWANTED = "unwanted"
SUPPLEMENT, WITHDRAW = "补充", "撤回"


class FormGoneError(DomainError):
    """这份申请的填写内容已经不在了，可能已经提交或取消。发“我的申请”看看。"""


@dataclass(frozen=True, slots=True)
class Answered:
    """What the form makes of a message; `aside` says that it is not for the form."""

    reply: Reply
    aside: bool = False
    person: bool = False


async def start(context: Context) -> Reply:
    """Begin the form of the programme that is meant, or go on where it was left."""
    programme = context.services.knowledge.programmes[context.meaning.intent.removeprefix("aid_")]
    member_id = context.known_member(programme.title)
    waiting = await _waiting_case(context, member_id, programme)
    if waiting is not None:
        return _already(waiting, programme)
    row = await find_draft(context.work, member_id, programme.slug)
    if row is not None:
        return await _resume(context, row)
    step = flow.begin(programme, context.now)
    draft = flow.prefill(programme, step.draft, await _known(context, member_id))
    await drafts.keep(context.work, context.services.ring, member_id, draft, context.now)
    context.state.form = programme.slug
    return step.reply


async def _waiting_case(
    context: Context, member_id: int, programme: Programme
) -> Application | None:
    mine = await cases_of(context.work, member_id)
    return next(
        (case for case in mine if case.programme == programme.slug and case.status in OPEN_STATES),
        None,
    )


def _already(case: Application, programme: Programme) -> Reply:
    state = STATES[CaseStatus(case.status)]
    choices = [Choice("我的申请", "我的申请")]
    if case.status == CaseStatus.RETURNED:
        choices.insert(0, Choice("现在补充", f"{SUPPLEMENT} {case.number}"))
    return say(f"您的{programme.title}申请（{case.number}）{state}，不用重复申请。", *choices)


async def _known(context: Context, member_id: int) -> Mapping[str, str]:
    ring = context.services.ring
    member = await context.work.get_one(Member, member_id)
    unit = await context.work.get_one(Unit, member.unit_id)
    known = {"name": member.plain_name(ring), "unit": unit.name, "phone": member.plain_phone(ring)}
    return {key: value for key, value in known.items() if value}


async def _resume(context: Context, row: DraftRow) -> Reply:
    programme = context.services.knowledge.programmes[row.programme]
    draft = flow.migrate(programme, drafts.open_draft(row, context.services.ring))
    step = flow.resume(programme, draft)
    await drafts.keep(context.work, context.services.ring, row.member_id, step.draft, context.now)
    context.state.form = row.programme
    return step.reply


async def go_on(context: Context) -> Answered:
    """Give the message to the open form, and do what it comes to."""
    programme = context.services.knowledge.programmes[context.state.form]
    content = await _picture(context, programme)
    row = await _open_row(context, programme)
    draft = flow.migrate(programme, drafts.open_draft(row, context.services.ring))
    turn = await _turn(context, row, content)
    if turn is None:
        return Answered(say(texts.KIND_UNKNOWN))
    step = flow.answer(programme, draft, turn)
    if step.outcome is Outcome.ASIDE:
        return Answered(step.reply, aside=True)
    ring = context.services.ring
    if step.outcome is Outcome.SEND:
        await drafts.keep(context.work, ring, row.member_id, step.draft, context.now)
        return Answered(await _send(context, programme, step.draft, row.member_id))
    if step.outcome is Outcome.CANCELLED:
        await drafts.drop(context.work, row.member_id, programme.slug)
        if row.case_id is None:
            await _forget_photos(context, draft)
        context.state.form = ""
        return Answered(step.reply)
    if step.outcome is Outcome.PAUSED:
        context.state.form = ""
    await drafts.keep(context.work, ring, row.member_id, step.draft, context.now)
    return Answered(step.reply, person=step.outcome is Outcome.PERSON)


async def _picture(context: Context, programme: Programme) -> bytes | None:
    """The picture of the message, if the form would keep it; None when there is none to keep.

    The transaction is let go before the platform is asked, which may take seconds.
    """
    if context.inbound.kind is not Kind.IMAGE:
        return None
    row = await _open_row(context, programme)
    draft = flow.migrate(programme, drafts.open_draft(row, context.services.ring))
    await context.work.rollback()
    if not flow.takes_photo(programme, draft):
        return None
    return await context.services.fetch_picture(context.inbound)


async def _forget_photos(context: Context, draft: Draft) -> None:
    """The pictures of a form that was cancelled and never sent."""
    for kept in draft.answers.values():
        if isinstance(kept, list):
            for name in filter(lambda each: isinstance(each, str), kept):
                await evidence.discard(context.work, context.services.evidence, str(name))


async def _open_row(context: Context, programme: Programme) -> DraftRow:
    row = (
        None
        if context.member_id is None
        else await find_draft(context.work, context.member_id, programme.slug)
    )
    if row is None:
        context.state.form = ""
        raise FormGoneError
    return row


async def _turn(context: Context, row: DraftRow, content: bytes | None) -> Turn | None:
    """The message as the form reads it; None for kinds that say nothing to a form."""
    inbound, meaning = context.inbound, context.meaning
    photos: tuple[str, ...] = ()
    if content is not None:
        kept = await evidence.keep(
            context.work,
            context.services.evidence,
            content,
            row.member_id,
            context.message_id,
            context.now,
        )
        photos = (kept.name,)
    elif inbound.kind is Kind.IMAGE:
        photos = (UNWANTED,)
    elif not inbound.text:
        return None
    return Turn(
        text=inbound.text,
        photos=photos,
        intent=meaning.intent,
        confidence=meaning.confidence,
        is_question=meaning.is_question,
        now=context.now,
    )


async def ask_again(context: Context) -> Reply:
    """The question that waits, once more, after something else was answered."""
    if not context.state.form or context.member_id is None:
        return Reply()
    row = await find_draft(context.work, context.member_id, context.state.form)
    if row is None:
        return Reply()
    programme = context.services.knowledge.programmes[context.state.form]
    draft = flow.migrate(programme, drafts.open_draft(row, context.services.ring))
    return flow.ask_again(programme, draft)


async def _send(context: Context, programme: Programme, draft: Draft, member_id: int) -> Reply:
    filled = cases.Filled(
        programme.slug,
        programme.title,
        programme.version,
        json.dumps(dict(draft.answers), ensure_ascii=False),
    )
    case = await cases.submit(context.work, context.services.ring, member_id, filled, context.now)
    context.state.form = ""
    return say(
        f"提交好了，编号 {case.number}。\n{programme.after_sending}",
        Choice("我的申请", "我的申请"),
    )


async def sent_last(context: Context) -> Reply:
    """A second “确认提交”: the case it made the first time."""
    sent = await cases_of(context.work, context.known_member("我的申请"))
    if not sent:
        return say("您还没有填好的申请可以提交。", texts.MENU[0])
    state = STATES[CaseStatus(sent[0].status)]
    return say(
        f"已经提交过了，编号 {sent[0].number}，{state}。不用重复提交。",
        Choice("我的申请", "我的申请"),
    )


async def go_back_to(context: Context) -> Reply:
    """“继续”: the form that was left last."""
    member_id = context.known_member("继续")
    rows = await drafts_of(context.work, member_id)
    if not rows:
        return say("您没有填到一半的申请。", *texts.MENU)
    return await _resume(context, rows[0])


async def mine(context: Context) -> Reply:
    """Everything under way: drafts first, then cases with their state."""
    member_id = context.known_member("我的申请")
    rows = await drafts_of(context.work, member_id)
    sent = await cases_of(context.work, member_id)
    if not rows and not sent:
        return say("您还没有申请。", texts.MENU[0])
    programmes = context.services.knowledge.programmes
    lines, choices = [], []
    for row in rows:
        programme = programmes[row.programme]
        draft = flow.migrate(programme, drafts.open_draft(row, context.services.ring))
        done, total = flow.progress(programme, draft)
        where = f"第 {done} 项，共 {total} 项" if done else "还没开始"
        lines.append(f"· {programme.title}：正在填，{where}，还没有提交")
        choices.append(Choice(f"继续填：{programme.title}", programme.title))
    for case in sent:
        lines += _case_lines(context, case)
        choices += _case_choices(case)
    return say("您的申请：\n" + "\n".join(lines), *choices)


def _case_lines(context: Context, case: Application) -> list[str]:
    title = context.services.knowledge.programmes[case.programme].title
    day = f"{case.sent_at.astimezone(SHANGHAI):%Y-%m-%d}"
    lines = [f"· {title} {case.number}（{day} 提交）：{STATES[CaseStatus(case.status)]}"]
    sentence = cases.sentence_of(case, context.services.ring)
    if sentence and case.status not in (CaseStatus.SENT, CaseStatus.WITHDRAWN):
        lines.append(f"　工作人员：{sentence}")
    return lines


def _case_choices(case: Application) -> list[Choice]:
    choices = []
    if case.status == CaseStatus.RETURNED:
        choices.append(Choice(f"补充材料 {case.number}", f"{SUPPLEMENT} {case.number}"))
    if case.status in OPEN_STATES:
        choices.append(Choice(f"撤回 {case.number}", f"{WITHDRAW} {case.number}"))
    return choices


async def supplement(context: Context) -> Reply:
    """Open a returned case again, with every answer in its place."""
    member_id = context.known_member("补充材料")
    case = await _meant(context, member_id, (CaseStatus.RETURNED,))
    if case is None:
        return await mine(context)
    ring = context.services.ring
    row = await find_draft(context.work, member_id, case.programme)
    if row is None:
        answers = cases.answers_of(case, ring)
        programme = context.services.knowledge.programmes[case.programme]
        draft = flow.reopen(programme, answers, case.schema_version, context.now)
        row = await drafts.keep(context.work, ring, member_id, draft, context.now)
        row.case_id = case.id
        await context.work.flush()
    reply = await _resume(context, row)
    sentence = cases.sentence_of(case, ring)
    return Reply((*say(f"工作人员说：{sentence}").parts, *reply.parts))


async def withdraw(context: Context) -> Reply:
    """Take a case back; asked once."""
    member_id = context.known_member("撤回申请")
    case = await _meant(context, member_id, OPEN_STATES)
    if case is None:
        return await mine(context)
    title = context.services.knowledge.programmes[case.programme].title
    if not context.inbound.text.strip().startswith("确认撤回"):
        return say(
            f"要撤回{title}申请（{case.number}）吗？撤回后这份申请就不再办理，需要时可以重新申请。",
            Choice("确认撤回", f"确认撤回 {case.number}"),
            Choice("不撤回", "我的申请"),
        )
    await cases.withdraw(context.work, case, context.now)
    if context.state.form == case.programme:
        context.state.form = ""
    return say(f"已经撤回{title}申请（{case.number}）。")


async def _meant(
    context: Context, member_id: int, states: tuple[CaseStatus, ...]
) -> Application | None:
    """The member's case whose number is named, or the only one in these states."""
    fitting = [case for case in await cases_of(context.work, member_id) if case.status in states]
    named = [case for case in fitting if case.number in context.inbound.text.upper()]
    if named:
        return await cases.find_case(context.work, named[0].number)
    return await cases.find_case(context.work, fitting[0].number) if len(fitting) == 1 else None
