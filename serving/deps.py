"""What routes ask for, by name."""

from typing import Annotated, cast

from fastapi import Depends, Request

from serving.scorer import Scorer


async def _scorer(request: Request) -> Scorer:
    return cast(Scorer, request.app.state.scorer)


ScorerDep = Annotated[Scorer, Depends(_scorer)]
