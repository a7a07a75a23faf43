#include <doctest/doctest.h>

#include <cmath>

#include "distributed_processes.h"
#include "mlx/errors.h"
#include "mlx/primitives.h"

// Calls of several processes together, against the same values combined in one process.

using namespace processes;

namespace {

const std::vector<Dtype> dtypes{bool_, uint8, uint16,  uint32,   uint64,  int8,    int16,
                                int32, int64, float16, bfloat16, float32, float64, complex64};

// Scalars, values that travel with the header, and some that take a part of a segment and several.
const std::vector<Shape> shapes{{}, {0}, {1}, {7}, {3, 5}, {4001}, {300, 1111}};

/// Small whole numbers, so that every order of adding gives the same; also negative where there are
/// such.
array values(const Shape& shape, Dtype dtype, int rank) {
  array numbers = remainder(arange(0, std::max<int>(1, int(zeros(shape).size())), 1, float32) *
                                array(float(7 + 2 * rank)),
                            array(float(11))) -
                  array(issubdtype(dtype, unsignedinteger) || dtype == bool_ ? 0.0f : 5.0f);
  if (zeros(shape).size() == 0) return zeros(shape, dtype);
  return astype(reshape(numbers, shape), dtype);
}

bool is_equal(const array& a, const array& b) {
  return a.dtype() == b.dtype() && a.shape() == b.shape() && array_equal(a, b, true).item<bool>();
}

std::string error_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const EngineError& error) {
    return error.what();
  }
  return "";
}

bool contains(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

/// For a while, how long processes wait for others.
struct TimeLimit {
  double before = distributed::timeout();
  explicit TimeLimit(double seconds) { distributed::set_timeout(seconds); }
  ~TimeLimit() { distributed::set_timeout(before); }
};

}  // namespace

TEST_CASE("distributed: reductions of every dtype and of odd sizes") {
  for (int size : {2, 3, 4}) {
    for (auto& dtype : dtypes) {
      CAPTURE(size);
      CAPTURE(dtype_to_string(dtype));
      run(size, [&](distributed::Group group) {
        for (auto& shape : shapes) {
          std::vector<array> all;
          for (int i = 0; i < size; ++i) all.push_back(values(shape, dtype, i));
          array total = all[0], largest = all[0], smallest = all[0];
          for (int i = 1; i < size; ++i) {
            total = total + all[size_t(i)];
            largest = maximum(largest, all[size_t(i)]);
            smallest = minimum(smallest, all[size_t(i)]);
          }
          const array& own = all[size_t(group.rank())];
          CHECK(is_equal(distributed::all_sum(own, group), total));
          CHECK(is_equal(distributed::all_max(own, group), largest));
          CHECK(is_equal(distributed::all_min(own, group), smallest));
        }
      });
    }
  }
}

TEST_CASE("distributed: gathered and scattered values") {
  for (int size : {2, 3}) {
    for (auto& dtype : dtypes) {
      run(size, [&](distributed::Group group) {
        for (auto& shape : shapes) {
          std::vector<array> all;
          for (int i = 0; i < size; ++i) all.push_back(values(shape, dtype, i));
          const array& own = all[size_t(group.rank())];
          array joined = shape.empty() ? stack(all) : concatenate(all);
          CHECK(is_equal(distributed::all_gather(own, group), joined));
          if (shape.empty()) continue;

          Shape whole = shape;
          whole[0] *= size;
          array total = values(whole, dtype, 0);
          for (int i = 1; i < size; ++i) total = total + values(whole, dtype, i);
          array part = split(total, size)[size_t(group.rank())];
          array given = values(whole, dtype, group.rank());
          CHECK(is_equal(distributed::sum_scatter(given, group), part));
        }
      });
    }
  }
}

TEST_CASE("distributed: sums are the same to the bit everywhere, in the order of the ranks") {
  for (int count : {1000, 300001}) {
    std::vector<array> all;
    for (int i = 0; i < 4; ++i)
      all.push_back(random::normal({count}, float32, 0, 1, random::key(uint64_t(i))));
    array total = all[0] + all[1] + all[2] + all[3];
    eval(total);
    run(4, [&](distributed::Group group) {
      CHECK(is_equal(distributed::all_sum(all[size_t(group.rank())], group), total));
    });
  }
}

TEST_CASE("distributed: halves are summed in float32 and rounded once") {
  // 1 is lost beside 2048 in float16, but not twice that.
  run(3, [](distributed::Group group) {
    array own = group.rank() == 0 ? array(2048.0f, float16) : array(1.0f, float16);
    CHECK(distributed::all_sum(own, group).item<float>() == 2050.0f);
  });
}

