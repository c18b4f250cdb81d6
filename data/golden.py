#!/usr/bin/python3
"""Golden folders of thor (thor-golden(5)) for whoever writes the model again: opens one, gives its tensors, writes results
beside it, makes its masks of dropout and its invented batch. One file; numpy is all it needs.

    import golden
    ours = golden.Folder("golden")
    ours.config["model"]["width"], ours.initial["embed.weight"], ours.batch["src_tokens"]
    ours.rows("encoder")                            # [B,S], true where there is no padding
    ours.mask("encoder.embed.dropout")              # what dropout keeps in step 1; update=1 for step 2
    for name, x in ours.forward.items(): ...
    golden.write_folder("theirs", forward={...}, gradients={...}, losses={...})     # then: thor golden compare golden theirs

`python3 golden.py FOLDER` lists a folder's tensors.
"""

import json
import os
import struct
import sys
from typing import Any, Iterator

import numpy as np

Tensors = dict[str, np.ndarray]

PAD, END = 1, 2
TYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I8": "i1", "U8": "u1", "BOOL": "?",
         "BF16": "<u2"}
NAMES = {np.dtype(code): name for name, code in TYPES.items() if name != "BF16"}

# ---- safetensors ---------------------------------------------------------------------------------------------------


def read(path: str) -> Tensors:
    """Every tensor of a safetensors file. BF16 becomes float32, which holds all of its numbers."""
    with open(path, "rb") as file:
        data = file.read()
    if len(data) < 8 or struct.unpack("<Q", data[:8])[0] > len(data) - 8:
        raise ValueError(f"{path}: {len(data)} bytes are no safetensors file")
    start = 8 + struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:start])
    header.pop("__metadata__", None)
    return {name: _tensor(path, name, entry, data[start:]) for name, entry in header.items()}


def _tensor(path: str, name: str, entry: dict, data: bytes) -> np.ndarray:
    if entry["dtype"] not in TYPES:
        raise ValueError(f"{path}: {name} has the type {entry['dtype']}; known are {', '.join(TYPES)}")
    begin, end = entry["data_offsets"]
    flat = np.frombuffer(data[begin:end], dtype=TYPES[entry["dtype"]])
    if entry["dtype"] == "BF16":
        flat = (flat.astype(np.uint32) << 16).view(np.float32)
    return flat.reshape(entry["shape"])


def write(path: str, tensors: Tensors) -> None:
    """A safetensors file. Arrays of numpy; what has a method `numpy`, as tensors of PyTorch and TensorFlow, is converted."""
    header, parts, offset = {}, [], 0
    for name, tensor in tensors.items():
        array = np.ascontiguousarray(_as_array(tensor)).reshape(np.shape(tensor))
        if array.dtype.newbyteorder("<") not in NAMES:
            raise ValueError(f"{path}: {name} has the type {array.dtype}; expected one of {', '.join(map(str, NAMES))}")
        parts.append(array.astype(array.dtype.newbyteorder("<")).tobytes())
        header[name] = {"dtype": NAMES[array.dtype.newbyteorder("<")], "shape": list(array.shape),
                        "data_offsets": [offset, offset + len(parts[-1])]}
        offset += len(parts[-1])
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(parts))


def _as_array(tensor: Any) -> np.ndarray:
    """bfloat16 of PyTorch and JAX goes by float32."""
    if hasattr(tensor, "detach"):
        tensor = tensor.detach().cpu()
        tensor = tensor.float() if "bfloat16" in str(tensor.dtype) else tensor
        return tensor.numpy()
    array = np.asarray(tensor)
    return array.astype(np.float32) if "bfloat16" in str(array.dtype) else array


# ---- Philox4x32-10, thor-numerics(7) -------------------------------------------------------------------------------


def philox(counter: list[np.ndarray], key: tuple[int, int]) -> list[np.ndarray]:
    """Four words of 32 bits, held in uint64, of four counter words and two key words."""
    low = np.uint64(0xFFFFFFFF)
    first, second = key
    for _ in range(10):
        product0 = counter[0] * np.uint64(0xD2511F53)
        product1 = counter[2] * np.uint64(0xCD9E8D57)
        counter = [product1 >> np.uint64(32) ^ counter[1] ^ np.uint64(first), product1 & low,
                   product0 >> np.uint64(32) ^ counter[3] ^ np.uint64(second), product0 & low]
        first, second = (first + 0x9E3779B9) & 0xFFFFFFFF, (second + 0xBB67AE85) & 0xFFFFFFFF
    return counter


