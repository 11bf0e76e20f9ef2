"""Values of the model: equal by what they say, not by which object they are."""

import importlib
import inspect
import pkgutil

import attrs
import pytest

import ciforge.model
from ciforge.model.distro import Dependency, Provision
from ciforge.model.project import Need


def test_values_with_equal_attributes_are_equal_and_one_key() -> None:
    one, same = Need(name="zlib"), Need(name="zlib")
    assert one == same
    assert {one: 1}[same] == 1
    assert one != Need(name="zlib", packages={})
    assert one != "zlib"


def test_value_of_a_subclass_is_another_one() -> None:
    assert Provision(missing="x") != Dependency(missing="x")
    assert Dependency(missing="x", releases={}) == Dependency(missing="x")


def test_value_with_a_mapping_is_no_key() -> None:
    with pytest.raises(TypeError, match="unhashable"):
        hash(Need(name="zlib", packages={}))


def test_value_shows_its_attributes() -> None:
    assert repr(Need(name="zlib")) == "Need(name='zlib', packages=None)"


def test_every_class_of_the_model_is_compared_by_its_attributes() -> None:
    modules = (
        importlib.import_module(f"ciforge.model.{found.name}")
        for found in pkgutil.iter_modules(ciforge.model.__path__)
    )
    classes = [
        each
        for module in modules
        for _, each in inspect.getmembers(module, inspect.isclass)
        if attrs.has(each) and not issubclass(each, Exception)
    ]
    assert len(classes) > 50
    assert [each for each in classes if each.__eq__ is object.__eq__] == []
    assert [each for each in classes if each.__repr__ is object.__repr__] == []
