"""Every table, loaded, so that relations between modules resolve."""

from __future__ import annotations

from models import (  # noqa: F401 - loaded for their tables
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
    question,
    staff,
    ticket,
    token,
    unit,
    vector,
)
from models.db import Base

METADATA = Base.metadata
