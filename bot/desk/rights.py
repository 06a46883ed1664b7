"""Who may do what at the desk, and for whose members."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from aiohttp import web
from sqlalchemy import ColumnElement, or_, true

from handlers.actions.tickets import Staffer
from models.member import Member
from models.staff import Role
from models.ticket import Ticket
from models.unit import Unit

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Right(StrEnum):
    """What a page asks for; ANYONE needs no sign-in, SIGNED_IN no role.

    CALM is for tickets that are not urgent, WORDS for what people in danger wrote, KNOWLEDGE for
    the board of questions and the cards, EVERY_UNIT for members outside one's own tree. DOCUMENTS
    reads laws and rules, EDIT_DOCUMENTS imports and marks them.
    """

    ANYONE = "anyone"
    SIGNED_IN = "signed_in"
    TICKETS = "tickets"
    CALM = "calm"
    WORDS = "words"
    CASES = "cases"
    KNOWLEDGE = "knowledge"
    AUDIT = "audit"
    RUNNING = "running"
    DOCUMENTS = "documents"
    EDIT_DOCUMENTS = "edit_documents"
    EVERY_UNIT = "every_unit"


ROLES: Mapping[Role, frozenset[Right]] = {
    Role.OFFICER: frozenset(
        {
            Right.SIGNED_IN,
            Right.TICKETS,
            Right.CALM,
            Right.CASES,
            Right.KNOWLEDGE,
            Right.DOCUMENTS,
            Right.EDIT_DOCUMENTS,
        }
    ),
    Role.COUNSELLOR: frozenset({Right.SIGNED_IN, Right.TICKETS, Right.WORDS, Right.DOCUMENTS}),
    Role.AUDITOR: frozenset({Right.SIGNED_IN, Right.AUDIT, Right.RUNNING, Right.DOCUMENTS}),
    Role.ADMIN: frozenset(Right) - {Right.ANYONE, Right.WORDS},
}

RIGHTS: dict[Handler, Right] = {}


def needs(right: Right) -> Callable[[Handler], Handler]:
    """Name the right of a page; one that names none is refused to everybody."""

    def name(handler: Handler) -> Handler:
        RIGHTS[handler] = right
        return handler

    return name


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is signed in; `path` is the unit whose tree they serve, `csrf` belongs to the visit."""

    session_id: int
    staff_id: int
    login: str
    name: str
    role: Role
    path: str
    csrf: str

    def may(self, right: Right) -> bool:
        """Whether the role has this right."""
        return right in ROLES[self.role]

    @property
    def staffer(self) -> Staffer:
        """As the actions know them."""
        return Staffer(self.staff_id, self.login, self.name)


VISITOR = web.RequestKey("visitor", Visitor)


def members_in_reach(visitor: Visitor) -> ColumnElement[bool]:
    """Members of the visitor's units; the query has to join `Unit`."""
    if visitor.may(Right.EVERY_UNIT):
        return true()
    return Unit.path.startswith(visitor.path, autoescape=True)


def askers_in_reach(visitor: Visitor) -> ColumnElement[bool]:
    """Those members and strangers; the query has to join `Member` and `Unit`, each if there."""
    return or_(Member.id.is_(None), members_in_reach(visitor))


def tickets_in_reach(visitor: Visitor) -> ColumnElement[bool]:
    """Tickets of those members and of strangers; the query has to join `Member` and `Unit`."""
    reach = askers_in_reach(visitor)
    return reach if visitor.may(Right.CALM) else reach & Ticket.urgent
