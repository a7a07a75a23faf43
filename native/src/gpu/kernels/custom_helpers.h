// What MLX has beside Metal's standard library in kernels that callers wrote, on every GPU.

struct complex64_t {
  float real, imag;

  complex64_t() = default;
  complex64_t(float re, float im = 0.0f) : real(re), imag(im) {}
};
inline complex64_t operator+(complex64_t a, complex64_t b) {
  return complex64_t(a.real + b.real, a.imag + b.imag);
}
inline complex64_t operator-(complex64_t a, complex64_t b) {
  return complex64_t(a.real - b.real, a.imag - b.imag);
}
inline complex64_t operator*(complex64_t a, complex64_t b) {
  return complex64_t(a.real * b.real - a.imag * b.imag, a.real * b.imag + a.imag * b.real);
}

inline int ceildiv(int a, int b) { return (a + b - 1) / b; }

/// Where an element of an array with strides lies, by its number in row-major order.
template <typename Index>
inline long elem_to_loc(Index elem, constant int* shape, constant int64_t* strides, int ndim) {
  long place = 0;
  ulong rest = ulong(elem);
  for (int i = ndim - 1; i >= 0 && rest > 0; --i) {
    place += long(rest % ulong(shape[i])) * long(strides[i]);
    rest /= ulong(shape[i]);
  }
  return place;
}
