"""The weekly report: each part's values beside what makes them; `build` puts them together."""

from analytics.report.build import Company, build_report
from analytics.report.report import Report

__all__ = ["Company", "Report", "build_report"]
