"""What a failure leaves in a log."""

from __future__ import annotations

import pytest

from handlers.errors import DomainError, EventClosedError, where


def fail_on(words: str) -> None:
    int(words)


def test_a_failure_is_named_by_kind_and_place_without_what_the_member_wrote():
    with pytest.raises(ValueError, match="990000") as raised:
        fail_on("身份证990000196803141242")
    told = where(raised.value)
    assert told.startswith("ValueError at test_errors.py:")
    assert "990000" not in told


def test_the_sentence_of_an_error_is_its_docstring_unless_it_was_given_one():
    assert EventClosedError().sentence.startswith("这个活动的报名已经截止了")
    assert DomainError("请换一张照片。").sentence == "请换一张照片。"
