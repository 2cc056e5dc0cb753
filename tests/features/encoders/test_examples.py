"""The examples in the encoders' docstrings run."""

import doctest
import importlib
import pkgutil

import pytest

import features.encoders

MODULES = [f"features.encoders.{module.name}" for module in pkgutil.iter_modules(features.encoders.__path__)]
WITHOUT_EXAMPLES = {"features.encoders.field_encoder", "features.encoders.feature_encoder"}


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_an_encoder_run(name: str) -> None:
    found = doctest.testmod(importlib.import_module(name))
    assert found.failed == 0
    assert bool(found.attempted) is (name not in WITHOUT_EXAMPLES)
