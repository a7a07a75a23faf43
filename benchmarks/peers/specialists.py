"""What an expert would take for one case: FFTW, ggml, or a loop in C++ fused by hand."""

import ctypes
import pathlib
import subprocess
import sys

import numpy as np

from worker import serve

rng = np.random.default_rng(0)
threads, ggml_folder = int(sys.argv[1]), pathlib.Path(sys.argv[2])
here = pathlib.Path(__file__).parent
pointer, long = ctypes.c_void_p, ctypes.c_int64


def uniform(*shape):
    return rng.uniform(-1, 1, shape).astype(np.float32)


# ---- Loops fused by hand

def by_hand():
    library = pathlib.Path("/tmp/fused_loops.so")
    flags = ["-O3", "-march=native", "-ffast-math", "-fopenmp", "-shared", "-fPIC"]
    subprocess.run(["g++", *flags, here / "fused_loops.cpp", "-o", library], check=True)
    return ctypes.CDLL(library)


def chain(k):
    a, b, out = uniform(1 << 24), uniform(1 << 24), np.empty(1 << 24, np.float32)
    loop = getattr(by_hand(), f"chain{k}")
    # The arrays live as long as the work does.
    return lambda: loop(*[pointer(x.ctypes.data) for x in (a, b, out)], long(a.size))


# ---- FFTW, planned by trying

def fft(*shape):
    library = ctypes.CDLL("libfftw3f.so.3")
    library.fftwf_plan_dft.restype = pointer
    if np.prod(shape) >= 1 << 18:
        parallel = ctypes.CDLL("libfftw3f_omp.so.3")
        parallel.fftwf_init_threads()
        parallel.fftwf_plan_with_nthreads(threads)
    a, out = np.empty(shape, np.complex64), np.empty(shape, np.complex64)
    sizes = (ctypes.c_int * len(shape))(*shape)
    measure = 0
    plan = pointer(library.fftwf_plan_dft(
        len(shape), sizes, pointer(a.ctypes.data), pointer(out.ctypes.data), -1, measure))
    a.real, a.imag = uniform(*shape), 0
    execute = library.fftwf_execute
    return lambda keep=(a, out): execute(plan)


# ---- ggml, whose products round the vector to 8 bits

class GgmlParameters(ctypes.Structure):
    _fields_ = [("size", ctypes.c_size_t), ("buffer", pointer), ("no_alloc", ctypes.c_bool)]


class PoolParameters(ctypes.Structure):
    """ggml_threadpool_params, and room for what later versions add."""
    _fields_ = [("mask", ctypes.c_bool * 512), ("threads", ctypes.c_int), ("rest", ctypes.c_int * 15)]


class Plan(ctypes.Structure):
    """ggml_cplan, and room for what later versions add."""
    _fields_ = [("work_size", ctypes.c_size_t), ("work_data", pointer), ("threads", ctypes.c_int),
                ("pool", pointer), ("rest", pointer * 6)]


def ggml_libraries():
    flags = set(pathlib.Path("/proc/cpuinfo").read_text().split())
    kind = "icelake" if {"avx512_vnni", "avx512_vbmi"} <= flags else "haswell"
    base = ctypes.CDLL(ggml_folder / "libggml-base.so", ctypes.RTLD_GLOBAL)
    cpu = ctypes.CDLL(ggml_folder / f"libggml-cpu-{kind}.so")
    for library, name, result, arguments in (
            (base, "ggml_init", pointer, [GgmlParameters]),
            (base, "ggml_new_tensor_2d", pointer, [pointer, ctypes.c_int, long, long]),
            (base, "ggml_mul_mat", pointer, [pointer] * 3),
            (base, "ggml_new_graph", pointer, [pointer]),
            (base, "ggml_build_forward_expand", None, [pointer] * 2),
            (base, "ggml_get_data", pointer, [pointer]),
            (base, "ggml_quantize_chunk", ctypes.c_size_t,
             [ctypes.c_int, pointer, pointer, long, long, long, pointer]),
            (base, "ggml_threadpool_params_default", PoolParameters, [ctypes.c_int]),
            (cpu, "ggml_threadpool_new", pointer, [pointer]),
            (cpu, "ggml_graph_plan", Plan, [pointer, ctypes.c_int, pointer]),
            (cpu, "ggml_graph_compute", ctypes.c_int, [pointer, pointer])):
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    cpu.ggml_cpu_init()
    return base, cpu


def quantized_product(n=4096):
    base, cpu = ggml_libraries()
    float32, q4_k = 0, 12
    context = base.ggml_init(GgmlParameters(64 << 20, None, False))
    w = base.ggml_new_tensor_2d(context, q4_k, n, n)
    x = base.ggml_new_tensor_2d(context, float32, n, 1)
    y = base.ggml_mul_mat(context, w, x)
    graph = base.ggml_new_graph(context)
    base.ggml_build_forward_expand(graph, y)
    matrix, vector = uniform(n, n), uniform(n)
    base.ggml_quantize_chunk(q4_k, matrix.ctypes.data, base.ggml_get_data(w), 0, n, n, None)
    ctypes.memmove(base.ggml_get_data(x), vector.ctypes.data, vector.nbytes)
    settings = base.ggml_threadpool_params_default(threads)
    pool = cpu.ggml_threadpool_new(ctypes.byref(settings))
    plan = cpu.ggml_graph_plan(graph, threads, pool)
    memory = (ctypes.c_byte * max(1, plan.work_size))()
    plan.work_data = ctypes.addressof(memory)

    def work(keep=memory):
        cpu.ggml_graph_compute(graph, ctypes.byref(plan))

    work()
    result = np.ctypeslib.as_array(
        ctypes.cast(base.ggml_get_data(y), ctypes.POINTER(ctypes.c_float)), (n,))
    wanted = matrix @ vector
    assert np.abs(result - wanted).max() < 0.1 * np.abs(wanted).max(), "ggml's product is wrong"
    return work


serve({
    "chain3": lambda: chain(3), "chain7": lambda: chain(7), "chain15": lambda: chain(15),
    "fft1000": lambda: fft(1000), "fft1024": lambda: fft(1024), "fft10007": lambda: fft(10007),
    "fft1m": lambda: fft(1 << 20),
    "quantizedGemv": quantized_product,
})
