"""`leads serve`: the champion behind an HTTP API, until Ctrl-C."""

from typing import Annotated

import typer

from commands.database import refuse_unreachable
from serving.server import serve as serve_until_stopped
from serving.settings import read_settings

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def serve(
    host: Annotated[
        str | None, typer.Option(help="Beyond this machine it takes `leads keys create` first.  [default: 127.0.0.1]")
    ] = None,
    port: Annotated[int | None, typer.Option(help="0 takes any free one.  [default: 8000]")] = None,
    workers: Annotated[int | None, typer.Option(help="Processes that answer.  [default: 1]")] = None,
    open_: Annotated[
        bool | None,
        typer.Option("--open", help="Until the first key is made, let whoever is on this machine do everything."),
    ] = None,
) -> None:
    """Serve the champion over HTTP: POST /v1/score, /docs for the rest.

    Until there is a key, only health is answered, and a link is printed that makes the first one, once. A newly
    promoted champion is picked up without a restart. Options win over LEADS_* in the environment.

    Example: leads serve --port 8080
    """
    with refuse_unreachable():
        serve_until_stopped(read_settings(host=host, port=port, workers=workers, open=open_))
