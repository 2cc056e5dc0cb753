"""Contrast of WCAG AA, in both themes."""

import re

import pytest

from serving.pages.charts import PALETTES
from tests.serving.pages.floor import STATIC


def luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    """WCAG 2.2's contrast ratio of two #rrggbb colours."""
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_text_and_marks_have_the_contrast_of_aa(theme: int) -> None:
    blocks = re.findall(r":root \{(.*?)\}", (STATIC / "pages.css").read_text(), re.DOTALL)
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", blocks[theme]))
    texts = [(name, ground) for name in ("ink", "quiet", "accent", "late") for ground in ("paper", "soft")]
    for name, ground in [*texts, ("on-accent", "accent")]:
        assert contrast(colours[name], colours[ground]) >= 4.5, (name, ground)
    for name in ("edge", "accent", "refusal"):
        assert contrast(colours[name], colours["paper"]) >= 3, name


@pytest.mark.parametrize("theme", PALETTES)
def test_charts_have_the_contrast_of_aa(theme: str) -> None:
    palette = PALETTES["dark" if theme == "dark" else "light"]
    assert min(contrast(colour, palette.paper) for colour in (palette.ink, palette.quiet)) >= 4.5
    assert min(contrast(colour, palette.paper) for colour in (palette.up, palette.down)) >= 3
