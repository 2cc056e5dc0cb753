"""Array types that the rooms of features share; each is one-dimensional, a value a lead, unless said otherwise."""

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int32]
Mask = NDArray[np.bool_]
Times = NDArray[np.datetime64]
Vector = NDArray[np.float64]
