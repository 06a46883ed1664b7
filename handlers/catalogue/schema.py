"""What an aid programme is: the strict schema of its YAML file, and the reader of such files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, Self

import cel
import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from nlp.entities import STAGES

Item = dict[str, str | int | bool | list[str]]
Value = str | int | bool | list[str] | list[Item]
"""An answer as it is kept, ready for JSON: fen for money, ISO text for a date, the label for a
choice, evidence ids for photos, one dict a round for a group."""

Answers = Mapping[str, Value]

FOLDER = Path(__file__).parent / "aid"


class FieldKind(StrEnum):
    """How an answer is read, checked and shown."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    CHOICE = "choice"
    CHOICES = "choices"
    YES_NO = "yes_no"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    PHONE = "phone"
    ID_NUMBER = "id_number"
    BANK_CARD = "bank_card"
    ORGANISATION = "organisation"
    SCHOOL_STAGE = "school_stage"
    PHOTOS = "photos"
    CONSENT = "consent"
    GROUP = "group"


CHOSEN = frozenset({FieldKind.CHOICE, FieldKind.CHOICES, FieldKind.SCHOOL_STAGE})
TYPED = frozenset({FieldKind.TEXT, FieldKind.LONG_TEXT, FieldKind.ORGANISATION})
BOUNDED = TYPED | {FieldKind.CHOICES, FieldKind.NUMBER, FieldKind.MONEY, FieldKind.PHOTOS}

_BLANK: Mapping[FieldKind, Value] = {
    FieldKind.CHOICES: [],
    FieldKind.PHOTOS: [],
    FieldKind.GROUP: [],
    FieldKind.NUMBER: 0,
    FieldKind.MONEY: 0,
    FieldKind.YES_NO: False,
    FieldKind.CONSENT: True,
}
"""An answer of the right type, to try a condition on before anyone has answered."""

_LITERAL = re.compile(r"""'([^']*)'|"([^"]*)\"""")
_BOUND_NAME = re.compile(
    r"\.(?:all|exists|exists_one|existsOne|filter|map)\(\s*([A-Za-z_]\w*)\s*,"
)


class CatalogueError(Exception):
    """目录文件有误；每行一处：文件、位置、应当怎样写。"""


@dataclass(frozen=True, slots=True)
class Condition:
    """A CEL expression over earlier answers, compiled when the file is read."""

    source: str
    program: cel.Program = field(compare=False, repr=False)

    @property
    def names(self) -> frozenset[str]:
        """The answers it looks at."""
        bound = set(_BOUND_NAME.findall(self.source))
        return frozenset(self.program.variables()) - bound

    def holds(self, facts: Mapping[str, Value | None]) -> bool:
        """True when the expression says so; an answer still missing never makes it true."""
        try:
            return self.program.execute(dict(facts)) is True
        except (TypeError, ValueError, RuntimeError):
            # A missing answer is null or empty, and CEL refuses to compare or index that.
            return False


def _compile(source: object) -> object:
    if not isinstance(source, str):
        return source
    try:
        return Condition(source, cel.compile(source))
    except ValueError as error:
        reason = str(error).splitlines()[0]
        raise ValueError(f"条件“{source}”写得不对（{reason}）") from error


