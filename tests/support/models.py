"""Tiny random models and tokenizers, made on the spot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import LlamaConfig, PreTrainedTokenizerFast
from transformers import set_seed as set_all_seeds

from swift_demo.model.auto_class import auto_class

BEGIN, END = "<|begin|>", "<|end|>"
SENTENCES = [
    "The café in Zürich serves crème brûlée, naïve as that may sound.",
    "Über den Wolken, 東京 and 🙂🚀 are all the same to a tokenizer of bytes.",
    "Anna draws the longer straw and the others draw the shorter ones.",
]
NUM_LAYERS = 8
# Names that families have for the same weights.
EMBEDDINGS = tuple(
    f"{name}.weight"
    for name in ("embed_tokens", "embed_positions", "embed_in", "word_embeddings", "wte", "wpe")
)
INTO_THE_STREAM = tuple(
    f"{name}.weight"
    for name in ("o_proj", "down_proj", "out_proj", "c_proj", "dense", "dense_4h_to_h", "fc2", "fc_out")
)


def byte_tokenizer(vocab_size: int = 300) -> PreTrainedTokenizerFast:
    """A byte-level BPE tokenizer; the text of a prompt begins with BEGIN."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        special_tokens=[BEGIN, END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(SENTENCES * 3, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{BEGIN} $A", special_tokens=[(BEGIN, tokenizer.token_to_id(BEGIN))]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token=BEGIN, eos_token=END, model_max_length=1024
    )


def tiny_sizes(**others: Any) -> dict[str, Any]:
    """The arguments that the configurations of all Llama-like families share."""
    return {
        "vocab_size": 300,
        "hidden_size": 32,
        "intermediate_size": 48,
        "num_hidden_layers": NUM_LAYERS,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 2048,
        "bos_token_id": 0,
        "eos_token_id": 1,
        "pad_token_id": None,
        "tie_word_embeddings": False,
    } | others


def random_model(config: Any = None, seed: int = 0, norm_spread: float = 0.0) -> torch.nn.Module:
    """A random model with decisive logits, whose sub-layers matter, some more than others.

    Args:
        norm_spread: How much the weights of its normalisations differ; 0 leaves them all alike.
    """
    set_all_seeds(seed)
    config = config or LlamaConfig(**tiny_sizes())
    model = auto_class(config).from_config(config)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.dim() < 2:
                if norm_spread:
                    weight += torch.empty_like(weight).normal_(0.0, norm_spread, generator=generator)
                continue
            scale = weight.shape[-1] ** -0.5
            if name.endswith(EMBEDDINGS):
                scale = 1.0
            elif name.endswith(INTO_THE_STREAM):
                scale *= 0.35
            elif "lm_head" in name:
                scale *= 4.0
            weight.normal_(0.0, scale, generator=generator)
    return model.eval()


def save_random_model(
    folder: Path, tokenizer: Any, config: Any = None, seed: int = 0, norm_spread: float = 0.0
) -> Path:
    """Save a random model and its tokenizer as one does before sharing them."""
    random_model(config, seed, norm_spread).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def generate_greedily(target: Any, prompt_ids: Any, max_new_tokens: int) -> tuple[int, ...]:
    """What transformers' own ``generate`` adds to a prompt."""
    ids = torch.tensor([list(prompt_ids)], device=target.device)
    output = target.model.generate(
        ids,
        attention_mask=torch.ones_like(ids),
        do_sample=False,
        max_new_tokens=max_new_tokens,
        pad_token_id=0,
        temperature=None,
        top_p=None,
        top_k=None,
    )
    return tuple(output[0, ids.shape[1] :].tolist())
