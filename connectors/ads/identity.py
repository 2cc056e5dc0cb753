"""Personal data as ad platforms take it: normalised, then hashed; what cannot be normalised is not sent.

Google's rules are those of `Formatter` in the official `google-ads-datamanager-util`, which the tests hold it against.
"""

import hashlib
import re

GOOGLE_MAIL = frozenset({"gmail.com", "googlemail.com"})
E164_DIGITS = range(7, 16)
"""How many digits an international number may have."""


def hash_text(text: str) -> str:
    """SHA-256 of a text in UTF-8, in hexadecimal; empty for an empty one."""
    return hashlib.sha256(text.encode()).hexdigest() if text else ""


def normalize_email(address: str) -> str:
    """An address without white space around it, in lower case; empty where it is none."""
    trimmed = address.strip().lower()
    user, at, domain = trimmed.partition("@")
    is_address = user and at and domain and "@" not in domain and not re.search(r"\s", trimmed)
    return trimmed if is_address else ""


def normalize_google_email(address: str) -> str:
    """`normalize_email`, and of Google's own domains without dots and suffix in front of the @."""
    user, at, domain = normalize_email(address).partition("@")
    if domain not in GOOGLE_MAIL:
        return f"{user}{at}{domain}"
    user = user.split("+")[0].replace(".", "")
    return f"{user}@{domain}" if user else ""


def normalize_phone(number: str) -> str:
    """A number as E.164 has it, such as +4930123456; empty where it is not written with + or 00 and its country.

    A national number is not sent: which country's it is, nobody but the company knows.
    """
    written = number.strip()
    if written.startswith("00"):
        written = f"+{written[2:]}"
    if not re.fullmatch(r"\+[\d\s().\-/]+", written, re.ASCII):
        return ""
    digits = re.sub(r"\D", "", written.replace("(0)", ""))
    return f"+{digits}" if len(digits) in E164_DIGITS and not digits.startswith("0") else ""
