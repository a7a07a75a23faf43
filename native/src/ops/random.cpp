#include "mlx/random.h"

#include <cmath>
#include <limits>
#include <numbers>

#include "mlx/linalg.h"
#include "mlx/ops.h"
#include "mlx/utils.h"
#include "ops/dtype_checks.h"
#include "primitives/random.h"
#include "primitives/threefry.h"
#include "runtime/random_seed.h"

namespace mlx::core::random {
namespace {

void require_floating(const char* name, Dtype dtype) {
  if (!issubdtype(dtype, floating))
    throw DtypeError(
        concat_text("[", name, "] Expected a real floating dtype but received ", dtype, "."));
}

void require_shape(const char* name, const Shape& wanted, const Shape& parameters) {
  if (broadcast_shapes(wanted, parameters) != wanted)
    throw ShapeError(concat_text("[", name, "] Parameters of shape ", parameters,
                                 " can't be broadcast to the shape ", wanted, "."));
}

void check_key(const array& key) {
  if (key.dtype() != uint32 || key.shape() != Shape{2})
    throw std::invalid_argument(
        concat_text("[random] A key must be two uint32, but this one has shape ", key.shape(),
                    " and dtype ", key.dtype(), "."));
}

/// The largest value below 1.
array below_one(Dtype dtype) { return array(1 - finfo(dtype).eps / 2, dtype); }

/// The smallest value above -1. float64 has no finer draws than float32 to go with.
array above_minus_one(Dtype dtype, const Stream& s) {
  return negative(below_one(dtype == float64 ? float32 : dtype), s);
}

/// A number above 0 and below all other draws from [0, 1).
array above_zero(Dtype dtype) { return array(dtype == float16 ? 0x1p-24f : 0x1p-33f, dtype); }

/// Whether a parameter can be read without evaluating anything.
bool is_known(const array& a) {
  return a.dtype() == float32 && a.size() == 1 && a.is_available() && !a.is_tracer();
}

bool is_within(const array& a, float bound) {
  return is_known(a) && std::abs(a.data<float>()[0]) <= bound;
}

/// Uniform draws between bounds of one dtype, which are not far from each other.
array draw_between(const array& low, const array& high, const Shape& shape,
                   const std::optional<array>& key, const Stream& s) {
  array fraction = uniform(shape, low.dtype(), key, s);
  return add(multiply(subtract(high, low, s), fraction, s), low, s);
}

/// The row of a key that has been split in two.
array key_row(const array& keys, int row, const Stream& s) { return take(keys, row, 0, s); }

array complex_normal(const Shape& shape, const std::optional<array>& loc,
                     const std::optional<array>& scale, const std::optional<array>& key,
                     const Stream& s) {
  Shape parts = shape;
  parts.push_back(2);
  array u = draw_between(above_minus_one(float32, s), array(1.0f), parts, key, s);
  array samples = squeeze(view(erfinv(u, s), complex64, s), -1, s);
  if (scale) samples = multiply(astype(*scale, complex64, s), samples, s);
  if (loc) samples = add(astype(*loc, complex64, s), samples, s);
  return samples;
}

/// The logarithm of x Q(x) / phi(x) for the normal tail Q and density phi, far out.
array log_tail_series(const array& x, const Stream& s) {
  array z = square(reciprocal(x, s), s), sum = array(1.0f);
  for (float factor : {7.0f, 5.0f, 3.0f, 1.0f})
    sum = subtract(array(1.0f), multiply(multiply(array(factor), z, s), sum, s), s);
  return log(sum, s);
}

/// The logarithm of Q(x) / Q(x + d).
array tail_decay(const array& x, const array& d, const Stream& s) {
  array half = multiply(d, array(0.5f), s);
  array series = subtract(log_tail_series(x, s), log_tail_series(add(x, d, s), s), s);
  return add(add(multiply(d, add(x, half, s), s), log1p(divide(d, x, s), s), s), series, s);
}

/// Normal draws between `near` and near + width, for `near` so far out that erf is 1 there: the
/// tail's logarithm inverted by Newton's method.
array tail_normal(const array& near, const array& width, const array& draws, const Stream& s) {
  array whole = expm1(negative(tail_decay(near, width, s), s), s);
  array target = negative(log1p(multiply(draws, whole, s), s), s);
  array twice = multiply(target, array(2.0f), s);
  array d = divide(twice, add(near, sqrt(add(square(near, s), twice, s), s), s), s);
  for (int i = 0; i < 3; ++i) {
    array x = add(near, d, s);
    array slope = add(x, reciprocal(x, s), s);
    d = subtract(d, divide(subtract(tail_decay(near, d, s), target, s), slope, s), s);
  }
  return add(near, d, s);
}

/// Whether a bound is known to leave the middle of the normal distribution on its side.
bool is_central(const array& bound, float side) {
  return is_known(bound) && side * bound.data<float>()[0] < 2;
}

/// The normal distribution between two bounds by its inverse: root 2 times erfinv of draws between
/// their erf. Where a bound is far out, rounding must not take a draw to 1, which is infinitely
/// far.
array invert_normal(const array& a, const array& b, bool is_far, const Shape& shape,
                    const array& key, const Stream& s) {
  Dtype dtype = a.dtype();
  array draws = draw_between(a, b, shape, key, s);
  if (is_far) draws = clip(draws, above_minus_one(dtype, s), below_one(dtype), s);
  return multiply(array(std::numbers::sqrt2, dtype), erfinv(draws, s), s);
}

/// Logits in a shape, and where their axis lies in it.
array gumbel_argmax(const array& logits, int axis, Shape shape, const std::optional<array>& key,
                    StreamOrDevice s) {
  int place = axis + int(shape.size()) - int(logits.ndim()) + 1;
  shape.insert(shape.begin() + place, logits.shape(axis));
  return argmax(add(gumbel(shape, float32, key, s), logits, s), place, false, s);
}

/// For many draws from one distribution: no noise for each pair of draw and category.
array invert_cumulative(const array& logits, const Shape& shape, const std::optional<array>& key,
                        StreamOrDevice s) {
  array x = astype(flatten(logits, s), float32, s);
  array largest = max(x, s);
  // Several infinite logits share the draws.
  array relative = where(equal(x, largest, s), array(0.0f), subtract(x, largest, s), s);
  array draws = flatten(uniform(shape, float32, key, s), s);
  auto primitive = std::make_shared<CategoricalSearch>(to_stream(s));
  array found(draws.shape(), uint32, std::move(primitive), {exp(relative, s), draws});
  return reshape(found, shape, s);
}

int check_logits(const array& logits, int axis) {
  require_real("categorical", logits.dtype());
  axis = normalize_axis_index(axis, int(logits.ndim()), "[categorical] ");
  if (logits.shape(axis) == 0)
    throw std::invalid_argument(concat_text("[categorical] Axis ", axis, " of shape ",
                                            logits.shape(), " is empty: there is no category."));
  return axis;
}

/// Draws of a shape that the caller asked for.
array sample_categories(const array& logits, int axis, const Shape& shape,
                        const std::optional<array>& key, StreamOrDevice s) {
  bool is_one_row = logits.size() == size_t(logits.shape(axis));
  return is_one_row && !shape.empty() ? invert_cumulative(logits, shape, key, s)
                                      : gumbel_argmax(logits, axis, shape, key, s);
}

}  // namespace

// ---- Keys

KeySequence::KeySequence(uint64_t seed) : key_(random::key(seed)) {}
void KeySequence::seed(uint64_t seed) { key_ = random::key(seed); }

void KeySequence::set_state(array key) {
  check_key(key);
  key_ = std::move(key);
}

array KeySequence::next() {
  if (key_.is_available() && key_.is_on_host() && !key_.is_tracer() &&
      key_.flags().row_contiguous) {
    // Two words are hashed on the spot; a node for each draw would cost more.
    const auto* words = key_.data<uint32_t>();
    auto first = threefry(words, 0, 2), second = threefry(words, 1, 3);
    key_ = array({first.first, second.first});
    return array({first.second, second.second});
  }
  auto [state, key] = random::split(key_);
  key_ = state;
  return key;
}

KeySequence& KeySequence::default_() {
  thread_local KeySequence sequence(random_seed());
  return sequence;
}

array key(uint64_t seed) { return array({uint32_t(seed >> 32), uint32_t(seed)}); }

void seed(uint64_t seed) { KeySequence::default_().seed(seed); }

array split(const array& key, int num, StreamOrDevice s) { return bits({num, 2}, 4, key, s); }

std::pair<array, array> split(const array& key, StreamOrDevice s) {
  Stream stream = to_stream(s);
  array keys = random::split(key, 2, stream);
  return {key_row(keys, 0, stream), key_row(keys, 1, stream)};
}

array bits(const Shape& shape, int width, const std::optional<array>& key_, StreamOrDevice s) {
  if (width != 1 && width != 2 && width != 4)
    throw std::invalid_argument(
        concat_text("[bits] The width must be 1, 2 or 4 bytes, not ", width, "."));
  array key = key_ ? *key_ : KeySequence::default_().next();
  check_key(key);
  auto primitive = std::make_shared<RandomBits>(to_stream(s), shape, width);
  return array(shape, random_bits_dtype(width), std::move(primitive), {key});
}

// ---- Floating distributions

array uniform(const Shape& shape, Dtype dtype, const std::optional<array>& key, StreamOrDevice s) {
  require_floating("uniform", dtype);
  array fraction = divide(bits(shape, 4, key, s), array(0x1p32f), s);
  return astype(minimum(fraction, below_one(dtype), s), dtype, s);
}
array uniform(const Shape& shape, const std::optional<array>& key, StreamOrDevice s) {
  return uniform(shape, float32, key, s);
}

array uniform(const array& low, const array& high, const Shape& shape, Dtype dtype,
              const std::optional<array>& key, StreamOrDevice s) {
  require_floating("uniform", dtype);
  require_real("uniform", result_type(low, high));
  array lower = astype(low, dtype, s), upper = astype(high, dtype, s);
  array range = subtract(upper, lower, s);
  require_shape("uniform", shape, range.shape());
  array fraction = uniform(shape, dtype, key, s);
  array draws = add(multiply(range, fraction, s), lower, s);
  if (is_within(low, 1e4f) && is_within(high, 1e4f)) return draws;
  // The range itself may be beyond the dtype.
  array rest = subtract(array(1, dtype), fraction, s);
  array mixed = add(multiply(upper, fraction, s), multiply(lower, rest, s), s);
  return where(isinf(range, s), mixed, draws, s);
}

array normal(const Shape& shape, Dtype dtype, const std::optional<array>& loc,
             const std::optional<array>& scale, const std::optional<array>& key, StreamOrDevice s) {
  Stream stream = to_stream(s);
  if (dtype == complex64) return complex_normal(shape, loc, scale, key, stream);
  require_floating("normal", dtype);
  array u = draw_between(above_minus_one(float32, stream), array(1.0f), shape, key, stream);
  array factor(std::numbers::sqrt2, dtype);
  if (scale) factor = multiply(factor, astype(*scale, dtype, stream), stream);
  array samples = multiply(factor, astype(erfinv(u, stream), dtype, stream), stream);
  return loc ? add(astype(*loc, dtype, stream), samples, stream) : samples;
}

array multivariate_normal(const array& mean, const array& cov, const Shape& shape, Dtype dtype,
                          const std::optional<array>& key, StreamOrDevice s) {
  if (dtype != float32 && dtype != float64)
    throw DtypeError(
        concat_text("[multivariate_normal] Expected float32 or float64 but received ", dtype, "."));
  if (mean.ndim() < 1 || cov.ndim() < 2 || cov.shape(-1) != cov.shape(-2) ||
      mean.shape(-1) != cov.shape(-1))
    throw ShapeError(concat_text("[multivariate_normal] Expected a mean (..., n) and a covariance ",
                                 "(..., n, n) but received shapes ", mean.shape(), " and ",
                                 cov.shape(), "."));
  Stream stream = to_stream(s);
  Shape batch = broadcast_shapes(Shape(mean.shape().begin(), mean.shape().end() - 1),
                                 Shape(cov.shape().begin(), cov.shape().end() - 2));
  if (!shape.empty()) {
    require_shape("multivariate_normal", shape, batch);
    batch = shape;
  }
  batch.push_back(mean.shape(-1));
  Stream on_cpu = stream.device == Device::cpu ? stream : default_stream(Device::cpu);
  auto factors = linalg::svd(astype(cov, dtype, on_cpu), true, on_cpu);
  array deviations = expand_dims(sqrt(factors[1], stream), -2, stream);
  array root = matmul(multiply(factors[0], deviations, stream), factors[2], stream);
  array draws = expand_dims(normal(batch, dtype, key, stream), -2, stream);
  array samples = squeeze(matmul(draws, root, stream), -2, stream);
  return add(astype(mean, dtype, stream), samples, stream);
}

array truncated_normal(const array& lower, const array& upper, const Shape& shape, Dtype dtype,
                       const std::optional<array>& key_, StreamOrDevice s_) {
  require_floating("truncated_normal", dtype);
  require_shape("truncated_normal", shape, broadcast_shapes(lower.shape(), upper.shape()));
  Stream s = to_stream(s_);
  array key = key_ ? *key_ : KeySequence::default_().next();
  array lo = astype(lower, dtype, s), hi = astype(upper, dtype, s);
  auto clipped = [&](const array& samples) { return maximum(minimum(hi, samples, s), lo, s); };
  auto erf_of = [&](const array& bound) {
    return erf(divide(bound, array(std::numbers::sqrt2, bound.dtype()), s), s);
  };
  bool is_far = !is_within(lower, 2) || !is_within(upper, 2);
  auto inverted = [&] { return invert_normal(erf_of(lo), erf_of(hi), is_far, shape, key, s); };
  if (is_central(lower, 1) && is_central(upper, -1)) return clipped(inverted());

  Dtype wide = result_type(array(0, dtype), array(0.0f));
  array lo_wide = astype(lo, wide, s), hi_wide = astype(hi, wide, s);
  array a = erf_of(lo_wide), b = erf_of(hi_wide);
  // Where both bounds are so far out that erf is the same, it says nothing of what is between.
  array is_left = equal(b, array(-1, wide), s), is_right = equal(a, array(1, wide), s);
  array near = where(is_left, negative(hi_wide, s), lo_wide, s);
  array far = where(is_left, negative(lo_wide, s), hi_wide, s);
  array is_tail = logical_and(logical_or(is_left, is_right, s), isfinite(near, s), s);
  array start = where(is_tail, near, array(8, wide), s);
  // Beyond 64 there is nothing; an infinite span would have no derivative.
  array span = clip(subtract(far, start, s), array(0, wide), array(64, wide), s);
  span = where(is_tail, span, array(1, wide), s);
  array tail = tail_normal(start, span, uniform(shape, wide, key, s), s);
  array nowhere(0, wide);
  array middle = invert_normal(where(is_tail, nowhere, a, s), where(is_tail, nowhere, b, s), true,
                               shape, key, s);
  array samples = where(is_tail, where(is_left, negative(tail, s), tail, s), middle, s);
  if (wide == dtype) return clipped(samples);
  // A half type has few draws near 1; without need of those it draws by itself.
  array two(2.0f);
  array has_middle = logical_and(less(lower, two, s), greater(upper, negative(two, s), s), s);
  return clipped(where(has_middle, inverted(), astype(samples, dtype, s), s));
}
array truncated_normal(const array& lower, const array& upper, Dtype dtype,
                       const std::optional<array>& key, StreamOrDevice s) {
  Shape shape = broadcast_shapes(lower.shape(), upper.shape());
  return truncated_normal(lower, upper, shape, dtype, key, s);
}

array gumbel(const Shape& shape, Dtype dtype, const std::optional<array>& key, StreamOrDevice s) {
  require_floating("gumbel", dtype);
  // Above 0, whose logarithm is infinite.
  array draws = maximum(uniform(shape, dtype, key, s), above_zero(dtype), s);
  return negative(log(negative(log(draws, s), s), s), s);
}

array laplace(const Shape& shape, Dtype dtype, const float loc, const float scale,
              const std::optional<array>& key, StreamOrDevice s) {
  require_floating("laplace", dtype);
  Stream stream = to_stream(s);
  array low = above_minus_one(dtype, stream);
  array u = draw_between(astype(low, dtype, stream), array(1, dtype), shape, key, stream);
  array distance = log1p(negative(abs(u, stream), stream), stream);
  array samples = multiply(sign(u, stream), distance, stream);
  if (scale != 1) samples = multiply(array(scale, dtype), samples, stream);
  if (loc != 0) samples = add(array(loc, dtype), samples, stream);
  return samples;
}

// ---- Discrete distributions

array randint(const array& low, const array& high, const Shape& shape, Dtype dtype,
              const std::optional<array>& key, StreamOrDevice s) {
  if (dtype != bool_ && !issubdtype(dtype, integer))
    throw DtypeError(
        concat_text("[randint] Expected an integer dtype or bool but received ", dtype, "."));
  array drawn = floor(uniform(low, high, shape, float32, key, s), s);
  // The bounds needn't be in the dtype themselves: 256 ends the range of uint8.
  Dtype wide = promote_types(result_type(low, high), dtype);
  array least = astype(low, wide, s);
  array most = subtract(astype(high, wide, s), array(1, wide), s);
  // In this order an empty range gives its lower end.
  return astype(maximum(minimum(astype(drawn, wide, s), most, s), least, s), dtype, s);
}

array bernoulli(const array& p, const Shape& shape, const std::optional<array>& key,
                StreamOrDevice s) {
  require_floating("bernoulli", p.dtype());
  require_shape("bernoulli", shape, p.shape());
  // Above float32(2^32 - 1), so that a probability of 1 is always true.
  array upper(std::nextafter(0x1p32f, std::numeric_limits<float>::max()));
  array drawn = astype(bits(shape, 4, key, s), float32, s);
  return less(drawn, multiply(astype(p, float32, s), upper, s), s);
}
array bernoulli(const array& p, const std::optional<array>& key, StreamOrDevice s) {
  return bernoulli(p, p.shape(), key, s);
}
array bernoulli(const std::optional<array>& key, StreamOrDevice s) {
  return bernoulli(array(0.5f), key, s);
}

array categorical(const array& logits, int axis, const Shape& shape,
                  const std::optional<array>& key, StreamOrDevice s) {
  axis = check_logits(logits, axis);
  Shape rows = logits.shape();
  rows.erase(rows.begin() + axis);
  require_shape("categorical", shape, rows);
  return sample_categories(logits, axis, shape, key, s);
}

array categorical(const array& logits, int axis, int num_samples, const std::optional<array>& key,
                  StreamOrDevice s) {
  axis = check_logits(logits, axis);
  Shape shape = logits.shape();
  shape.erase(shape.begin() + axis);
  shape.push_back(num_samples);
  return sample_categories(expand_dims(logits, -1, s), axis, shape, key, s);
}

array categorical(const array& logits, int axis, const std::optional<array>& key,
                  StreamOrDevice s) {
  axis = check_logits(logits, axis);
  Shape shape = logits.shape();
  shape.erase(shape.begin() + axis);
  return gumbel_argmax(logits, axis, shape, key, s);
}

array permutation(int x, const std::optional<array>& key, StreamOrDevice s) {
  return argsort(bits({x}, 4, key, s), 0, s);
}
array permutation(const array& x, int axis, const std::optional<array>& key, StreamOrDevice s) {
  axis = normalize_axis_index(axis, int(x.ndim()), "[permutation] ");
  return take(x, permutation(x.shape(axis), key, s), axis, s);
}

}  // namespace mlx::core::random
