"""The class and ending of an e-mail address's domain, and the country of a phone number; neither is kept."""

import re

import pyarrow as pa
import pyarrow.compute as pc

FREE_MAIL = frozenset(
    {
        "126.com", "163.com", "aim.com", "aol.com", "bigpond.com", "bk.ru", "btinternet.com", "comcast.net",
        "daum.net", "email.com", "fastmail.com", "free.fr", "freenet.de", "gmail.com", "gmx.at", "gmx.ch",
        "gmx.com", "gmx.de", "gmx.net", "googlemail.com", "hey.com", "hotmail.co.uk", "hotmail.com",
        "hotmail.de", "hotmail.es", "hotmail.fr", "hotmail.it", "icloud.com", "inbox.lv", "inbox.ru",
        "interia.pl", "laposte.net", "libero.it", "list.ru", "live.com", "live.co.uk", "live.fr", "live.nl",
        "mac.com", "mail.com", "mail.ru", "mailbox.org", "me.com", "msn.com", "naver.com", "o2.pl", "onet.pl",
        "orange.fr", "outlook.com", "outlook.de", "outlook.fr", "pm.me", "proton.me", "protonmail.com",
        "qq.com", "rambler.ru", "rediffmail.com", "seznam.cz", "sfr.fr", "sina.com", "t-online.de",
        "terra.com.br", "tuta.com", "tutanota.com", "ukr.net", "uol.com.br", "verizon.net", "wanadoo.fr",
        "web.de", "wp.pl", "ya.ru", "yahoo.co.in", "yahoo.co.jp", "yahoo.co.uk", "yahoo.com", "yahoo.com.br",
        "yahoo.de", "yahoo.es", "yahoo.fr", "yahoo.it", "yandex.com", "yandex.ru", "ymail.com", "zoho.com",
    }
)  # fmt: skip

CALLING_CODES = {
    "1": "US/CA", "7": "RU/KZ", "20": "EG", "27": "ZA", "30": "GR", "31": "NL", "32": "BE", "33": "FR", "34": "ES",
    "36": "HU", "39": "IT", "40": "RO", "41": "CH", "43": "AT", "44": "GB", "45": "DK", "46": "SE", "47": "NO",
    "48": "PL", "49": "DE", "51": "PE", "52": "MX", "53": "CU", "54": "AR", "55": "BR", "56": "CL", "57": "CO",
    "58": "VE", "60": "MY", "61": "AU", "62": "ID", "63": "PH", "64": "NZ", "65": "SG", "66": "TH", "81": "JP",
    "82": "KR", "84": "VN", "86": "CN", "90": "TR", "91": "IN", "92": "PK", "93": "AF", "94": "LK", "95": "MM",
    "98": "IR", "211": "SS", "212": "MA", "213": "DZ", "216": "TN", "218": "LY", "220": "GM", "221": "SN",
    "222": "MR", "223": "ML", "224": "GN", "225": "CI", "226": "BF", "227": "NE", "228": "TG", "229": "BJ",
    "230": "MU", "231": "LR", "232": "SL", "233": "GH", "234": "NG", "235": "TD", "236": "CF", "237": "CM",
    "238": "CV", "239": "ST", "240": "GQ", "241": "GA", "242": "CG", "243": "CD", "244": "AO", "245": "GW",
    "248": "SC", "249": "SD", "250": "RW", "251": "ET", "252": "SO", "253": "DJ", "254": "KE", "255": "TZ",
    "256": "UG", "257": "BI", "258": "MZ", "260": "ZM", "261": "MG", "262": "RE", "263": "ZW", "264": "NA",
    "265": "MW", "266": "LS", "267": "BW", "268": "SZ", "269": "KM", "291": "ER", "297": "AW", "298": "FO",
    "299": "GL", "350": "GI", "351": "PT", "352": "LU", "353": "IE", "354": "IS", "355": "AL", "356": "MT",
    "357": "CY", "358": "FI", "359": "BG", "370": "LT", "371": "LV", "372": "EE", "373": "MD", "374": "AM",
    "375": "BY", "376": "AD", "377": "MC", "378": "SM", "380": "UA", "381": "RS", "382": "ME", "383": "XK",
    "385": "HR", "386": "SI", "387": "BA", "389": "MK", "420": "CZ", "421": "SK", "423": "LI", "501": "BZ",
    "502": "GT", "503": "SV", "504": "HN", "505": "NI", "506": "CR", "507": "PA", "509": "HT", "590": "GP",
    "591": "BO", "592": "GY", "593": "EC", "594": "GF", "595": "PY", "596": "MQ", "597": "SR", "598": "UY",
    "599": "CW", "670": "TL", "673": "BN", "674": "NR", "675": "PG", "676": "TO", "677": "SB", "678": "VU",
    "679": "FJ", "685": "WS", "687": "NC", "689": "PF", "852": "HK", "853": "MO", "855": "KH", "856": "LA",
    "880": "BD", "886": "TW", "960": "MV", "961": "LB", "962": "JO", "963": "SY", "964": "IQ", "965": "KW",
    "966": "SA", "967": "YE", "968": "OM", "970": "PS", "971": "AE", "972": "IL", "973": "BH", "974": "QA",
    "975": "BT", "976": "MN", "977": "NP", "992": "TJ", "993": "TM", "994": "AZ", "995": "GE", "996": "KG",
    "998": "UZ",
}  # fmt: skip
"""ITU-T E.164 country codes, longest match first; zones shared by several countries stand together."""

