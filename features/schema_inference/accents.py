"""Letters without their accents, as many an export and many a keyboard leave them out."""

import unicodedata


def without_accents(text: str) -> str:
    """Campaña and Campańa as Campana; letters that only look alike stay."""
    apart = unicodedata.normalize("NFD", text)
    return "".join(letter for letter in apart if not unicodedata.combining(letter))
