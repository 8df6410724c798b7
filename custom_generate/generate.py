"""The recipe: ``model.generate(**inputs, custom_generate=FOLDER, trust_remote_code=True)``."""

from transformers import GenerationMixin

try:
    from swift_demo import swift_generate
except ImportError as error:
    raise ImportError(
        "this recipe needs the package swift_demo; run `pip install .` in the repository it comes from"
    ) from error


def generate(model, **arguments):
    """Prompt and text as ``model.generate(**arguments)`` gives them, decoded by SWIFT.

    Args:
        arguments: Those of ``generate``, and SWIFT's own: ``swift_config``, ``skip_set``, ``callbacks``.
    """
    # Not model.generate: a model whose own folder holds this recipe has it there, and would call it again.
    return GenerationMixin.generate(model, custom_generate=swift_generate, **arguments)
