// The error function and its inverse in float32: the formulas of
// cpu/elementwise/error_function-inl.h.
#include "gpu/kernels/logarithm.h"

inline float Erf(float x) {
  // From 4 on the result rounds to 1.
  float a = at_most(fabs(x), 4.0f);
  if (a < 0.9f) {
    float square = a * a, p = 8.5294013228e-5f;
    p = fma(p, square, -0.00081796321809f);
    p = fma(p, square, 0.0052042266938f);
    p = fma(p, square, -0.026860664791f);
    p = fma(p, square, 0.11283718050f);
    p = fma(p, square, -0.37612635194f);
    p = fma(p, square, 0.12837916679f);
    return copysign(fma(p, a, a), x);
  }
  float log_of_rest = 1.6430636557e-6f;
  log_of_rest = fma(log_of_rest, a, -4.6163858625e-5f);
  log_of_rest = fma(log_of_rest, a, 0.00059758577023f);
  log_of_rest = fma(log_of_rest, a, -0.0047626258325f);
  log_of_rest = fma(log_of_rest, a, 0.026427637154f);
  log_of_rest = fma(log_of_rest, a, -0.11008716650f);
  log_of_rest = fma(log_of_rest, a, -0.63182391811f);
  log_of_rest = fma(log_of_rest, a, -1.1302310552f);
  log_of_rest = fma(log_of_rest, a, 0.00031853966241f);
  return copysign(1.0f - Exp(log_of_rest), x);
}

inline float ErfInv(float x) {
  float a = fabs(x);
  // The ends are infinite, and beyond them the function is not defined.
  if (!(a < 1.0f)) return a == 1.0f ? copysign(INFINITY, x) : NAN;
  // N. Juffa's minimax polynomials in log(1 - x^2): stackoverflow.com/questions/27229371.
  float t = Log((1.0f - a) * (1.0f + a)), p;
  if (t < -6.125f) {
    p = 3.03697567e-10f;
    p = fma(p, t, 2.93243101e-8f);
    p = fma(p, t, 1.22150334e-6f);
    p = fma(p, t, 2.84108955e-5f);
    p = fma(p, t, 3.93552968e-4f);
    p = fma(p, t, 3.02698812e-3f);
    p = fma(p, t, 4.83185798e-3f);
    p = fma(p, t, -2.64646143e-1f);
    p = fma(p, t, 8.40016484e-1f);
  } else {
    p = 5.43877832e-9f;
    p = fma(p, t, 1.43285448e-7f);
    p = fma(p, t, 1.22774793e-6f);
    p = fma(p, t, 1.12963626e-7f);
    p = fma(p, t, -5.61530760e-5f);
    p = fma(p, t, -1.47697632e-4f);
    p = fma(p, t, 2.31468678e-3f);
    p = fma(p, t, 1.15392581e-2f);
    p = fma(p, t, -2.32015476e-1f);
    p = fma(p, t, 8.86226892e-1f);
  }
  return x * p;
}
