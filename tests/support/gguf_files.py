"""Writes a small Llama into a GGUF file, as converters do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import gguf
import numpy as np

CHAT_TEMPLATE = (
    "{% for message in messages %}<|begin|>{{ message['role'] }}: {{ message['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant:{% endif %}"
)
_BLOCK = 32  # weights that are quantised together
_NAMES = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
}
_OUTER_NAMES = {"model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output"}


def write_gguf(
    path: Path, model: Any, tokenizer: Any, is_quantised: bool = False, architecture: str = "llama"
) -> Path:
    """The file, with the model's weights as they are or, where blocks fill a row, in eight bits.

    Args:
        architecture: What the file says it holds; the weights are a Llama's all the same.
    """
    config = model.config
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_name("tiny")
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    writer.add_vocab_size(config.vocab_size)
    _add_tokenizer(writer, tokenizer)
    for name, weight in model.state_dict().items():
        values = weight.numpy()
        if ".q_proj." in name or ".k_proj." in name:
            values = _halves_interleaved(values, config.head_dim)
        if is_quantised and values.ndim == 2 and values.shape[1] % _BLOCK == 0:
            kind = gguf.GGMLQuantizationType.Q8_0
            writer.add_tensor(_gguf_name(name), gguf.quantize(values, kind), raw_dtype=kind)
        else:
            writer.add_tensor(_gguf_name(name), np.ascontiguousarray(values))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _add_tokenizer(writer: gguf.GGUFWriter, tokenizer: Any) -> None:
    bpe = json.loads(tokenizer.backend_tokenizer.to_str())["model"]
    tokens = sorted(bpe["vocab"], key=bpe["vocab"].get)
    kinds = (gguf.TokenType.CONTROL, gguf.TokenType.NORMAL)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types([kinds[token not in tokenizer.all_special_tokens] for token in tokens])
    writer.add_token_merges([each if isinstance(each, str) else " ".join(each) for each in bpe["merges"]])
    writer.add_bos_token_id(tokenizer.bos_token_id)
    writer.add_eos_token_id(tokenizer.eos_token_id)
    writer.add_add_bos_token(True)
    writer.add_chat_template(CHAT_TEMPLATE)


def _gguf_name(name: str) -> str:
    part, kind = name.rsplit(".", 1)
    if part in _OUTER_NAMES:
        return f"{_OUTER_NAMES[part]}.{kind}"
    _, _, layer, inner = part.split(".", 3)
    return f"blk.{layer}.{_NAMES[inner]}.{kind}"


def _halves_interleaved(weight: np.ndarray, head_size: int) -> np.ndarray:
    """Rows in the order in which llama.cpp rotates them: one of each half of a head after the other."""
    heads = weight.reshape(-1, 2, head_size // 2, weight.shape[1])
    return np.ascontiguousarray(heads.swapaxes(1, 2).reshape(weight.shape))
