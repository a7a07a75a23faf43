#pragma once

// LAPACK by its Fortran symbols. Accelerate's header declares its own under the same names; the
// library elsewhere comes without a header that fits, so what is used is declared here.

#ifdef __APPLE__

#define ACCELERATE_NEW_LAPACK
#include <Accelerate/Accelerate.h>

#else

#include <complex>
#include <cstddef>

// Compilers of Fortran pass the length of each text behind all other arguments.
#define MLX_FOR_EACH_TYPE(routine) \
  routine(s, float) routine(d, double) routine(c, std::complex<float>)
#define MLX_FOR_REAL_TYPES(routine) routine(s, float) routine(d, double)

#define MLX_TRSM(p, T)                                                                        \
  void p##trsm_(const char* side, const char* uplo, const char* trans, const char* diag,      \
                const int* m, const int* n, const T* alpha, const T* a, const int* lda, T* b, \
                const int* ldb, size_t, size_t, size_t, size_t);
#define MLX_POTRF(p, T) \
  void p##potrf_(const char* uplo, const int* n, T* a, const int* lda, int* info, size_t);
#define MLX_GETRF(p, T) \
  void p##getrf_(const int* m, const int* n, T* a, const int* lda, int* pivots, int* info);
#define MLX_GETRI(p, T)                                                                            \
  void p##getri_(const int* n, T* a, const int* lda, const int* pivots, T* work, const int* lwork, \
                 int* info);
#define MLX_GETRS(p, T)                                                                           \
  void p##getrs_(const char* trans, const int* n, const int* columns, const T* a, const int* lda, \
                 const int* pivots, T* b, const int* ldb, int* info, size_t);
#define MLX_TRTRI(p, T)                                                                  \
  void p##trtri_(const char* uplo, const char* diag, const int* n, T* a, const int* lda, \
                 int* info, size_t, size_t);
#define MLX_GEQRF(p, T)                                                             \
  void p##geqrf_(const int* m, const int* n, T* a, const int* lda, T* tau, T* work, \
                 const int* lwork, int* info);
#define MLX_GELQF(p, T)                                                             \
  void p##gelqf_(const int* m, const int* n, T* a, const int* lda, T* tau, T* work, \
                 const int* lwork, int* info);
#define MLX_ORGLQ(name, T)                                                                         \
  void name(const int* m, const int* n, const int* k, T* a, const int* lda, const T* tau, T* work, \
            const int* lwork, int* info);
#define MLX_GESDD(p, T)                                                                          \
  void p##gesdd_(const char* jobz, const int* m, const int* n, T* a, const int* lda, T* s, T* u, \
                 const int* ldu, T* vt, const int* ldvt, T* work, const int* lwork, int* iwork,  \
                 int* info, size_t);
#define MLX_GEMM(p, T)                                                                            \
  void p##gemm_(const char* transa, const char* transb, const int* m, const int* n, const int* k, \
                const T* alpha, const T* a, const int* lda, const T* b, const int* ldb,           \
                const T* beta, T* c, const int* ldc, size_t, size_t);
#define MLX_LARFG(p, T) void p##larfg_(const int* n, T* alpha, T* x, const int* incx, T* tau);
#define MLX_BDSQR(p, T)                                                                           \
  void p##bdsqr_(const char* uplo, const int* n, const int* ncvt, const int* nru, const int* ncc, \
                 T* d, T* e, T* vt, const int* ldvt, T* u, const int* ldu, T* c, const int* ldc,  \
                 T* work, int* info, size_t);
#define MLX_LASD0(p, T)                                                                  \
  void p##lasd0_(const int* n, const int* sqre, T* d, T* e, T* u, const int* ldu, T* vt, \
                 const int* ldvt, const int* smlsiz, int* iwork, T* work, int* info);
#define MLX_LASD2(p, T)                                                                            \
  void p##lasd2_(const int* nl, const int* nr, const int* sqre, int* k, T* d, T* z,                \
                 const T* alpha, const T* beta, T* u, const int* ldu, T* vt, const int* ldvt,      \
                 T* dsigma, T* u2, const int* ldu2, T* vt2, const int* ldvt2, int* idxp, int* idx, \
                 int* idxc, int* idxq, int* coltyp, int* info);
#define MLX_LASD4(p, T)                                                                      \
  void p##lasd4_(const int* n, const int* i, const T* d, const T* z, T* delta, const T* rho, \
                 T* sigma, T* work, int* info);
#define MLX_STERF(p, T) void p##sterf_(const int* n, T* d, T* e, int* info);
#define MLX_STEDC(p, T)                                                                      \
  void p##stedc_(const char* compz, const int* n, T* d, T* e, T* z, const int* ldz, T* work, \
                 const int* lwork, int* iwork, const int* liwork, int* info, size_t);
