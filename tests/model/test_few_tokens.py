"""A few tokens pass a linear map on a CPU with the same results, whatever way the product takes."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from swift_demo.model.few_tokens import FewTokensLinear, quicken_few_tokens

SIZES = (320, 384)


def two_maps(has_bias: bool = True) -> tuple[nn.Linear, nn.Linear]:
    torch.manual_seed(0)
    plain = nn.Linear(*SIZES, bias=has_bias)
    quick = nn.Sequential(nn.Linear(*SIZES, bias=has_bias))
    quick[0].load_state_dict(plain.state_dict())
    quicken_few_tokens(quick)
    return plain, quick[0]


@pytest.fixture
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("has_bias", [True, False])
@pytest.mark.parametrize("shape", [(1, n) for n in range(1, 10)] + [(2, 3), (3,), ()])
def test_results_are_those_of_a_plain_linear_map(two_threads, shape, has_bias):
    plain, quick = two_maps(has_bias)
    assert type(quick) is FewTokensLinear
    rows = torch.randn(*shape, SIZES[0])
    torch.testing.assert_close(quick(rows), plain(rows), rtol=1e-5, atol=1e-5)


def test_one_core_takes_torchs_own_way(monkeypatch):
    plain, quick = two_maps()
    monkeypatch.setattr(torch, "get_num_threads", lambda: 1)
    rows = torch.randn(1, 4, SIZES[0])
    assert torch.equal(quick(rows), plain(rows))


def test_small_maps_other_dtypes_and_other_classes_stay_as_they_are():
    class Own(nn.Linear):
        pass

    model = nn.Sequential(nn.Linear(8, 8), nn.Linear(*SIZES, dtype=torch.bfloat16), Own(*SIZES))
    quicken_few_tokens(model)
    assert [type(module) for module in model] == [nn.Linear, nn.Linear, Own]
