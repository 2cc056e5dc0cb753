"""What the OpenAPI document accepts and what the service accepts are the same, whatever engine reads the pattern."""

import re

from hypothesis import example, given
from hypothesis import strategies as st

from serving.schemas.types import ID_PATTERN, WORD_PATTERN, check_id

ODD = "\0\t\n\x1c\x1d\x1f \x85\xa0\u2003\u200b\u3000\ufeff.-0٧7aé😍"
_texts = st.text(st.one_of(st.sampled_from(ODD), st.characters(exclude_categories=["Cs"])), min_size=1, max_size=12)


def _valid(pattern: str, text: str) -> bool:
    """As JSON schema has it: Python's `$` alone would also match before a last line break."""
    return re.search(pattern.replace("$", r"\Z"), text) is not None


@given(_texts)
@example("a\x1d b")
@example("٧.٠")
@example("a\n")
def test_an_id_is_taken_exactly_where_the_document_takes_it(text: str) -> None:
    try:
        taken = check_id(text) == text
    except ValueError:
        taken = False

    assert taken == _valid(ID_PATTERN, text)


def test_no_pattern_leaves_white_space_to_the_engine() -> None:
    assert r"\s" not in ID_PATTERN + WORD_PATTERN
