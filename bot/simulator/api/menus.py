"""Setting up, reading and taking away the menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from bot.simulator import menu
from bot.simulator.api.received import Body, Json, Received
from bot.simulator.refusal import Refusal

if TYPE_CHECKING:
    from bot.simulator.platform import Platform


class Menu(Body):
    button: tuple[menu.Button, ...] = Field(default=())


def create(platform: Platform, call: Received) -> Json:
    buttons = call.read(Menu).button
    menu.check(buttons)
    _set(platform, buttons)
    return {}


def get(platform: Platform, _call: Received) -> Json:
    if platform.menu is None:
        raise Refusal(46003)
    return {"menu": {"button": as_json(platform.menu)}}


def delete(platform: Platform, _call: Received) -> Json:
    _set(platform, None)
    return {}


def as_json(buttons: tuple[menu.Button, ...]) -> list[dict[str, object]]:
    """Buttons with only the fields that are filled, and always a list of sub-buttons."""
    return [
        {
            **button.model_dump(exclude={"sub_button"}, exclude_defaults=True),
            "sub_button": as_json(button.sub_button),
        }
        for button in buttons
    ]


def _set(platform: Platform, buttons: tuple[menu.Button, ...] | None) -> None:
    platform.menu = buttons
    platform.changed()
    platform.feed.tell("menu", {"button": as_json(buttons or ())})
