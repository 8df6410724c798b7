"""A model that changes between generations is looked at again: ``generate``'s ids, or a refusal by name."""

from __future__ import annotations

import dataclasses
import functools
import gc
import weakref

import pytest
import torch
from support.doubles import NO_SEARCH
from support.generating import CONFIG, PROMPT_IDS, plain
from support.models import random_model, tiny_sizes
from torch import nn
from torch.nn.utils import parametrize
from transformers import Gemma2Config, LlamaConfig

from swift_demo import SwiftDecoder, SwiftGenerate, Target, VanillaDecoder
from swift_demo.model.families import UnsupportedModelError
from swift_demo.model.fingerprint import fingerprint

NUM_TOKENS = 6
QUICK = dataclasses.replace(CONFIG, search=NO_SEARCH)
ENTRANCES = ("vanilla", "swift", "swift_generate")


class Entrances:
    """The three ways to generate with one model, made before it changes."""

    def __init__(self, model, tokenizer):
        self.model = model
        target = Target(model, tokenizer, "tiny")
        self.target = target
        self._decoders = {"vanilla": VanillaDecoder(target), "swift": SwiftDecoder(target, QUICK)}
        self._method = SwiftGenerate()

    def ids(self, name):
        """The new ids."""
        if name in self._decoders:
            return list(
                self._decoders[name].generate(PROMPT_IDS[0].tolist(), max_new_tokens=NUM_TOKENS).token_ids
            )
        return self.plain(custom_generate=self._method, swift_config=QUICK)

    def plain(self, **arguments):
        return plain(self.model, max_new_tokens=NUM_TOKENS, **arguments)[PROMPT_IDS.shape[1] :]


@pytest.fixture
def entrances(tokenizer):
    made = Entrances(random_model(norm_spread=0.2), tokenizer)
    assert made.ids("swift_generate") == made.plain(), "and now it has been checked"
    return made


class LowRank(nn.Module):
    """A linear module with an adapter beside it."""

    def __init__(self, inner):
        super().__init__()
        torch.manual_seed(3)
        self.inner = inner
        self.down, self.up = nn.Linear(inner.in_features, 2), nn.Linear(2, inner.out_features)

    def forward(self, hidden):
        return self.inner(hidden) + 3 * self.up(self.down(hidden))


def shift(module, args, output):
    """A hook that changes what a module gives."""
    return output * 1.5 + 0.2


def shift_attention(module, args, output):
    return shift(module, args, output[0]), *output[1:]


def reassign(module, scale):
    module.weight = nn.Parameter(module.weight.detach() * scale, requires_grad=False)


def fill(module, scale):
    module.weight.data = module.weight.data * scale


def write(module, scale):
    with torch.no_grad():
        module.weight.mul_(scale * torch.linspace(0.5, 1.5, len(module.weight))[:, None])


def adapt(model):
    attention = model.model.layers[2].self_attn
    attention.q_proj, attention.o_proj = LowRank(attention.q_proj), LowRank(attention.o_proj)
    model.model.layers[3].mlp.down_proj = LowRank(model.model.layers[3].mlp.down_proj)


def replace_norm(model):
    model.model.norm = nn.LayerNorm(32)


class Doubled(nn.Module):
    def forward(self, weight):
        return 2 * weight.flip(0)


def drop_layers(model):
    del model.model.layers[5:]
    model.config.num_hidden_layers = 5


LAST_NORM, LAYER = "model.norm", "model.layers.2"
FOLLOWED = {
    "hook on a norm": lambda m: m.get_submodule(f"{LAYER}.input_layernorm").register_forward_hook(shift),
    "hook on the last norm": lambda m: m.get_submodule(LAST_NORM).register_forward_hook(shift),
    "hook before a norm": lambda m: m.get_submodule(LAST_NORM).register_forward_pre_hook(
        lambda module, args: (args[0].flip(-1),)
    ),
    "hook on an MLP": lambda m: m.get_submodule(f"{LAYER}.mlp").register_forward_hook(shift),
    "hook on attention": lambda m: m.get_submodule(f"{LAYER}.self_attn").register_forward_hook(shift_attention),
    "hook on the head": lambda m: m.lm_head.register_forward_hook(lambda m, a, o: o.roll(1, -1)),
    "hook on the embedding": lambda m: m.model.embed_tokens.register_forward_hook(shift),
    "adapters": adapt,
    "another norm": replace_norm,
    "forward of a norm": lambda m: setattr(m.model.norm, "forward", lambda hidden: hidden.flip(-1)),
    "norm's weight assigned": lambda m: reassign(m.model.norm, -1.0),
    "norm's weight filled": lambda m: fill(m.model.layers[1].post_attention_layernorm, 4.0),
    "norm's weight made anew each time": lambda m: parametrize.register_parametrization(
        m.model.norm, "weight", Doubled()
    ),
    "weight assigned": lambda m: reassign(m.model.layers[4].mlp.up_proj, 3.0),
    "weight written": lambda m: write(m.lm_head, 1.0),
    "another precision": lambda m: m.double(),
    "another kind of attention": lambda m: m.set_attn_implementation("eager"),
    "fewer layers": drop_layers,
}