TEST_CASE("distributed: largest and smallest let NaN through") {
  run(2, [](distributed::Group group) {
    array own = group.rank() == 0 ? array({1.0f, NAN, 3.0f}) : array({NAN, 2.0f, 4.0f});
    array expected_max({NAN, NAN, 4.0f}), expected_min({NAN, NAN, 3.0f});
    CHECK(is_equal(distributed::all_max(own, group), expected_max));
    CHECK(is_equal(distributed::all_min(own, group), expected_min));
  });
}

TEST_CASE("distributed: strided inputs") {
  run(2, [](distributed::Group group) {
    array x = transpose(reshape(arange(6.0f), {2, 3}));
    CHECK(is_equal(distributed::all_sum(x, group), 2.0f * x));
    CHECK(is_equal(distributed::all_gather(x, group), concatenate({x, x})));
  });
}

TEST_CASE("distributed: groups split by color and in the order of keys") {
  run(4, [](distributed::Group world) {
    int rank = world.rank();
    auto pair = world.split(rank % 2);
    CHECK(pair.size() == 2);
    CHECK(pair.rank() == rank / 2);
    CHECK(distributed::all_sum(array(rank), pair).item<int>() == (rank % 2 ? 4 : 2));
    auto reversed = world.split(0, 10 - rank);
    CHECK(reversed.rank() == 3 - rank);
    CHECK(is_equal(distributed::all_gather(array(rank), reversed), array({3, 2, 1, 0})));
    auto alone = world.split(rank);
    CHECK(alone.size() == 1);
    CHECK(distributed::all_sum(array(rank), alone).item<int>() == rank);
    // Groups of groups, and the first ones still work.
    auto deeper = pair.split(pair.rank());
    CHECK(deeper.size() == 1);
    CHECK(distributed::all_sum(array(1), world).item<int>() == 4);
    CHECK(distributed::all_sum(array(1), pair).item<int>() == 2);
  });
}

TEST_CASE("distributed: messages from one process to another") {
  run(3, [](distributed::Group group) {
    for (auto& shape : shapes) {
      array x = values(shape, float32, 0);
      if (group.rank() == 0) {
        CHECK(is_equal(distributed::send(x, 2, group), x));
      } else if (group.rank() == 2) {
        CHECK(is_equal(distributed::recv(shape, float32, 0, group), x));
      }
    }
    if (group.rank() == 1) CHECK(is_equal(distributed::recv_like(array(0), 2, group), array(5)));
    if (group.rank() == 2) eval(distributed::send(array(5), 1, group));
  });
}

TEST_CASE("distributed: derivatives and vectorisation") {
  run(2, [](distributed::Group group) {
    const float rank = float(group.rank());
    array x({1.0f + rank, 2.0f - rank});  // (1, 2) and (2, 1)
    auto sum_of = [&](auto call) {
      return [&group, call](const array& v) { return sum(call(v, group, {})); };
    };
    CHECK(
        is_equal(grad(sum_of(distributed::all_max))(x), astype(greater(x, array(1.5f)), float32)));
    CHECK(is_equal(grad(sum_of(distributed::all_min))(x), astype(less(x, array(1.5f)), float32)));
    // Where both have the extreme, each has half of it.
    CHECK(is_equal(grad(sum_of(distributed::all_max))(array({3.0f})), array({0.5f})));
    auto scattered = [&](const array& v) {
      return sum(distributed::sum_scatter(v, group) * array(2.0f + rank));
    };
    CHECK(is_equal(grad(scattered)(x), array({2.0f, 3.0f})));
    auto tangent_of = [&](auto call) {
      return jvp([&](const array& v) { return call(v, group, {}); }, x, array({1.0f, rank})).second;
    };
    CHECK(is_equal(tangent_of(distributed::all_sum), array({2.0f, 1.0f})));
    CHECK(is_equal(tangent_of(distributed::all_max), array({1.0f, 0.0f})));
    CHECK(is_equal(tangent_of(distributed::all_gather), array({1.0f, 0.0f, 1.0f, 1.0f})));

    array rows = reshape(arange(12.0f) + array(rank), {2, 6});
    for (int axis : {0, 1}) {
      auto mapped =
          vmap([&](const array& v) { return distributed::all_gather(v, group); }, axis, 0);
      auto summed =
          vmap([&](const array& v) { return distributed::sum_scatter(v, group); }, axis, 0);
      array by_axis = axis == 0 ? rows : transpose(rows);
      array others = by_axis + array(group.rank() == 0 ? 1.0f : -1.0f);
      array first = group.rank() == 0 ? by_axis : others,
            second = group.rank() == 0 ? others : by_axis;
      CHECK(is_equal(mapped(rows), concatenate({first, second}, 1)));
      CHECK(is_equal(summed(rows), split(first + second, 2, 1)[size_t(group.rank())]));
    }
    auto scalars = vmap([&](const array& v) { return distributed::all_gather(v, group); });
    CHECK(scalars(array({1.0f, 2.0f, 3.0f})).shape() == Shape{3, 2});
  });
}

