"""The cases in PyTorch."""

import pathlib
import subprocess
import sys

import safetensors.torch
import torch
import torch.nn.functional as F

import pytorch_networks as networks
from worker import serve

torch.manual_seed(0)
LARGE = 1 << 24


def uniform(*shape):
    return torch.rand(*shape) * 2 - 1


def unary(function):
    a = uniform(LARGE)
    return lambda: function(a)


def add():
    a, b = uniform(LARGE), uniform(LARGE)
    return lambda: a + b


def softmax():
    a = uniform(4096, 4096)
    return lambda: torch.softmax(a, -1)


def matmul(n, dtype=torch.float32):
    a, b = uniform(n, n).to(dtype), uniform(n, n).to(dtype)
    return lambda: a @ b


def gemv():
    a, x = uniform(4096, 4096), uniform(4096)
    return lambda: a @ x


def svd():
    a = uniform(512, 512)
    return lambda: torch.linalg.svd(a)


def eigh():
    a = uniform(512, 512)
    symmetric = a + a.T
    return lambda: torch.linalg.eigh(symmetric)


def fft(n):
    a = uniform(n).to(torch.complex64)
    return lambda: torch.fft.fft(a)


def fft2d():
    a = uniform(64, 256, 256).to(torch.complex64)
    return lambda: torch.fft.fft2(a)


def layer_norm():
    x, weight, bias = uniform(4096, 1024), uniform(1024), uniform(1024)
    return lambda: F.layer_norm(x, (1024,), weight, bias, 1e-5)


def attention(heads, queries, keys, features):
    q, k, v = (uniform(1, heads, n, features) for n in (queries, keys, keys))
    return lambda: F.scaled_dot_product_attention(q, k, v)


def chain_of(k):
    """The first k operations of a chain of 15."""
    a, b = uniform(LARGE), uniform(LARGE)
    links = [
        lambda x: x * b, lambda x: x + a, lambda x: x * 0.5, lambda x: x - b, torch.abs,
        lambda x: x + 1, torch.tanh, lambda x: x * b, lambda x: x - a, lambda x: torch.maximum(x, b),
        torch.square, lambda x: x + 1, torch.sqrt, torch.negative, torch.exp][:k]

    def work():
        x = a
        for link in links:
            x = link(x)
        return x
    return torch.compile(work)


def chain_held():
    a, b = uniform(LARGE), uniform(LARGE)

    def work():
        product = a * b
        total = product + a
        half = total * 0.5
        difference = half - b
        magnitude = torch.abs(difference)
        above = magnitude + 1
        result = torch.tanh(above)
        return product, total, half, difference, magnitude, above, result
    return torch.compile(work)


def one_add():
    one = uniform(10)
    return lambda: (one + one).tolist()


def tiny():
    one = uniform(10)

    @torch.inference_mode()
    def work():
        x = one
        for _ in range(1000):
            x = x + one
        return x
    return work


def batched():
    a, b = uniform(64, 64, 64), uniform(64, 64, 64)
    return lambda: a @ b


def conv2d(shape, kernel, stride, padding):
    x, w = (uniform(*sizes).to(memory_format=torch.channels_last) for sizes in (shape, kernel))
    return lambda: F.conv2d(x, w, stride=stride, padding=padding)


def gather():
    table, rows = uniform(50000, 256), torch.randint(0, 50000, (8192,))
    return lambda: table[rows]


def on_line(function):
    a = uniform(1000000)
    return lambda: function(a)


def searchsorted():
    sequence, values = torch.sort(uniform(1000000)).values, uniform(1000000)
    return lambda: torch.searchsorted(sequence, values)


def transpose():
    a = uniform(4096, 4096)
    return lambda: a.T.contiguous()


def normal():
    return lambda: torch.randn(1 << 22)


def einsum():
    q, k, w = uniform(8, 128, 8, 64), uniform(8, 128, 8, 64), uniform(8, 64)
    return lambda: torch.einsum("bqhd,bkhd,hd->bhqk", q, k, w)


def start_up():
    program = "import torch; print((torch.ones(3) + 1).tolist())"
    return lambda: subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)


def load():
    path = pathlib.Path(__file__).parent.parent / ".peers" / "large.safetensors"
    # Only mapped until something reads them.
    return lambda: [a.sum() for a in safetensors.torch.load_file(path).values()]


serve({
    "add": add, "exp": lambda: unary(torch.exp), "tanh": lambda: unary(torch.tanh),
    "sum": lambda: unary(torch.sum), "softmax": softmax, "matmul1024": lambda: matmul(1024),
    "matmul2048": lambda: matmul(2048), "gemv": gemv,
    "matmul1024f16": lambda: matmul(1024, torch.float16),
    "matmul1024bf16": lambda: matmul(1024, torch.bfloat16), "matmul64x64": batched,
    "chain3": lambda: chain_of(3), "chain7": lambda: chain_of(7),
    "chain15": lambda: chain_of(15), "chainHeld": chain_held, "oneAdd": one_add, "tiny": tiny,
    "fft1000": lambda: fft(1000), "fft1024": lambda: fft(1024), "fft10007": lambda: fft(10007),
    "fft1m": lambda: fft(1 << 20), "fft2d": fft2d,
    "layerNorm": layer_norm, "attention": lambda: attention(8, 1024, 1024, 64),
    "attentionCache": lambda: attention(32, 1, 4096, 128),
    "svd512": svd, "eigh512": eigh,
    "cumsum16m": lambda: unary(lambda a: torch.cumsum(a, 0)), "randomNormal4m": normal,
    "conv56": lambda: conv2d((8, 64, 56, 56), (64, 64, 3, 3), 1, 1),
    "conv28": lambda: conv2d((32, 1, 28, 28), (32, 1, 3, 3), 1, 1),
    "conv224": lambda: conv2d((1, 3, 224, 224), (64, 3, 7, 7), 2, 3), "gather": gather,
    "sort": lambda: on_line(torch.sort), "argsort": lambda: on_line(torch.argsort),
    "topk": lambda: on_line(lambda a: torch.topk(a, 10)), "searchsorted": searchsorted,
    "transpose": transpose, "einsum": einsum, "startUp": start_up, "load": load,
    **networks.makers,
})
