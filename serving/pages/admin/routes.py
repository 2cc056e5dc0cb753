"""The routes of the admin's pages, as one router."""

from fastapi import APIRouter

from serving.pages.admin import keys, overview, targets, training, versions, webhooks

router = APIRouter()
for subject in (overview, keys, versions, training, webhooks, targets):
    router.include_router(subject.router)
