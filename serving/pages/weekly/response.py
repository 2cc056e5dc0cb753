"""Response against winning: the report in, a part of the weekly page out."""

from serving.pages import words
from serving.pages.weekly import charts


def response_section(numbers: Numbers) -> Section:
    """Response against winning, as it looks and like with like."""
    response, windows = report.response, report.windows
    columns = (
        Column("Leads", "leads", whole),
        Column("Half tried within", "attempt_median", working_time, "first_attempt"),
        Column("Nine in ten within", "attempt_ninetieth", working_time, "first_attempt"),
        Column("Half reached within", "conversation_median", working_time, "first_conversation"),
        Column("Promise kept", "kept", share, "promise_kept"),
        Column("Never tried", "never_tried", share, "never_tried"),
        Column("Never reached", "never_reached", share, "never_reached"),
    )
    grids = tables("Response", "response.tables", response.tables, windows.lately, columns, numbers)
    bars = [bar for bar in response.speed.bars if bar.raw.value is not None]
    promised = ", ".join(f"{grade} within {working_time(span)}" for grade, span in response.promises.items())
    hours = f"Working hours: {response.working_hours}." + (f" Promised first attempt: {promised}." if promised else "")
    return Section(
        "response",
        "How soon leads were tried, and what it did",
        f"effect on winning of {leads_of(windows.both)}; waits of {leads_of(windows.lately)}",
        (response.speed.words, hours),
        charts=(_waits(bars),) if len(bars) > 1 else (),
        grids=grids[:1],
        folded=(_speed(numbers), *grids[1:]),
    )


def _waits(bars: Sequence[SpeedBar]) -> Chart:
    waits = [
        charts.Wait(_span(bar), 100 * (bar.raw.value or 0.0), *(_hundred(e) for e in _ends(bar))) for bar in bars
    ]
    first, last = waits[0], waits[-1]
    finding = f"As it looks, {first.raw:.1f} in 100 won when tried soonest and {last.raw:.1f} when tried last"
    if first.adjusted is not None and last.adjusted is not None:
        finding += f"; at the same score, {first.adjusted:.1f} and {last.adjusted:.1f}"
    caption = (
        "Hollow: the share that won, as it came; agents call the promising leads first. Filled: the share that all "
        "leads would have won at this wait, at their scores, with its 95 % interval. Observational: nobody drew lots "
        "for who is called first."
    )
    alt = "; ".join(f"{wait.label}: {wait.raw:.1f} in 100 as it looks" for wait in waits)
    return Chart(finding, caption, alt, *(charts.draw_waits(waits, width) for width in charts.WIDTHS))


def _ends(bar: SpeedBar) -> tuple[float | None, float | None, float | None]:
    return bar.adjusted.value, bar.adjusted.low, bar.adjusted.high


def _span(bar: SpeedBar) -> str:
    return "later" if bar.up_to is None else working_time(bar.up_to)


def _hundred(value: float | None) -> float | None:
    return None if value is None else 100 * value


def _speed(numbers: Numbers) -> Grid:
    rows: list[tuple[str, None, list[Number | str]]] = [
        (label, None, [numbers.at(f"response.speed.{path}", told)])
        for label, path, told in (
            ("Tried within the limit: won", "soon", share),
            ("Tried later: won", "later", share),
            ("Difference as it looks, in points", "raw", _points),
            ("Difference at the same score, in points", "adjusted", _points),
            ("The same, allowing for a hidden reason", "allowing_hidden", _points),
            ("Wins that the delay cost", "wins_lost", one_decimal),
        )
    ]
    return grid("Winning and speed, observational", (Heading("What", is_figure=False), Heading("Value")), rows)


def _points(value: float) -> str:
    return two_decimals(100 * value) if abs(value) < 0.0005 else f"{100 * value:+.1f}".replace("-", "−")
