// What metal_*.h need of the kernels' own functions under names that theirs don't hide.
#include "gpu/kernels/error_function.h"
#include "gpu/kernels/power.h"
#include "gpu/kernels/simd.h"
#include "gpu/kernels/trigonometric.h"

inline float float_fma(float a, float b, float c) { return fma(a, b, c); }
inline float float_sqrt(float x) { return sqrt(x); }
inline float float_fabs(float x) { return fabs(x); }
inline float float_floor(float x) { return floor(x); }
inline float float_ceil(float x) { return ceil(x); }
inline float float_trunc(float x) { return trunc(x); }
inline float float_rint(float x) { return rint(x); }
inline float float_copysign(float x, float sign) { return copysign(x, sign); }
inline uint word_mulhi(uint a, uint b) { return mulhi(a, b); }
inline uint word_clz(uint x) { return x == 0 ? 32u : clz(x); }
