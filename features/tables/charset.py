"""Decodes a file's bytes: byte order marks, UTF-8, UTF-16 and the older encodings of one country or script.

A workbook's text is its sheet as CSV. What is no table at all, whatever its name ends in, is named for what it is.
"""

import codecs
import re
from dataclasses import dataclass

from charset_normalizer import from_bytes

from features.errors import Problem, TableRefused
from features.tables.code_pages import guess_alphabet
from features.tables.workbook import BEGINNINGS, workbook_text

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins with the mark of UTF-16, so it is asked first
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BINARY = (
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"%PDF", "a PDF"),
    (b"SQLite format 3\0", "a SQLite database (give its place as sqlite:///FILE, and a --query)"),
)
_DISGUISES = (
    (r"<\?xml.{0,2000}?<(?:\w+:)?workbook", "an Excel workbook of 2003 in XML; save it as .xlsx or CSV"),
    (r"mime-version:|<(?:!doctype|html|head|meta|style|body|table|div)\b", "a web page (HTML); save it as CSV"),
    (r"<\?xml|<[a-z][\w:.-]*[\s>/]", "XML; save it as CSV"),
    (r"\{\s*\"|\{\s*\}|\[\s*[\[{\]]|\[\s*\".*\]\s*$", "JSON; save it as CSV or Parquet"),
    (r"\{\\rtf", "a text document (RTF); save it as CSV"),
    (r"begin:vcard", "contact cards (vCard); save them as CSV"),
    (r"(?:--[^\n]*\n|/\*.*?\*/|\s)*(?:insert into|create table|drop table|set names)\b", "SQL; save the table as CSV"),
)
"""What text may be that is called .csv or .xls, by how it begins; CRMs export HTML under the name of Excel."""

_BEGINNING = 4_000
_CYRILLIC = ("cp1251", "koi8_r", "cp866")
_TWO_BYTES = ("shift_jis", "euc_jp", "gb18030", "euc_kr", "big5")
_LATIN = ("cp1252", "cp1250")
_SAMPLE_BYTES = 20_000
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_HIGH_LINE = re.compile(rb"[^\n]*[\x80-\xff][^\n]*")


@dataclass(frozen=True, slots=True)
class DecodedText:
    """A file's text without its byte order mark; `notes` name the encoding where it had to be guessed."""

    text: str
    notes: tuple[str, ...] = ()


def decode(data: bytes, table: str) -> DecodedText:
    """The text of a file that holds a table; `table` is the name that messages use.

    Raises:
        TableRefused: when the file is not text, in no encoding that can be recognised, or text that is no table.
    """
    decoded = _decode_any(data, table)
    beginning = decoded.text[:_BEGINNING].lstrip()
    for pattern, what in _DISGUISES:
        if re.match(pattern, beginning, re.IGNORECASE | re.DOTALL):
            raise TableRefused([Problem(f"this is no CSV but {what}")], table)
    return decoded


def _decode_any(data: bytes, table: str) -> DecodedText:
    if data.startswith(BEGINNINGS):
        return DecodedText(workbook_text(data, table))
    for beginning, what in _BINARY:
        if data.startswith(beginning):
            raise TableRefused([Problem(f"this is {what}, not text; save it as CSV or Parquet")], table)
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return DecodedText(_decode_marked(data, encoding, table))
    if b"\x00" in data[:_SAMPLE_BYTES]:
        return DecodedText(_decode_without_mark(data, table))
    try:
        return DecodedText(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        if _is_mostly_utf8(data):
            raise TableRefused([_undecodable(data, error, "UTF-8")], table) from None
        return _decode_guessed(data, table)


def _decode_marked(data: bytes, encoding: str, table: str) -> str:
    try:
        return data.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise TableRefused([_undecodable(data, error, encoding.upper())], table) from None


def _decode_without_mark(data: bytes, table: str) -> str:
    """UTF-16 that lost its mark: the byte order under which it is text of several lines."""
    for encoding in ("utf-16-le", "utf-16-be"):
        text = data.decode(encoding, errors="replace")
        if "\n" in text and "\ufffd" not in text and not _CONTROL.search(text):
            return text
    raise TableRefused([Problem("this is a binary file, not text; save it as CSV or Parquet")], table)


def _decode_guessed(data: bytes, table: str) -> DecodedText:
    """The text in the older encoding that its letters speak for, or in a common one that has all its bytes."""
    sample = b"\n".join(dict.fromkeys(_HIGH_LINE.findall(data)))[:_SAMPLE_BYTES]
    for encoding in (*_guess_encodings(sample), "cp1252", "latin-1"):
        text = data.decode(encoding, errors="replace")
        if "\ufffd" not in text and not _CONTROL.search(text):
            name = encoding.replace("cp12", "Windows-12").replace("_", "-")
            note = f"Its text is not UTF-8 and was read as {name}; where letters look wrong, save the file as UTF-8."
            return DecodedText(text, (note,))
    raise TableRefused([Problem("its encoding cannot be told; save it as UTF-8")], table)


def _guess_encodings(sample: bytes) -> list[str]:
    """The guess of charset-normalizer for scripts of many letters, and that by alphabets among code pages.

    Of short texts charset-normalizer takes Windows-1252 for Windows-1250 and the other way round.
    """
    best = from_bytes(sample, cp_isolation=[*_CYRILLIC, *_LATIN, *_TWO_BYTES]).best()
    normalizer = best.encoding if best else "cp1252"
    alphabet = guess_alphabet(sample)
    if alphabet is None or normalizer in _TWO_BYTES:
        return [normalizer]
    if alphabet.encoding in _CYRILLIC and normalizer in _CYRILLIC:  # only frequencies tell capitals from small letters
        return [normalizer]
    return [alphabet.encoding, normalizer]


def _is_mostly_utf8(data: bytes) -> bool:
    """Whether characters of two and more bytes mostly hold together, so that the broken ones are damage."""
    text = data.decode("utf-8", errors="replace")
    broken = text.count("\ufffd")
    whole = sum(1 for character in text if character > "\x7f") - broken
    return whole > 20 * broken


def _undecodable(data: bytes, error: UnicodeDecodeError, encoding: str) -> Problem:
    row = data.count(b"\n", 0, error.start) + 1
    return Problem(f"the text is not valid {encoding}, first in line {row}; save it as UTF-8 again")
