"""The account's menu: two levels of buttons, and the limits of the platform for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from pydantic import BaseModel, ConfigDict, Field

from bot.simulator.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

WITH_KEY = frozenset(
    {
        "click",
        "scancode_push",
        "scancode_waitmsg",
        "pic_sysphoto",
        "pic_photo_or_album",
        "pic_weixin",
        "location_select",
    }
)
WITH_URL = frozenset({"view", "miniprogram"})
WITH_MEDIA = frozenset({"media_id", "view_limited"})
WITH_ARTICLE = frozenset({"article_id", "article_view_limited"})
TYPES = WITH_KEY | WITH_URL | WITH_MEDIA | WITH_ARTICLE


class Button(BaseModel):
    """One button as menu/create takes it; `type` is empty for one that opens a sub-menu."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = ""
    type: str = ""
    key: str = ""
    url: str = ""
    appid: str = ""
    pagepath: str = ""
    media_id: str = ""
    article_id: str = ""
    sub_button: tuple[Self, ...] = Field(default=())

    @property
    def target(self) -> str:
        """What the push of a tap carries as its EventKey."""
        return self.pagepath if self.type == "miniprogram" else self.key or self.url


def check(buttons: tuple[Button, ...]) -> None:
    """Raise Refusal unless the platform would take this menu."""
    if not 1 <= len(buttons) <= 3:
        raise Refusal(40016)
    for button in buttons:
        if not 1 <= len(button.name.encode()) <= 16:
            raise Refusal(40018)
        if button.sub_button:
            _check_sub_menu(button.sub_button)
        else:
            _check_act(button, {"type": 40017, "key": 40019, "url": 40020})


def leaves(buttons: tuple[Button, ...]) -> Iterator[Button]:
    """The buttons that do something."""
    for button in buttons:
        yield from button.sub_button or (button,)


def _check_sub_menu(buttons: tuple[Button, ...]) -> None:
    if len(buttons) > 5:
        raise Refusal(40023)
    for button in buttons:
        if not 1 <= len(button.name.encode()) <= 60:
            raise Refusal(40025)
        _check_act(button, {"type": 40024, "key": 40026, "url": 40027})


def _check_act(button: Button, codes: dict[str, int]) -> None:
    if button.type not in TYPES or button.sub_button:
        raise Refusal(codes["type"])
    if button.type in WITH_KEY and not 1 <= len(button.key.encode()) <= 128:
        raise Refusal(codes["key"])
    if button.type in WITH_URL and not 1 <= len(button.url.encode()) <= 1024:
        raise Refusal(codes["url"])
