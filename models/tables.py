"""Every table, loaded, so that relations between modules resolve."""

from __future__ import annotations

from models import (
    application,
    audit,
    campaign,
    conversation,
    delivery,
    event,
    job,
    member,
    message,
    policy,
    staff,
    ticket,
    token,
    unit,
)
from models.db import Base

MODULES = (
    application,
    audit,
    campaign,
    conversation,
    delivery,
    event,
    job,
    member,
    message,
    policy,
    staff,
    ticket,
    token,
    unit,
)
METADATA = Base.metadata
