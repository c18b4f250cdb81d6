"""The batches of a prepared folder, by a program that was written from thor-data(5) alone.

usage: batches.py FOLDER CLS SEED TEMPERATURE MAX-TOKENS MAX-PIECES SHARDS FIRST-EPOCH FIRST-BATCH STEPS

CLS is 1 where a source begins with [CLS]. Prints what dump_batches prints. Plain Python: no numpy.
"""
import hashlib
import os
import struct
import sys

SAMPLE, SHUFFLE = 2 << 24, 3 << 24
MASK = 0xFFFFFFFF


def philox(counter, key):
    """Philox4x32-10 of Salmon, Moraes, Dror and Shaw."""
    c, k = list(counter), list(key)
    for _ in range(10):
        low, high = c[0] * 0xD2511F53, c[2] * 0xCD9E8D57
        c = [(high >> 32) ^ c[1] ^ k[0], high & MASK, (low >> 32) ^ c[3] ^ k[1], low & MASK]
        k = [(k[0] + 0x9E3779B9) & MASK, (k[1] + 0xBB67AE85) & MASK]
    return c


class Stream:
    def __init__(self, seed, site, step, shard):
        self.key, self.rest = (seed & MASK, seed >> 32), (site, step, shard)

    def word(self, index):
        return philox((index // 4, *self.rest), self.key)[index % 4]

    def below(self, k, n):
        return n * (self.word(2 * k) << 32 | self.word(2 * k + 1)) >> 64

    def uniform(self, index):
        return (self.word(index) >> 8) * 2.0 ** -24


def shuffle(items, rng, chosen=None):
    n = len(items)
    for k in range(min(n if chosen is None else chosen, n)):
        other = k + rng.below(k, n - k)
        items[k], items[other] = items[other], items[k]
    return items[:chosen]


# ---- the folder ----

def column(folder, fields):
    _, _, _, kind, name, count, checksum = fields
    data = open(os.path.join(folder, name), "rb").read()
    assert hashlib.sha256(data).hexdigest() == checksum, name
    magic, version, number = struct.unpack("<8sII", data[:16])
    assert (magic, version, number) == (b"THORDATA", 1, 0 if kind == "ids" else 1), name
    return struct.unpack("<%d%s" % (int(count), "i" if kind == "ids" else "q"), data[64:])


def read_index(folder):
    """The languages, and for each pair its two languages and the lengths of its training sentences."""
    data = open(os.path.join(folder, "corpus.index"), "rb").read()
    lines = data.decode().split("\n")
    body = data[:data.rindex(b"end\t")]
    assert lines[-2] == "end\t" + hashlib.sha256(body).hexdigest()
    languages, pairs = [], []
    for line in lines:
        fields = line.split("\t")
        if fields[0] == "language":
            languages.append(fields[1])
        elif fields[0] == "pair":
            pairs.append(([int(fields[1]), int(fields[2])], []))
        elif fields[0] == "column":
            values = column(folder, fields)
            if fields[1] == "train" and fields[3] == "offsets":
                pairs[-1][1].append([b - a for a, b in zip(values, values[1:])])
    return languages, pairs


# ---- an epoch ----

def whole(x):
    return int(x + x * 2.0 ** -40)


def shares_of(sizes, temperature):
    total = sum(sizes)
    shares = [(n / total) ** (1 / temperature) for n in sizes]
    total = sum(shares)
    return [r / total for r in shares]


def counts_of(sizes, shares, rng):
    largest = sizes.index(max(sizes))
    size = whole(min(sum(r / shares[largest] * sizes[largest] for r in shares), 1.5 * sum(sizes)))
    counts = [whole(size * r) for r in shares]
    for j in range(size - sum(counts)):
        u, running = rng.uniform(j), 0.0
        for i, r in enumerate(shares):
            running += r
            if u < running:
                break
        counts[i] += 1
    return counts


def cut(sizes, max_tokens):
    """fairseq's batch_by_size: lists of places, as (begin, end)."""
    batches, begin, closed = [], 0, 0
    for at in range(len(sizes)):
        number = at + 1 - begin
        fits = number * max(sizes[begin:at + 1]) <= max_tokens
        if fits and (number < 8 or number % 8 == 0):
            closed = at + 1
        elif not fits:
            if closed > begin:
                batches.append((begin, closed))
            begin = closed
            if (at + 1 - begin) * max(sizes[begin:at + 1]) > max_tokens:
                if at > begin:
                    batches.append((begin, at))
                begin = at
            closed = at + 1
    for first, last in ((begin, closed), (closed, len(sizes))):
        if last > first:
            batches.append((first, last))
    return batches


def epoch_batches(pairs, cls, seed, temperature, max_tokens, max_pieces, epoch):
    directions, usable = [], []
    for number, (codes, lengths) in enumerate(pairs):
        kept = [i for i, sides in enumerate(zip(*lengths)) if max(sides) <= max_pieces]
        usable.append(kept)
        directions += [(number, 0, codes[0], codes[1]), (number, 1, codes[1], codes[0])]
    sizes = [len(usable[d[0]]) for d in directions]
    shares = shares_of(sizes, temperature)
    counts = counts_of(sizes, shares, Stream(seed, SAMPLE, epoch, len(directions)))
    entries = []
    for i, (pair, side, source, target) in enumerate(directions):
        rng = Stream(seed, SAMPLE, epoch, i)
        if counts[i] <= sizes[i]:
            drawn = shuffle(list(range(sizes[i])), rng, counts[i])
        else:
            drawn = [rng.below(k, sizes[i]) for k in range(counts[i])]
        for place in drawn:
            sentence = usable[pair][place]
            lengths = pairs[pair][1]
            entries.append((lengths[side][sentence] + 2 + cls, lengths[1 - side][sentence] + 2, source, target,
                            sentence))
    shuffle(entries, Stream(seed, SHUFFLE, epoch, 0))
    entries.sort(key=lambda entry: entry[:2])
    batches = [entries[a:b] for a, b in cut([max(e[:2]) for e in entries], max_tokens)]
    return shuffle(batches, Stream(seed, SHUFFLE, epoch, 1))


def main():
    folder, cls, seed, temperature = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
    max_tokens, max_pieces, shards, epoch, batch, steps = map(int, sys.argv[5:])
    languages, pairs = read_index(folder)
    batches = epoch_batches(pairs, cls, seed, temperature, max_tokens, max_pieces, epoch)
    for _ in range(steps):
        if batch == len(batches):
            epoch, batch = epoch + 1, 0
            batches = epoch_batches(pairs, cls, seed, temperature, max_tokens, max_pieces, epoch)
        for place in range(batch, min(batch + shards, len(batches))):
            words = ["%s-%s:%d" % (languages[e[2]], languages[e[3]], e[4]) for e in batches[place]]
            print(epoch, place, *words)
        batch = min(batch + shards, len(batches))


main()
