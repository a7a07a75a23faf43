#include "cpu/linalg/lapack.h"

#include <algorithm>
#include <cstdint>
#include <limits>

#include "cpu/linalg/lapack_symbols.h"
#include "cpu/matmul/blas.h"
#include "cpu/matmul/scratch.h"
#include "mlx/errors.h"
#include "mlx/utils.h"
#include "runtime/library_call.h"

namespace mlx::core::cpu::lapack {
namespace {

/// The routine for T of the three.
template <typename T, typename S, typename D, typename C>
constexpr auto routine(S* single, D* real, C* complex) {
  if constexpr (std::is_same_v<T, float>)
    return single;
  else if constexpr (std::is_same_v<T, double>)
    return real;
  else
    return complex;
}

template <typename T, typename S, typename D>
constexpr auto real_routine(S* single, D* real) {
  if constexpr (std::is_same_v<T, float>)
    return single;
  else
    return real;
}

/// Calls a routine, adding the lengths of its texts (one character each) where it expects them.
template <typename F, typename... Args>
void call(F* function, Args... args) {
  constexpr size_t one = 1;
  LibraryCall in_library;
  hold_blas_to_one_thread();
  if constexpr (std::is_invocable_v<F*, Args...>)
    function(args...);
  else if constexpr (std::is_invocable_v<F*, Args..., size_t>)
    function(args..., one);
  else if constexpr (std::is_invocable_v<F*, Args..., size_t, size_t>)
    function(args..., one, one);
  else
    function(args..., one, one, one, one);
}

/// LAPACK refuses a leading dimension of zero.
int leading(int rows) { return std::max(rows, 1); }

/// A length of workspace as an int.
int checked_length(double length, int m, int n) {
  if (length > double(std::numeric_limits<int>::max()))
    throw EngineError(concat_text("[linalg] A matrix of ", m, " x ", n,
                                  " needs more workspace than LAPACK can address."));
  return int(length);
}

/// The answer to a query for workspace, which a float32 may have rounded down. Of empty matrices it
/// is less than LAPACK then accepts.
template <typename T>
int queried_length(T answer, int m, int n) {
  double length = double(std::real(answer));
  if (sizeof(Real<T>) == 4) length = length * (1 + 1e-6) + 1;
  return std::max({checked_length(length, m, n), m, n, 1});
}

/// The length of workspace for which `run(work, length)` asks when length is -1. Small matrices
/// need none for blocks, and in large batches of them the question would take longer than the work.
template <typename T, typename F>
int workspace_length(int m, int n, const F& run) {
  constexpr int kSmall = 32;
  if (std::max(m, n) <= kSmall) return std::max({m, n, 1});
  T answer(0);
  run(&answer, -1);
  return queried_length(answer, m, n);
}

}  // namespace

template <typename T>
void solve_triangle_right(char triangle, int m, int n, const T* a, T* b) {
  const char side = 'R', plain = 'N';
  const int lda = leading(n), ldb = leading(m);
  const T one(1);
  call(routine<T>(strsm_, dtrsm_, ctrsm_), &side, &triangle, &plain, &plain, &m, &n, &one, a, &lda,
       b, &ldb);
}

template <typename T>
int potrf(char triangle, int n, T* a) {
  const int lda = leading(n);
  int info = 0;
  call(routine<T>(spotrf_, dpotrf_, cpotrf_), &triangle, &n, a, &lda, &info);
  return info;
}

template <typename T>
int getrf(int m, int n, T* a, int* pivots) {
  const int lda = leading(m);
  int info = 0;
  call(routine<T>(sgetrf_, dgetrf_, cgetrf_), &m, &n, a, &lda, pivots, &info);
  return info;
}

template <typename T>
int getri(int n, T* a, const int* pivots) {
  const int lda = leading(n);
  int info = 0;
  auto run = [&](T* work, const int& length) {
    call(routine<T>(sgetri_, dgetri_, cgetri_), &n, a, &lda, pivots, work, &length, &info);
  };
  const int length = workspace_length<T>(n, n, run);
  run(Scratch<T>(length).data(), length);
  return info;
}

template <typename T>
int getrs(int n, int columns, const T* a, const int* pivots, T* b) {
  const char plain = 'N';
  const int lda = leading(n);
  int info = 0;
  call(routine<T>(sgetrs_, dgetrs_, cgetrs_), &plain, &n, &columns, a, &lda, pivots, b, &lda,
       &info);
  return info;
}

template <typename T>
int trtri(char triangle, int n, T* a) {
  const char plain = 'N';
  const int lda = leading(n);
  int info = 0;
  call(routine<T>(strtri_, dtrtri_, ctrtri_), &triangle, &plain, &n, a, &lda, &info);
  return info;
}

template <typename T>
int geqrf(int m, int n, T* a, int lda, T* tau) {
  int info = 0;
  auto run = [&](T* work, const int& length) {
    call(routine<T>(sgeqrf_, dgeqrf_, cgeqrf_), &m, &n, a, &lda, tau, work, &length, &info);
  };
  const int length = workspace_length<T>(m, n, run);
  run(Scratch<T>(length).data(), length);
  return info;
}

template <typename T>
int gelqf(int m, int n, T* a, T* tau) {
  const int lda = leading(m);
  int info = 0;
  auto run = [&](T* work, const int& length) {
    call(routine<T>(sgelqf_, dgelqf_, cgelqf_), &m, &n, a, &lda, tau, work, &length, &info);
  };
  const int length = workspace_length<T>(m, n, run);
  run(Scratch<T>(length).data(), length);
  return info;
}

template <typename T>
int orglq(int k, int n, T* a, const T* tau) {
  const int lda = leading(k);
  int info = 0;
  auto run = [&](T* work, const int& length) {
    call(routine<T>(sorglq_, dorglq_, cunglq_), &k, &n, &k, a, &lda, tau, work, &length, &info);
  };
  const int length = workspace_length<T>(k, n, run);
  run(Scratch<T>(length).data(), length);
  return info;
}

template <typename T>
int gesdd(char job, int m, int n, T* a, Real<T>* s, T* u, T* vt) {
  const auto function = routine<T>(sgesdd_, dgesdd_, cgesdd_);
  const int k = std::min(m, n), lda = leading(m), ldu = leading(m), query = -1;
  const int ldvt = leading(job == 'A' ? n : k);
  // Before the query, whose integers overflow silently.
  checked_length(5.0 * k * k + 16.0 * std::max(m, n), m, n);
  Scratch<int> integers(8 * int64_t(leading(k)));
  int info = 0;
  T answer(0);
  auto run = [&](T* work, const int& length, [[maybe_unused]] float* reals) {
    if constexpr (is_complex_v<T>)
      call(function, &job, &m, &n, a, &lda, s, u, &ldu, vt, &ldvt, work, &length, reals,
           integers.data(), &info);
    else
      call(function, &job, &m, &n, a, &lda, s, u, &ldu, vt, &ldvt, work, &length, integers.data(),
           &info);
  };
  int64_t wide = k, long_side = std::max(m, n);
  Scratch<float> reals(!is_complex_v<T> ? 1
                       : job == 'N'     ? 7 * wide + 1
                                        : std::max(5 * wide * wide + 5 * wide,
                                                   2 * long_side * wide + 2 * wide * wide + wide) +
                                          1);
  run(&answer, query, reals.data());
  const int length = queried_length(answer, m, n);
  Scratch<T> work(length);
  run(work.data(), length, reals.data());
  return info;
}

template <typename T>
void gemm(char a_form, char b_form, int m, int n, int k, T alpha, const T* a, int lda, const T* b,
          int ldb, T beta, T* c, int ldc) {
  call(routine<T>(sgemm_, dgemm_, cgemm_), &a_form, &b_form, &m, &n, &k, &alpha, a, &lda, b, &ldb,
       &beta, c, &ldc);
}

template <typename T>
T larfg(int n, T* alpha, T* x) {
  const int one = 1;
  T tau(0);
  call(routine<T>(slarfg_, dlarfg_, clarfg_), &n, alpha, x, &one, &tau);
  return tau;
}

template <typename T>
int bdsqr(int n, T* d, T* e) {
  const char upper = 'U';
  const int none = 0, ld = 1;
  int info = 0;
  T unused;
  Scratch<T> work(4 * int64_t(leading(n)));
  call(real_routine<T>(sbdsqr_, dbdsqr_), &upper, &n, &none, &none, &none, d, e, &unused, &ld,
       &unused, &ld, &unused, &ld, work.data(), &info);
  return info;
}

template <typename T>
int lasd0(int n, int sqre, T* d, T* e, T* u, T* vt, int ld) {
  // Matrices up to here are solved by QR iterations, as bdsdc has it.
  const int small = 25;
  const int64_t m = int64_t(n) + sqre;
  Scratch<int> integers(8 * m);
  Scratch<T> work(3 * m * m + 2 * m);
  int info = 0;
  call(real_routine<T>(slasd0_, dlasd0_), &n, &sqre, d, e, u, &ld, vt, &ld, &small, integers.data(),
       work.data(), &info);
  return info;
}

template <typename T>
int lasd2(int nl, int nr, int sqre, T* d, T alpha, T beta, T* u, T* vt, int ld, int* order,
          Secular<T>& secular) {
  const int n = nl + nr + 1, m = n + sqre;
  Scratch<int> integers(3 * int64_t(n) + 4);
  int *moves = integers.data(), *sorted = moves + n, *kinds = sorted + n, info = 0;
  call(real_routine<T>(slasd2_, dlasd2_), &nl, &nr, &sqre, &secular.k, d, secular.z, &alpha, &beta,
       u, &ld, vt, &ld, secular.poles, secular.u, &n, secular.vt, &m, moves, sorted,
       secular.positions, order, kinds, &info);
  std::copy_n(kinds, 4, secular.kinds);
  return info;
}

template <typename T>
int lasd4(int k, int i, const T* poles, const T* z, T rho, T* sigma, T* differences, T* sums) {
  const int position = i + 1;
  int info = 0;
  call(real_routine<T>(slasd4_, dlasd4_), &k, &position, poles, z, differences, &rho, sigma, sums,
       &info);
  return info;
}

template <typename T>
int sterf(int n, T* d, T* e) {
  int info = 0;
  call(real_routine<T>(ssterf_, dsterf_), &n, d, e, &info);
  return info;
}

template <typename T>
int stedc(int n, T* d, T* e, T* z, int ld) {
  const char vectors = 'I';
  const int length = checked_length(1 + 4.0 * n + 1.0 * n * n, n, n);
  const int integer_length = checked_length(3 + 5.0 * n, n, n);
  Scratch<T> work(length);
  Scratch<int> integers(integer_length);
  int info = 0;
  call(real_routine<T>(sstedc_, dstedc_), &vectors, &n, d, e, z, &ld, work.data(), &length,
       integers.data(), &integer_length, &info);
  return info;
}

template <typename T>
int laed2(int n, int n1, T* d, T* q, int ldq, int* order, T rho, T* z,
          SymmetricSecular<T>& secular) {
  Scratch<int> integers(3 * int64_t(n) + 4);
  int *sorted = integers.data(), *moves = sorted + n, *kinds = moves + n, info = 0;
  secular.rho = rho;
  call(real_routine<T>(slaed2_, dlaed2_), &secular.k, &n, &n1, d, q, &ldq, order, &secular.rho, z,
       secular.poles, secular.z, secular.q, sorted, secular.positions, moves, kinds, &info);
  std::copy_n(kinds, 4, secular.kinds);
  return info;
}

template <typename T>
int laed4(int k, int i, const T* poles, const T* z, T rho, T* lambda, T* differences) {
  const int position = i + 1;
  int info = 0;
  call(real_routine<T>(slaed4_, dlaed4_), &k, &position, poles, z, differences, &rho, lambda,
       &info);
  return info;
}

template <typename T>
int heevd(bool with_vectors, char triangle, int n, T* a, Real<T>* w) {
  const auto function = routine<T>(ssyevd_, dsyevd_, cheevd_);
  const char job = with_vectors ? 'V' : 'N';
  const int lda = leading(n);
  const int real_length =
      checked_length(with_vectors ? 1 + 6.0 * n + 2.0 * n * n : 2.0 * n + 1, n, n);
  const int integer_length = checked_length(3 + 5.0 * n, n, n);
  Scratch<int> integers(integer_length);
  int info = 0;
  auto run = [&](T* work, const int& length, [[maybe_unused]] float* reals) {
    if constexpr (is_complex_v<T>)
      call(function, &job, &triangle, &n, a, &lda, w, work, &length, reals, &real_length,
           integers.data(), &integer_length, &info);
    else
      call(function, &job, &triangle, &n, a, &lda, w, work, &length, integers.data(),
           &integer_length, &info);
  };
  Scratch<float> reals(is_complex_v<T> ? real_length : 1);
  const int query = -1;
  T answer(0);
  run(&answer, query, reals.data());
  const int least = is_complex_v<T> ? 1 : real_length;
  const int length = std::max(least, queried_length(answer, n, n));
  Scratch<T> work(length);
  run(work.data(), length, reals.data());
  return info;
}

template <typename T>
int geev(int n, T* a, std::complex<Real<T>>* w, std::complex<Real<T>>* v) {
  const auto function = routine<T>(sgeev_, dgeev_, cgeev_);
  const char left = 'N', right = v ? 'V' : 'N';
  const int lda = leading(n), query = -1;
  int info = 0;
  T answer(0);
  if constexpr (is_complex_v<T>) {
    std::complex<float> unused;
    Scratch<float> reals(2 * int64_t(lda));
    auto run = [&](T* work, const int& length) {
      call(function, &left, &right, &n, a, &lda, w, &unused, &lda, v ? v : &unused, &lda, work,
           &length, reals.data(), &info);
    };
    run(&answer, query);
    const int length = queried_length(answer, n, n);
    Scratch<T> work(length);
    run(work.data(), length);
  } else {
    T unused;
    Scratch<T> parts(2 * int64_t(lda)), vectors(v ? int64_t(lda) * lda : 1);
    T *re = parts.data(), *im = re + lda, *columns = vectors.data();
    auto run = [&](T* work, const int& length) {
      call(function, &left, &right, &n, a, &lda, re, im, &unused, &lda, columns, &lda, work,
           &length, &info);
    };
    run(&answer, query);
    const int length = queried_length(answer, n, n);
    Scratch<T> work(length);
    run(work.data(), length);
    for (int64_t j = 0; j < n; ++j) {
      w[j] = {re[j], im[j]};
      if (!v) continue;
      // A pair of conjugate eigenvalues shares two columns: real and imaginary parts.
      const bool is_second = im[j] < 0 && j > 0;
      const T* real_part = columns + (is_second ? j - 1 : j) * n;
      const T sign = im[j] == 0 ? T(0) : is_second ? T(-1) : T(1);
      for (int64_t i = 0; i < n; ++i)
        v[j * n + i] = {real_part[i], sign == 0 ? T(0) : sign * real_part[n + i]};
    }
  }
  return info;
}

#define MLX_INSTANTIATE(T)                                                                    \
  template void solve_triangle_right(char, int, int, const T*, T*);                           \
  template int potrf(char, int, T*);                                                          \
  template int getrf(int, int, T*, int*);                                                     \
  template int getri(int, T*, const int*);                                                    \
  template int getrs(int, int, const T*, const int*, T*);                                     \
  template int trtri(char, int, T*);                                                          \
  template int geqrf(int, int, T*, int, T*);                                                  \
  template int gelqf(int, int, T*, T*);                                                       \
  template int orglq(int, int, T*, const T*);                                                 \
  template int gesdd(char, int, int, T*, Real<T>*, T*, T*);                                   \
  template void gemm(char, char, int, int, int, T, const T*, int, const T*, int, T, T*, int); \
  template T larfg(int, T*, T*);                                                              \
  template int heevd(bool, char, int, T*, Real<T>*);                                          \
  template int geev(int, T*, std::complex<Real<T>>*, std::complex<Real<T>>*);
MLX_INSTANTIATE(float)
MLX_INSTANTIATE(double)
MLX_INSTANTIATE(complex64_t)
#undef MLX_INSTANTIATE

#define MLX_INSTANTIATE_REAL(T)                                                 \
  template int sterf(int, T*, T*);                                              \
  template int stedc(int, T*, T*, T*, int);                                     \
  template int laed2(int, int, T*, T*, int, int*, T, T*, SymmetricSecular<T>&); \
  template int laed4(int, int, const T*, const T*, T, T*, T*);                  \
  template int bdsqr(int, T*, T*);                                              \
  template int lasd0(int, int, T*, T*, T*, T*, int);                            \
  template int lasd2(int, int, int, T*, T, T, T*, T*, int, int*, Secular<T>&);  \
  template int lasd4(int, int, const T*, const T*, T, T*, T*, T*);
MLX_INSTANTIATE_REAL(float)
MLX_INSTANTIATE_REAL(double)
#undef MLX_INSTANTIATE_REAL

}  // namespace mlx::core::cpu::lapack
