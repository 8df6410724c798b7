"""A real pretrained model, from its file: it loads, takes requests, and SWIFT writes what it writes."""

from __future__ import annotations

import pytest
import torch
from support.models import generate_greedily

from swift_demo.config import SwiftConfig
from swift_demo.decoding.swift import SwiftDecoder
from swift_demo.decoding.vanilla import VanillaDecoder
from swift_demo.model.catalogue import CATALOGUE
from swift_demo.model.loading import load_target

pytestmark = pytest.mark.real_model

MESSAGES = [{"role": "user", "content": "Why is the sky blue? Answer in one sentence."}]


@pytest.fixture(scope="module")
def request_ids(real_target):
    """A request as the model's template writes it."""
    text = real_target.tokenizer.apply_chat_template(MESSAGES, tokenize=False, add_generation_prompt=True)
    return real_target.encode(text)


def test_it_is_an_ordinary_float_model(real_target):
    assert (real_target.name, real_target.num_layers) == ("SmolLM2-135M-Instruct.Q4_1", 30)
    assert (real_target.dtype, real_target.dtype_note) == (torch.float32, "")
    assert not getattr(real_target.model, "is_quantized", False)


def test_the_catalogue_counts_its_parameters(real_target):
    [entry] = [each for each in CATALOGUE if each.name.endswith("/SmolLM2-135M-Instruct")]
    assert entry.num_parameters == sum(p.numel() for p in real_target.model.parameters())


def test_the_template_marks_who_speaks(real_target, request_ids):
    text = real_target.tokenizer.decode(request_ids)
    assert text.count("<|im_start|>") == 3  # the system's words, the user's, and the answer's beginning
    assert text.endswith(f"<|im_start|>user\n{MESSAGES[0]['content']}<|im_end|>\n<|im_start|>assistant\n")


@pytest.mark.parametrize(("is_request", "skip_ratio"), [(True, 0.45), (False, 0.2)])
def test_greedy_text_is_that_of_the_model(real_target, request_ids, is_request, skip_ratio):
    ids = request_ids if is_request else real_target.encode("The old lighthouse keeper")
    swift = SwiftDecoder(real_target, SwiftConfig(skip_ratio=skip_ratio)).generate(ids, max_new_tokens=30)
    vanilla = VanillaDecoder(real_target).generate(ids, max_new_tokens=30)
    assert swift.token_ids == vanilla.token_ids
    assert tuple(swift.token_ids) == generate_greedily(real_target, ids, 30)


def test_what_is_saved_is_the_same_model(real_target, request_ids, tmp_path):
    real_target.model.save_pretrained(tmp_path)
    real_target.tokenizer.save_pretrained(tmp_path)
    again = load_target(tmp_path, device="cpu", dtype="float32")
    ids = torch.tensor([request_ids])
    assert torch.equal(again.model(ids).logits, real_target.model(ids).logits)
    assert again.tokenizer.chat_template == real_target.tokenizer.chat_template
