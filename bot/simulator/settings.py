"""How the simulated platform behaves, as far as it may be changed while it runs."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Mode = Literal["plain", "compatible", "safe"]


class Settings(BaseModel):
    """Switches of the inspector; all times in seconds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    mode: Mode = Field(default="safe", description="how pushes are sealed")
    rotate: bool = Field(default=False, description="take a random key of the list for each push")
    deliveries: int = Field(default=3, ge=1, le=5, description="tries for one push")
    deadline: float = Field(default=5.0, gt=0, le=60, description="from connect to full answer")
    pause: float = Field(default=1.0, ge=0, le=60, description="between two tries")
    job_delay: float = Field(default=1.0, ge=0, le=30, description="until a send is reported")
    job_twice: bool = Field(default=False, description="report every send twice")
    strict_escapes: bool = Field(default=True, description="refuse \\u escapes with 40033")
    seed: int | None = Field(default=None, description="fixed randomness for golden files")
