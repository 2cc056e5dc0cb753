"""One encoder a kind of field: a value becomes the numbers of its columns, and words for what they mean.

An encoder is fitted on the values of the training leads and keeps its state as plain data. Categories become
codes: 0 to k−1 for the k levels kept, k for the pool of rare and unseen ones, NaN for a missing value.
"""

from features.encoders.category import MAX_SEEN, Category
from features.encoders.email_address import EmailAddress
from features.encoders.field_encoder import Column, FieldEncoder, Matrix
from features.encoders.flag import Flag
from features.encoders.levels import MAX_LEVELS, POOL, Levels
from features.encoders.moment import Moment
from features.encoders.numeric import Numeric
from features.encoders.phone import Phone
from features.encoders.text import MAX_WORDS, Text
from features.values import Kind

__all__ = [
    "ENCODERS",
    "MAX_LEVELS",
    "MAX_SEEN",
    "MAX_WORDS",
    "POOL",
    "Category",
    "Column",
    "FieldEncoder",
    "Levels",
    "Matrix",
    "Text",
]

ENCODERS: dict[Kind, type[FieldEncoder]] = {
    Kind.NUMERIC: Numeric,
    Kind.CATEGORY: Category,
    Kind.FLAG: Flag,
    Kind.DATETIME: Moment,
    Kind.TEXT: Text,
    Kind.EMAIL: EmailAddress,
    Kind.PHONE: Phone,
}
