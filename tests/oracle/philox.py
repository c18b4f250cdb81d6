"""Philox4x32-10, the counter-based generator of thor-numerics(7): masks of dropout and initial values.

    counter = (i / 4, site, step, shard),  key = (low word, high word) of the seed
    word of element i = output word i mod 4;  u = (word >> 8) * 2^-24
"""

import torch
from torch import Tensor

LOW = 0xFFFFFFFF
MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
WEYL = (0x9E3779B9, 0xBB67AE85)
ROUNDS = 10


def high_low(multiplier: int, word: Tensor) -> tuple[Tensor, Tensor]:
    """The two halves of a 32 by 32 bit product; int64 wraps, and the mask takes the sign's copies away."""
    product = word * multiplier
    return (product >> 32) & LOW, product & LOW


def philox(counter: list[Tensor], key: tuple[int, int]) -> list[Tensor]:
    """Four words of 32 bits, as int64, from four counter words and two key words."""
    first, second = key
    for _ in range(ROUNDS):
        high0, low0 = high_low(MULTIPLIERS[0], counter[0])
        high1, low1 = high_low(MULTIPLIERS[1], counter[2])
        counter = [high1 ^ counter[1] ^ first, low1, high0 ^ counter[3] ^ second, low0]
        first, second = (first + WEYL[0]) & LOW, (second + WEYL[1]) & LOW
    return counter


def words(count: int, seed: int, site: int, step: int = 0, shard: int = 0, device: str = "cpu") -> Tensor:
    """The words of elements 0 to count - 1."""
    blocks = torch.arange((count + 3) // 4, dtype=torch.int64, device=device)
    rest = [torch.full_like(blocks, word & LOW) for word in (site, step, shard)]
    block_words = philox([blocks, *rest], (seed & LOW, seed >> 32 & LOW))
    return torch.stack(block_words, dim=1).reshape(-1)[:count]


def uniform(count: int, seed: int, site: int, step: int = 0, shard: int = 0, device: str = "cpu") -> Tensor:
    """u = (word >> 8) * 2^-24, exact in float64."""
    return (words(count, seed, site, step, shard, device) >> 8).double() * 2.0 ** -24
