"""The safetensors format: eight bytes with the length of a JSON header, the header, then the tensors, little-endian."""

import json
import os
import struct
import sys

import torch
from torch import Tensor

TYPES: dict[str, torch.dtype] = {
    "F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16,
    "I64": torch.int64, "I32": torch.int32, "U8": torch.uint8, "BOOL": torch.bool,
}
NAMES = {dtype: name for name, dtype in TYPES.items()}


class FormatError(Exception):
    """One sentence: the file, what was found, what was expected."""


def read(path: str) -> dict[str, Tensor]:
    """Every tensor of a file, by name. Nothing in the header is believed before it is checked."""
    if sys.byteorder != "little":
        raise FormatError(f"{path}: this reader needs a little-endian machine")
    size = os.path.getsize(path)
    with open(path, "rb") as file:
        prefix = file.read(8)
        if len(prefix) < 8 or not 2 <= struct.unpack("<Q", prefix)[0] <= size - 8:
            raise FormatError(f"{path}: {size} bytes are no safetensors file")
        try:
            header = json.loads(file.read(struct.unpack("<Q", prefix)[0]))
        except ValueError as error:
            raise FormatError(f"{path}: the header is no JSON: {error}") from error
        data = bytearray(file.read())
    header.pop("__metadata__", None)
    return {name: tensor_at(path, name, entry, data) for name, entry in header.items()}


def tensor_at(path: str, name: str, entry: dict, data: bytearray) -> Tensor:
    """The tensor of one entry {"dtype", "shape", "data_offsets"}; it shares the memory of `data`."""
    if entry["dtype"] not in TYPES:
        raise FormatError(f"{path}: {name} has type {entry['dtype']}; known are {', '.join(TYPES)}")
    dtype = TYPES[entry["dtype"]]
    begin, end = entry["data_offsets"]
    count = 1
    for length in entry["shape"]:
        count *= length
    width = torch.empty(0, dtype=dtype).element_size()
    if not 0 <= begin <= end <= len(data) or end - begin != count * width:
        raise FormatError(f"{path}: {name} of shape {entry['shape']} cannot stand at bytes {begin} to {end}")
    if count == 0:
        return torch.empty(entry["shape"], dtype=dtype)
    if begin % width:
        return torch.frombuffer(bytearray(data[begin:end]), dtype=dtype, count=count).reshape(entry["shape"])
    return torch.frombuffer(data, dtype=dtype, count=count, offset=begin).reshape(entry["shape"])


def write(path: str, tensors: dict[str, Tensor]) -> None:
    """The file appears whole or not at all; tensors stand in the order of the dictionary."""
    header, offset = {}, 0
    for name, tensor in tensors.items():
        size = tensor.numel() * tensor.element_size()
        place = [offset, offset + size]
        header[name] = {"dtype": NAMES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": place}
        offset += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path + ".part", "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for tensor in tensors.values():
            flat = tensor.detach().cpu().contiguous().reshape(-1)
            file.write(flat.view(torch.uint8).numpy().tobytes() if flat.numel() else b"")
    os.replace(path + ".part", path)
