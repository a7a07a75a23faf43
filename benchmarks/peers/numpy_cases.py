"""The cases in NumPy."""

import numpy as np

from worker import serve

rng = np.random.default_rng(0)
LARGE = 1 << 24


def uniform(*shape):
    return rng.uniform(-1, 1, shape).astype(np.float32)


def unary(function):
    a = uniform(LARGE)
    return lambda: function(a)


def add():
    a, b = uniform(LARGE), uniform(LARGE)
    return lambda: a + b


def softmax():
    a = uniform(4096, 4096)

    def work():
        e = np.exp(a - a.max(-1, keepdims=True))
        return e / e.sum(-1, keepdims=True)
    return work


def matmul(n):
    a, b = uniform(n, n), uniform(n, n)
    return lambda: a @ b


def gemv():
    a, x = uniform(4096, 4096), uniform(4096)
    return lambda: a @ x


def svd():
    a = uniform(512, 512)
    return lambda: np.linalg.svd(a)


def eigh():
    a = uniform(512, 512)
    symmetric = a + a.T
    return lambda: np.linalg.eigh(symmetric)


def fft(n):
    a = uniform(n).astype(np.complex64)
    return lambda: np.fft.fft(a)


def fft2d():
    a = uniform(64, 256, 256).astype(np.complex64)
    return lambda: np.fft.fft2(a)


def layer_norm():
    x, weight, bias = uniform(4096, 1024), uniform(1024), uniform(1024)

    def work():
        centred = x - x.mean(-1, keepdims=True)
        variance = np.square(centred).mean(-1, keepdims=True)
        return centred / np.sqrt(variance + np.float32(1e-5)) * weight + bias
    return work


def attention(heads, queries, keys, features):
    q, k, v = (uniform(1, heads, n, features) for n in (queries, keys, keys))
    scale = np.float32(features ** -0.5)

    def work():
        scores = q @ k.swapaxes(-1, -2) * scale
        e = np.exp(scores - scores.max(-1, keepdims=True))
        return e / e.sum(-1, keepdims=True) @ v
    return work


def chain_of(k):
    """The first k operations of a chain of 15."""
    a, b = uniform(LARGE), uniform(LARGE)
    links = [
        lambda x: x * b, lambda x: x + a, lambda x: x * np.float32(0.5), lambda x: x - b, np.abs,
        lambda x: x + np.float32(1), np.tanh, lambda x: x * b, lambda x: x - a, lambda x: np.maximum(x, b),
        np.square, lambda x: x + np.float32(1), np.sqrt, np.negative, np.exp][:k]

    def work():
        x = a
        for link in links:
            x = link(x)
        return x
    return work


def chain_held():
    a, b = uniform(LARGE), uniform(LARGE)

    def work():
        product = a * b
        total = product + a
        half = total * np.float32(0.5)
        difference = half - b
        magnitude = np.abs(difference)
        above = magnitude + np.float32(1)
        result = np.tanh(above)
        return product, total, half, difference, magnitude, above, result
    return work


def one_add():
    one = uniform(10)
    return lambda: (one + one).tolist()


def tiny():
    one = uniform(10)

    def work():
        x = one
        for _ in range(1000):
            x = x + one
        return x
    return work


def mlp():
    """The forward pass, the gradients and the update, written out by hand."""
    sizes = [784, 256, 256, 10]
    weights = [uniform(m, n) / np.float32(m) ** np.float32(0.5) for m, n in zip(sizes, sizes[1:])]
    biases = [np.zeros(n, np.float32) for n in sizes[1:]]
    x, y = uniform(256, 784), rng.integers(0, 10, 256)
    rate = np.float32(0.1)

    def work():
        activations = [x]
        for i, (w, b) in enumerate(zip(weights, biases)):
            z = activations[-1] @ w + b
            activations.append(np.maximum(z, 0) if i < 2 else z)
        logits = activations[-1]
        e = np.exp(logits - logits.max(1, keepdims=True))
        p = e / e.sum(1, keepdims=True)
        p[np.arange(256), y] -= 1
        gradient = p / np.float32(256)
        for i in reversed(range(3)):
            weight_gradient = activations[i].T @ gradient
            bias_gradient = gradient.sum(0)
            if i:
                gradient = (gradient @ weights[i].T) * (activations[i] > 0)
            weights[i] -= rate * weight_gradient
            biases[i] -= rate * bias_gradient
    return work


def batched():
    a, b = uniform(64, 64, 64), uniform(64, 64, 64)
    return lambda: a @ b


def gather():
    table, rows = uniform(50000, 256), rng.integers(0, 50000, 8192)
    return lambda: table[rows]


def topk():
    """The largest, not in order."""
    a = uniform(1000000)
    return lambda: np.partition(a, a.size - 10)[-10:]


def searchsorted():
    sequence, values = np.sort(uniform(1000000)), uniform(1000000)
    return lambda: np.searchsorted(sequence, values)


def on_line(function):
    a = uniform(1000000)
    return lambda: function(a)


def transpose():
    a = uniform(4096, 4096)
    return lambda: np.ascontiguousarray(a.T)


def normal():
    return lambda: rng.standard_normal(1 << 22, np.float32)


def einsum():
    q, k, w = uniform(8, 128, 8, 64), uniform(8, 128, 8, 64), uniform(8, 64)
    return lambda: np.einsum("bqhd,bkhd,hd->bhqk", q, k, w, optimize=True)


serve({
    "add": add, "exp": lambda: unary(np.exp), "tanh": lambda: unary(np.tanh),
    "sum": lambda: unary(np.sum), "softmax": softmax, "matmul1024": lambda: matmul(1024),
    "matmul2048": lambda: matmul(2048), "gemv": gemv,
    "chain3": lambda: chain_of(3), "chain7": lambda: chain_of(7),
    "chain15": lambda: chain_of(15), "chainHeld": chain_held, "oneAdd": one_add, "tiny": tiny,
    "mlp": mlp,
    "fft1000": lambda: fft(1000), "fft1024": lambda: fft(1024), "fft10007": lambda: fft(10007),
    "fft1m": lambda: fft(1 << 20), "fft2d": fft2d,
    "layerNorm": layer_norm, "attention": lambda: attention(8, 1024, 1024, 64),
    "attentionCache": lambda: attention(32, 1, 4096, 128),
    "svd512": svd, "eigh512": eigh,
    "cumsum16m": lambda: unary(np.cumsum), "randomNormal4m": normal,
    "matmul64x64": batched, "gather": gather, "sort": lambda: on_line(np.sort),
    "argsort": lambda: on_line(np.argsort), "topk": topk, "searchsorted": searchsorted,
    "transpose": transpose, "einsum": einsum,
})
