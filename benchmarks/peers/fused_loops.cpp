// The chains of cases.mjs as somebody would write them who needs one of them fast.
#include <cmath>
#include <cstdint>

namespace {

template <typename Function>
void for_all(int64_t n, Function function) {
#pragma omp parallel for simd schedule(static)
  for (int64_t i = 0; i < n; ++i) function(i);
}

}  // namespace

extern "C" {

void chain3(const float* a, const float* b, float* out, int64_t n) {
  for_all(n, [=](int64_t i) { out[i] = (a[i] * b[i] + a[i]) * 0.5f; });
}

void chain7(const float* a, const float* b, float* out, int64_t n) {
  for_all(
      n, [=](int64_t i) { out[i] = std::tanh(std::fabs((a[i] * b[i] + a[i]) * 0.5f - b[i]) + 1); });
}

void chain15(const float* a, const float* b, float* out, int64_t n) {
  for_all(n, [=](int64_t i) {
    float x = std::tanh(std::fabs((a[i] * b[i] + a[i]) * 0.5f - b[i]) + 1);
    x = std::fmax(x * b[i] - a[i], b[i]);
    out[i] = std::exp(-std::sqrt(x * x + 1));
  });
}
}
