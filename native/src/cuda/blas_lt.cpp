#include "cuda/blas_lt.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace mlx::core::cuda {
namespace {

// Values and signatures of the "cuBLAS" manual, 13.0, cuBLASLt.
using Status = int;
using Object = void*;

namespace type {
constexpr int f32 = 0, f16 = 2, c64 = 4, bf16 = 14;
}
constexpr int compute_f32 = 68;
constexpr int transposed_a = 3, transposed_b = 4;
constexpr int batch_count = 5, batch_step = 6;
constexpr int workspace_bytes_attribute = 1;
constexpr int alignment_attributes[] = {5, 6, 7, 8};
// What NVIDIA recommends for Hopper.
constexpr size_t workspace_bytes = size_t(32) << 20;
constexpr size_t most_plans = 4096;

}  // namespace

/// An algorithm and what the heuristic says of it: the library's own layouts.
struct Algorithm {
  uint64_t data[8];
};
struct Heuristic {
  Algorithm algorithm;
  size_t workspace;
  Status state;
  float waves;
  int reserved[4];
};

namespace {

int type_of(Dtype::Val dtype) {
  switch (dtype) {
    case Dtype::Val::float32:
      return type::f32;
    case Dtype::Val::float16:
      return type::f16;
    case Dtype::Val::bfloat16:
      return type::bf16;
    case Dtype::Val::complex64:
      return type::c64;
    default:
      return -1;
  }
}

/// The largest power of two up to 256 that divides an offset.
uint32_t alignment(size_t offset) {
  return uint32_t(offset == 0 ? 256 : std::min<size_t>(256, offset & (~offset + 1)));
}

}  // namespace

struct BlasLt::Library {
  Status (*create)(void** handle);
  Status (*desc_create)(Object*, int compute, int scale);
  Status (*desc_destroy)(Object);
  Status (*desc_set)(Object, int attribute, const void* value, size_t size);
  Status (*layout_create)(Object*, int type, uint64_t rows, uint64_t columns, int64_t leading);
  Status (*layout_destroy)(Object);
  Status (*layout_set)(Object, int attribute, const void* value, size_t size);
  Status (*preference_create)(Object*);
  Status (*preference_destroy)(Object);
  Status (*preference_set)(Object, int attribute, const void* value, size_t size);
  Status (*heuristic)(void* handle, Object desc, Object a, Object b, Object c, Object d,
                      Object preference, int wanted, Heuristic* results, int* found);
  Status (*multiply)(void* handle, Object desc, const void* alpha, const void* a, Object a_layout,
                     const void* b, Object b_layout, const void* beta, const void* c,
                     Object c_layout, void* d, Object d_layout, const Algorithm* algorithm,
                     void* workspace, size_t workspace_size, Stream stream);
};

/// Descriptions of a product's matrices, and how it is done; not `works` when it can't be.
struct BlasLt::Plan {
  explicit Plan(const Library& library) : library(library) {}
  ~Plan() {
    for (auto layout : layouts)
      if (layout) library.layout_destroy(layout);
    if (desc) library.desc_destroy(desc);
  }

  const Library& library;
  Object desc = nullptr;
  Object layouts[3] = {};
  Algorithm algorithm;
  bool works = false;
};

const BlasLt::Library* BlasLt::find_library() {
  static const Library* const found = []() -> const Library* {
    // For comparison with our own kernels.
    const char* wanted = std::getenv("MLX_CUBLASLT");
    if (wanted && std::string(wanted) == "0") return nullptr;
    std::vector<std::string> names = {"libcublasLt.so.13", "libcublasLt.so.12",
                                      "/usr/local/cuda/lib64/libcublasLt.so"};
    if (wanted && *wanted) names = {wanted};
    void* handle = nullptr;
    for (auto& name : names)
      if (!handle) handle = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!handle) return nullptr;
    auto* library = new Library;
    bool complete = true;
    auto find = [&](auto& member, const char* symbol) {
      member = reinterpret_cast<std::remove_reference_t<decltype(member)>>(dlsym(handle, symbol));
      complete = complete && member;
    };
    find(library->create, "cublasLtCreate");
    find(library->desc_create, "cublasLtMatmulDescCreate");
    find(library->desc_destroy, "cublasLtMatmulDescDestroy");
    find(library->desc_set, "cublasLtMatmulDescSetAttribute");
    find(library->layout_create, "cublasLtMatrixLayoutCreate");
    find(library->layout_destroy, "cublasLtMatrixLayoutDestroy");
    find(library->layout_set, "cublasLtMatrixLayoutSetAttribute");
    find(library->preference_create, "cublasLtMatmulPreferenceCreate");
    find(library->preference_destroy, "cublasLtMatmulPreferenceDestroy");
    find(library->preference_set, "cublasLtMatmulPreferenceSetAttribute");
    find(library->heuristic, "cublasLtMatmulAlgoGetHeuristic");
    find(library->multiply, "cublasLtMatmul");
    return complete ? library : nullptr;
  }();
  return found;
}

