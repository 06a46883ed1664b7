"""What changed between two versions is told article by article and word by word."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nlp.amendment import Change, Clause, Kind, Mark, compare, words_changed
from nlp.statute import article_number

BODIES = (
    "为了保护女职工的健康，制定本规定。",
    "女职工生育享受98天产假，其中产前可以休假15天。",
    "用人单位应当每天安排1小时哺乳时间。",
    "县级以上人力资源部门负责监督检查。",
)


def clauses(*bodies: str) -> list[Clause]:
    return [Clause(article_number(at), body) for at, body in enumerate(bodies, 1)]


def told(changes: tuple[Change, ...]) -> list[tuple[str, str, str]]:
    return [(change.kind.value, change.older, change.newer) for change in changes]


def test_the_same_text_has_no_changes():
    assert compare(clauses(*BODIES), clauses(*BODIES)) == ()


def test_blanks_and_the_width_of_brackets_are_no_change():
    assert compare(clauses("（一）甲 乙"), clauses("(一)甲乙")) == ()


def test_an_article_put_in_moves_the_others_and_changes_none():
    fresh = "用人单位不得因怀孕辞退女职工。"
    newer = clauses(BODIES[0], fresh, *BODIES[1:])
    assert told(compare(clauses(*BODIES), newer)) == [
        ("added", "", "第二条"),
        ("renumbered", "第二条", "第三条"),
        ("renumbered", "第三条", "第四条"),
        ("renumbered", "第四条", "第五条"),
    ]


def test_a_removed_article_is_told_where_it_stood():
    changes = compare(clauses(*BODIES), clauses(BODIES[0], *BODIES[2:]))
    assert told(changes)[0] == ("removed", "第二条", "")
    assert changes[0].words == BODIES[1]


def test_a_changed_figure_is_marked_and_nothing_else():
    newer = BODIES[1].replace("98天", "158天")
    (change,) = compare(clauses(*BODIES), clauses(BODIES[0], newer, *BODIES[2:]))
    assert told((change,)) == [("changed", "第二条", "第二条")]
    marked = [(piece.mark, piece.words) for piece in change.pieces if piece.mark != Mark.KEPT]
    assert marked == [(Mark.GONE, "98"), (Mark.NEW, "158")]
    assert change.words == newer


def test_an_article_may_change_and_move_at_once():
    newer = clauses(
        "总则另行规定的，从其规定。", BODIES[0], BODIES[1].replace("98", "158"), BODIES[2]
    )
    assert ("changed", "第二条", "第三条") in told(compare(clauses(*BODIES), newer))


def test_other_words_under_the_same_number_are_another_article():
    newer = clauses(*BODIES[:3], "本规定自公布之日起施行，以前的办法同时废止。")
    assert told(compare(clauses(*BODIES), newer)) == [
        ("removed", "第四条", ""),
        ("added", "", "第四条"),
    ]


def test_short_runs_between_changes_are_read_as_one_change():
    pieces = words_changed("单位应当支付工资", "公司必须发给报酬")
    assert [piece.mark for piece in pieces] == [Mark.GONE, Mark.NEW]


texts = st.text(alphabet="甲乙丙丁98，。\n", min_size=1, max_size=30)


@given(texts, texts)
def test_both_texts_can_be_read_from_the_pieces(older: str, newer: str):
    pieces = words_changed(older, newer)
    before = "".join(each.words for each in pieces if each.mark is not Mark.NEW)
    after = "".join(each.words for each in pieces if each.mark is not Mark.GONE)
    assert (before, after) == (older, newer)


@given(st.lists(texts, max_size=8), st.lists(texts, max_size=8))
def test_every_article_is_told_of_or_stayed(older: list[str], newer: list[str]):
    before, after = clauses(*older), clauses(*newer)
    changes = compare(before, after)
    gone = [change.older for change in changes if change.older]
    come = [change.newer for change in changes if change.newer]
    assert len(set(gone)) == len(gone)
    assert len(set(come)) == len(come)
    stayed = len(before) - len(gone)
    assert stayed == len(after) - len(come)
    assert all(bool(change.newer) is (change.kind is not Kind.REMOVED) for change in changes)
