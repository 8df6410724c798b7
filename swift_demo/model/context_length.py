"""How long a text may grow before the positions of what is cached would change."""

from __future__ import annotations

from typing import Any


def max_context(config: Any) -> int:
    """The positions that the model's rotary embedding is made for.

    If it is scaled, configurations differ in whether ``max_position_embeddings`` is the length before or after.
    YaRN names the length before. Linear scaling rarely does: then it is the length before, as transformers
    required when it introduced it, unless the layer types differ (Gemma 3). Llama 3's frequencies come with the
    length after, whatever their factor. With LongRoPE and dynamic scaling, the rotation of cached keys would
    change as a text grows, so the length before is the end. Llama 4 scales its queries by the number of cached
    tokens, which is not a token's position in a draft; the end is where that would begin to matter.
    """
    positions = int(config.max_position_embeddings)
    rope = getattr(config, "rope_parameters", None) or {}
    per_type = [value for value in rope.values() if isinstance(value, dict)]
    for parameters in per_type or [rope]:
        kind, before = parameters.get("rope_type"), parameters.get("original_max_position_embeddings")
        if kind == "linear" and not per_type:
            before = before or positions
        if before and kind == "longrope":
            positions = min(positions, int(before))
        elif before and kind in ("yarn", "linear"):
            positions = max(positions, int(before * (parameters.get("factor") or 1)))
    if getattr(config, "attn_temperature_tuning", False):
        positions = min(positions, int(config.floor_scale) - 1)
    return positions