std::unique_ptr<BlasLt> BlasLt::create(const DeviceContext& context) {
  auto* library = find_library();
  void* handle = nullptr;
  context.enter();
  if (!library || library->create(&handle) != 0) return nullptr;
  return std::unique_ptr<BlasLt>(new BlasLt(context, *library, handle));
}

BlasLt::BlasLt(const DeviceContext& context, const Library& library, void* handle)
    : context_(context), library_(library), handle_(handle) {
  context.check(context.driver().memory_allocate(&workspace_, workspace_bytes),
                "allocating memory for products");
}

BlasLt::~BlasLt() = default;

/// The library's matrices are column-major: a row-major product is the product of the transposed
/// matrices in the other order, so B stands first.
std::unique_ptr<BlasLt::Plan> BlasLt::make_plan(const gpu::MatrixProduct& p) const {
  auto plan = std::make_unique<Plan>(library_);
  int type = type_of(p.dtype);
  bool ok = library_.desc_create(&plan->desc, compute_f32,
                                 type == type::c64 ? type::c64 : type::f32) == 0;
  int32_t first = p.b_transposed, second = p.a_transposed;
  ok = ok && library_.desc_set(plan->desc, transposed_a, &first, sizeof(first)) == 0 &&
       library_.desc_set(plan->desc, transposed_b, &second, sizeof(second)) == 0;
  auto layout = [&](Object& object, int64_t rows, int64_t columns, int64_t leading, int64_t step) {
    auto count = int32_t(p.batch);
    ok = ok &&
         library_.layout_create(&object, type, uint64_t(rows), uint64_t(columns), leading) == 0 &&
         library_.layout_set(object, batch_count, &count, sizeof(count)) == 0 &&
         library_.layout_set(object, batch_step, &step, sizeof(step)) == 0;
  };
  if (p.b_transposed)
    layout(plan->layouts[0], p.k, p.n, p.b_leading, p.b_step);
  else
    layout(plan->layouts[0], p.n, p.k, p.b_leading, p.b_step);
  if (p.a_transposed)
    layout(plan->layouts[1], p.m, p.k, p.a_leading, p.a_step);
  else
    layout(plan->layouts[1], p.k, p.m, p.a_leading, p.a_step);
  layout(plan->layouts[2], p.n, p.m, p.d_leading, p.d_step);
  Object preference = nullptr;
  ok = ok && library_.preference_create(&preference) == 0;
  if (!ok) return plan;
  library_.preference_set(preference, workspace_bytes_attribute, &workspace_bytes,
                          sizeof(workspace_bytes));
  const uint32_t alignments[] = {alignment(p.b_offset), alignment(p.a_offset),
                                 alignment(p.d_offset), alignment(p.d_offset)};
  for (int i = 0; i < 4; ++i)
    library_.preference_set(preference, alignment_attributes[i], &alignments[i],
                            sizeof(alignments[i]));
  Heuristic heuristic{};
  int found = 0;
  auto& l = plan->layouts;
  plan->works = library_.heuristic(handle_, plan->desc, l[0], l[1], l[2], l[2], preference, 1,
                                   &heuristic, &found) == 0 &&
                found > 0 && heuristic.state == 0;
  plan->algorithm = heuristic.algorithm;
  library_.preference_destroy(preference);
  return plan;
}

bool BlasLt::multiply(const gpu::MatrixProduct& p, Stream stream) {
  if (type_of(p.dtype) < 0 || p.batch > INT32_MAX) return false;
  const int64_t kind[] = {int64_t(p.dtype),
                          p.m,
                          p.n,
                          p.k,
                          p.a_leading,
                          p.b_leading,
                          p.d_leading,
                          p.a_transposed + 2 * p.b_transposed,
                          p.batch,
                          p.a_step,
                          p.b_step,
                          p.d_step,
                          alignment(p.a_offset),
                          alignment(p.b_offset),
                          alignment(p.d_offset)};
  std::string key(reinterpret_cast<const char*>(kind), sizeof(kind));
  if (plans_.size() > most_plans) plans_.clear();
  auto& plan = plans_[key];
  if (!plan) plan = make_plan(p);
  if (!plan->works) return false;
  const float alpha[] = {p.alpha, 0}, beta[] = {p.beta, 0};
  auto at = [](gpu::Memory memory, size_t offset) {
    return reinterpret_cast<void*>(memory.handle + offset);
  };
  auto* d = at(p.d, p.d_offset);
  auto& l = plan->layouts;
  return library_.multiply(handle_, plan->desc, alpha, at(p.b, p.b_offset), l[0],
                           at(p.a, p.a_offset), l[1], beta, d, l[2], d, l[2], &plan->algorithm,
                           reinterpret_cast<void*>(workspace_), workspace_bytes, stream) == 0;
}

}  // namespace mlx::core::cuda
