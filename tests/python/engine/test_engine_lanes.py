"""Each lane of a vector does what the scalar does, and both do what numpy does: on every kind of value."""

import numpy as np
import pytest
from numba import njit

from plumbline.engine.lanes import (
    EIGHT,
    ONE,
    THIRTY_TWO,
    bits,
    load,
    mask_at,
    quotient,
    root,
    select,
    size,
    some,
    splat,
    splat_at,
    store,
)

ODD = [0.0, -0.0, 1.0, -1.0, 0.1, 1e-310, -1e-310, 1e308, -1e308, np.inf, -np.inf, np.nan, 1 / 3, -1 / 3]
LEFT, RIGHT = (np.array(x) for x in zip(*((a, b) for a in ODD for b in ODD), strict=True))
LEFT, RIGHT = np.resize(LEFT, 200), np.resize(RIGHT, 200)


@njit(error_model="numpy")
def _floats(left, right, lanes, out):
    for place in range(0, left.size, len(lanes)):
        a, b = load(left, place, lanes), load(right, place, lanes)
        store(out[0], place, a + b)
        store(out[1], place, a - b)
        store(out[2], place, a * b)
        store(out[3], place, a / b)
        store(out[4], place, root(a))
        store(out[5], place, size(a))
        store(out[6], place, select(a < b, a, b))
        store(out[7], place, select((a > b) | ~(b >= a), a, splat(2.0, lanes)))
        store(out[8], place, select((a <= b) & (a == b), splat_at(left, place, lanes), b))
        store(out[9], place, a * b + a)  # never contracted


def _by_numpy() -> list[np.ndarray]:
    a, b = LEFT, RIGHT
    with np.errstate(all="ignore"):
        first = np.repeat(a[::8], 8)
        return [
            a + b,
            a - b,
            a * b,
            a / b,
            np.sqrt(a),
            np.abs(a),
            np.where(a < b, a, b),
            np.where((a > b) | ~(b >= a), a, 2.0),
            np.where((a <= b) & (a == b), first, b),
            a * b + a,
        ]


def _same(found: np.ndarray, expected: np.ndarray) -> bool:
    is_unknown = np.isnan(expected)
    same = found.view(np.int64) == expected.view(np.int64)
    return bool((np.isnan(found) == is_unknown).all() and (same | is_unknown).all())


@pytest.mark.parametrize("lanes", [ONE, EIGHT])
def test_arithmetic_is_that_of_numpy_to_the_sign_of_zero(lanes):
    out = np.full((10, LEFT.size), 7.0)
    _floats(LEFT, RIGHT, lanes, out)
    for number, (found, expected) in enumerate(zip(out, _by_numpy(), strict=True)):
        if number == 8 and lanes == ONE:  # a scalar stands for itself, not for the first of eight
            expected = np.where((LEFT <= RIGHT) & (LEFT == RIGHT), LEFT, RIGHT)
        assert _same(found, expected), number


@njit
def _counters(start, limit, lanes, out, words):
    for place in range(0, start.size, len(lanes)):
        left = load(start, place, lanes)
        is_up = left > limit
        left = select(is_up & ~(left == 5), left + 1, left - 2)
        store(out, place, left)
        words[place // len(lanes)] = bits((left < 3) ^ is_up)


@pytest.mark.parametrize("lanes", [ONE, THIRTY_TWO])
def test_counters_and_masks_are_those_of_numpy(lanes):
    start = np.arange(-32, 32).astype(np.int16)
    out, words = np.zeros_like(start), np.zeros(start.size // len(lanes), np.uint32)
    _counters(start, 2, lanes, out, words)
    is_up = start > 2
    expected = np.where(is_up & (start != 5), start + 1, start - 2)
    np.testing.assert_array_equal(out, expected)
    flags = (expected < 3) ^ is_up
    by_word = flags.reshape(-1, len(lanes))
    np.testing.assert_array_equal(words, (by_word << np.arange(len(lanes))).sum(axis=1))


@njit
def _any_of(numbers, lanes, out):
    for place in range(numbers.size):
        mask = mask_at(numbers, place, lanes)
        out[place] = some(mask), some(~mask)


@pytest.mark.parametrize("lanes", [ONE, EIGHT])
def test_a_mask_is_read_from_the_bits_of_a_number(lanes):
    numbers = np.array([0, 1, 128, 255], np.uint8)
    out = np.zeros((4, 2), bool)
    _any_of(numbers, lanes, out)
    full = 255 if lanes == EIGHT else 1
    expected = [[n != 0, (n != 0 and n < full) or n == 0] for n in numbers]
    if lanes == ONE:
        expected = [[n != 0, n == 0] for n in numbers]
    np.testing.assert_array_equal(out, expected)


@njit(error_model="numpy")
def _wrong_quotients(values, divisor, lanes):
    wrong, out = 0, np.empty(len(lanes))
    many = splat(divisor, lanes)
    reciprocal = splat(1.0, lanes) / many
    for place in range(0, values.size, len(lanes)):
        store(out, 0, quotient(load(values, place, lanes), many, reciprocal))
        for lane in range(len(lanes)):
            wrong += out[lane] != values[place + lane] / divisor
    return wrong


@pytest.mark.parametrize("lanes", [ONE, EIGHT])
def test_a_quotient_is_the_rounded_one(lanes):
    generator = np.random.default_rng(1)
    for divisor in [*range(2, 300), 1000, 4095, 2**31 - 1]:
        # Around whole multiples, where a quotient is rounded the wrong way first.
        near = divisor * generator.integers(1, 2**52, 1000) * 2.0**-40
        values = np.concatenate([np.nextafter(near, 0), near, np.nextafter(near, np.inf), near * 1.5])
        values = np.concatenate(
            [values, generator.standard_normal(4000) * 10.0 ** generator.integers(-30, 30)]
        )
        assert _wrong_quotients(values, float(divisor), lanes) == 0, divisor
