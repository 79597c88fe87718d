"""Options are checked when made, closed to unknown keys, and read back as they were written."""

import dataclasses
import pickle
import re
from dataclasses import dataclass
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.errors import ConfigError
from nmt.options import Options, describe_type, field_types, option


@dataclass(frozen=True, kw_only=True)
class Inner(Options):
    width: int = option(320, "units", minimum=1, maximum=4096)
    rate: float = option(0.5, "probability", minimum=0, maximum=1)


@dataclass(frozen=True, kw_only=True)
class Outer(Options):
    name: str = option(help="what it is called")
    inner: Inner = option(Inner(), "a nested table")
    kind: Literal["gru", "lstm"] = option("gru", "which cell")
    depth: int | None = option(None, "layers (absent: none)", minimum=1)
    flag: bool = option(False, "a switch")
    numbers: tuple[float, ...] = option((), "a list")
    parts: tuple[Inner, ...] = option((), "a list of tables")
    weights: dict[str, float] = option({}, "a table of numbers")

    def check(self) -> None:
        if self.flag and self.depth is None:
            raise ConfigError("depth", self.depth, "a number where flag = true")


inners = st.builds(Inner, width=st.integers(1, 4096), rate=st.floats(0, 1))
outers = st.builds(
    Outer,
    name=st.text(),
    inner=inners,
    kind=st.sampled_from(["gru", "lstm"]),
    depth=st.integers(1, 9),
    flag=st.booleans(),
    numbers=st.lists(st.floats(allow_nan=False, allow_infinity=False)),
    parts=st.lists(inners, max_size=3),
    weights=st.dictionaries(st.text(), st.floats(-9, 9)),
)


@given(outers)
def test_what_is_written_is_read_back(options: Outer) -> None:
    assert Outer.from_mapping(options.to_mapping()) == options


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", 3),
        ("kind", "grru"),
        ("depth", 0),
        ("depth", 1.5),
        ("depth", True),
        ("flag", 1),
        ("numbers", "1"),
        ("weights", [1]),
        ("inner", 3),
    ],
)
def test_a_wrong_value_is_named_with_its_key(key: str, value: object) -> None:
    with pytest.raises(ConfigError, match=re.escape(f"table.{key}: got {value!r}, expected ")) as raised:
        Outer.from_mapping({"name": "x", key: value}, "table")
    assert (raised.value.key, raised.value.got) == (f"table.{key}", value)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf"), "1", None, True, 10**400])
def test_a_number_is_finite_and_a_number(number: object) -> None:
    with pytest.raises(ConfigError, match="rate"):
        Inner(rate=number)


@pytest.mark.parametrize(
    ("mapping", "key", "allowed"),
    [
        ({"inner": {"width": 0}}, "inner.width", "at least 1"),
        ({"inner": {"rate": 1.5}}, "inner.rate", "at most 1"),
        ({"depth": 10**30}, "depth", "at most 9.22337e+18"),
        ({"numbers": [1, "x"]}, "numbers[1]", "a number"),
        ({"parts": [{}, {"width": 0}]}, "parts[1].width", "at least 1"),
        ({"weights": {"a": 1, "b": "x"}}, "weights.b", "a number"),
        ({"flag": True}, "depth", "a number where flag = true"),
    ],
)
def test_the_path_leads_to_the_fault(mapping: dict[str, Any], key: str, allowed: str) -> None:
    with pytest.raises(ConfigError) as raised:
        Outer.from_mapping({"name": "x", **mapping})
    assert (raised.value.key, raised.value.allowed) == (key, allowed)


def test_an_unknown_key_is_refused_with_the_nearest_known_one() -> None:
    with pytest.raises(ConfigError, match=r"^model\.inner\.widht: got 3, .*did you mean 'width'.*rate, width"):
        Outer.from_mapping({"name": "x", "inner": {"widht": 3}}, "model")


def test_a_required_key_is_asked_for() -> None:
    with pytest.raises(ConfigError, match=r"^model\.name: .*what it is called"):
        Outer.from_mapping({}, "model")


@pytest.mark.parametrize("value", [[], "text", 3, None])
def test_only_a_table_is_a_table(value: Any) -> None:
    with pytest.raises(ConfigError, match=r"^model: .* a table of options"):
        Inner.from_mapping(value, "model")


def test_a_whole_number_is_a_number_and_a_list_is_a_tuple() -> None:
    options = Outer(name="x", numbers=[1, 2], inner=Inner(rate=1))
    assert options.numbers == (1.0, 2.0)
    assert isinstance(options.inner.rate, float)


def test_options_do_not_change_and_do_not_share() -> None:
    options = Outer(name="x")
    with pytest.raises(dataclasses.FrozenInstanceError):
        options.name = "y"
    assert options.weights is not Outer(name="x").weights


def test_types_are_told_in_words() -> None:
    described = {name: describe_type(kind) for name, kind in field_types(Outer).items()}
    assert described["kind"] == "one of 'gru', 'lstm'"
    assert described["depth"] == "a whole number or nothing"
    assert described["numbers"] == "a list, each a number"
    assert described["weights"] == "a table, each value a number"


def test_an_error_crosses_to_another_process() -> None:
    error = pickle.loads(pickle.dumps(ConfigError("model.cell", "gru2", "'gru' or 'lstm'")))
    assert (error.key, error.got) == ("model.cell", "gru2")
    assert str(error) == "model.cell: got 'gru2', expected 'gru' or 'lstm'"
