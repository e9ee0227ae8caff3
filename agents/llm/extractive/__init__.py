"""Answering from given passages without a language model: find them, cut them into sentences, rank, quote."""