TEST_CASE("distributed: communication and computation have streams of their own") {
  run(2, [](distributed::Group group) {
    array x({1.0f});
    Stream own = distributed::all_sum(x, group).primitive().stream();
    CHECK(own != default_stream(Device::cpu));
    CHECK(distributed::all_max(x, group).primitive().stream() == own);
    Stream given = new_stream(Device::cpu);
    CHECK(distributed::all_sum(x, group, given).primitive().stream() == given);
    array y = distributed::all_sum(x + x, group) * array(3.0f);
    CHECK(y.item<float>() == 12.0f);
  });
}

TEST_CASE("distributed: calls that don't match are an error on all, which names them") {
  run(3, [](distributed::Group group) {
    const bool is_odd = group.rank() == 1;
    auto text = error_of([&] { eval(distributed::all_sum(zeros({is_odd ? 5 : 4}), group)); });
    CHECK(contains(text, "[distributed.all_sum]"));
    CHECK(contains(text, "ranks 0 and 2 call all_sum with float32 (4)"));
    CHECK(contains(text, "rank 1 calls all_sum with float32 (5)"));
    text =
        error_of([&] { eval(distributed::all_sum(zeros({2}, is_odd ? int32 : float32), group)); });
    CHECK(contains(text, "rank 1 calls all_sum with int32 (2)"));
    // Also with values that don't travel with the header.
    array many = zeros({10000});
    text = error_of([&] {
      eval(is_odd ? distributed::all_gather(many, group) : distributed::all_max(many, group));
    });
    CHECK(contains(text, "rank 1 calls all_gather with float32 (10000)"));
    // Nobody has moved on, so the group still works.
    CHECK(distributed::all_sum(array(1), group).item<int>() == 3);
  });
}

TEST_CASE("distributed: messages that don't match are an error") {
  run(2, [](distributed::Group group) {
    for (int count : {3, 30000}) {
      auto text = error_of([&] {
        eval(group.rank() == 0 ? distributed::send(zeros({count}), 1, group)
                               : distributed::recv({count + 1}, float32, 0, group));
      });
      // What is small is under way before the receiver looks at it.
      if (group.rank() == 0 && count == 3) continue;
      CHECK(contains(text, "rank 0 calls send with float32"));
      CHECK(contains(text, "rank 1 calls recv with float32"));
    }
    CHECK(distributed::all_sum(array(1), group).item<int>() == 2);
  });
}

TEST_CASE("distributed: who does not come is an error within the time limit") {
  TimeLimit limit(0.3);
  run(3, [](distributed::Group group) {
    if (group.rank() == 2) return;
    auto text = error_of([&] { eval(distributed::all_sum(array(1), group)); });
    CHECK(contains(text, "rank 2 did not come"));
    // From then on nobody knows what the others are at.
    CHECK(contains(error_of([&] { eval(distributed::all_max(array(1), group)); }),
                   "can be used no more"));
  });
  run(2, [](distributed::Group group) {
    auto text = error_of([&] {
      eval(group.rank() == 0 ? distributed::recv({}, float32, 1, group)
                             : distributed::all_sum(array(1), group));
    });
    if (group.rank() == 0)
      CHECK(contains(text, "rank 1 sent nothing; rank 1 calls all_sum with int32 ()"));
    else
      CHECK(contains(text, "rank 0 did not come"));
  });
}

TEST_CASE("distributed: who has ended is an error at once") {
  run(3, [](distributed::Group group) {
    auto& peers = static_cast<PeerGroup&>(*group.raw_group());
    if (group.rank() == 2) {
      // The others have lost a call and say so: nobody waits for them at the end.
      CHECK_FALSE(peers.leave(false));
      return;
    }
    auto text = error_of([&] { eval(distributed::all_sum(array(1), group)); });
    CHECK(contains(text, "rank 2 has ended"));
    CHECK_FALSE(peers.leave(false));
  });
}

TEST_CASE("distributed: all know when all have left in order") {
  run(3, [](distributed::Group group) {
    eval(distributed::all_sum(array(1), group));
    CHECK(static_cast<PeerGroup&>(*group.raw_group()).leave(false));
  });
}

TEST_CASE("distributed: time limits") {
  CHECK_THROWS_AS(distributed::set_timeout(0), std::invalid_argument);
  CHECK_THROWS_AS(distributed::set_timeout(NAN), std::invalid_argument);
  CHECK_THROWS_AS(distributed::set_timeout(INFINITY), std::invalid_argument);
}
