"""What the peers' workers share: one case a line from stdin, milliseconds to stdout."""

import sys
import time


def milliseconds(work):
    begin = time.perf_counter()
    work()
    return (time.perf_counter() - begin) * 1000


def serve(makers):
    made_name, work = None, None
    for line in sys.stdin:
        name = line.strip()
        if name != made_name:
            work = None
            made_name, work = name, makers[name]()
            end = time.perf_counter() + 0.5
            while time.perf_counter() < end:
                work()
        # Others ran since the last turn: the first run finds cold caches and sleeping threads.
        work()
        times = []
        total = 0
        while total < 40 or len(times) < 3:
            times.append(milliseconds(work))
            total += times[-1]
        times.sort()
        print(times[len(times) // 2], flush=True)
