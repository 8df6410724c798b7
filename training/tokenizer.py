"""The demo model's tokenizer: byte-level BPE over the corpus, digits one by one."""

from __future__ import annotations

import random

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

from training.corpus import TASKS, sample_document

BEGIN, END = "<|begin|>", "<|end|>"
VOCAB_SIZE = 2048


def train_tokenizer(seed: int, num_documents: int = 3000) -> PreTrainedTokenizerFast:
    """A tokenizer trained on ``num_documents`` of each task; the text of a prompt begins with BEGIN."""
    rng = random.Random(f"tokenizer {seed}")
    texts = (sample_document(rng, task).text for _ in range(num_documents) for task in TASKS)
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCAB_SIZE,
        special_tokens=[BEGIN, END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    begin_id = tokenizer.token_to_id(BEGIN)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{BEGIN} $A", special_tokens=[(BEGIN, begin_id)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token=BEGIN, eos_token=END, model_max_length=1024
    )
