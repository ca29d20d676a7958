"""What the registry tells of: versions of models, and decisions about who is champion."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True)
class Promotion:
    """One decision about who is champion, as recorded.

    Attributes:
        action: `promote`, `rollback` to the champion before, `withdraw` the first one, so that there is none, or
            `refuse`, which leaves the champion where it is.
        version: who became champion; of a refusal, who did not; of a withdrawal, who no longer is.
        reason: why, in words.
        at: when, timezone-aware.
    """

    action: Literal["promote", "rollback", "withdraw", "refuse"]
    version: int
    reason: str
    at: datetime


@dataclass(frozen=True)
class ModelVersion:
    """One version of a model, with everything needed to judge it and to make it again.

    Attributes:
        reference: `name:version`, what a generation's encoder spec names.
        parameters: what it was made with, seeds included, as text.
        metrics: what it reached.
        data_hash: of what it was trained on.
        code_version: of Trivec, and the commit where it ran from a checkout.
        champion: whether it is the one to use.
    """

    reference: str
    name: str
    version: int
    created_at: datetime
    parameters: Mapping[str, str]
    metrics: Mapping[str, float]
    data_hash: str
    code_version: str
    tags: Mapping[str, str]
    champion: bool
