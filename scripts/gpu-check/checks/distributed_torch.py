# The same sums by PyTorch, for comparison: RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT are set.
import os
import time

import torch
import torch.distributed as distributed

rank = int(os.environ["RANK"])
torch.cuda.set_device(rank)
distributed.init_process_group("nccl")
for name, count, inner in [("1 KB", 256, 100), ("1 MB", 1 << 18, 100), ("256 MB", 1 << 26, 10)]:
    x = torch.ones(count, device="cuda")

    def together():
        begin = time.perf_counter()
        for _ in range(inner):
            distributed.all_reduce(x)
        torch.cuda.synchronize()
        return (time.perf_counter() - begin) / inner

    def apart():
        begin = time.perf_counter()
        for _ in range(inner):
            distributed.all_reduce(x)
            torch.cuda.synchronize()
        return (time.perf_counter() - begin) / inner

    for _ in range(3):
        together()
    a = sorted(together() for _ in range(7))[3] * 1e6
    b = sorted(apart() for _ in range(7))[3] * 1e6
    if rank == 0:
        print(f"TIME allSum {name:7} PyTorch  many at a time {a:9.1f} us, each waited for {b:9.1f} us")
    x.zero_()
if rank == 0:
    print("NCCL", ".".join(map(str, torch.cuda.nccl.version())), "PyTorch", torch.__version__)
distributed.destroy_process_group()
