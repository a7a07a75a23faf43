"""Prints the times of gpu_benchmark_test.cpp beside PyTorch's on the same card, with their ratio."""
import functools
import sys
import time

import torch

torch.backends.cuda.matmul.allow_tf32 = False
torch.backends.cudnn.allow_tf32 = False
device = torch.device("cuda")


def measure(run, runs=50, rounds=8):
    times = []
    for _ in range(rounds):
        torch.cuda.synchronize()
        start = time.perf_counter()
        for _ in range(runs):
            run()
        torch.cuda.synchronize()
        times.append((time.perf_counter() - start) / runs * 1e3)
    return sorted(times[1:])[len(times) // 2]


def chain(x, y):
    return torch.tanh((x * y + x) * y - x) * y + x


n = 1 << 24
a, b = (torch.rand(n, device=device) * 8 - 4 for _ in range(2))
out = torch.empty_like(a)
a2, out2 = a.view(4096, 4096), out.view(4096, 4096)
ab, bb = a.bfloat16(), b.bfloat16()
tiny = torch.rand(100, device=device)
tiny_out = torch.empty_like(tiny)
host = torch.ones(64 << 20, dtype=torch.uint8)
on_device = host.to(device)
compiled = torch.compile(chain)

cases = {
    "add 16M f32": lambda: torch.add(a, b, out=out),
    "exp 16M f32": lambda: torch.exp(a, out=out),
    "sin 16M f32": lambda: torch.sin(a, out=out),
    "cast 16M f32 to bf16": lambda: a.bfloat16(),
    "add 16M bf16": lambda: ab + bb,
    "chain of 7 over 16M f32": lambda: compiled(a, b),
    "bias add 4096^2 f32": lambda: torch.add(a2, b[:4096], out=out2),
    "transpose copy 4096^2 f32": lambda: out2.copy_(a2.t()),
    "exp of a transposed 4096^2 f32": lambda: torch.exp(a2.t(), out=out2),
    "copy 16M f32": lambda: out.copy_(a),
    "sum 16M f32": lambda: a.sum(),
    "sum over axis 0 of 4096^2 f32": lambda: a2.sum(0),
    "sum over axis 1 of 4096^2 f32": lambda: a2.sum(1),
    "max 16M f32": lambda: a.max(),
    "argmax over axis 1 of 4096^2 f32": lambda: a2.argmax(1),
    "softmax 4096^2 f32": lambda: torch.softmax(a2, 1),
    "logsumexp 4096^2 f32": lambda: torch.logsumexp(a2, 1),
    "tiny add": lambda: torch.add(tiny, tiny, out=tiny_out),
    "64 MB host to device": lambda: on_device.copy_(host),
    "64 MB device to host": lambda: host.copy_(on_device),
}

for dtype, name in ((torch.float32, "f32"), (torch.bfloat16, "bf16")):
    for side in (512, 1024, 2048, 4096, 8192):
        p, q = (torch.randn(side, side, device=device, dtype=dtype) for _ in range(2))
        r = torch.empty_like(p)
        run = functools.partial(torch.mm, p, q, out=r)
        cases[f"matmul {side} {name}"] = cases[f"matmul {side} {name}, own tiles"] = run
    image = torch.randn(8, 64, 56, 56, device=device, dtype=dtype).to(memory_format=torch.channels_last)
    weight = torch.randn(64, 64, 3, 3, device=device, dtype=dtype).to(memory_format=torch.channels_last)
    cases[f"conv2d 8x56x56 64 to 64, 3x3 {name}"] = functools.partial(
        torch.nn.functional.conv2d, image, weight, padding=1
    )
s3 = torch.randn(64, 64, 64, device=device)
cases["matmul 64 of 64^3 f32"] = lambda: torch.bmm(s3, s3)
cases["matmul 64 of 64^3 f32, own tiles"] = cases["matmul 64 of 64^3 f32"]
vector = torch.randn(4096, device=device)
cases["matrix x vector 4096 f32"] = lambda: torch.mv(a2, vector)
table = torch.randn(65536, 256, device=device)
index = torch.randint(0, 65536, (8192,), device=device)
updates = torch.randn(8192, 256, device=device)
cases["gather 8192x256 f32"] = lambda: table[index]
cases["scatter-add 8192x256 f32"] = lambda: table.index_add_(0, index, updates)
cases["random bits 16M u32"] = lambda: torch.randint(0, 2**31, (n,), device=device, dtype=torch.int32)

line = a[: 1 << 20]
rows = a[: 4096 * 1024].view(4096, 1024)
line_c64 = torch.view_as_complex(a[: 1 << 21].view(-1, 2))
cases["cumsum 16M f32"] = lambda: torch.cumsum(a, 0, out=out)
cases["cumsum over axis 0 of 4096^2 f32"] = lambda: torch.cumsum(a2, 0, out=out2)
cases["sort 1M f32"] = lambda: torch.sort(line)
cases["argsort 1M f32"] = lambda: torch.argsort(line, stable=True)
cases["sort rows of 4096x1024 f32"] = lambda: torch.sort(rows, 1)
cases["fft 1M c64"] = lambda: torch.fft.fft(line_c64)
weight = torch.rand(1024, device=device)
cases["layer norm 4096x1024 f32"] = lambda: torch.nn.functional.layer_norm(rows, (1024,), weight, weight)
cases["rms norm 4096x1024 f32"] = lambda: torch.nn.functional.rms_norm(rows, (1024,), weight)
heads = [torch.randn(1, 32, 2048, 128, device=device, dtype=torch.bfloat16, requires_grad=True) for _ in range(3)]
attend = torch.nn.functional.scaled_dot_product_attention
with torch.no_grad():
    slopes = torch.randn_like(heads[0])
attended = attend(*heads, is_causal=True)


def without_gradient(*args, **settings):
    with torch.no_grad():
        attend(*args, **settings)


cases["attention 32x2048x128 causal bf16"] = lambda: without_gradient(*heads, is_causal=True)
cases["attention gradient 32x2048x128 causal bf16"] = lambda: torch.autograd.grad(
    attended, heads, slopes, retain_graph=True
)
one = torch.randn(1, 32, 1, 128, device=device, dtype=torch.bfloat16)
few = [torch.randn(1, 8, 4096, 128, device=device, dtype=torch.bfloat16) for _ in range(2)]
cases["attention of one query, 32 of 8 heads, 4096 keys bf16"] = lambda: without_gradient(one, *few, enable_gqa=True)


def main():
    ours = dict(line.rstrip("\n").removeprefix("TIME ").split("\t") for line in open(sys.argv[1]))
    print(f"PyTorch {torch.__version__}, {torch.cuda.get_device_name()}")
    print(f"{'milliseconds':40} {'ours':>9} {'PyTorch':>9} {'ratio':>6}")
    for name, value in ours.items():
        own = float(value)
        runs = 1000 if name == "tiny add" else 5 if "host" in name or " 8192 " in name else 50
        theirs = measure(cases[name], runs) if name in cases else None
        rest = f"{theirs:9.4f} {own / theirs:6.2f}" if theirs else ""
        print(f"{name:40} {own:9.4f} {rest}", flush=True)


main()
