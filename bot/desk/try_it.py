"""The try-it box: whether a question would be answered, with what, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from bot.desk.candidates import candidates
from bot.desk.forms import Form, Line, Query, read_form, read_query
from bot.desk.parts import PARTS
from bot.desk.rights import VISITOR, Right, needs
from bot.desk.view import page
from handlers.actions.answers import Asker, weigh
from handlers.actions.questions import near

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web

KINDS: Mapping[str, str] = {
    "": "不知道",
    "企业": "企业",
    "机关": "机关",
    "事业": "事业单位",
    "社团": "社会团体",
}


class TryForm(Form):
    """A question, and the kind of unit of who might ask it."""

    question: Line = ""
    kind: Literal["", "企业", "机关", "事业", "社团"] = ""


@needs(Right.KNOWLEDGE)
async def show(request: web.Request) -> web.StreamResponse:
    """The empty box."""
    read_query(request, Query)
    return _page(request, TryForm(), {})


@needs(Right.KNOWLEDGE)
async def ask(request: web.Request) -> web.StreamResponse:
    """Ask as a member would; nothing is kept, and the question stands in no address."""
    parts, visitor = request.app[PARTS], request[VISITOR]
    form = await read_form(request, TryForm)
    if not form.question:
        return _page(request, form, {"wrong": "请先写一个问题。"}, status=409)
    asker = Asker(form.kind or None, visitor.path)
    async with parts.sessions() as work:
        weighed = await weigh(work, parts.clauses, form.question, asker, parts.clock())
    values = {
        "tried": True,
        "answered": weighed.answer,
        "likelihood": weighed.judged.likelihood,
        "near": candidates([near(each) for each in weighed.judged.found]),
        "meant": weighed.kind or "",
        "vectors": parts.clauses.condition.vectors,
    }
    return _page(request, form, values)


def _page(
    request: web.Request, form: TryForm, values: Mapping[str, object], *, status: int = 200
) -> web.Response:
    empty = {"form": form, "kinds": KINDS, "tried": False, "wrong": ""}
    return page(request, "try.html", {**empty, **values}, status=status)
