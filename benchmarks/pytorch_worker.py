"""The cases in PyTorch."""

import torch
import torch.nn.functional as F

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


def matmul(n):
    a, b = uniform(n, n), uniform(n, n)
    return lambda: a @ b


def gemv():
    a, x = uniform(4096, 4096), uniform(4096)
    return lambda: a @ x


def layer_norm():
    x, weight, bias = uniform(4096, 1024), uniform(1024), uniform(1024)
    return lambda: F.layer_norm(x, (1024,), weight, bias, 1e-5)


def attention(heads, queries, keys, features):
    q, k, v = (uniform(1, heads, n, features) for n in (queries, keys, keys))
    return lambda: torch.softmax(q @ k.mT * features ** -0.5, -1) @ v


def chain():
    a, b = uniform(LARGE), uniform(LARGE)
    return lambda: (((a * b + a) * 0.5 - b).abs() + 1) * torch.tanh(b)


def tiny():
    one = uniform(10)

    def work():
        x = one
        for _ in range(1000):
            x = x + one
        return x
    return work


def mlp():
    model = torch.nn.Sequential(
        torch.nn.Linear(784, 256), torch.nn.ReLU(), torch.nn.Linear(256, 256), torch.nn.ReLU(),
        torch.nn.Linear(256, 10))
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    x, y = uniform(256, 784), torch.randint(0, 10, (256,))

    def work():
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
    return work


serve({
    "add": add, "exp": lambda: unary(torch.exp), "tanh": lambda: unary(torch.tanh),
    "sum": lambda: unary(torch.sum), "softmax": softmax, "matmul1024": lambda: matmul(1024),
    "matmul2048": lambda: matmul(2048), "gemv": gemv, "quantizedGemv": gemv, "layerNorm": layer_norm,
    "attention": lambda: attention(8, 1024, 1024, 64),
    "attentionCache": lambda: attention(32, 1, 4096, 128), "chain": chain, "tiny": tiny, "mlp": mlp,
})