def words(count: int, seed: int, site: int, step: int = 0, shard: int = 0) -> np.ndarray:
    """The words of elements 0 to count - 1, uint64 below 2^32."""
    blocks = np.arange((count + 3) // 4, dtype=np.uint64)
    rest = [np.full_like(blocks, word & 0xFFFFFFFF) for word in (site, step, shard)]
    return np.stack(philox([blocks, *rest], (seed & 0xFFFFFFFF, seed >> 32)), axis=1).reshape(-1)[:count]


def uniform(count: int, seed: int, site: int, step: int = 0, shard: int = 0) -> np.ndarray:
    """u = (word >> 8) 2^-24 in float64, exact."""
    return (words(count, seed, site, step, shard) >> np.uint64(8)).astype(np.float64) * 2.0 ** -24


KINDS = {"embed": 1, "self_attn.probs": 2, "self_attn": 3, "cross_attn.probs": 4, "cross_attn": 5, "ffn.activation": 6,
         "ffn": 7, "moe.experts.activation": 8, "moe.experts": 9, "moe.shared.activation": 10, "moe.shared": 11}


def site_of(name: str) -> int:
    """stack << 16 | layer << 8 | kind of a mask's name, with or without ".dropout"."""
    parts = name.removesuffix(".dropout").split(".")
    layer, what = (int(parts[2]), ".".join(parts[3:])) if parts[1] == "layers" else (255, parts[1])
    return ["encoder", "decoder"].index(parts[0]) << 16 | layer << 8 | KINDS[what]


# ---- folders -------------------------------------------------------------------------------------------------------


class Folder:
    """config and golden are the JSON files; initial, batch, dropout, forward, gradients, moments, after the tensors, read
    when they are asked for and empty where there is no file."""

    PARTS = ("initial", "batch", "dropout", "forward", "gradients", "backward", "moments", "after")

    def __init__(self, path: str) -> None:
        self.path = path
        self.config: dict[str, Any] = self._json("config.json")
        self.golden: dict[str, Any] = self._json("golden.json") if self.has("golden.json") else {}
        self.seed: int = self.golden.get("seed", self.config["seed"])
        self.steps: int = self.golden.get("steps", 1)
        self._read: dict[str, Tensors] = {}

    def has(self, name: str) -> bool:
        return os.path.exists(os.path.join(self.path, name))

    def _json(self, name: str) -> dict[str, Any]:
        with open(os.path.join(self.path, name), encoding="utf-8") as file:
            return json.load(file)

    @property
    def losses(self) -> dict[str, float]:
        return self._json("losses.json")

    def __getattr__(self, part: str) -> Tensors:
        if part not in Folder.PARTS:
            raise AttributeError(f"a golden folder has no {part!r}; it has {', '.join(Folder.PARTS)}")
        if part not in self._read:
            name = part + ".safetensors"
            self._read[part] = read(os.path.join(self.path, name)) if self.has(name) else {}
        return self._read[part]

    def __iter__(self) -> Iterator[tuple[str, str, np.ndarray]]:
        """Every tensor: part, name, array."""
        for part in Folder.PARTS:
            for name, tensor in getattr(self, part).items():
                yield part, name, tensor

    def rows(self, stack: str) -> np.ndarray:
        """[B,L], true where there is no padding; stack is "encoder" or "decoder"."""
        return self.batch["src_tokens" if stack == "encoder" else "tgt_in"] != PAD

    def shape_of_mask(self, name: str) -> tuple[int, ...]:
        """Of the array that dropout `name` acts on."""
        model, moe = self.config["model"], self.config["moe"]
        stack, what = name.split(".")[0], name.removesuffix(".dropout")
        sentences, length = self.rows(stack).shape
        if what.endswith("_attn.probs"):
            keys = self.rows("encoder").shape[1] if "cross_attn" in what else length
            return sentences, model["heads"], length, keys
        width = model["ffn_width"] if what.endswith("activation") else model["width"]
        return (sentences, length, moe["experts"], width) if ".experts" in what else (sentences, length, width)

    def rate_of(self, name: str) -> float:
        what = name.removesuffix(".dropout")
        kind = "attention_dropout" if what.endswith(".probs") else \
            "activation_dropout" if what.endswith("activation") else "dropout"
        return self.config["model"][kind]

    def mask(self, name: str, update: int = 0) -> np.ndarray:
        """What dropout `name` keeps in the step after `update` updates; kept elements are multiplied by scale(name)."""
        shape = self.shape_of_mask(name)
        u = uniform(int(np.prod(shape)), self.seed, site_of(name), update)
        return (u >= np.float64(np.float32(self.rate_of(name)))).reshape(shape)

    def scale(self, name: str) -> np.float32:
        return np.float32(1 / (1 - self.rate_of(name)))

    def invented_batch(self, words_from: int = 4, words_to: int = 14) -> Tensors:
        """The batch that `thor golden make` invents of the seed, with --words FROM-TO."""
        return invented_batch(self.config, self.seed, len(self.batch["src_tokens"]), words_from, words_to)


def write_folder(path: str, losses: dict[str, float] | None = None, updates: list[dict[str, float]] | None = None,
                 **parts: Tensors) -> None:
    """A folder for `thor golden compare OURS PATH`: forward=, gradients=, after= and so on, losses by name; updates are
    the numbers of each step (lr, gradient_norm, clip, total ...)."""
    unknown = set(parts) - set(Folder.PARTS)
    if unknown:
        raise ValueError(f"no part of a golden folder: {', '.join(sorted(unknown))}; known are {', '.join(Folder.PARTS)}")
    os.makedirs(path, exist_ok=True)
    for part, tensors in parts.items():
        if tensors:
            write(os.path.join(path, part + ".safetensors"), tensors)
    for name, numbers in (("losses.json", losses), ("golden.json", updates and {"updates": updates})):
        if numbers:
            with open(os.path.join(path, name), "w", encoding="utf-8") as file:
                json.dump(numbers, file, indent=1)


# ---- invented batches, thor-golden(5) ------------------------------------------------------------------------------


def draw(seed: int, sentence: int, what: int, i: int, below: int) -> int:
    """Draw i below `below` for a sentence: 64 bits of elements 2i and 2i + 1."""
    high, low = (int(word) for word in words(2 * i + 2, seed, (6 << 24) + what, 0, sentence)[-2:])
    return (high << 32 | low) * below >> 64


def invented_batch(config: dict[str, Any], seed: int, sentences: int, words_from: int, words_to: int) -> Tensors:
    languages, task = config["languages"], config["task"]
    cls = config["vocab"]["ids"] - len(languages) - 1
    pairs = [tuple(languages.index(code) for code in pair.split("-")) for pair in config.get("pairs", [])] or \
        [(a, b) for a in range(len(languages)) for b in range(len(languages)) if a != b]
    front = [cls] if config["moe"]["system"] == "thor" and task["representation"] != "none" else []
    batch: dict[str, list] = {name: [] for name in ("src_tokens", "tgt_in", "tgt_out", "src_language", "tgt_language",
                                                    "task_label")}
    for b in range(sentences):
        counts = [words_from + draw(seed, b, side, 0, words_to - words_from + 1) for side in (0, 1)]
        place = draw(seed, b, 2, 0, len(pairs))
        source, target = pairs[place]
        text = [[4 + draw(seed, b, 4 + side, i, cls - 4) for i in range(counts[side])] for side in (0, 1)]
        domain = draw(seed, b, 3, 0, len(config["domains"])) if config.get("domains") else 0
        batch["src_tokens"].append(front + [cls + 1 + source] + text[0] + [END])
        batch["tgt_in"].append([END, cls + 1 + target] + text[1])
        batch["tgt_out"].append([cls + 1 + target] + text[1] + [END])
        batch["src_language"].append(source)
        batch["tgt_language"].append(target)
        batch["task_label"].append({"source_language": source, "target_language": target, "pair": place,
                                    "domain": domain}[task["label"]])
    return {name: _padded(rows) for name, rows in batch.items()}


def _padded(rows: list) -> np.ndarray:
    if not isinstance(rows[0], list):
        return np.array(rows, dtype=np.int32)
    width = max(map(len, rows))
    return np.array([row + [PAD] * (width - len(row)) for row in rows], dtype=np.int32)


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or arguments[0].startswith("-"):
        print(__doc__, file=sys.stderr)
        return 2
    for part, name, tensor in Folder(arguments[0]):
        print(f"{part:10} {name:48} {str(tensor.dtype):8} {list(tensor.shape)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
