"""Pages of the law: one article in full, as members open it from an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp_jinja2

from models.policy import find_article

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp import web

    from models.db import Sessions


def clause(sessions: Sessions) -> Callable[[web.Request], Awaitable[web.Response]]:
    """`/policy/{document}/{article}`; 404 with a page that says so when it is not imported."""

    async def show(request: web.Request) -> web.Response:
        stem, number = request.match_info["document"], request.match_info["article"]
        async with sessions() as work:
            found = await find_article(work, stem, number)
        if found is None:
            return aiohttp_jinja2.render_template("missing.html", request, {}, status=404)
        document, article = found
        return aiohttp_jinja2.render_template(
            "clause.html",
            request,
            {"document": document, "article": article, "lines": article.body.splitlines()},
        )

    return show
