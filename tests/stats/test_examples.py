"""The examples in the docstrings of stats run and are true."""

import doctest
import importlib
import pkgutil

import numpy as np
import pytest

import stats

MODULES = sorted(module.name for module in pkgutil.iter_modules(stats.__path__, "stats."))


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name: str) -> None:
    module = importlib.import_module(name)
    found = doctest.testmod(module, extraglobs={"np": np})
    assert found.failed == 0
