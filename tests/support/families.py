"""Small configurations of every supported family, and of some that are not."""

from __future__ import annotations

from typing import Any

from transformers import (
    BloomConfig,
    CohereConfig,
    FalconConfig,
    Gemma2Config,
    Gemma3Config,
    Gemma3TextConfig,
    Glm4Config,
    GPT2Config,
    GPTNeoXConfig,
    GraniteConfig,
    LlamaConfig,
    MambaConfig,
    MistralConfig,
    MixtralConfig,
    Olmo2Config,
    OPTConfig,
    Phi3Config,
    PhiConfig,
    Qwen2Config,
    Qwen3Config,
    Qwen3MoeConfig,
    SmolLM3Config,
)

from support.models import tiny_sizes

WINDOW = 16  # shorter than the tests' prompt
NUM_LAYERS = 6


def sizes(**others: Any) -> dict[str, Any]:
    """What all configurations share; no id ends a text, so that each gets past its window."""
    return tiny_sizes(num_hidden_layers=NUM_LAYERS, eos_token_id=None) | others


GEMMA_3 = sizes(
    head_dim=8,
    query_pre_attn_scalar=8,
    sliding_window=WINDOW,
    pad_token_id=0,
    layer_types=["sliding_attention", "sliding_attention", "full_attention"] * 2,
)
FAMILIES = {
    "Llama 2": LlamaConfig(**sizes(num_key_value_heads=4)),
    "Llama 3": LlamaConfig(
        **sizes(
            rope_parameters={
                "rope_type": "llama3",
                "rope_theta": 500000.0,
                "factor": 8.0,
                "low_freq_factor": 1.0,
                "high_freq_factor": 4.0,
                "original_max_position_embeddings": 64,
            }
        )
    ),
    "Mistral": MistralConfig(**sizes(sliding_window=WINDOW)),
    "Qwen2": Qwen2Config(**sizes(use_sliding_window=True, sliding_window=WINDOW, max_window_layers=3)),
    "Qwen3": Qwen3Config(
        **sizes(head_dim=16, use_sliding_window=True, sliding_window=WINDOW, max_window_layers=3)
    ),
    "Qwen3-MoE": Qwen3MoeConfig(
        **sizes(
            head_dim=8,
            use_sliding_window=True,
            sliding_window=WINDOW,
            num_experts=4,
            num_experts_per_tok=2,
            moe_intermediate_size=24,
            norm_topk_prob=True,
            mlp_only_layers=[2],
        )
    ),
    "Phi-3": Phi3Config(**sizes(sliding_window=WINDOW, pad_token_id=0)),
    "SmolLM3": SmolLM3Config(**sizes(use_sliding_window=True, sliding_window=WINDOW, no_rope_layer_interval=2)),
    "Gemma 2": Gemma2Config(
        **sizes(
            head_dim=8,
            query_pre_attn_scalar=8,
            sliding_window=WINDOW,
            pad_token_id=0,
            attn_logit_softcapping=3.0,
            final_logit_softcapping=15.0,
        )
    ),
    "Gemma 3": Gemma3TextConfig(**GEMMA_3),
    "OLMo 2": Olmo2Config(**sizes()),
    "Granite": GraniteConfig(
        **sizes(embedding_multiplier=3.0, residual_multiplier=0.6, logits_scaling=1.5, attention_multiplier=0.2)
    ),
}
NO_SDPA = {"Gemma 2"}  # it caps attention scores, which sdpa cannot
CASES = [
    (family, implementation)
    for family in FAMILIES
    for implementation in ("eager", "sdpa")
    if not (implementation == "sdpa" and family in NO_SDPA)
]
VARIANTS = {
    "tied embeddings": LlamaConfig(**sizes(tie_word_embeddings=True)),
    "biases": LlamaConfig(**sizes(attention_bias=True, mlp_bias=True)),
    "no window": MistralConfig(**sizes(sliding_window=None)),
    "window under the probe": MistralConfig(**sizes(sliding_window=6)),
    "mixture in every layer": MixtralConfig(
        **sizes(num_local_experts=4, num_experts_per_tok=2, sliding_window=None)
    ),
    "vision left aside": Gemma3Config(
        text_config=Gemma3TextConfig(**GEMMA_3),
        vision_config={
            "model_type": "siglip_vision_model",
            "hidden_size": 16,
            "intermediate_size": 16,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "image_size": 28,
            "patch_size": 14,
        },
        mm_tokens_per_image=4,
        eos_token_id=None,
        bos_token_id=0,
        pad_token_id=0,
        tie_word_embeddings=False,
    ),
    "three layers": LlamaConfig(**sizes(num_hidden_layers=3)),
}
UNSUPPORTED = {
    "GPT2LMHeadModel": GPT2Config(
        vocab_size=300, n_embd=32, n_layer=4, n_head=4, n_positions=64, bos_token_id=0, eos_token_id=1
    ),
    "GPTNeoXForCausalLM": GPTNeoXConfig(**sizes()),
    "BloomForCausalLM": BloomConfig(vocab_size=300, hidden_size=32, n_layer=4, n_head=4),
    "FalconForCausalLM": FalconConfig(
        vocab_size=300,
        hidden_size=32,
        num_hidden_layers=4,
        num_attention_heads=4,
        bos_token_id=0,
        eos_token_id=1,
    ),
    "OPTForCausalLM": OPTConfig(
        vocab_size=300,
        hidden_size=32,
        num_hidden_layers=4,
        ffn_dim=48,
        num_attention_heads=4,
        word_embed_proj_dim=32,
        pad_token_id=0,
        bos_token_id=0,
        eos_token_id=1,
    ),
    "PhiForCausalLM": PhiConfig(**sizes()),
    "CohereForCausalLM": CohereConfig(**sizes(pad_token_id=0)),
    "Glm4ForCausalLM": Glm4Config(**sizes(head_dim=8, pad_token_id=0)),
    "MambaForCausalLM": MambaConfig(
        vocab_size=300, hidden_size=32, num_hidden_layers=4, pad_token_id=0, bos_token_id=0, eos_token_id=1
    ),
}