#define MLX_LAED2(p, T)                                                                       \
  void p##laed2_(int* k, const int* n, const int* n1, T* d, T* q, const int* ldq, int* indxq, \
                 T* rho, T* z, T* dlamda, T* w, T* q2, int* indx, int* indxc, int* indxp,     \
                 int* coltyp, int* info);
#define MLX_LAED4(p, T)                                                                      \
  void p##laed4_(const int* n, const int* i, const T* d, const T* z, T* delta, const T* rho, \
                 T* dlam, int* info);
#define MLX_SYEVD(p, T)                                                                        \
  void p##syevd_(const char* jobz, const char* uplo, const int* n, T* a, const int* lda, T* w, \
                 T* work, const int* lwork, int* iwork, const int* liwork, int* info, size_t,  \
                 size_t);
#define MLX_GEEV(p, T)                                                                            \
  void p##geev_(const char* jobvl, const char* jobvr, const int* n, T* a, const int* lda, T* wr,  \
                T* wi, T* vl, const int* ldvl, T* vr, const int* ldvr, T* work, const int* lwork, \
                int* info, size_t, size_t);

extern "C" {
MLX_FOR_EACH_TYPE(MLX_TRSM)
MLX_FOR_EACH_TYPE(MLX_POTRF)
MLX_FOR_EACH_TYPE(MLX_GETRF)
MLX_FOR_EACH_TYPE(MLX_GETRI)
MLX_FOR_EACH_TYPE(MLX_GETRS)
MLX_FOR_EACH_TYPE(MLX_TRTRI)
MLX_FOR_EACH_TYPE(MLX_GEQRF)
MLX_FOR_EACH_TYPE(MLX_GELQF)
MLX_ORGLQ(sorglq_, float)
MLX_ORGLQ(dorglq_, double)
MLX_ORGLQ(cunglq_, std::complex<float>)
MLX_FOR_REAL_TYPES(MLX_GESDD)
MLX_FOR_EACH_TYPE(MLX_GEMM)
MLX_FOR_EACH_TYPE(MLX_LARFG)
MLX_FOR_REAL_TYPES(MLX_BDSQR)
MLX_FOR_REAL_TYPES(MLX_LASD0)
MLX_FOR_REAL_TYPES(MLX_LASD2)
MLX_FOR_REAL_TYPES(MLX_LASD4)
MLX_FOR_REAL_TYPES(MLX_STERF)
MLX_FOR_REAL_TYPES(MLX_STEDC)
MLX_FOR_REAL_TYPES(MLX_LAED2)
MLX_FOR_REAL_TYPES(MLX_LAED4)
MLX_FOR_REAL_TYPES(MLX_SYEVD)
MLX_FOR_REAL_TYPES(MLX_GEEV)

void cgesdd_(const char* jobz, const int* m, const int* n, std::complex<float>* a, const int* lda,
             float* s, std::complex<float>* u, const int* ldu, std::complex<float>* vt,
             const int* ldvt, std::complex<float>* work, const int* lwork, float* rwork, int* iwork,
             int* info, size_t);
void cheevd_(const char* jobz, const char* uplo, const int* n, std::complex<float>* a,
             const int* lda, float* w, std::complex<float>* work, const int* lwork, float* rwork,
             const int* lrwork, int* iwork, const int* liwork, int* info, size_t, size_t);
void cgeev_(const char* jobvl, const char* jobvr, const int* n, std::complex<float>* a,
            const int* lda, std::complex<float>* w, std::complex<float>* vl, const int* ldvl,
            std::complex<float>* vr, const int* ldvr, std::complex<float>* work, const int* lwork,
            float* rwork, int* info, size_t, size_t);
}

#undef MLX_FOR_EACH_TYPE
#undef MLX_FOR_REAL_TYPES
#undef MLX_TRSM
#undef MLX_POTRF
#undef MLX_GETRF
#undef MLX_GETRI
#undef MLX_GETRS
#undef MLX_TRTRI
#undef MLX_GEQRF
#undef MLX_GELQF
#undef MLX_ORGLQ
#undef MLX_GESDD
#undef MLX_GEMM
#undef MLX_LARFG
#undef MLX_BDSQR
#undef MLX_LASD0
#undef MLX_LASD2
#undef MLX_LASD4
#undef MLX_STERF
#undef MLX_STEDC
#undef MLX_LAED2
#undef MLX_LAED4
#undef MLX_SYEVD
#undef MLX_GEEV

#endif