class Strict(BaseModel):
    """Frozen, and any key that is not known is an error."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, arbitrary_types_allowed=True
    )


Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]


def _tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


class Option(Strict):
    """One answer to choose; `label` is also what is kept, `also` are other words for it."""

    label: Words
    also: Annotated[tuple[Words, ...], BeforeValidator(_tuple)] = ()


class Repeat(Strict):
    """How often a group is filled, and the question between two rounds."""

    min: int = Field(default=0, ge=0)
    max: int = Field(default=10, ge=1, le=30)
    more: Words


class Question(Strict):
    """One question; `label` is its short name in summaries and corrections.

    `min` and `max` bound the characters of a text, the value of a number, the yuan of money, the
    number of choices or of photos. `tense` is the side a date without a year leans to. `per` says
    the span a sum of money covers, so that a monthly sum is not taken for a yearly one. `known`
    names what the member record can offer.
    """

    key: Key
    label: Annotated[str, StringConstraints(min_length=1, max_length=12)]
    also: Annotated[tuple[Words, ...], BeforeValidator(_tuple)] = ()
    ask: Words
    hint: str = ""
    example: Words
    kind: Annotated[FieldKind, Field(strict=False)] = FieldKind.TEXT
    optional: bool = False
    sensitive: bool = False
    when: Annotated[Condition | None, BeforeValidator(_compile)] = None
    known: Literal["name", "phone", "unit"] | None = None
    choices: Annotated[tuple[Option, ...], BeforeValidator(_tuple)] = ()
    min: int | None = None
    max: int | None = None
    unit: str = ""
    tense: Literal["past", "future"] = "past"
    per: Literal["year", "month"] | None = None
    repeat: Repeat | None = None
    questions: Annotated[tuple[Question, ...], BeforeValidator(_tuple)] = ()

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        wrong = next(_misfits(self), None)
        if wrong is not None:
            raise ValueError(wrong)
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """The words by which a person may call this question."""
        return (self.label, *self.also)


def _misfits(question: Question) -> Iterator[str]:
    """What cannot be together in one question, as sentences for the author of the file."""
    kind, name = question.kind, question.key
    group = kind is FieldKind.GROUP
    if kind in {FieldKind.CHOICE, FieldKind.CHOICES} and len(question.choices) < 2:
        yield f"{name} 是选择题，choices 至少要写两项"
    if question.choices and kind not in CHOSEN:
        yield f"{name} 不是选择题（kind: {kind}），不能写 choices"
    if group != bool(question.questions) or group != (question.repeat is not None):
        yield f"{name}：kind: group 要同时写 questions 和 repeat，别的题都不写"
    if question.min is not None and question.max is not None and question.min > question.max:
        yield f"{name} 的 min 比 max 还大"
    if (question.min, question.max) != (None, None) and kind not in BOUNDED:
        yield f"{name}（kind: {kind}）不能写 min 或 max"
    if question.per and kind is not FieldKind.MONEY:
        yield f"{name} 不是金额（kind: money），不能写 per"
    if question.repeat and question.repeat.min > question.repeat.max:
        yield f"{name} 的 repeat.min 比 repeat.max 还大"
    yield from _wrong_options(question)
    yield from _wrong_parts(question)


def _wrong_options(question: Question) -> Iterator[str]:
    words = [word for option in question.choices for word in (option.label, *option.also)]
    twice = sorted({word for word in words if words.count(word) > 1})
    if twice:
        yield f"{question.key} 的选项里“{'、'.join(twice)}”重复了"
    unknown = [option.label for option in question.choices if option.label not in STAGES]
    if question.kind is FieldKind.SCHOOL_STAGE and unknown:
        yield f"{question.key} 的学段只能是：{'、'.join(STAGES)}"


def _wrong_parts(question: Question) -> Iterator[str]:
    nested = {FieldKind.GROUP, FieldKind.PHOTOS, FieldKind.CONSENT}
    for part in question.questions:
        if part.kind in nested:
            yield f"{question.key}.{part.key}：组里不能再放 {part.kind}"
        if part.known:
            yield f"{question.key}.{part.key}：组里的题不能写 known"
    keys = [part.key for part in question.questions]
    if len(keys) != len(set(keys)):
        yield f"{question.key} 组里有两道题的 key 相同"
    reserved = {"more", "edit"}.intersection(keys)
    if reserved:
        yield f"{question.key}：组里的 key 不能叫 {'、'.join(sorted(reserved))}"


class Programme(Strict):
    """One aid programme: what it is, what it asks for and why."""

    slug: Key
    title: Words
    version: int = Field(ge=1)
    owner: Words
    keywords: Annotated[tuple[Words, ...], BeforeValidator(_tuple), Field(min_length=1)]
    intro: Words
    purpose: Words
    consent: str = ""
    evidence: Annotated[tuple[Words, ...], BeforeValidator(_tuple)] = ()
    after_sending: Words
    questions: Annotated[tuple[Question, ...], BeforeValidator(_tuple), Field(min_length=1)]

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        wrong = next(_disorder(self), None)
        if wrong is not None:
            raise ValueError(wrong)
        return self

    def question(self, key: str) -> Question:
        """The question of that key; KeyError when there is none."""
        return {question.key: question for question in self.questions}[key]


def _disorder(programme: Programme) -> Iterator[str]:
    keys = [question.key for question in programme.questions]
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        yield f"有两道题的 key 都叫 {key}"
    every = [*programme.questions, *(p for q in programme.questions for p in q.questions)]
    if any(question.sensitive for question in every) and not programme.consent.strip():
        yield "有 sensitive: true 的题，必须写 consent（征得同意时说的话）"
    earlier: list[Question] = []
    for question in programme.questions:
        yield from _wrong_condition(question, earlier)
        siblings: list[Question] = []
        for part in question.questions:
            yield from _wrong_condition(part, [*earlier, *siblings])
            siblings.append(part)
        earlier.append(question)


def _wrong_condition(question: Question, earlier: list[Question]) -> Iterator[str]:
    """A condition must name earlier questions, compare with existing labels and give yes or no."""
    condition = question.when
    if condition is None:
        return
    known = {other.key: other for other in earlier}
    unknown = sorted(condition.names - known.keys())
    if unknown:
        yield f"{question.key} 的 when 用到了“{'、'.join(unknown)}”，前面没有这个 key 的题"
        return
    asked = [known[name] for name in condition.names]
    yield from _unknown_labels(question, condition, asked)
    try:
        verdict = condition.program.execute({key: blank(known[key]) for key in known})
    except (TypeError, ValueError, RuntimeError) as error:
        yield f"{question.key} 的 when 算不出来：{str(error).splitlines()[0]}"
        return
    if not isinstance(verdict, bool):
        yield f"{question.key} 的 when 要得出“是”或“否”，现在得出的是 {verdict!r}"


def _unknown_labels(
    question: Question, condition: Condition, asked: list[Question]
) -> Iterator[str]:
    """A label misspelt in a condition would hide a question for ever."""
    if not asked or any(other.kind not in CHOSEN for other in asked):
        return
    labels = {label for other in asked for label in labels_of(other)}
    for literal in (a or b for a, b in _LITERAL.findall(condition.source)):
        if literal not in labels:
            choice = "、".join(sorted(labels))
            yield f"{question.key} 的 when 里写了“{literal}”，可选的只有：{choice}"


def labels_of(question: Question) -> tuple[str, ...]:
    """What may be chosen, in the order shown; empty for a question without choices."""
    if question.kind is FieldKind.SCHOOL_STAGE and not question.choices:
        return STAGES
    fixed = {FieldKind.YES_NO: ("是", "否"), FieldKind.CONSENT: ("同意", "不同意")}
    return fixed.get(question.kind, tuple(option.label for option in question.choices))


def blank(question: Question) -> Value:
    """A harmless answer of the right type."""
    chosen = labels_of(question)[:1] if question.kind in CHOSEN else ()
    if question.kind is FieldKind.CHOICES:
        return list(chosen)
    if question.kind is FieldKind.DATE:
        return "2000-01-01"
    return _BLANK.get(question.kind, chosen[0] if chosen else "")


class _UniqueKeys(yaml.SafeLoader):
    """Refuses a key written twice, which YAML would silently let win."""


def _mapping(loader: _UniqueKeys, node: yaml.MappingNode) -> dict[object, object]:
    keys = [loader.construct_object(key, deep=True) for key, _ in node.value]
    for at, key in enumerate(keys):
        if key in keys[:at]:
            raise yaml.constructor.ConstructorError(
                None, None, f"“{key}”写了两遍", node.value[at][0].start_mark
            )
    return dict(loader.construct_mapping(node, deep=True))


_UniqueKeys.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)

_EXPECTED = {
    "missing": "这一项必须写",
    "extra_forbidden": "没有这个名字的项，请检查拼写",
    "string_type": "要写文字；像数字的内容请加引号",
    "string_too_short": "不能是空的",
    "string_too_long": "太长了，最多 {max_length} 个字",
    "string_pattern_mismatch": "只能用小写英文字母、数字和下划线，并以字母开头",
    "int_type": "要写整数，不加引号",
    "bool_type": "要写 true 或 false",
    "tuple_type": "要写成列表，每行以“- ”开头",
    "model_type": "要写成“名字: 内容”的一组",
    "too_short": "至少要有 {min_length} 项",
    "greater_than_equal": "不能小于 {ge}",
    "less_than_equal": "不能大于 {le}",
    "enum": "只能是：{expected}",
    "literal_error": "只能是：{expected}",
}


def load_programme(path: Path) -> Programme:
    """The programme in one file; CatalogueError names file, place and what was expected."""
    return parse_programme(path.read_text(encoding="utf-8"), path.name)


def parse_programme(source: str, name: str) -> Programme:
    """The programme written in `source`; `name` stands for the file in errors."""
    try:
        # A SafeLoader underneath: no Python object is ever built from the file.
        raw = yaml.load(source, Loader=_UniqueKeys)  # noqa: S506
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise CatalogueError(f"{name}：第 {line} 行不是正确的 YAML：{error.problem}") from error
    except yaml.YAMLError as error:
        raise CatalogueError(f"{name}：不是正确的 YAML：{error}") from error
    try:
        programme = Programme.model_validate(raw)
    except ValidationError as error:
        raise CatalogueError("\n".join(f"{name}：{line}" for line in _problems(error))) from error
    return programme


def _problems(error: ValidationError) -> Iterator[str]:
    for problem in error.errors():
        place = ".".join(str(part) for part in problem["loc"]) or "整份文件"
        context = problem.get("ctx", {})
        if problem["type"] == "value_error":
            yield f"{place}：{context['error']}"
        else:
            expected = _EXPECTED.get(problem["type"], problem["msg"])
            yield f"{place}：{expected.format(**context)}"


def load_programmes(folder: Path = FOLDER) -> Mapping[str, Programme]:
    """Every programme of a folder by its slug, in the order of the file names."""
    found: dict[str, Programme] = {}
    for path in sorted(folder.glob("*.yaml")):
        programme = load_programme(path)
        if programme.slug != path.stem:
            raise CatalogueError(f"{path.name}：slug：应当和文件名一样，写成 {path.stem}")
        found[programme.slug] = programme
    _refuse_shared_keywords(found.values())
    return found


def _refuse_shared_keywords(programmes: Iterable[Programme]) -> None:
    owner: dict[str, str] = {}
    for programme in programmes:
        for keyword in programme.keywords:
            other = owner.setdefault(keyword, programme.slug)
            if other != programme.slug:
                raise CatalogueError(
                    f"{programme.slug}.yaml：keywords：“{keyword}”已经属于 {other}.yaml"
                )