@pytest.mark.parametrize("change", FOLLOWED)
def test_a_changed_model_gives_what_generate_gives(entrances, change):
    before = entrances.plain()
    FOLLOWED[change](entrances.model)
    expected = entrances.plain()
    assert {name: entrances.ids(name) for name in ENTRANCES} == dict.fromkeys(ENTRANCES, expected)
    if change not in ("another precision", "another kind of attention"):
        assert expected != before, "the change is seen in the text"


WATCHED = {
    "model.layers.2": lambda m: m.model.layers[2].register_forward_hook(lambda *_: None),
    "model.layers.7": lambda m: m.model.layers[7].register_forward_pre_hook(lambda *_: None),
    "model": lambda m: m.model.register_forward_hook(shift, with_kwargs=False),
    "the model": lambda m: m.register_forward_pre_hook(lambda *_: None, with_kwargs=True),
}


@pytest.mark.parametrize("place", WATCHED)
def test_a_hook_that_would_not_be_called_is_refused_by_name_until_it_is_gone(entrances, place):
    expected = entrances.plain()
    handle = WATCHED[place](entrances.model)
    for name in ENTRANCES * 2:
        with pytest.raises(UnsupportedModelError, match=f"the hook on {place} of LlamaForCausalLM .*remove it"):
            entrances.ids(name)
    handle.remove()
    assert [entrances.ids(name) for name in ENTRANCES] == [expected] * 3


def test_a_fresh_model_is_refused_like_a_changed_one(tokenizer):
    model = random_model()
    model.model.layers[2].register_forward_hook(lambda *_: None)
    with pytest.raises(UnsupportedModelError, match=r"the hook on model\.layers\.2"):
        Target(model, tokenizer, "tiny")
    with pytest.raises(UnsupportedModelError, match=r"the hook on model\.layers\.2"):
        plain(model, max_new_tokens=3, custom_generate=SwiftGenerate())


def test_a_layer_with_a_forward_of_its_own_is_caught_by_the_probe_until_it_is_gone(entrances):
    expected, layer = entrances.plain(), entrances.model.model.layers[2]
    own = layer.forward
    layer.forward = lambda hidden, **others: own(hidden, **others) * 1.2
    for name in ENTRANCES * 2:
        with pytest.raises(UnsupportedModelError, match="does more in its forward"):
            entrances.ids(name)
    del layer.forward
    assert [entrances.ids(name) for name in ENTRANCES] == [expected] * 3


def test_hooks_by_which_transformers_collects_outputs_are_none_of_the_users(entrances):
    expected = entrances.plain()
    entrances.model(PROMPT_IDS, output_hidden_states=True, output_attentions=True)
    assert [entrances.ids(name) for name in ENTRANCES] == [expected] * 3


def test_a_model_that_has_not_changed_is_checked_once(entrances, monkeypatch):
    probed = []
    probe = Target.probe
    monkeypatch.setattr(Target, "probe", lambda target: probed.append(target) or probe(target))
    for name in ENTRANCES * 2:
        entrances.ids(name)
    assert not probed
    reassign(entrances.model.lm_head, 1.0)
    for name in ENTRANCES * 2:
        entrances.ids(name)
    assert len(probed) == 2, "once for the target, once for swift_generate"


@pytest.mark.parametrize(
    "config",
    [LlamaConfig(**tiny_sizes()), Gemma2Config(**tiny_sizes(head_dim=8, pad_token_id=299, sliding_window=8))],
    ids=["llama", "gemma 2"],
)
def test_generating_leaves_the_fingerprint_as_it_is(tokenizer, config):
    model = random_model(config)
    model.set_attn_implementation("eager")
    made, before = Entrances(model, tokenizer), fingerprint(model)
    for name in ENTRANCES:
        made.ids(name)
    made.plain()
    assert fingerprint(model) == before


def test_a_model_with_a_forward_of_its_own_is_not_kept(tokenizer):
    model = random_model()
    model.forward = functools.partial(model.forward)
    plain(model, max_new_tokens=3, custom_generate=SwiftGenerate(), swift_config=QUICK)
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None


def test_what_comes_and_goes_leaves_no_number_behind():
    """Memory that was freed is used again, so an address does not tell one thing from the next."""
    model = random_model()
    layer = model.model.layers[3]
    seen = set()
    for _ in range(50):
        layer.forward = functools.partial(type(layer).forward, layer)
        seen.add(fingerprint(model))
        del layer.forward
        layer.mlp.gate_proj = nn.Linear(32, 48, bias=False)
        seen.add(fingerprint(model))
    assert len(seen) == 100
