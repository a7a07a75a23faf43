#pragma once

/// Whether this build can generate code. asmjit knows x86-64; Macs of today have other processors.
#if defined(__x86_64__) && defined(__linux__)
#define MLX_HAS_CODEGEN 1
#else
#define MLX_HAS_CODEGEN 0
#endif
