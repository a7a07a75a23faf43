#include "binder.h"
#include "mlx/random.h"

namespace mlx::addon {

using namespace core;

using Key = std::optional<array>;

/// A seed of 64 bits from its two words.
static uint64_t seed_of(double high, double low) { return uint64_t(high) << 32 | uint64_t(low); }

FunctionTable random_functions() {
  return {
      bind("randomKey", [](double high, double low) { return random::key(seed_of(high, low)); }),
      bind("randomSeed", [](double high, double low) { random::seed(seed_of(high, low)); }),
      bind("randomState", [] { return random::KeySequence::default_().state(); }),
      bind("randomSetState",
           [](array state) { random::KeySequence::default_().set_state(std::move(state)); }),
      bind("randomSplit",
           [](const array& key, int num, StreamOrDevice s) { return random::split(key, num, s); }),
      bind("randomUniform",
           [](const array& low, const array& high, Shape shape, Dtype dtype, Key key,
              StreamOrDevice s) { return random::uniform(low, high, shape, dtype, key, s); }),
      bind("randomNormal",
           [](Shape shape, Dtype dtype, Key loc, Key scale, Key key, StreamOrDevice s) {
             return random::normal(shape, dtype, loc, scale, key, s);
           }),
      bind("randomMultivariateNormal",
           [](const array& mean, const array& cov, Shape shape, Dtype dtype, Key key,
              StreamOrDevice s) {
             return random::multivariate_normal(mean, cov, shape, dtype, key, s);
           }),
      bind("randomRandint",
           [](const array& low, const array& high, Shape shape, Dtype dtype, Key key,
              StreamOrDevice s) { return random::randint(low, high, shape, dtype, key, s); }),
      bind("randomBernoulli",
           [](const array& p, std::optional<Shape> shape, Key key, StreamOrDevice s) {
             return shape ? random::bernoulli(p, *shape, key, s) : random::bernoulli(p, key, s);
           }),
      bind("randomTruncatedNormal",
           [](const array& lower, const array& upper, std::optional<Shape> shape, Dtype dtype,
              Key key, StreamOrDevice s) {
             return shape ? random::truncated_normal(lower, upper, *shape, dtype, key, s)
                          : random::truncated_normal(lower, upper, dtype, key, s);
           }),
      bind("randomGumbel", [](Shape shape, Dtype dtype, Key key,
                              StreamOrDevice s) { return random::gumbel(shape, dtype, key, s); }),
      bind("randomLaplace",
           [](Shape shape, Dtype dtype, float loc, float scale, Key key, StreamOrDevice s) {
             return random::laplace(shape, dtype, loc, scale, key, s);
           }),
      bind("randomCategorical",
           [](const array& logits, int axis, std::optional<Shape> shape, std::optional<int> samples,
              Key key, StreamOrDevice s) {
             if (shape) return random::categorical(logits, axis, *shape, key, s);
             if (samples) return random::categorical(logits, axis, *samples, key, s);
             return random::categorical(logits, axis, key, s);
           }),
      bind("randomPermutation",
           [](const array& x, int axis, Key key, StreamOrDevice s) {
             return random::permutation(x, axis, key, s);
           }),
      bind("randomPermutationOf",
           [](int count, Key key, StreamOrDevice s) { return random::permutation(count, key, s); }),
  };
}

}  // namespace mlx::addon
