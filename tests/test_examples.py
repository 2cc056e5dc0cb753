"""The examples in docstrings run and are true; each statistic and each encoder has one."""

import doctest
import importlib
import pkgutil

import numpy as np
import pytest

import features.encoders
import stats

ROOMS = (stats, features.encoders)
MODULES = sorted(module.name for room in ROOMS for module in pkgutil.iter_modules(room.__path__, f"{room.__name__}."))
WITHOUT_EXAMPLES = {"stats.types", "features.encoders.field_encoder", "features.encoders.feature_encoder"}


@pytest.mark.parametrize("name", MODULES)
def test_examples_are_there_and_true(name: str) -> None:
    found = doctest.testmod(importlib.import_module(name), extraglobs={"np": np})
    assert found.failed == 0
    assert bool(found.attempted) is (name not in WITHOUT_EXAMPLES)
