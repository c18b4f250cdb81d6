"""Products in low precision, emulated on any device: what a GPU's TF32, binary16 or bfloat16 does to a model whose parameters,
norms, softmaxes and losses stay in binary32 (PyTorch's autocast).

    y = round_out(round_in(a) round_in(b)),  and both products of the backward pass likewise

TF32 has the range of binary32 and ten bits of fraction; its results are binary32. Gradients in binary16 keep the range of
binary32, as loss scaling gives it to them.
"""

from typing import Any, Callable

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode


def to_ten_bits(x: Tensor) -> Tensor:
    """Fractions of ten bits, rounded to nearest, ties away from zero, as tensor cores take them."""
    bits = x.detach().contiguous().view(torch.int32)
    return ((bits + 0x1000) & ~0x1FFF).view(torch.float32)


def to_bfloat16(x: Tensor) -> Tensor:
    return x.detach().bfloat16().float()


def same(x: Tensor) -> Tensor:
    return x


# What is done to the factors of a product, and to its result.
ROUNDINGS: dict[str, tuple[Callable[[Tensor], Tensor], Callable[[Tensor], Tensor]]] = {
    "tf32": (to_ten_bits, same), "f16": (to_ten_bits, to_ten_bits), "bf16": (to_bfloat16, to_bfloat16),
}


class Product(torch.autograd.Function):
    """a b of two matrices or two equal batches of them; b may be one matrix for all of a."""

    @staticmethod
    def forward(context: Any, a: Tensor, b: Tensor, name: str) -> Tensor:
        context.save_for_backward(a, b)
        context.name = name
        factor, result = ROUNDINGS[name]
        return result(factor(a) @ factor(b))

    @staticmethod
    def backward(context: Any, d_y: Tensor) -> tuple[Tensor, Tensor, None]:
        a, b = context.saved_tensors
        factor, result = ROUNDINGS[context.name]
        d_y = factor(d_y)
        d_a = result(d_y @ factor(b).transpose(-1, -2))
        if b.dim() == 2 and a.dim() > 2:
            d_y, a = d_y.flatten(0, -2), a.flatten(0, -2)
        return d_a, result(factor(a).transpose(-1, -2) @ d_y), None


class Products(TorchFunctionMode):
    """Within `with Products(name):` every linear map and matrix product is one of these."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def __torch_function__(self, function: Any, types: Any, arguments: tuple = (), named: dict | None = None) -> Any:
        if function is torch.nn.functional.linear:
            x, weight, *bias = arguments
            y = Product.apply(x, weight.t(), self.name)
            return y if not bias or bias[0] is None else y + bias[0]
        if function in (torch.matmul, Tensor.matmul, Tensor.__matmul__):
            return Product.apply(*arguments, self.name)
        return function(*arguments, **(named or {}))
