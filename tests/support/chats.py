"""Small tokenizers with chat templates of the shapes that instruct models have, made on the spot."""

from __future__ import annotations

import json

from tokenizers import (
    AddedToken,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)
from transformers import PreTrainedTokenizerFast

from support.models import SENTENCES

CHATML = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
HEADERS = (  # the template itself writes the beginning of the text, and trims contents
    "{{ bos_token }}{% for message in messages %}"
    "{{ '<|head|>' + message['role'] + '<|/head|>\n\n' + message['content'] | trim + '<|eot|>' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|head|>assistant<|/head|>\n\n' }}{% endif %}"
)
INSTRUCTIONS = (  # turns are told by text, and have to alternate
    "{{ bos_token }}{% for message in messages %}"
    "{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Conversation roles must alternate') }}{% endif %}"
    "{% if message['role'] == 'user' %}{{ '[INST] ' + message['content'] + ' [/INST]' }}"
    "{% else %}{{ ' ' + message['content'] + eos_token }}{% endif %}{% endfor %}"
)
PLAIN_MARKS = (  # its turns are tokens that are not called special
    "{{ bos_token }}{% for message in messages %}{{ '<|' + message['role'] + '|>' + message['content'] }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)


def chatml_tokenizer() -> PreTrainedTokenizerFast:
    """Byte-level; its special tokens lie in the vocabulary, and nothing is put before a text."""
    return _byte_level(["<|end|>", "<|im_start|>", "<|im_end|>"], [], "<|end|>", None, CHATML)


def headers_tokenizer() -> PreTrainedTokenizerFast:
    """Byte-level; special tokens come behind the vocabulary, and the text begins with one of them."""
    later = ["<|begin|>", "<|eot|>", "<|head|>", "<|/head|>"]
    return _byte_level([], [AddedToken(name, special=True) for name in later], "<|eot|>", "<|begin|>", HEADERS)


def marks_tokenizer() -> PreTrainedTokenizerFast:
    """Byte-level; tokens for turns and for runs of spaces that are not special."""
    later = [AddedToken(name, special=False, normalized=False) for name in ("<|user|>", "<|assistant|>", "   ")]
    return _byte_level(["<|begin|>", "<|end|>"], later, "<|end|>", "<|begin|>", PLAIN_MARKS)


def instructions_tokenizer() -> PreTrainedTokenizerFast:
    """Words with their spaces, as SentencePiece has them."""
    trained = Tokenizer(models.BPE(unk_token="<unk>"))
    trained.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    trained.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    trainer = trainers.BpeTrainer(vocab_size=120, special_tokens=["<unk>", "<s>", "</s>"], show_progress=False)
    trained.train_from_iterator([*SENTENCES, "[INST] user [/INST]"] * 3, trainer)
    content = json.loads(trained.to_str())
    vocabulary = content["model"]["vocab"]
    vocabulary |= {f"<0x{byte:02X}>": len(vocabulary) + byte for byte in range(256)}
    content["model"]["byte_fallback"] = True
    tokenizer = Tokenizer.from_str(json.dumps(content))
    return _finished(tokenizer, "</s>", "<s>", INSTRUCTIONS)


def words_tokenizer() -> PreTrainedTokenizerFast:
    """One word, one token; the names of special tokens are words of the vocabulary too."""
    letters = [chr(i) for i in range(33, 127)]
    names = ["[unk]", "<s>", "</s>", *letters, "user", "assistant", "Anna", "draws", "the", "straw"]
    tokenizer = Tokenizer(models.WordLevel({name: i for i, name in enumerate(names)}, unk_token="[unk]"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.add_special_tokens([AddedToken(name, special=True) for name in ("<s>", "</s>")])
    template = (
        "{{ bos_token }}{% for m in messages %} {{ m['role'] }} {{ m['content'] }} {{ eos_token }}{% endfor %}"
    )
    return _finished(tokenizer, "</s>", "<s>", template + " assistant ")


CHATS = {
    "ChatML": chatml_tokenizer,
    "headers": headers_tokenizer,
    "instructions": instructions_tokenizer,
    "marks": marks_tokenizer,
    "words": words_tokenizer,
}


def _byte_level(
    first: list[str], later: list[AddedToken], end: str, begin: str | None, template: str
) -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=300 - len(later),
        special_tokens=first,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(SENTENCES * 3, trainer)
    tokenizer.add_tokens(later)
    return _finished(tokenizer, end, begin, template)


def _finished(tokenizer: Tokenizer, end: str, begin: str | None, template: str) -> PreTrainedTokenizerFast:
    if begin is not None:
        tokenizer.post_processor = processors.TemplateProcessing(
            single=f"{begin} $A", special_tokens=[(begin, tokenizer.token_to_id(begin))]
        )
    made = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token=begin, eos_token=end, model_max_length=1024
    )
    made.chat_template = template
    return made