NO_ADDRESS = "not an address"
NO_COUNTRY = "no country code"


_ADDRESS = re.compile(r"[^@]+@((?:[^@\s.]+\.)+([^\W\d_]{2,}|xn--[a-z\d-]+))>?", re.IGNORECASE)


_INTERNATIONAL = re.compile(r"\s*(?:\+|00)([\d\s().-]+)")
_NO_DIGITS = re.compile(r"\D+")


def domain_class(email: str) -> str:
    """The class of an address's domain: "free" for a free mail provider, "company", or `NO_ADDRESS`."""
    address = _ADDRESS.fullmatch(email.strip())
    if address is None:
        return NO_ADDRESS
    return "free" if address[1].casefold() in FREE_MAIL else "company"


def top_level_domain(email: str) -> str:
    """The ending of an address's domain, such as de or com; `NO_ADDRESS` where it is none."""
    address = _ADDRESS.fullmatch(email.strip())
    return address[2].casefold() if address else NO_ADDRESS


def phone_country(phone: str) -> str:
    """The country of an international number, written with + or 00; `NO_COUNTRY` for any other."""
    international = _INTERNATIONAL.match(phone)
    digits = _NO_DIGITS.sub("", international[1]) if international else ""
    for length in (3, 2, 1):
        if country := CALLING_CODES.get(digits[:length]):
            return country
    return NO_COUNTRY


def short_address(emails: pa.Array) -> pa.Array:
    """Addresses (k,) of the same class and ending as these, most of them one for many; the others stay."""
    local = pc.replace_substring_regex(emails, r"^[^@\s]+@", "a@")
    company = pc.replace_substring_regex(local, r"^a@(?:[A-Za-z0-9-]+\.)+([A-Za-z]{2,})$", r"a@-.\1")
    is_free = pc.is_in(pc.utf8_lower(local), pa.array([f"a@{domain}" for domain in sorted(FREE_MAIL)], local.type))
    return pc.if_else(is_free, local, company)


def short_number(phones: pa.Array) -> pa.Array:
    """Numbers (k,) of the same country as these, most of them one for many; the others stay."""
    gap = r"[ ().-]*"
    international = rf"(?s)^(\+|00){gap}([0-9]){gap}([0-9]){gap}([0-9]).*$"
    short = pc.replace_substring_regex(phones, international, r"\1\2\3\4")
    return pc.replace_substring_regex(short, r"(?s)^(?:[1-9]|0[1-9]).*$", "0")
