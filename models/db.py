"""The one engine: declarative base, naming of constraints, sessions."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from sqlalchemy import BigInteger, DateTime, Identity, MetaData
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase, mapped_column

NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

Id = Annotated[int, mapped_column(BigInteger, Identity(always=True), primary_key=True)]
Moment = Annotated[datetime, mapped_column(DateTime(timezone=True))]

# One unit of work: a session whose transaction begins with its first statement.
Work = AsyncSession
Sessions = async_sessionmaker[AsyncSession]


class Base(DeclarativeBase):
    """Every table of ours."""

    metadata = MetaData(naming_convention=NAMES)


def open_engine(url: str, pool_size: int) -> AsyncEngine:
    """An engine for a `postgresql://` address; psycopg is the only driver."""
    address = "postgresql+psycopg://" + url.split("://", 1)[1]
    return create_async_engine(
        address,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        hide_parameters=True,  # what members wrote must not reach a log by way of an error
    )


def sessions(engine: AsyncEngine) -> Sessions:
    """Sessions that keep their objects readable after the commit."""
    return async_sessionmaker(engine, expire_on_commit=False)
