"""All platforms by name."""

from collections.abc import Mapping

from connectors.ads.config import AdsRefused
from connectors.ads.csv_mapping import CsvMapping
from connectors.ads.data_manager import DataManager
from connectors.ads.google_ads import GoogleAdsAdjustments, GoogleAdsClicks, GoogleAdsEnhanced
from connectors.ads.linkedin import LinkedIn
from connectors.ads.meta import Meta
from connectors.ads.microsoft import Microsoft
from connectors.ads.platform import Context, Platform
from connectors.ads.tiktok import TikTok
from connectors.ads.yandex_metrica import YandexMetrica, YandexOrders

ALL: tuple[type[Platform], ...] = (
    GoogleAdsClicks,
    GoogleAdsEnhanced,
    GoogleAdsAdjustments,
    DataManager,
    Meta,
    YandexMetrica,
    Microsoft,
    LinkedIn,
    TikTok,
    CsvMapping,
)
PLATFORMS: Mapping[str, type[Platform]] = {one.name: one for one in ALL}
TOKENS: Mapping[str, str] = {"meta": "meta", "yandex-metrica": "yandex", "linkedin": "linkedin", "tiktok": "tiktok"}
"""Platforms that are sent to with a token, and what the token's setting is called after LEADS_."""


def make_platform(name: str, context: Context) -> Platform:
    """The platform, set up by ads.toml.

    Raises:
        AdsRefused: for a name that there is not, or where ads.toml lacks what it needs.
    """
    made = PLATFORMS.get(name)
    if made is None:
        raise AdsRefused(f"there is no platform {name!r}; there are {', '.join(PLATFORMS)}")
    yandex = context.config.yandex_metrica
    if made is YandexMetrica and yandex is not None and yandex.upload == "orders":
        made = YandexOrders
    return made(context)
