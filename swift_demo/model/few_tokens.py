"""Passes over a few tokens on a CPU, which is what verifications are, in about the time of one token."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.functional import linear, pad

_MOST_TOKENS = 8
_MULTIPLE = 4  # numbers of tokens that the product is quick at
_LEAST_WEIGHTS = 100_000  # below, calls cost more than reading the weights


class FewTokensLinear(nn.Linear):
    """A linear map that takes a few tokens as columns of the product, not as rows.

    The values are the same up to rounding. torch multiplies one token by a matrix in the time it takes to read
    the matrix, but with more rows it rearranges the matrix first, at the price of another token or two. The
    weights times a few columns need not be rearranged: on two cores of a CPU (AMD EPYC, MKL) four tokens then
    take 0.7 to 1.1 times as long as one instead of 1.8 to 3.2 times. On one core nothing is gained.
    """

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        num_tokens = input.numel() // self.in_features
        if not 2 <= num_tokens <= _MOST_TOKENS or torch.get_num_threads() == 1:
            return linear(input, self.weight, self.bias)
        columns = pad(input.reshape(num_tokens, -1), (0, 0, 0, -num_tokens % _MULTIPLE)).T
        output = (self.weight @ columns).T[:num_tokens]
        if self.bias is not None:
            output = output + self.bias
        return output.reshape(*input.shape[:-1], self.out_features)


def quicken_few_tokens(model: nn.Module) -> None:
    """Let the large linear maps of a model take few tokens quickly, where they are float32 on a CPU."""
    for module in model.modules():
        is_plain = type(module) is nn.Linear and module.weight.numel() >= _LEAST_WEIGHTS
        if is_plain and module.weight.dtype == torch.float32 and module.weight.device.type == "cpu":
            module.__class__ = FewTokensLinear
