"""Tokenizers whose every token one names, so that any text and any broken text can be written in ids."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from tokenizers import AddedToken, Tokenizer, decoders, models

BYTES = tuple(f"<0x{byte:02X}>" for byte in range(256))


def spelled_tokenizer(
    names: Sequence[str], special: Iterable[str] = (), added: Iterable[str] = (), decoder: object = None
) -> Tokenizer:
    """A tokenizer with these tokens, then special ones, then added ones; it falls back to bytes."""
    tokenizer = Tokenizer(models.WordLevel({name: i for i, name in enumerate(names)}, unk_token=names[0]))
    tokenizer.decoder = decoder or decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    )
    tokenizer.add_special_tokens([AddedToken(name, special=True) for name in special])
    tokenizer.add_tokens([AddedToken(name, special=False) for name in added])
    return tokenizer


def ids_of_names(tokenizer: Tokenizer, *names: str) -> list[int]:
    """The ids of tokens by their names."""
    ids = [tokenizer.token_to_id(name) for name in names]
    assert None not in ids, names
    return ids


def byte_names(text: str | bytes) -> Iterator[str]:
    """The names of the byte tokens that spell a text."""
    return (BYTES[byte] for byte in (text.encode() if isinstance(text, str) else text))


class Wrapped:
    """A tokenizer of which a test replaces a method."""

    def __init__(self, tokenizer: object, **methods: object):
        self._tokenizer = tokenizer
        self.__dict__.update(methods)

    def __getattr__(self, name: str) -> object:
        return getattr(self._tokenizer, name)


class PanicException(BaseException):
    """Like the one that tokenizers raise, which is no ``Exception``."""
