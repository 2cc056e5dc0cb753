"""Whether the weekly page speaks of grades."""

from analytics.cost.costs import NO_GRADES
from analytics.report import Report

AS_REFERENCE = "grades as the reference model would give them"


def are_grades_stored(report: Report) -> bool:
    """Whether any lead that the page counts was graded as it came."""
    by_grade = (table for table in report.response.tables if table.by == ("grade",))
    return report.conversion.grades_by == "score" or any(row.name[0] for table in by_grade for row in table.rows)


def are_qualified_counted(report: Report) -> bool:
    """Whether leads of grade A or B can be counted among those that money was spent on."""
    return report.cost.whole is None or report.cost.whole.per_qualified.reason != NO_GRADES


def unshown_grades(report: Report) -> str:
    """The column that tables leave out: the grade, where none is stored."""
    return "" if are_grades_stored(report) else "grade"
