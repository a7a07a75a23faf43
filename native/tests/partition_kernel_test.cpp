#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "cpu/sort/partition.h"
#include "cpu/sort/sort.h"
#include "runtime/thread_pool.h"
#include "strided_test_data.h"

using namespace mlx::core;
using namespace strided_test;

namespace {

/// Against the order that sorting gives: equal bytes there are equal keys here.
template <typename T>
void check_partition(Strided<T>& in, int axis, int kth) {
  const Index& shape = in.shape();
  size_t count = size_t(volume(shape)), length = size_t(shape[size_t(axis)]);
  std::unique_ptr<T[]> sorted(new T[count]), parts(new T[count]);
  std::vector<uint32_t> order(count);
  cpu::sort(in.input(), axis, sorted.get());
  cpu::partition(in.input(), axis, kth, parts.get());
  cpu::argpartition(in.input(), axis, kth, order.data());
  // The rank of each element among all, the same for equal ones.
  std::vector<uint32_t> sorting(count);
  cpu::argsort(in.input(), axis, sorting.data());
  size_t step = 1;
  for (size_t i = size_t(axis) + 1; i < shape.size(); ++i) step *= size_t(shape[i]);
  Index starts = shape;
  starts[size_t(axis)] = std::min(1, shape[size_t(axis)]);
  size_t wrong = 0;
  for_each_index(starts, [&](Index index) {
    size_t at = 0;
    for (size_t i = 0; i < shape.size(); ++i) at = at * size_t(shape[i]) + size_t(index[i]);
    std::vector<size_t> rank(length);
    for (size_t i = 0; i < length; ++i) rank[sorting[at + i * step]] = i;
    auto element = [&](size_t i) {
      index[size_t(axis)] = int32_t(i);
      return in[index];
    };
    std::vector<bool> seen(length, false);
    size_t middle_rank = rank[order[at + size_t(kth) * step]];
    auto same = [&](size_t a, size_t b) {
      return std::memcmp(&sorted[at + a * step], &sorted[at + b * step], sizeof(T)) == 0;
    };
    // Zeros of both signs are equal, but their bytes differ: they may change places.
    bool is_zero = element(order[at + size_t(kth) * step]) == T(0);
    wrong += !is_zero && !same(middle_rank, size_t(kth));
    for (size_t i = 0; i < length; ++i) {
      size_t from = order[at + i * step];
      seen[from] = true;
      T expected = element(from);
      wrong += std::memcmp(&parts[at + i * step], &expected, sizeof(T)) != 0;
      if (is_zero) continue;
      if (i < size_t(kth)) wrong += rank[from] > middle_rank && !same(rank[from], middle_rank);
      if (i > size_t(kth)) wrong += rank[from] < middle_rank && !same(rank[from], middle_rank);
    }
    wrong += size_t(std::count(seen.begin(), seen.end(), false));
  });
  CHECK(wrong == 0);
}

}  // namespace

TEST_CASE_TEMPLATE("partition and argpartition: every dtype, axis and layout", T, ALL_DTYPES) {
  Random random(63);
  for (int round = 0; round < 100; ++round) {
    Index shape = random_shape(random, 3);
    if (shape.empty()) shape.push_back(7);
    Strided<T> in(random, shape);
    int axis = int(pick(random, 0, int64_t(shape.size()) - 1));
    int length = shape[size_t(axis)];
    if (length > 0) check_partition(in, axis, int(pick(random, 0, length - 1)));
  }
}

TEST_CASE_TEMPLATE("partition: long lines, the same for any number of threads", T, bool, int8_t,
                   uint16_t, float16_t, int32_t, float, int64_t, double, complex64_t) {
  Random random(64);
  for (const Index& shape : {Index{200000}, Index{3, 140000}, Index{140000, 2}}) {
    Strided<T> in(random, shape, true, false);
    int axis = shape[0] == 3 ? 1 : 0, length = shape[size_t(axis)];
    size_t count = size_t(volume(shape));
    for (int kth : {0, length / 2, length - 1}) {
      std::vector<uint32_t> first(count), other(count);
      for (int threads : {1, 2, 7}) {
        set_num_threads(threads);
        check_partition(in, axis, kth);
        cpu::argpartition(in.input(), axis, kth, threads == 1 ? first.data() : other.data());
        CHECK((threads == 1 || first == other));
      }
    }
  }
  set_num_threads(2);
}

TEST_CASE("partition: long lines whose keys share their digits, and ones that share none") {
  std::vector<uint64_t> in(300000), out(in.size()), sorted;
  int32_t shape[] = {int32_t(in.size())};
  int64_t strides[] = {1};
  for (int bits : {0, 1, 13, 40, 64}) {
    Random random(65);
    for (auto& x : in) x = bits == 0 ? 7 : random() >> (64 - bits);
    sorted = in;
    std::sort(sorted.begin(), sorted.end());
    for (size_t kth : {size_t(0), size_t(123456), in.size() - 1}) {
      cpu::partition({in.data(), uint64, shape, strides}, 0, int64_t(kth), out.data());
      CHECK(out[kth] == sorted[kth]);
      CHECK(*std::min_element(out.begin() + ptrdiff_t(kth), out.end()) == sorted[kth]);
      CHECK(*std::max_element(out.begin(), out.begin() + ptrdiff_t(kth) + 1) == sorted[kth]);
    }
  }
}
