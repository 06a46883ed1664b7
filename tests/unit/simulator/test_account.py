"""Which addresses the simulator delivers to."""

from __future__ import annotations

import pytest

from bot.simulator.account import NotLoopbackError, loopback


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:8080/wechat", "http://localhost/", "http://[::1]:80/", "http://127.9.9.9/"],
)
def test_this_machine_is_delivered_to(url):
    assert loopback(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.1/wechat",
        "https://bot.example/",
        "http://127.0.0.1.example/",
        "http://localhost.example/",
        "http://127.0.0.1@bot.example/",
        "/wechat",
        "",
    ],
)
def test_every_other_address_is_refused(url):
    with pytest.raises(NotLoopbackError):
        loopback(url)
