"""Records of trends to JSON, as `trend_schemas` shows it."""

from dataclasses import asdict
from typing import Any

from trivec.learning.trends.terms import TermTrends
from trivec.services.trend_records import Trends
from trivec.services.trend_reports import Report

Json = dict[str, Any]


def trends(found: Trends) -> Json:
    """As TrendsAnswer shows it."""
    return asdict(found)


def terms(reference: str, report: Report, found: TermTrends) -> Json:
    """As TermsAnswer shows it."""
    return {"report": reference, "frequency": report.frequency, "left_out": report.left_out, **asdict(found)}
