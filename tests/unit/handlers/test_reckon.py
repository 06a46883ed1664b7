"""Calculators: what they ask for, what they say, at the edges of every bracket."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from bot.config import HERE
from handlers.reckon import holidays, leave, maternity, overtime, severance, spans
from handlers.reckon.asked import Input
from handlers.reckon.outcome import Result
from handlers.reckon.reckoner import CALCULATORS, Pending, Reckoner
from handlers.reckon.spans import Length
from nlp import cards

FOLDER = HERE / "handlers" / "reckon"
RECKONER = Reckoner.load(FOLDER)
NOW = datetime(2026, 8, 20, 1, 0, tzinfo=UTC)
LAW = RECKONER._figures.on(date(2026, 8, 20))


def reckon(question: str, kind: str = "", now: datetime = NOW) -> Result:
    pending = RECKONER.begin(question, now)
    assert pending is not None, question
    outcome = RECKONER.outcome(pending, now, kind)
    assert isinstance(outcome, Result), outcome
    return outcome


def asked(question: str, kind: str = "") -> str:
    pending = RECKONER.begin(question, NOW)
    assert pending is not None, question
    outcome = RECKONER.outcome(pending, NOW, kind)
    assert isinstance(outcome, Input), outcome
    return outcome.key


def cited(result: Result) -> list[str]:
    return [f"{clause.law}{clause.article}" for clause in result.clauses]


@pytest.mark.parametrize(
    ("start", "end", "months", "days"),
    [
        (date(2016, 8, 20), date(2026, 8, 20), 120, 0),
        (date(2016, 8, 21), date(2026, 8, 20), 119, 30),
        (date(2016, 2, 29), date(2026, 2, 28), 120, 0),
        (date(2016, 2, 29), date(2026, 2, 27), 119, 29),
        (date(2024, 1, 31), date(2024, 2, 29), 1, 0),
        (date(2026, 8, 21), date(2026, 8, 20), 0, 0),
    ],
)
def test_a_year_is_full_on_the_day_of_the_same_date(start, end, months, days):
    assert spans.between(start, end) == Length(months, days)


@pytest.mark.parametrize("iso", ["P9Y11M30D", "P0Y5M15D", "P10Y0M0D"])
def test_a_length_survives_being_written_down(iso):
    assert Length.from_iso(iso).iso == iso


@pytest.mark.parametrize(
    ("length", "days"),
    [
        (Length(11, 30), 0),
        (Length(12), 5),
        (Length(108, 364), 5),
        (Length(119, 30), 5),
        (Length(120), 10),
        (Length(239, 30), 10),
        (Length(240), 15),
        (Length(480), 15),
    ],
)
def test_annual_leave_goes_up_in_the_moment_a_bracket_is_full(length, days):
    assert leave.days_of(length, LAW) == days


@pytest.mark.parametrize(
    ("question", "days"),
    [
        ("2016年8月20日参加工作，年假几天", 10),
        ("2016年8月21日参加工作，年假几天", 5),
        ("工作9年364天，年假几天", 5),
        ("快十年工龄了，年假有多少天", 5),
        ("司龄两年但总工龄十年整，该休多少天年假", 10),
    ],
)
def test_years_of_work_are_read_to_the_day(question, days):
    assert reckon(question).head == f"您一年有 {days} 天年休假。"


def test_who_comes_into_the_next_bracket_this_year_is_told_when():
    cautions = reckon("2016年11月3日参加工作，年假几天").cautions
    assert any("2026 年 11 月 3 日您就满 10 年" in line for line in cautions)


def test_a_year_alone_is_asked_for_its_month_only_when_that_decides():
    assert asked("2016年参加工作，年假几天") == "entered"
    assert reckon("2010年参加工作，年假几天").head == "您一年有 10 天年休假。"


@pytest.mark.parametrize(
    ("present", "days", "part"),
    [
        (184, 10, 5),
        (182, 10, 4),
        (183, 10, 5),
        (365, 15, 15),
        (366, 15, 15),
        (72, 5, 0),
        (73, 5, 1),
    ],
)
def test_a_part_of_a_year_drops_what_is_no_full_day(present, days, part):
    assert leave.part_of(present, days, LAW) == part


def test_a_new_starter_has_leave_for_the_rest_of_the_year():
    result = reckon("我今年7月1日跳槽到新公司，工龄12年，今年年假有几天", "企业")
    assert result.head == "2026 年您在新单位有 5 天年休假。"
    assert cited(result)[0] == "企业职工带薪年休假实施办法第五条"


def test_leave_taken_before_leaving_is_taken_off():
    result = reckon("我6月30日离职，工龄12年，今年休了2天，年假还能折几天")
    assert "还有 2 天年休假没休" in result.head
    assert cited(result)[0] == "企业职工带薪年休假实施办法第十二条"


def test_more_leave_taken_than_due_is_never_owed_back():
    result = reckon("我6月30日离职，工龄12年，今年休了9天，年假还能折几天")
    assert result.head.startswith("按规定折算，离职时没有要补工资")


def test_the_wage_for_leave_not_taken_says_what_comes_on_top():
    result = reckon("5天年假没休，月薪8700，能折多少钱", "企业")
    assert "另外补您 4000 元" in result.head
    assert "5 天 × 400 元 × 300% = 6000 元" in result.steps


def test_civil_servants_get_the_rate_and_no_sum():
    result = reckon("5天年假没休，月薪8700，能折多少钱", "机关")
    assert "300%" in result.head
    assert not any("元" in step for step in result.steps)


@pytest.mark.parametrize(
    ("children", "difficult", "days"),
    [(1, False, 98), (1, True, 113), (2, False, 113), (2, True, 128), (3, True, 143)],
)
def test_maternity_leave_grows_with_difficulty_and_children(children, difficult, days):
    assert maternity.days_of_birth(LAW, children=children, difficult=difficult) == days


def test_maternity_leave_ends_on_a_day():
    result = reckon("顺产，9月1日开始休产假，产假休到哪天")
    assert any("2026 年 12 月 7 日" in step for step in result.steps)


def test_the_province_is_named_and_its_days_are_not():
    result = reckon("双胞胎产假多少天")
    assert any("省里另有奖励假" in line for line in result.cautions)
    assert not any("60" in line for line in (result.head, *result.steps, *result.cautions))


@pytest.mark.parametrize(
    ("question", "head"),
    [
        ("怀孕三个月流产产假几天", "您有 15 天产假。"),
        ("怀孕4个月流产产假几天", "您有 42 天产假。"),
        ("流产了有几天假", "流产有产假，15 天或者 42 天，看怀孕多久。"),
    ],
)
def test_leave_after_a_miscarriage_turns_on_four_months(question, head):
    assert reckon(question).head == head


@pytest.mark.parametrize(
    ("length", "months"),
    [
        (Length(0, 1), "0.5"),
        (Length(5, 15), "0.5"),
        (Length(5, 30), "0.5"),
        (Length(6), "1"),
        (Length(11, 30), "1"),
        (Length(12), "1"),
        (Length(12, 1), "1.5"),
        (Length(40), "3.5"),
        (Length(42), "4"),
    ],
)
def test_severance_rounds_at_six_months(length, months):
    assert severance.months_owed(length, LAW) == Decimal(months)


def test_only_who_earns_over_three_times_the_average_is_capped():
    length = Length(15 * 12)
    assert severance.owed(length, 2400000, 800000, LAW).months == 15
    capped = severance.owed(length, 2400100, 800000, LAW)
    assert capped == severance.Owed(Decimal(12), 2400000, capped=True)


def test_unlawful_dismissal_costs_twice():
    result = reckon("2021年3月1日入职，7月20日被公司违法辞退，月薪8000，赔多少")
    assert "11 个月工资的赔偿金（2N）" in result.head
    assert "88000 元" in result.head
    assert cited(result) == ["劳动合同法第八十七条", "劳动合同法第四十七条"]


def test_without_notice_a_month_is_added():
    result = reckon("干了四年，说我不胜任辞退，补偿几个月")
    assert any("N+1" in step for step in result.steps)
    assert "劳动合同法第四十条" in cited(result)


def test_years_before_the_law_are_told_to_be_left_out():
    result = reckon("1999年3月1日入职，公司裁员，补偿几个月")
    assert "19 个月工资" in result.head
    assert any("2008 年以前" in line for line in result.cautions)


def test_who_resigns_gets_nothing_and_hears_of_the_exception():
    result = reckon("干了五年我自己辞职，补偿多少")
    assert result.head == "自己主动辞职，一般没有经济补偿。"
    assert any("欠薪" in line for line in result.cautions)


@pytest.mark.parametrize(
    ("when", "pay"), [("workday", 37500), ("rest_day", 50000), ("holiday", 75000)]
)
def test_overtime_is_paid_by_the_sort_of_day(when, pay):
    wage = 543750
    assert overtime.overtime_pay(wage, Decimal(8), when, LAW) == pay


@pytest.mark.parametrize(
    ("question", "rate"),
    [
        ("10月1日加班8小时，月薪5800，加班费多少", "300%"),
        ("10月4日加班8小时，月薪5800，加班费多少", "200%"),
        ("10月9日加班2小时，月薪5800，加班费多少", "150%"),
    ],
)
def test_a_date_tells_the_sort_of_day(question, rate):
    assert any(rate in step for step in reckon(question, "企业").steps)


def test_overtime_is_called_an_estimate():
    result = reckon("月薪6000周末加班8小时多少钱", "企业")
    assert "估算" in result.head
    assert any("没有核对" in line for line in result.cautions)


def test_a_year_has_thirteen_public_holidays():
    days = holidays.holidays_of(2027, LAW)
    assert len(days) == 13
    assert days[date(2027, 2, 5)] == "春节"
    assert date(2027, 10, 4) not in days


@pytest.mark.parametrize(
    ("question", "part"),
    [
        ("10月2号上了一整天班，到底该给几倍", "是法定节假日"),
        ("10月4号值班是三倍工资吗", "不是法定节假日，是休息日"),
        ("10月8号上班是三倍工资吗", "不是法定节假日，是工作日"),
    ],
)
def test_a_day_is_told_for_what_it_is(question, part):
    assert part in reckon(question).head


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        (
            "国庆放几天假",
            ("2026 年国庆节放假 7 天", "10 月 1 日到 10 月 7 日", "9 月 20 日（星期日）"),
        ),
        ("今年中秋怎么放假", ("放假 3 天，9 月 25 日到 9 月 27 日，没有调休",)),
        ("2025年中秋放几天", ("放假 8 天，10 月 1 日到 10 月 8 日",)),
        ("明年春节放几天", ("2027 年春节法定放假 4 天",)),
        ("端午节放几天", ("2027 年端午节法定放假 1 天",)),
        ("9月20号星期天要上班吗", ("不是法定节假日，是工作日",)),
        ("10月6号上班给几倍工资", ("不是法定节假日，是休息日",)),
    ],
)
def test_the_days_around_a_holiday_are_told_as_they_were_arranged(question, parts):
    head = reckon(question).head
    assert [part for part in parts if part not in head] == []


def test_what_is_not_announced_yet_is_said():
    assert any(
        "2027 年的调休安排我没有收录" in line for line in reckon("2027年春节放几天").cautions
    )
    assert any("2026 年的放假通知" in line for line in reckon("国庆放几天").cautions)


def test_a_year_lists_legal_days_with_what_was_arranged():
    spring = reckon("2026年法定节假日有哪些").steps[1]
    assert spring.startswith("春节：2 月 16 日、2 月 17 日、2 月 18 日、2 月 19 日；放假 9 天")


def test_an_injury_has_a_day_for_the_employer_and_one_for_the_worker():
    result = reckon(
        "我2024年2月29日受的伤，申请工伤最晚哪天", now=datetime(2024, 6, 1, tzinfo=UTC)
    )
    assert result.head == "自己申请工伤认定，最晚到2025 年 2 月 28 日。"
    assert "2024 年 3 月 30 日" in result.steps[0]


def test_what_is_too_late_is_said_with_a_way_on():
    result = reckon("我2025年8月19日受的伤，申请工伤最晚哪天")
    assert "已经过了" in result.head
    assert "不要自己放弃" in result.cautions[0]


@pytest.mark.parametrize(
    ("question", "head"),
    [
        (
            "去年8月20日被辞退的，现在申请仲裁还来得及吗",
            "来得及，最晚到2026 年 8 月 20 日申请仲裁。",
        ),
        (
            "去年8月19日被辞退的，现在申请仲裁还来得及吗",
            "按您说的日子，1 年期限到2026 年 8 月 19 日，已经过了。",
        ),
    ],
)
def test_arbitration_is_open_until_the_same_date_a_year_on(question, head):
    assert reckon(question).head.endswith(head)


def test_unpaid_wages_wait_while_somebody_is_employed():
    pending = Pending("arbitration", told={"matter": "wages_employed"})
    outcome = RECKONER.outcome(pending, NOW)
    assert isinstance(outcome, Result)
    assert "不受一年限制" in outcome.head


def test_the_heat_allowance_has_no_sum():
    result = reckon("高温津贴一个月多少钱")
    assert not any(digit in result.head for digit in "0123456789")
    assert result.clauses == ()


def test_dues_are_an_estimate():
    result = reckon("工资6000会费扣多少")
    assert result.head == "估算下来每月会费大约 30 元，不是准数。"


@pytest.mark.parametrize(
    ("question", "kind", "key"),
    [
        ("我能休几天年假", "", "worked"),
        ("五天年假没休，能折多少钱", "", "kind"),
        ("五天年假没休，能折多少钱", "企业", "wage"),
        ("我被裁员了，能赔多少钱", "", "served"),
        ("干了五年被辞退补偿多少", "", "reason"),
        ("我周末加班能拿多少", "", "hours"),
    ],
)
def test_what_decides_is_asked_for(question, kind, key):
    assert asked(question, kind) == key


def test_nothing_is_asked_a_fourth_time():
    pending = Pending("overtime", told={"when": "rest_day"}, asks=3)
    outcome = RECKONER.outcome(pending, NOW)
    assert isinstance(outcome, Result)
    assert outcome.head == "加班费要看是哪种日子、加了多久、工资多少。"


def test_what_only_the_unknown_decides_has_no_result():
    assert RECKONER.outcome(Pending("annual_leave", asks=3), NOW) is None


def test_nothing_is_reckoned_with_figures_that_were_not_in_force_yet():
    assert RECKONER.begin("2024年10月1日值班是三倍工资吗", NOW) is not None
    assert RECKONER.begin("工作六年能休几天年假", datetime(2007, 12, 1, tzinfo=UTC)) is None


ORDINARY = (
    "年假一年有几天",
    "产假多少天",
    "加班费怎么算",
    "工伤怎么认定",
    "经济补偿金怎么算",
    "我工龄六年，年初做手术请了两个多月病假，现在还能休今年的年假吗",
    "我刚休完婚假，年假就抵掉了，能这样扣吗",
    "周末加班给几倍工资",
    "一个月加班总得有个封顶吧，是多少钟头",
    "工伤认定的材料人家收下了，最慢多久能给个结论",
    "劳动仲裁的时效是多久",
    "手指鉴定下来是十级，一次性能拿几个月的钱",
    "公司裁员，我失业险缴了七年多，最多可以领多少个月",
)


@pytest.mark.parametrize("question", ORDINARY)
def test_an_ordinary_question_is_left_to_the_clauses(question):
    assert RECKONER.begin(question, NOW) is None


def test_few_of_the_sample_questions_of_the_cards_are_taken():
    questions = [one for card in cards.load(HERE / "nlp" / "policies") for one in card.questions]
    taken = [one for one in questions if RECKONER.begin(one, NOW) is not None]
    assert len(taken) < len(questions) / 500, taken


def test_every_calculator_of_the_file_can_be_run_and_every_one_is_in_the_file():
    assert {each.slug for each in RECKONER._asked.calculators} == set(CALCULATORS)
