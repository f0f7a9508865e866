"""A small text encoder in a folder, as `save_pretrained` of transformers writes one."""

from collections.abc import Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

WORDS = '[PAD] [UNK] [CLS] [SEP] tin gold rose fell the price of'.split()


def write_encoder(
    folder: Path, seed: int = 0, hidden_size: int = 8, words: Sequence[str] = WORDS
) -> str:
    """Writes the encoder, and returns its folder."""
    tokenizer = Tokenizer(WordLevel({word: i for i, word in enumerate(words)}, unk_token='[UNK]'))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.post_processor = TemplateProcessing(
        single='[CLS] $A [SEP]', special_tokens=[('[CLS]', 2), ('[SEP]', 3)]
    )
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token='[PAD]', unk_token='[UNK]', cls_token='[CLS]',
        sep_token='[SEP]',
    ).save_pretrained(folder)  # fmt: skip
    config = BertConfig(
        vocab_size=len(WORDS), hidden_size=hidden_size, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=8, max_position_embeddings=256, hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )  # fmt: skip
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        BertModel(config).save_pretrained(folder)
    return str(folder)
