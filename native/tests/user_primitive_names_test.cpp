#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "export/node_kinds.h"
#include "mlx/mlx.h"
#include "mlx/primitives.h"
#include "primitives/elementwise_op.h"

using namespace mlx::core;

namespace {

/// A user's primitive under any name: one more than its input.
class OneMore : public UnaryPrimitive {
 public:
  OneMore(Stream stream, std::string name) : UnaryPrimitive(stream), name_(std::move(name)) {}

  void eval_cpu(const std::vector<array>& inputs, array& output) override {
    output.set_data(allocator::malloc(output.nbytes()));
    for (size_t i = 0; i < output.size(); ++i)
      output.data<float>()[i] = inputs[0].data<float>()[i] + 1;
  }
  std::vector<array> vjp(const std::vector<array>&, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums, const std::vector<array>&) override {
    std::vector<array> gradients(argnums.size(), zeros_like(cotangents[0]));
    for (size_t i = 0; i < argnums.size(); ++i)
      if (argnums[i] == 0) gradients[i] = cotangents[0];
    return gradients;
  }
  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override {
    return {argnums[0] == 0 ? tangents[0] : zeros_like(primals[0])};
  }
  std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>& inputs,
                                                       const std::vector<int>& axes) override {
    array x = contiguous(moveaxis(inputs[0], axes[0], 0));
    return {{array(x.shape(), x.dtype(), std::make_shared<OneMore>(stream(), name_), {x})}, {0}};
  }
  const char* name() const override { return name_.c_str(); }

 private:
  std::string name_;
};

std::vector<std::string> built_in_names() {
  // Those that files know, and those that they don't.
  std::vector<std::string> names = {"Compiled", "Custom", "CustomTransforms", "FailedCall", "Load"};
  for (auto& kind : all_node_kinds()) names.emplace_back(kind.name);
  for (int op = 0; op < elementwise_op_count; ++op)
    names.emplace_back(elementwise_op_name(ElementwiseOp(op)));
  return names;
}

}  // namespace

TEST_CASE("a user's primitive may have the name of any built-in one") {
  for (auto& name : built_in_names()) {
    CAPTURE(name);
    auto one_more = [&](const array& x, std::vector<array> others) {
      others.insert(others.begin(), x);
      return array(x.shape(), x.dtype(),
                   std::make_shared<OneMore>(default_stream(default_device()), name), others);
    };
    VectorFunction fun = [&](const std::vector<array>& x) {
      return std::vector<array>{one_more(one_more(x[0] * array(2.0f), {}), {x[0]})};
    };
    array x = array({1.0f, 2.0f});
    std::vector<float> expected = {4, 6};
    for (bool shapeless : {false, true}) {
      auto compiled = compile(fun, shapeless);
      for (int call = 0; call < 2; ++call) {
        array result = compiled({x})[0];
        for (int i = 0; i < 2; ++i) CHECK(take(result, i, 0).item<float>() == expected[size_t(i)]);
      }
    }
    auto [values, gradients] = vjp(fun, {x}, {ones({2})});
    CHECK(sum(values[0]).item<float>() == 10);
    CHECK(sum(gradients[0]).item<float>() == 4);
    CHECK(sum(jvp(fun, {x}, {ones({2})}).second[0]).item<float>() == 4);
    auto mapped = vmap([&](const array& row) { return one_more(row, {}); }, 1);
    array rows = mapped(array({1.0f, 2.0f, 3.0f, 4.0f}, {2, 2}));
    CHECK(array_equal(rows, array({2.0f, 4.0f, 3.0f, 5.0f}, {2, 2})).item<bool>());
  }
}
