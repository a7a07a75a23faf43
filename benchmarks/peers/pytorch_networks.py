"""Networks in PyTorch, with channels last, fused optimizers and its own attention."""

import torch
import torch.nn.functional as F
from torch import nn


def uniform(*shape):
    return torch.rand(*shape) * 2 - 1


def training(optimizer, loss, compiled=False):
    forward = torch.compile(loss) if compiled else loss

    def work():
        optimizer.zero_grad()
        forward().backward()
        optimizer.step()
    return work


def adam_of(model):
    return torch.optim.Adam(model.parameters(), 0.001, fused=True)


def mlp(compiled=False):
    model = nn.Sequential(
        nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 10))
    x, y = uniform(256, 784), torch.randint(0, 10, (256,))
    optimizer = torch.optim.SGD(model.parameters(), 0.1, fused=True)
    return training(optimizer, lambda: F.cross_entropy(model(x), y), compiled)


def pictures(*shape):
    return uniform(*shape).to(memory_format=torch.channels_last)


def cnn():
    model = nn.Sequential(
        nn.Conv2d(1, 16, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(7 * 7 * 32, 10)).to(memory_format=torch.channels_last)
    x, y = pictures(32, 1, 28, 28), torch.randint(0, 10, (32,))
    return training(adam_of(model), lambda: F.cross_entropy(model(x), y))


class ResNetBlock(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(64, 64, 3, padding=1, bias=False), nn.BatchNorm2d(64), nn.ReLU(),
            nn.Conv2d(64, 64, 3, padding=1, bias=False), nn.BatchNorm2d(64))

    def forward(self, x):
        return torch.relu(self.layers(x) + x)


def resnet_block():
    model = ResNetBlock().to(memory_format=torch.channels_last)
    x = pictures(16, 64, 32, 32)
    return training(adam_of(model), lambda: model(x).square().mean())


def lstm():
    model = nn.LSTM(64, 128, batch_first=True)
    x = uniform(16, 100, 64)

    @torch.inference_mode()
    def work():
        return model(x)
    return work


def encoder_layer(features, heads, hidden):
    return nn.TransformerEncoderLayer(
        features, heads, hidden, dropout=0, batch_first=True, norm_first=True)


def transformer():
    layer = encoder_layer(256, 8, 1024)
    x = uniform(8, 128, 256)
    return training(adam_of(layer), lambda: layer(x).square().mean())


class ViT(nn.Module):
    def __init__(self, features=192, layers=4):
        super().__init__()
        self.patches = nn.Conv2d(3, features, 8, 8)
        self.positions = nn.Parameter(uniform(64, features))
        self.layers = nn.Sequential(*[encoder_layer(features, 3, 768) for _ in range(layers)])
        self.head = nn.Linear(features, 10)

    def forward(self, x):
        tokens = self.patches(x).flatten(2).mT + self.positions
        return self.head(self.layers(tokens).mean(1))


def vit():
    model = ViT()
    x, y = pictures(16, 3, 64, 64), torch.randint(0, 10, (16,))
    return training(adam_of(model), lambda: F.cross_entropy(model(x), y))


class LlamaLayer(nn.Module):
    def __init__(self, features, hidden, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.RMSNorm(features), nn.RMSNorm(features)
        self.qkv = nn.Linear(features, 3 * features, bias=False)
        self.out = nn.Linear(features, features, bias=False)
        self.gate_up = nn.Linear(features, 2 * hidden, bias=False)
        self.down = nn.Linear(hidden, features, bias=False)

    def forward(self, x, cache, cos, sin):
        q, k, v = self.qkv(self.norm1(x)).unflatten(-1, (3, self.heads, -1)).unbind(-3)
        q, k, v = (part.unsqueeze(2) for part in (rotated(q, cos, sin), rotated(k, cos, sin), v))
        keys, values = torch.cat([cache[0], k], 2), torch.cat([cache[1], v], 2)
        x = x + self.out(F.scaled_dot_product_attention(q, keys, values).flatten(1))
        gate, up = self.gate_up(self.norm2(x)).chunk(2, -1)
        return x + self.down(F.silu(gate) * up)


def rotated(x, cos, sin):
    low, high = x.chunk(2, -1)
    return torch.cat([low * cos - high * sin, high * cos + low * sin], -1)


def decode(dtype):
    features, hidden, heads, layers, words = 1024, 2816, 16, 6, 1000
    blocks = [LlamaLayer(features, hidden, heads).to(dtype) for _ in range(layers)]
    table, norm = uniform(words, features).to(dtype), nn.RMSNorm(features).to(dtype)
    head = nn.Linear(features, words, bias=False).to(dtype)
    past = [[uniform(1, heads, 255, 64).to(dtype) for _ in range(2)] for _ in range(layers)]
    angles = 255 * 10000 ** (-torch.arange(32) / 32)
    cos, sin = angles.cos().to(dtype), angles.sin().to(dtype)
    word = torch.tensor([7])

    @torch.inference_mode()
    def work():
        x = table[word]
        for block, cache in zip(blocks, past):
            x = block(x, cache, cos, sin)
        return head(norm(x)).argmax(-1).item()
    return work


def adam(shape, count):
    parameters = [nn.Parameter(uniform(*shape)) for _ in range(count)]
    for parameter in parameters:
        parameter.grad = uniform(*shape)
    return torch.optim.Adam(parameters, 0.001, fused=True).step


makers = {
    "mlp": mlp, "mlpCompiled": lambda: mlp(True), "cnn": cnn, "resnetBlock": resnet_block,
    "lstm": lstm, "transformer": transformer, "vit": vit,
    "decode": lambda: decode(torch.float32), "decodeBf16": lambda: decode(torch.bfloat16),
    "adam10m": lambda: adam((2500, 1000), 4), "adam50": lambda: adam((256, 256), 50),
    "adam50compiled": lambda: adam((256, 256), 50),
}
