#include <doctest/doctest.h>

#include "mlx/distributed/distributed_impl.h"
#include "mlx/mlx.h"

// Groups of processes: the group of one, and a backend of the test's own.

using namespace mlx::core;

namespace {

bool is_equal(const array& a, const array& b) { return array_equal(a, b).item<bool>(); }

/// Two processes that hold the same values; this one is the second.
class Twins : public distributed::detail::GroupImpl {
 public:
  Stream communication_stream(StreamOrDevice s) override { return to_stream(s); }
  int rank() override { return 1; }
  int size() override { return 2; }
  std::shared_ptr<GroupImpl> split(int, int) override { return std::make_shared<Twins>(); }

  void all_sum(const array& in, array& out, Stream) override {
    for (size_t i = 0; i < in.size(); ++i) out.data<float>()[i] = 2 * in.data<float>()[i];
  }
  void all_gather(const array& in, array& out, Stream) override {
    for (size_t i = 0; i < out.size(); ++i) out.data<float>()[i] = in.data<float>()[i % in.size()];
  }
  void send(const array& in, int, Stream) override { sent = in.data<float>()[0]; }
  void recv(array& out, int, Stream) override {
    for (size_t i = 0; i < out.size(); ++i) out.data<float>()[i] = sent;
  }
  void all_max(const array& in, array& out, Stream) override { copy(in, out, 0); }
  void all_min(const array& in, array& out, Stream) override { copy(in, out, 0); }
  void sum_scatter(const array& in, array& out, Stream) override {
    copy(in, out, out.size());
    for (size_t i = 0; i < out.size(); ++i) out.data<float>()[i] *= 2;
  }

  float sent = 0;

 private:
  static void copy(const array& in, array& out, size_t begin) {
    for (size_t i = 0; i < out.size(); ++i) out.data<float>()[i] = in.data<float>()[begin + i];
  }
};

}  // namespace

TEST_CASE("api: a process by itself is a group of one") {
  auto world = distributed::init();
  CHECK(world.rank() == 0);
  CHECK(world.size() == 1);
  CHECK(world.raw_group() != nullptr);
  CHECK_THROWS_AS(world.split(0), std::runtime_error);
  array x = reshape(arange(4.0), {2, 2});
  CHECK(is_equal(distributed::all_sum(x), x));
  CHECK(is_equal(distributed::all_sum(x, world, Device::cpu), x));
  CHECK(is_equal(distributed::all_max(x), x));
  CHECK(is_equal(distributed::all_min(x, world), x));
  CHECK(is_equal(distributed::all_gather(x), x));
  CHECK(is_equal(distributed::sum_scatter(x), x));
  CHECK_THROWS_AS(distributed::send(x, 0), std::invalid_argument);
  CHECK_THROWS_AS(distributed::send(x, 1, world), std::invalid_argument);
  CHECK_THROWS_AS(distributed::recv({2}, float32, 0), std::invalid_argument);
  CHECK_THROWS_AS(distributed::recv_like(x, 0), std::invalid_argument);
  if (!distributed::is_available()) {
    CHECK_FALSE(distributed::is_available("mpi"));
    CHECK_THROWS_AS(distributed::init(true), std::runtime_error);
    CHECK_THROWS_AS(distributed::init(true, "ring"), std::runtime_error);
  }
  CHECK_THROWS_AS(distributed::init(false, "pigeons"), std::invalid_argument);
  distributed::AllGatherFactory factory = [](int, int) {
    return [](const std::string& own) { return std::vector<std::string>{own}; };
  };
  CHECK(distributed::init(false, "any", factory).size() == 1);
  distributed::clear_backends();
  CHECK(distributed::init().size() == 1);
}

TEST_CASE("api: operations go to the group's backend") {
  auto twins = std::make_shared<Twins>();
  distributed::Group group(twins);
  CHECK(group.split(0).size() == 2);
  array x = transpose(reshape(arange(4.0), {2, 2}));
  CHECK(is_equal(distributed::all_sum(x, group), 2.0f * x));
  CHECK(is_equal(distributed::all_max(x, group), x));
  CHECK(is_equal(distributed::all_min(x, group), x));
  CHECK(is_equal(distributed::all_gather(x, group), concatenate({x, x})));
  CHECK(distributed::all_gather(array(1.0f), group).shape() == Shape{2});
  CHECK(is_equal(distributed::sum_scatter(x, group), 2.0f * slice(x, {1, 0}, {2, 2})));
  CHECK_THROWS_AS(distributed::sum_scatter(ones({3}), group), std::invalid_argument);
  CHECK_THROWS_AS(distributed::send(x, 2, group), std::invalid_argument);
  CHECK(is_equal(distributed::send(array({5.0f}), 0, group), array({5.0f})));
  CHECK(is_equal(distributed::recv({2}, float32, 0, group), array({5.0f, 5.0f})));
  CHECK(distributed::recv_like(x, 0, group).shape() == Shape{2, 2});

  auto summed = [&](const array& v) { return sum(distributed::all_sum(v * v, group)); };
  CHECK(is_equal(grad(summed)(array({1.0f, 2.0f})), array({2.0f, 4.0f})));
  auto gathered = [&](const array& v) {
    return sum(distributed::all_gather(v, group) * array({1.0f, 2.0f, 3.0f, 4.0f}));
  };
  CHECK(is_equal(grad(gathered)(array({1.0f, 2.0f})), array({3.0f, 4.0f})));
  auto rows = vmap([&](const array& v) { return distributed::all_sum(v, group); });
  CHECK(is_equal(rows(x), 2.0f * x));
  auto pushed = jvp([&](const array& v) { return distributed::all_sum(v, group); }, x, x);
  CHECK(is_equal(pushed.second, 2.0f * x));
}
