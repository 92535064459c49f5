"""Texts become numbers: words, phrases and characters of Chinese, English and any other writing. No torch.

A text is normalised, cut into words, and each word, selected n-gram and hash bucket has a number in one id space. May
import: nothing else of core but `core.errors`.
"""
