"""Small configurations of every supported family, and of some that are not.

``FAMILIES`` is the one list of what is supported: the tests run each, and ``docs/models.md`` shows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import transformers as hf
from packaging.version import Version

from support.models import tiny_sizes

WINDOW = 16  # shorter than the tests' prompt
NUM_LAYERS = 6


def sizes(**others: Any) -> dict[str, Any]:
    """What all configurations share; no id ends a text, so that each gets past its window."""
    return tiny_sizes(num_hidden_layers=NUM_LAYERS, eos_token_id=None) | others


def gpt_sizes(**others: Any) -> dict[str, Any]:
    """The same in the words of GPT-2's time."""
    return {
        "vocab_size": 300,
        "n_embd": 32,
        "n_layer": NUM_LAYERS,
        "n_head": 4,
        "n_inner": 48,
        "n_positions": 512,
        "bos_token_id": 0,
        "eos_token_id": None,
        "tie_word_embeddings": False,
    } | others


def mixture(**others: Any) -> dict[str, Any]:
    """Sizes of a mixture of experts, in the words of Qwen, GLM and DeepSeek."""
    experts = {"num_experts": 4, "n_routed_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 24}
    groups = {"n_group": 1, "topk_group": 1, "n_shared_experts": 1, "first_k_dense_replace": 2}
    return sizes(**experts, **groups) | others


def latent(**others: Any) -> dict[str, Any]:
    """Sizes of attention that caches something compressed, in DeepSeek's words."""
    ranks = {"q_lora_rank": 24, "kv_lora_rank": 16}
    heads = {"qk_rope_head_dim": 8, "qk_nope_head_dim": 8, "v_head_dim": 12, "num_key_value_heads": 4}
    return mixture(**ranks) | heads | others


def seeing(kind: Any, text: Any, **others: Any) -> Any:
    """A configuration of a model that also sees, with eyes as small as they get."""
    config = kind(
        text_config=text.to_dict() | {"tie_word_embeddings": False}, tie_word_embeddings=False, **others
    )
    vision = config.vision_config
    small = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    for name, value in (small | {"depth": 1, "num_heads": 2, "out_hidden_size": 32}).items():
        if hasattr(vision, name):
            setattr(vision, name, value)
    config.eos_token_id = None
    return config


SLIDING = {
    "sliding_window": WINDOW,
    "layer_types": ["sliding_attention", "sliding_attention", "full_attention"] * 2,
}
GEMMA_3 = sizes(head_dim=8, query_pre_attn_scalar=8, pad_token_id=0, **SLIDING)
IN_THREE = {"rope_type": "default", "rope_theta": 10000.0, "mrope_section": [1, 1, 2]}


@dataclass(frozen=True)
class Family:
    """A family that is supported.

    Attributes:
        config: Small, of the kind that its models have.
        special: What is special about it, for the table.
        implementations: Those of attention that are tested; the first is what loading chooses.
    """

    config: Any
    special: str = ""
    implementations: tuple[str, ...] = ("sdpa",)


BOTH, EAGER = ("sdpa", "eager"), ("eager",)
FAMILIES = {
    "Llama 2, SmolLM2": Family(hf.LlamaConfig(**sizes(num_key_value_heads=4)), "", BOTH),
    "Llama 3": Family(
        hf.LlamaConfig(
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
        "scaled rotary embedding",
        BOTH,
    ),
    "Llama 4 (text)": Family(
        hf.Llama4TextConfig(
            **sizes(
                head_dim=8,
                intermediate_size_mlp=48,
                num_local_experts=4,
                num_experts_per_tok=1,
                interleave_moe_layer_step=2,
                attention_chunk_size=WINDOW,
                no_rope_layers=[1, 1, 0] * 2,
                attn_temperature_tuning=True,
                pad_token_id=0,
            )
        ),
        "attention within chunks; a mixture with a shared expert; up to the length where queries are scaled",
        BOTH,
    ),
    "Mistral": Family(hf.MistralConfig(**sizes(sliding_window=WINDOW)), "sliding window in all layers", BOTH),
    "Mistral Small 3 (text)": Family(
        seeing(hf.Mistral3Config, hf.MistralConfig(**sizes(head_dim=8, sliding_window=None))),
        "also sees; used for text alone",
    ),
    "Ministral 8B": Family(hf.MinistralConfig(**sizes(head_dim=8, **SLIDING)), "sliding window in some layers"),
    "Ministral 3": Family(
        hf.Ministral3Config(
            **sizes(
                head_dim=8,
                sliding_window=None,
                pad_token_id=0,
                rope_parameters={
                    "rope_type": "yarn",
                    "rope_theta": 10000.0,
                    "factor": 16.0,
                    "original_max_position_embeddings": 8,
                    "max_position_embeddings": 128,
                    "beta_fast": 32.0,
                    "beta_slow": 1.0,
                    "mscale": 1.0,
                    "mscale_all_dim": 1.0,
                    "llama_4_scaling_beta": 0.5,
                },
            )
        ),
        "queries scaled by position",
        BOTH,
    ),
    "Mixtral": Family(
        hf.MixtralConfig(**sizes(num_local_experts=4, num_experts_per_tok=2, sliding_window=None)),
        "a mixture of experts as MLP",
    ),
    "Qwen2, Qwen2.5": Family(
        hf.Qwen2Config(**sizes(use_sliding_window=True, sliding_window=WINDOW, max_window_layers=3)),
        "sliding window in some layers, if switched on",
        BOTH,
    ),
    "Qwen2-MoE": Family(
        hf.Qwen2MoeConfig(**mixture(shared_expert_intermediate_size=24)), "a mixture with a shared expert"
    ),
    "Qwen2.5-VL (text)": Family(
        seeing(hf.Qwen2_5_VLConfig, hf.Qwen2_5_VLTextConfig(**sizes(rope_parameters=IN_THREE))),
        "also sees; positions in three directions, which for text are the same",
    ),
    "Qwen3": Family(
        hf.Qwen3Config(
            **sizes(head_dim=16, use_sliding_window=True, sliding_window=WINDOW, max_window_layers=3)
        ),
        "sliding window in some layers, if switched on",
        BOTH,
    ),
    "Qwen3-MoE": Family(
        hf.Qwen3MoeConfig(
            **mixture(
                head_dim=8,
                use_sliding_window=True,
                sliding_window=WINDOW,
                norm_topk_prob=True,
                mlp_only_layers=[2],
            )
        ),
        "a mixture of experts as MLP",
        BOTH,
    ),
    "Qwen3-VL (text)": Family(
        seeing(hf.Qwen3VLConfig, hf.Qwen3VLTextConfig(**sizes(head_dim=8, rope_parameters=IN_THREE))),
        "also sees; positions in three directions, which for text are the same",
    ),
    "LLaVA (text)": Family(seeing(hf.LlavaConfig, hf.LlamaConfig(**sizes())), "also sees; used for text alone"),
    "Phi-1, Phi-2": Family(hf.PhiConfig(**sizes()), "attention and MLP read the same"),
    "Phi-3, Phi-4": Family(
        hf.Phi3Config(**sizes(sliding_window=WINDOW, pad_token_id=0)),
        "sliding window; LongRoPE, up to the length where it would change",
        BOTH,
    ),
    "Phi-3.5-MoE": Family(
        hf.PhimoeConfig(**sizes(num_local_experts=4, num_experts_per_tok=2, sliding_window=None)),
        "a mixture of experts as MLP",
    ),
    "SmolLM3": Family(
        hf.SmolLM3Config(**sizes(use_sliding_window=True, sliding_window=WINDOW, no_rope_layer_interval=2)),
        "layers without rotary embedding",
        BOTH,
    ),
    "Gemma": Family(hf.GemmaConfig(**sizes(head_dim=8, pad_token_id=0)), ""),
    "Gemma 2": Family(
        hf.Gemma2Config(
            **sizes(
                head_dim=8,
                query_pre_attn_scalar=8,
                sliding_window=WINDOW,
                pad_token_id=0,
                attn_logit_softcapping=3.0,
                final_logit_softcapping=15.0,
            )
        ),
        "norms before and after a sub-layer; scores (so eager attention only) and logits capped",
        EAGER,
    ),
    "Gemma 3 (text)": Family(
        hf.Gemma3TextConfig(**GEMMA_3),
        "norms before and after; local layers have their own rotary embedding",
        BOTH,
    ),
    "OLMo": Family(hf.OlmoConfig(**sizes(clip_qkv=2.0)), "norms without weights"),
    "OLMo 2": Family(hf.Olmo2Config(**sizes()), "norms only after a sub-layer", BOTH),
    "OLMo 3": Family(hf.Olmo3Config(**sizes(**SLIDING)), "norms only after; sliding window in some layers"),
    "OLMoE": Family(hf.OlmoeConfig(**mixture()), "a mixture of experts as MLP"),
    "Granite": Family(
        hf.GraniteConfig(
            **sizes(
                embedding_multiplier=3.0, residual_multiplier=0.6, logits_scaling=1.5, attention_multiplier=0.2
            )
        ),
        "embedding, residual and logits scaled",
        BOTH,
    ),
    "Granite MoE": Family(
        hf.GraniteMoeConfig(
            **sizes(
                num_local_experts=4,
                num_experts_per_tok=2,
                embedding_multiplier=3.0,
                residual_multiplier=0.6,
                logits_scaling=1.5,
                attention_multiplier=0.2,
            )
        ),
        "as Granite, with a mixture of experts as MLP",
    ),
    "Granite 4 (without Mamba layers)": Family(
        hf.GraniteMoeHybridConfig(
            **sizes(
                num_local_experts=4,
                num_experts_per_tok=2,
                shared_intermediate_size=48,
                layer_types=["full_attention"] * NUM_LAYERS,
                mamba_n_heads=4,
                mamba_d_head="auto",
                position_embedding_type="rope",
                residual_multiplier=0.6,
                logits_scaling=1.5,
                attention_multiplier=0.2,
            )
        ),
        "as Granite, a mixture and a shared network side by side",
    ),
    "HyperCLOVA X": Family(
        hf.HyperCLOVAXConfig(
            **sizes(
                head_dim=8,
                embedding_multiplier=3.0,
                residual_multiplier=0.6,
                logits_scaling=1.5,
                attention_multiplier=0.2,
                use_post_norm=True,
            )
        ),
        "norms before and after; logits multiplied",
    ),
    "GLM 4 (9B)": Family(hf.GlmConfig(**sizes(head_dim=8, pad_token_id=0)), "half of each head rotated"),
    "GLM 4 (0414)": Family(hf.Glm4Config(**sizes(head_dim=8, pad_token_id=0)), "norms before and after"),
    "GLM-4.5, GLM-4.6": Family(
        hf.Glm4MoeConfig(**mixture(head_dim=8, use_qk_norm=True)), "a mixture of experts as MLP"
    ),
    "GLM-4.7-Flash": Family(hf.Glm4MoeLiteConfig(**latent()), "compressed keys and values"),
    "DeepSeek V2": Family(
        hf.DeepseekV2Config(**latent(topk_method="greedy", pad_token_id=0)), "compressed keys and values"
    ),
    "DeepSeek V3, R1": Family(hf.DeepseekV3Config(**latent()), "compressed keys and values", BOTH),
    "MiniCPM3": Family(
        hf.MiniCPM3Config(**latent(scale_emb=3.0, scale_depth=1.4, dim_model_base=16)),
        "compressed keys and values; embedding, residual and logits scaled",
    ),
    "gpt-oss": Family(
        hf.GptOssConfig(
            **sizes(head_dim=8, num_local_experts=4, num_experts_per_tok=2, pad_token_id=0, **SLIDING)
        ),
        "attention sinks (so eager attention only); a mixture of experts as MLP",
        EAGER,
    ),
    "EXAONE 4": Family(hf.Exaone4Config(**sizes(head_dim=8, **SLIDING)), "norms only after; sliding window"),
    "ERNIE 4.5": Family(hf.Ernie4_5Config(**sizes(head_dim=8, pad_token_id=0)), ""),
    "ERNIE 4.5 MoE": Family(
        hf.Ernie4_5_MoeConfig(**mixture(moe_num_experts=4, moe_k=2, moe_num_shared_experts=1, pad_token_id=0)),
        "a mixture of experts as MLP",
    ),
    "Hunyuan": Family(hf.HunYuanDenseV1Config(**sizes(head_dim=8, pad_token_id=0)), ""),
    "Hunyuan MoE": Family(
        hf.HunYuanMoEV1Config(**sizes(head_dim=8, num_experts=4, moe_topk=[2] * NUM_LAYERS, pad_token_id=0)),
        "a mixture of experts as MLP",
    ),
    "Seed-OSS": Family(hf.SeedOssConfig(**sizes(head_dim=8, pad_token_id=0)), ""),
    "MiniMax M2": Family(
        hf.MiniMaxM2Config(**sizes(head_dim=8, num_local_experts=4, num_experts_per_tok=2)),
        "a mixture of experts as MLP",
    ),
    "dots.llm1": Family(hf.Dots1Config(**mixture(head_dim=8)), "a mixture of experts as MLP"),
    "Apertus": Family(hf.ApertusConfig(**sizes(pad_token_id=0)), "an activation that is learned"),
    "Nemotron": Family(hf.NemotronConfig(**sizes(head_dim=8)), "part of each head rotated"),
    "BitNet": Family(hf.BitNetConfig(**sizes(pad_token_id=0)), "norms within attention and MLP"),
    "StarCoder": Family(hf.GPTBigCodeConfig(**gpt_sizes()), "learned positions; one key-value head"),
    "StarCoder2": Family(hf.Starcoder2Config(**sizes(sliding_window=WINDOW)), "sliding window"),
    "StableLM": Family(hf.StableLmConfig(**sizes()), "part of each head rotated"),
    "StableLM 2 12B": Family(
        hf.StableLmConfig(**sizes(use_parallel_residual=True, qk_layernorm=True)),
        "attention and MLP read the same",
    ),
    "Cohere Command R": Family(
        hf.CohereConfig(**sizes(pad_token_id=0, logit_scale=0.5)),
        "attention and MLP read the same; logits scaled",
        BOTH,
    ),
    "Cohere Command R7B, A": Family(
        hf.Cohere2Config(**sizes(head_dim=8, pad_token_id=0, logit_scale=0.5, **SLIDING)),
        "attention and MLP read the same; full layers without rotary embedding",
    ),
    "Pythia, GPT-NeoX": Family(
        hf.GPTNeoXConfig(**sizes()), "attention and MLP read the same, each through its own norm", BOTH
    ),
    "GPT-J": Family(hf.GPTJConfig(**gpt_sizes(rotary_dim=4)), "attention and MLP read the same"),
    "CodeGen": Family(hf.CodeGenConfig(**gpt_sizes(rotary_dim=4)), "attention and MLP read the same", EAGER),
    "Falcon 7B": Family(
        hf.FalconConfig(**sizes(alibi=False, parallel_attn=True, multi_query=True)),
        "attention and MLP read the same; one key-value head",
    ),
    "Falcon 40B, 180B": Family(
        hf.FalconConfig(**sizes(alibi=False, new_decoder_architecture=True, num_kv_heads=2)),
        "attention and MLP read the same, each through its own norm",
    ),
    "GPT-2": Family(hf.GPT2Config(**gpt_sizes()), "learned positions", BOTH),
    "OPT": Family(
        hf.OPTConfig(**sizes(ffn_dim=48, word_embed_proj_dim=32, pad_token_id=0)), "learned positions"
    ),
}
# Older versions of transformers call these in other ways, some of which are refused; tested from here on.
NEW, NEEDING_NEW = (
    "5.24",
    {"Qwen2.5-VL (text)", "Qwen3-VL (text)", "StarCoder", "GPT-J", "Granite 4 (without Mamba layers)"},
)
IS_OLD = Version(hf.__version__) < Version(NEW)
HERE = {name: family for name, family in FAMILIES.items() if not (IS_OLD and name in NEEDING_NEW)}
CASES = [(name, implementation) for name, family in HERE.items() for implementation in family.implementations]
VARIANTS = {
    "tied embeddings": hf.LlamaConfig(**sizes(tie_word_embeddings=True)),
    "biases": hf.LlamaConfig(**sizes(attention_bias=True, mlp_bias=True)),
    "no window": hf.MistralConfig(**sizes(sliding_window=None)),
    "window under the probe": hf.MistralConfig(**sizes(sliding_window=6)),
    "one after the other": hf.GPTNeoXConfig(**sizes(use_parallel_residual=False)),
    "vision left aside": hf.Gemma3Config(
        text_config=hf.Gemma3TextConfig(**GEMMA_3),
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
    "three layers": hf.LlamaConfig(**sizes(num_hidden_layers=3)),
}
UNSUPPORTED = {
    "BloomForCausalLM": hf.BloomConfig(vocab_size=300, hidden_size=32, n_layer=4, n_head=4),
    "FalconForCausalLM": hf.FalconConfig(**sizes(alibi=True)),
    "OPTForCausalLM": hf.OPTConfig(
        **sizes(ffn_dim=48, word_embed_proj_dim=32, pad_token_id=0, do_layer_norm_before=False)
    ),
    "GPTNeoForCausalLM": hf.GPTNeoConfig(
        vocab_size=300,
        hidden_size=32,
        num_layers=4,
        num_heads=4,
        attention_types=[[["global", "local"], 2]],
        bos_token_id=0,
        eos_token_id=1,
    ),
    "MambaForCausalLM": hf.MambaConfig(
        vocab_size=300, hidden_size=32, num_hidden_layers=4, pad_token_id=0, bos_token_id=0, eos_token_id=1
    ),
    "Qwen3NextForCausalLM": hf.Qwen3NextConfig(**mixture(num_hidden_layers=4, head_dim=8)),
}
