"""A skip set is valid or refused, and has exactly k sub-layers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from swift_demo.skip_set import SkipSet, num_skippable, num_skipped

LAYERS = st.integers(3, 80)


@given(num_layers=LAYERS, skip_ratio=st.floats(0, 0.9))
def test_uniform_set_has_exactly_k(num_layers, skip_ratio):
    skip_set = SkipSet.uniform(num_layers, skip_ratio)
    skip_set.check(num_layers)
    assert len(skip_set) == num_skipped(num_layers, skip_ratio) == int(2 * (num_layers - 2) * skip_ratio)


@pytest.mark.parametrize("skip_ratio", [0, 0.1, 0.25, 1 / 3, 0.45, 0.5, 0.6, 0.75, 0.9])
def test_uniform_set_has_exactly_k_for_every_depth(skip_ratio):
    for num_layers in range(3, 81):
        skip_set = SkipSet.uniform(num_layers, skip_ratio)
        skip_set.check(num_layers)
        assert len(skip_set) == int(2 * (num_layers - 2) * skip_ratio)


def test_uniform_set_spreads_over_the_depth():
    layers = SkipSet.uniform(40, 0.45).attention
    assert min(layers) == 1
    assert max(layers) == 38
    gaps = np.diff(layers)
    assert gaps.max() - gaps.min() <= 1


@given(data=st.data(), num_layers=LAYERS)
def test_bits_round_trip(data, num_layers):
    size = num_skippable(num_layers)
    bits = np.array(data.draw(st.lists(st.booleans(), min_size=size, max_size=size)), dtype=bool)
    skip_set = SkipSet.from_bits(bits, num_layers)
    assert (skip_set.to_bits(num_layers) == bits).all()
    assert len(skip_set) == bits.sum()
    assert SkipSet.from_bits(skip_set.to_bits(num_layers), num_layers) == skip_set


def test_bits_are_attention_then_mlp_of_the_inner_layers():
    assert SkipSet((1,), (3,)).to_bits(5).tolist() == [True, False, False, False, False, True]


@given(st.lists(st.integers(0, 50)), st.lists(st.integers(0, 50)))
def test_order_and_repeats_of_indices_do_not_matter(attention, mlp):
    skip_set = SkipSet(tuple(attention), tuple(mlp))
    assert skip_set == SkipSet(tuple(reversed(attention)) * 2, tuple(sorted(mlp)))
    assert hash(skip_set) == hash(SkipSet(tuple(sorted(set(attention))), tuple(set(mlp))))
    assert skip_set.attention == tuple(sorted(set(attention)))


@pytest.mark.parametrize("wrong", [(-1,), (1.5,), ("2",), (None,)])
def test_an_index_that_is_not_a_whole_number_from_zero_is_refused(wrong):
    with pytest.raises(ValueError, match="mlp="):
        SkipSet((1,), wrong)


@pytest.mark.parametrize("layer", [8, 9, 80])
def test_absent_layers_cannot_be_skipped(layer):
    with pytest.raises(ValueError, match=rf"attention layers \[{layer}\] cannot be skipped.*only 0 to 7"):
        SkipSet((layer,)).check(8)
    with pytest.raises(ValueError, match=rf"mlp layers \[{layer}\]"):
        SkipSet((0,), (1, layer)).check(8)


@pytest.mark.parametrize("layer", [0, 7])
def test_first_and_last_layer_are_for_sets_given_by_hand_not_for_a_search(layer):
    skip_set = SkipSet((2, layer), (layer,))
    skip_set.check(8)
    with pytest.raises(ValueError, match=rf"attention layers \[{layer}\] cannot be searched.*only 1 to 6"):
        skip_set.to_bits(8)
    assert (skip_set.inner(8), skip_set.outer(8)) == (SkipSet((2,)), SkipSet((layer,), (layer,)))


@given(st.lists(st.integers(0, 9)), st.lists(st.integers(0, 9)))
def test_inner_and_outer_part_make_the_whole(attention, mlp):
    skip_set = SkipSet(tuple(attention), tuple(mlp))
    inner, outer = skip_set.inner(10), skip_set.outer(10)
    assert inner | outer == outer | inner == skip_set
    assert len(inner) + len(outer) == len(skip_set)
    assert SkipSet.from_bits(inner.to_bits(10), 10) == inner


def test_a_wrong_number_of_bits_is_refused():
    with pytest.raises(ValueError, match="expected 12"):
        SkipSet.from_bits([True] * 11, 8)


def test_a_skip_set_cannot_be_changed():
    with pytest.raises((AttributeError, TypeError)):
        SkipSet().attention = (1,)
