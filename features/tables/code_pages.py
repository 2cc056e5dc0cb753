"""Guesses in which of the older one-byte encodings a text is, by the alphabets of the languages written in it.

The code pages of neighbours differ in a few letters only: byte F1 is ñ in Windows-1252 and ń in Windows-1250. A short
text says little by how frequent its letters are, but the letters of one language fit together: no language writes ñ
beside ř.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

LEAST_FIT = 0.5
"""The share of letters that must be of one alphabet; below it the language is unknown."""


@dataclass(frozen=True, slots=True)
class Alphabet:
    """The letters beyond ASCII, small ones, that a language is written with, and the code page it is written in."""

    language: str
    encoding: str
    letters: frozenset[str]


def _alphabet(language: str, encoding: str, letters: str) -> Alphabet:
    return Alphabet(language, encoding, frozenset(letters))


_RUSSIAN = "абвгдежзийклмнопрстуфхцчшщъыьэюяё"

ALPHABETS = (
    _alphabet("Spanish", "cp1252", "áéíñóúüçàèòïªº"),  # with Catalan's letters
    _alphabet("German", "cp1252", "äöüßé"),
    _alphabet("French", "cp1252", "àâæçèéêëîïôœùûüÿ"),
    _alphabet("Portuguese", "cp1252", "àáâãçéêíóôõúüªº"),
    _alphabet("Italian", "cp1252", "àèéìîòóù"),
    _alphabet("Dutch", "cp1252", "éëïóöüáèê"),
    _alphabet("Swedish and Finnish", "cp1252", "åäöéü"),
    _alphabet("Danish and Norwegian", "cp1252", "åæøéöäü"),
    _alphabet("Turkish", "cp1254", "çğıiöşüâîû"),
    _alphabet("Polish", "cp1250", "ąćęłńóśźż"),
    _alphabet("Czech", "cp1250", "áčďéěíňóřšťúůýžöü"),
    _alphabet("Slovak", "cp1250", "áäčďéíĺľňóôŕšťúýžöü"),
    _alphabet("Hungarian", "cp1250", "áéíóöőúüű"),
    _alphabet("Romanian", "cp1250", "ăâîşţ"),
    _alphabet("Croatian and Slovene", "cp1250", "čćđšž"),
    _alphabet("Icelandic", "cp1252", "áðéíóúýþæö"),
    _alphabet("Hebrew", "cp1255", "אבגדהוזחטיךכלםמןנסעףפץצקרשת"),
    *(_alphabet("Russian", encoding, _RUSSIAN) for encoding in ("cp1251", "koi8_r", "cp866")),
    _alphabet("Ukrainian", "cp1251", "абвгґдеєжзиіїйклмнопрстуфхцчшщьюяэыъё"),
    _alphabet("Greek", "cp1253", "αβγδεζηθικλμνξοπρστυφχψωςάέήίόύώϊϋΐΰ"),
    _alphabet("Arabic", "cp1256", "ءآأؤإئابةتثجحخدذرزسشصضطظعغـفقكلمنهوىيپچژگکی"),
)
"""Where two fit alike, the first one is taken: among Latin ones that of more speakers; and Hebrew before Russian before
Greek, since of those three the later one's words nearly always hold a letter that the earlier one lacks."""

ONE_BYTE = tuple(dict.fromkeys(alphabet.encoding for alphabet in ALPHABETS))

_PUNCTUATION = frozenset("«»“”„‘’‚‹›–—…•·€£№°±²³©®™§×¿¡\u00a0\u00ad\u200e\u200f،؛؟")
_NOT_LATIN = "\u0370"
"""Letters from this one on are Greek, Cyrillic, Hebrew or Arabic, and no word mixes them with Latin ones."""
_AFTER_CAPITAL = 0.9
"""What a capital counts behind another: a text whose small letters are read as capitals must not fit as well."""


def guess_alphabet(sample: bytes) -> Alphabet | None:
    """The alphabet that most letters of a sample of text are of; None where none fits half of them."""
    letters = {encoding: Counter(_letters(sample, encoding)) for encoding in ONE_BYTE}
    fits = [_share_of_letters(alphabet, letters[alphabet.encoding]) for alphabet in ALPHABETS]
    best = max(fits)
    return ALPHABETS[fits.index(best)] if best >= LEAST_FIT else None


def _letters(sample: bytes, encoding: str) -> Iterator[tuple[str, float]]:
    """Each character beyond ASCII as a small letter, and what it counts behind the character before it."""
    before = " "
    for character in sample.decode(encoding, errors="replace"):
        if character in _PUNCTUATION:
            yield character, 1.0
        elif character > "\x7f":
            yield character.lower()[0], _weight_behind(before, character)
        before = character


def _weight_behind(before: str, letter: str) -> float:
    """1 where the letter may follow, 0 for a capital within a word and for a letter of another script."""
    if not before.isalpha():
        return 1.0
    if letter >= _NOT_LATIN and before <= "\x7f":
        return 0.0
    if not letter.isupper():
        return 1.0
    return _AFTER_CAPITAL if before.isupper() else 0.0


def _share_of_letters(alphabet: Alphabet, letters: Counter[tuple[str, float]]) -> float:
    """The share of the letters that are of the alphabet, those of odd case left out; marks are of every alphabet.

    So a text whose only sign beyond ASCII is € is in the code page that has it.
    """
    count = sum(letters.values())
    known = alphabet.letters | _PUNCTUATION
    fitting = sum(weight * times for (letter, weight), times in letters.items() if letter in known)
    return fitting / count if count else 0.0
