"""The statistics of thor-reproduce(1) with numpy, from the text of the manual. Reads what dump_significance prints."""
import sys
from itertools import product

import numpy as np

SETS, SYSTEMS, SENTENCES, RESAMPLES = 3, 4, 60, 10000


def made_row(test_set, system, sentence):
    length = 8 + (sentence * 7 + test_set * 3) % 13
    grams = [length - n for n in range(4)]
    missed = [(sentence * (3 + system) + n * 5 + test_set) % (3 + n + system % 2) for n in range(4)]
    return ([length, length + (sentence + test_set) % 3 - 1] +
            [max(g - m, 0) for g, m in zip(grams, missed)] + grams)


def bleu(sums):
    sums = np.asarray(sums, float)
    brevity = np.where(sums[..., 0] < sums[..., 1], np.exp(1 - sums[..., 1] / sums[..., 0]), 1)
    return brevity * np.exp(np.log(100 * sums[..., 2:6] / sums[..., 6:10]).mean(-1))


def bootstrap():
    generator = np.random.default_rng(12345)
    samples, observed = np.zeros((SYSTEMS, RESAMPLES)), np.zeros(SYSTEMS)
    for test_set in range(SETS):
        drawn = generator.choice(SENTENCES, size=(RESAMPLES, SENTENCES), replace=True)
        for s in range(SYSTEMS):
            rows = np.array([made_row(test_set, s, i) for i in range(SENTENCES)])
            samples[s] += bleu(rows[drawn].sum(1)) / SETS
            observed[s] += bleu(rows.sum(0)) / SETS
    p = []
    for s in range(1, SYSTEMS):
        d = samples[s] - samples[0]
        reached = (np.abs(d - d.mean()) >= abs(observed[s] - observed[0])).sum()
        p.append((1 + reached) / (RESAMPLES + 1))
    return p


def holm(p):
    order, corrected, floor = np.argsort(p, kind='stable'), [0.0] * len(p), 0.0
    for rank, i in enumerate(order):
        floor = max(floor, min(1, (len(p) - rank) * p[i]))
        corrected[i] = floor
    return corrected


def philox(counter, key):
    mask = 0xffffffff
    c, k = list(counter), list(key)
    for _ in range(10):
        a, b = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [b >> 32 ^ c[1] ^ k[0], b & mask, a >> 32 ^ c[3] ^ k[1], a & mask]
        k = [(k[0] + 0x9E3779B9) & mask, (k[1] + 0xBB67AE85) & mask]
    return c


def permutation(differences):
    d = np.array(differences)
    if len(d) <= 20:
        signs = np.array(list(product((1, -1), repeat=len(d))))
        return (np.abs(signs @ d) >= abs(d.sum())).mean()
    reached = 0
    for draw in range(10000):
        words = sum((philox((i, 7 << 24, draw, 0), (12345, 0)) for i in range((len(d) + 3) // 4)), [])
        signs = np.array([-1 if w >> 31 else 1 for w in words[:len(d)]])
        reached += abs(signs @ d) >= abs(d.sum())
    return (1 + reached) / 10001


def kendall(x, y):
    x, y = np.array(x), np.array(y)
    a, b = np.sign(x[:, None] - x), np.sign(y[:, None] - y)
    return (a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum())


def main():
    many = [(i * 7 % 11 - 4) / 8 for i in range(28)]
    p = bootstrap()
    expected = {('bootstrap', s + 1): v for s, v in enumerate(p)}
    expected.update({('holm', s + 1): v for s, v in enumerate(holm(p))})
    expected.update({('permutation', n): permutation(many[:n]) for n in (12, 28)})
    expected['kendall', 28] = kendall(many[:20], many[5:25])
    wrong = 0
    lines = [line.split() for line in sys.stdin]
    for name, number, value in lines:
        wanted = expected.pop((name, int(number)))
        if abs(float(value) - wanted) > 1e-12:
            print(f'{name} {number}: thor has {value}, numpy {wanted}')
            wrong += 1
    print(f'{len(lines)} statistics compared, {wrong} wrong, {len(expected)} missing')
    sys.exit(wrong > 0 or len(expected) > 0)


main()
