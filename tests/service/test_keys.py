"""API keys: hashes only, compared whole; and the bucket that counts requests."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.errors import ConfigError
from service.errors import KeyMissingError, KeyRefusedError
from service.keys import KeyRing, given_key, hash_of, new_key, read_keys
from service.limits import RateLimiter, client_of


def test_keys_differ_and_only_hashes_are_kept() -> None:
    first, second = new_key(), new_key()
    assert first != second and len(first) >= 32
    assert hash_of(first) == hashlib.sha256(first.encode()).hexdigest()
    assert first not in repr(vars(KeyRing([hash_of(first)])))


def test_without_keys_anyone_may_ask() -> None:
    assert not KeyRing().is_required
    assert KeyRing().owner("anything") is None


def test_only_a_good_key_may_ask() -> None:
    keys = [new_key() for _ in range(3)]
    ring = KeyRing(map(hash_of, keys))
    assert [ring.owner(key) for key in keys] == [hash_of(key) for key in keys]
    for missing in (None, ""):
        with pytest.raises(KeyMissingError):
            ring.owner(missing)
    for wrong in (keys[0] + "x", hash_of(keys[0]), "ü", "\ud800"):
        with pytest.raises(KeyRefusedError):
            ring.owner(wrong)


def test_a_key_in_place_of_its_hash_is_refused_and_not_shown() -> None:
    key = new_key()
    with pytest.raises(ConfigError) as caught:
        KeyRing([hash_of("x"), key])
    assert key not in str(caught.value) and "entry 2" in str(caught.value)


def test_keys_come_from_settings_and_file(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(f"# of the team\n{hash_of('a')}  # Anna\n\n{hash_of('b').upper()}\n")
    ring = read_keys([hash_of("c")], file)
    assert [ring.owner(key) for key in "abc"] == [hash_of(key) for key in "abc"]


@pytest.mark.parametrize("content", [None, b"", b"# none yet\n", b"\xff\xfe", b"secret\n"])
def test_a_file_that_has_no_keys_lets_nobody_in(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "keys"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigError):
        read_keys([], file)


@pytest.mark.parametrize(
    ("parameters", "header", "key"),
    [
        ({"api_key": "k"}, None, "k"),
        ({"api_key": "k"}, "Bearer other", "k"),
        ({"api_key": ""}, "bearer k", "k"),
        ({"api_key": None}, "Bearer  k ", "k"),
        ({"api_key": ["a", "b"]}, None, None),
        ({}, "Basic k", None),
        ({}, "Bearer", None),
        ({}, None, None),
    ],
)
def test_where_a_key_is_looked_for(parameters: dict[str, object], header: str | None, key: str | None) -> None:
    assert given_key(parameters, header) == key


def test_a_client_has_as_many_requests_as_a_minute_allows() -> None:
    limiter = RateLimiter(6)
    assert [limiter.take("a", 0.0) for _ in range(6)] == [0] * 6
    assert limiter.take("a", 0.0) == 10
    assert limiter.take("b", 0.0) == 0
    assert limiter.take("a", 9.0) == 1
    assert limiter.take("a", 10.0) == 0
    assert limiter.take("a", 10.0) == 10


@given(st.integers(1, 100), st.lists(st.floats(0, 30), max_size=200))
def test_no_more_than_the_rate_in_any_minute(per_minute: int, pauses: list[float]) -> None:
    limiter, now, allowed = RateLimiter(per_minute), 0.0, []
    for pause in pauses:
        now += pause
        if limiter.take("a", now) == 0:
            allowed.append(now)
    for start in allowed:
        assert sum(start <= at <= start + 60 for at in allowed) <= 2 * per_minute
    span = allowed[-1] / 60 if allowed else 0
    assert len(allowed) <= per_minute * (1 + span) + 1e-6


def test_waiting_as_long_as_told_is_enough() -> None:
    limiter = RateLimiter(7)
    now = 0.0
    for _ in range(50):
        now += limiter.take("a", now)
        assert limiter.take("b", now) >= 0
    seconds = next(wait for _ in range(20) if (wait := limiter.take("a", now)))
    assert limiter.take("a", now + seconds) == 0


def test_clients_that_were_quiet_longest_are_forgotten() -> None:
    limiter = RateLimiter(1, most_clients=2)
    for client in "abc":
        assert limiter.take(client, 0.0) == 0
    assert limiter.take("c", 0.0) > 0
    assert limiter.take("a", 0.0) == 0


def test_no_limit_remembers_nobody() -> None:
    limiter = RateLimiter(0)
    assert all(limiter.take("a", 0.0) == 0 for _ in range(1000))


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("testclient", "unknown"),
        (None, "unknown"),
    ],
)
def test_what_counts_as_one_client(address: str | None, client: str) -> None:
    assert client_of(address) == client
