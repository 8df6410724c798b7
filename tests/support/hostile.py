"""Text that a careless page would run, and a model that writes nothing else."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import LlamaConfig, LlamaForCausalLM

from support.models import END, byte_tokenizer

PIECES = (
    "<img src=x onerror=alert(1)>",
    " ${1+1}",
    " {{x}}",
    " \\u0041",
    " 🦉🚀",
    "</script>",
    "<script>alert(2)</script>",
    "`${alert(3)}`",
    " &lt;b&gt;",
    "<b>bold</b>",
    " **stars** $x^2$",
    "\n",
    "{{{html}}}",
    " <",
    "img src=y ",
    "onerror=alert(4)",
    ">",
)
TEXT = "".join(PIECES)
NUM_LAYERS = 6
NAME = "${1+1} {{x}} <b>model<"


def save_hostile_model(folder: Path) -> Path:
    """A Llama that answers anything with PIECES, one after another, over and over.

    Its sub-layers add nothing: the embedding of each token is a direction of its own, and the head
    reads from it which token comes next.
    """
    tokenizer = byte_tokenizer()
    tokenizer.add_tokens(list(PIECES))
    ids = [tokenizer.convert_tokens_to_ids(piece) for piece in PIECES]
    size = len(tokenizer)
    config = LlamaConfig(
        vocab_size=size,
        hidden_size=size + size % 2,
        intermediate_size=16,
        num_hidden_layers=NUM_LAYERS,
        num_attention_heads=1,
        num_key_value_heads=1,
        head_dim=16,
        max_position_embeddings=1024,
        bos_token_id=0,
        eos_token_id=tokenizer.convert_tokens_to_ids(END),
        pad_token_id=None,
        tie_word_embeddings=False,
    )
    model = LlamaForCausalLM(config).eval()
    following = dict(zip(ids, ids[1:] + ids[:1], strict=True))
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if name.endswith(("o_proj.weight", "down_proj.weight", "embed_tokens.weight", "lm_head.weight")):
                weight.zero_()
        for token in range(size):
            model.model.embed_tokens.weight[token, token] = 1.0
            model.lm_head.weight[following.get(token, ids[0]), token] = 1.0
    place = folder / NAME
    model.save_pretrained(place)
    tokenizer.save_pretrained(place)
    return place
