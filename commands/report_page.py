"""The report's page, loaded beside the reading of the store: a web framework and charts take a second."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from analytics.report import Report
from serving.pages.report.agreed import AgreedView

Render = Callable[[Report, AgreedView], str]


def load_page(*, soon: bool) -> Render:
    """What writes a report as one HTML file; it is being loaded where it is needed `soon`, else when it is called."""
    if not soon:
        return lambda report, agreed: _load()(report, agreed)
    thread = ThreadPoolExecutor(1)
    loaded = thread.submit(_load)
    thread.shutdown(wait=False)
    return lambda report, agreed: loaded.result()(report, agreed)


def _load() -> Render:
    from serving.pages.charts import warm_up
    from serving.pages.report.routes import render_file

    warm_up()
    return render_file
