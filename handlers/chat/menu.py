"""Greetings, thanks, and what the service can do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers import texts
from handlers.types import Reply, numbered, say

if TYPE_CHECKING:
    from handlers.context import Context


async def welcome(_: Context) -> Reply:
    """A person follows the account, perhaps again."""
    return say(texts.WELCOME, *numbered(*texts.MENU))


async def greet(_: Context) -> Reply:
    """A bare greeting."""
    return say("您好！有什么可以帮您的？您可以直接说，或者点下面的选项：", *numbered(*texts.MENU))


async def listen(_: Context) -> Reply:
    """Somebody who has not begun yet."""
    return say("我在，您慢慢说。想看能办什么，发“菜单”。")


async def thank(_: Context) -> Reply:
    """Thanks or goodbye."""
    return say("不客气，能帮上您就好。以后有事随时跟我说。")


async def not_that(_: Context) -> Reply:
    """Something that was understood and not meant."""
    return say("好的，那就不办这个，是我听岔了。您想办什么，直接跟我说：", *numbered(*texts.MENU))


async def show(_: Context) -> Reply:
    """The menu."""
    return say(texts.CAN_DO, *numbered(*texts.MENU))


async def feedback(_: Context) -> Reply:
    """A complaint or a suggestion belongs to a person."""
    return say(
        "您反映的情况，工会会有人认真看、认真答复。点下面的选项，把刚才的话转给工作人员：",
        texts.STAFF,
    )
