"""Which handler answers a message: one ordered table, and the few rules around it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from handlers import texts
from handlers.actions import answers
from handlers.actions.unit_kinds import tells_the_unit, with_unit
from handlers.chat import (
    aid,
    binding,
    elsewhere,
    events,
    menu,
    policy,
    staff,
    taking_back,
    urgent,
)
from handlers.context import Context, State
from handlers.errors import NotBoundError
from handlers.types import Choice, Kind, Reply, Text, say
from nlp.situation import Situation, chosen, denies, takes_back
from nlp.understand import Outcome

Handler = Callable[[Context], Awaitable[Reply]]
Matches = Callable[[Context], bool]

# From here on a wish for something else ends the question who somebody is.
CLEAR = 0.9
# Meanings that somebody may have who is being asked who they are.
WHO = frozenset({"bind", "profile", "other"})
# Wishes that stand in the sentence which was not understood: it is not asked for twice.
ANSWER_WHAT_WAS_SAID = frozenset({"policy", "feedback", "event_signup", "human"})
SHOWN_NUMBER = re.compile(r"[0-9]{1,2}\. ")


@dataclass(frozen=True, slots=True)
class Route:
    """One line of the table."""

    name: str
    matches: Matches
    handler: Handler


def event(*names: str) -> Matches:
    """An event of the channel."""
    return lambda context: context.inbound.event in names


def wants(*intents: str) -> Matches:
    """A meaning that is clear enough to act on."""
    return lambda c: c.meaning.intent in intents and c.meaning.outcome is Outcome.ACT


def says(pattern: str) -> Matches:
    """Words that are exactly a command."""
    command = re.compile(pattern)
    return lambda context: command.fullmatch(context.inbound.text.strip()) is not None


def kind(*kinds: Kind) -> Matches:
    """A kind of message."""
    return lambda context: context.inbound.kind in kinds


def cites_a_clause(context: Context) -> bool:
    """An article asked for by its number is no matter of doubt."""
    return answers.CITED.search(context.inbound.text) is not None


async def known_answer(context: Context) -> Reply | None:
    """A question told as a story may not look like one, and still have its clause."""
    if not context.meaning.is_question and context.meaning.intent != "policy":
        return None
    return await policy.answer_if_known(context)


async def answer_or_ask(context: Context) -> Reply:
    """Answer what a clause clearly says; else ask what was meant."""
    known = await known_answer(context)
    if known is None:
        return await staff.not_understood(context)
    context.state.misses = 0
    return known


def says_whether_useful(context: Context) -> bool:
    """A tap on “有用” or “没有用”; in a form only while it was asked, else it may be an answer."""
    tapped = context.inbound.text.strip() in {tap.say for tap in policy.TAPS}
    return tapped and (context.state.useful_asked or not context.state.form)


def leans_to_sign_up(context: Context) -> bool:
    """An unsure meaning, but the word is there: which event is asked anyway."""
    words = context.inbound.text
    return context.meaning.intent == "event_signup" and ("报名" in words or "参加" in words)


def binds(context: Context) -> bool:
    """Whether the message tells who somebody is; a clear wish for something else ends that."""
    if context.state.binding is None:
        return False
    meaning, text = context.meaning, context.inbound.text
    clear = meaning.stage == "command" or meaning.confidence >= CLEAR
    if clear and meaning.intent not in WHO and not binding.tells(text):
        context.state.binding = None
    return context.state.binding is not None


def reckons(context: Context) -> bool:
    """Whether the message is for the calculation that asked back; anything else ends that."""
    if context.state.reckoning is None:
        return False
    if is_elsewhere(context) or not policy.answers_what_was_asked(context):
        context.state.reckoning = None
    return context.state.reckoning is not None


async def stay_silent(_: Context) -> Reply:
    """Nothing is expected in answer."""
    return Reply()


async def leave(context: Context) -> Reply:
    """The person stops following."""
    await staff.note_following(context, following=False)
    return Reply()


async def arrive(context: Context) -> Reply:
    """The person follows, for the first time or again."""
    await staff.note_following(context, following=True)
    return await menu.welcome(context)


def is_elsewhere(context: Context) -> bool:
    """Words that are never an answer: the menu below the chat, and commands of other topics."""
    meaning = context.meaning
    command = meaning.stage == "command" and meaning.intent in OTHER_TOPICS
    return (
        context.inbound.kind is Kind.EVENT
        or command
        or any(route.matches(context) for route in COMMANDS)
    )


async def answer_form(context: Context) -> Reply:
    """The open form has the first look; what is not for it is answered, and it asks again."""
    if not is_elsewhere(context):
        answered = await aid.go_on(context)
        if answered.person:
            return await staff.hand_over(context)
        if not answered.aside:
            context.state.misses = 0
            return answered.reply
    route = pick(context, beside=answer_form)
    if route.handler is answer_or_ask:
        known = await known_answer(context)
        if known is not None:
            return _joined(known, await aid.ask_again(context))
        context.state.misses += 1
        if context.state.misses >= 2:
            return await staff.pass_on(context)
        return _joined(say(texts.NOT_FOR_THE_FORM), await aid.ask_again(context))
    context.state.misses = 0
    reply = await route.handler(context)
    again = Reply() if route.handler in RETURNS else await aid.ask_again(context)
    return _joined(reply, again)


async def show_unknown(_: Context) -> Reply:
    """A kind that says nothing to us."""
    return say(texts.KIND_UNKNOWN)


async def show_unasked(_: Context) -> Reply:
    """A picture nobody asked for."""
    return say(texts.PICTURE_UNASKED)


OTHER_TOPICS = frozenset(
    {"event_list", "event_mine", "aid_progress", "aid_tuition", "bind", "profile"}
)
# Words that are a command wherever they are said, in the middle of a form too.
COMMANDS = (
    Route("policy_themes", says("政策(咨询|问答)?"), policy.themes),
    Route("policy_unit", lambda c: tells_the_unit(c.inbound.text), policy.answer),
    Route("policy_theme", lambda c: policy.names_a_theme(c.inbound.text), policy.theme),
    Route("useful", says_whether_useful, policy.rate),
    Route("unbind", says("(确认)?解除绑定|解绑"), binding.let_go),
    Route("supplement", says("补充( .+|材料)?"), aid.supplement),
    Route("withdraw", says("(确认)?撤回( .+|申请)?"), aid.withdraw),
    Route("event_cancel", says("(确认)?取消报名.*"), events.cancel),
    Route("event_signup", says("报名 .+"), events.sign_up),
    Route("event_mine", says("我的报名"), events.mine),
)
ROUTES = (
    Route("unsubscribe", event("unsubscribe"), leave),
    Route("subscribe", event("subscribe"), arrive),
    Route("event", lambda c: c.inbound.kind is Kind.EVENT and not c.inbound.text, stay_silent),
    Route("urgent", wants("crisis"), urgent.answer),
    Route("staff_has_the_word", lambda c: c.ticket_id is not None, staff.listen),
    Route("binding", binds, binding.go_on),
    Route("form", lambda c: bool(c.state.form), answer_form),
    Route("reckoning", reckons, policy.go_on),
    Route("picture", kind(Kind.IMAGE), show_unasked),
    Route("unknown_kind", kind(Kind.LOCATION, Kind.LINK, Kind.VIDEO, Kind.UNKNOWN), show_unknown),
    Route("unknown_kind", lambda c: not c.inbound.text.strip(), show_unknown),
    Route(
        "small_talk", says("[嗯哦噢喔啊呃唉哎呵哈嘿那个请问在吗。，！？!?.~…]{1,4}"), menu.listen
    ),
    Route("already_sent", says("确认提交|提交"), aid.sent_last),
    Route("continue", says("继续|接着填|继续填"), aid.go_back_to),
    *COMMANDS,
    Route("denied", lambda c: denies(c.inbound.text), menu.not_that),
    Route("take_back", lambda c: takes_back(c.inbound.text), taking_back.ask_which),
    Route("staff", wants("human"), staff.hand_over),
    Route("bind", wants("bind"), binding.start),
    Route("profile", wants("profile"), binding.profile),
    Route("aid", wants("aid_tuition"), aid.start),
    Route("aid_progress", wants("aid_progress"), aid.mine),
    Route("aid_supplement", wants("aid_supplement"), aid.supplement),
    Route("aid_withdraw", wants("aid_withdraw"), aid.withdraw),
    Route("event_list", wants("event_list"), events.offer),
    Route("event_signup", wants("event_signup"), events.sign_up),
    Route("event_cancel", wants("event_cancel"), events.cancel),
    Route("event_mine", wants("event_mine"), events.mine),
    Route("policy_cited", cites_a_clause, policy.answer),
    Route("policy", wants("policy"), policy.answer),
    Route("greet", wants("greet"), menu.greet),
    Route("help", wants("help"), menu.show),
    Route("thanks", wants("thanks"), menu.thank),
    Route("feedback", wants("feedback"), menu.feedback),
    Route("elsewhere", wants(*elsewhere.WISHES), elsewhere.offer_person),
    Route("event_signup", leans_to_sign_up, events.sign_up),
    Route("fallback", lambda _: True, answer_or_ask),
)
# After these a form is not asked again by itself: they ask for themselves, or end the talk.
CARING = (urgent.answer, staff.listen, stay_silent, leave)
RETURNS = (aid.start, aid.go_back_to, urgent.answer, staff.hand_over, answer_or_ask)


def pick(context: Context, *, beside: Handler | None = None) -> Route:
    """The first route that matches, `beside` one handler."""
    return next(
        route for route in ROUTES if route.handler is not beside and route.matches(context)
    )


async def answer(context: Context) -> tuple[str, Reply]:
    """Answer one message: the name of the route that did, and the reply."""
    _read_offer(context)
    route = pick(context)
    if route.name not in {"fallback", "event", "form", "small_talk", "unknown_kind"}:
        context.state.misses = 0
    try:
        reply = await route.handler(context)
    except NotBoundError as exc:
        context.state.after_binding = exc.wanted
        reply = await binding.start(context)
    worried = context.meaning.danger is not None and route.handler not in CARING
    offered, context.state.cared = context.state.cared, worried
    if worried and not offered:
        reply = _joined(reply, urgent.offer_help(context))
    return route.name, reply


def remember(state: State, reply: Reply) -> None:
    """What a number stands for in the next message: the choices shown with a number."""
    if not reply.parts:
        return
    choices = [
        choice
        for part in reply.parts
        if isinstance(part, Text)
        for choice in part.choices
        if SHOWN_NUMBER.match(choice.label)
    ]
    state.offered = [choice.say for choice in choices]


def _read_offer(context: Context) -> None:
    """After a list, “2” and “第二个” are its second item; an open form counts for itself.

    When it was asked back what was meant, the choice answers what had been said then.
    """
    state = context.state
    unsure, state.unsure = state.unsure, ""
    if state.form or context.ticket_id is not None:
        return
    tapped = context.inbound.text if context.inbound.text in state.offered else None
    words = tapped or chosen(context.inbound.text, Situation(tuple(state.offered)))
    if words is not None:
        context.meaning = context.services.language.now.understander.read(words)
        kept = bool(unsure) and context.meaning.intent in ANSWER_WHAT_WAS_SAID
        said = with_unit(words, unsure) or (unsure if kept else words)
        context.inbound = replace(context.inbound, text=said)


def _joined(first: Reply, second: Reply) -> Reply:
    """Two replies as one bubble where they are words, because one push has one answer."""
    if not first.parts or not second.parts:
        return Reply((*first.parts, *second.parts))
    last, following = first.parts[-1], second.parts[0]
    if not isinstance(last, Text) or not isinstance(following, Text):
        return Reply((*first.parts, *second.parts))
    aside = tuple(Choice(SHOWN_NUMBER.sub("", each.label), each.say) for each in last.choices)
    words = Text(
        f"{last.text}\n\n{following.text}",
        (*following.choices, *aside),
        (*last.links, *following.links),
    )
    return Reply((*first.parts[:-1], words, *second.parts[1:]))
