#include <doctest/doctest.h>

#include "mlx/allocator.h"
#include "mlx/backend/common/utils.h"
#include "mlx/backend/cpu/encoder.h"
#include "mlx/mlx.h"
#include "mlx/primitives.h"

// A primitive written as MLX's guide to extensions writes them: z = alpha x + beta y.

using namespace mlx::core;

namespace {

class ScaledSum : public Primitive {
 public:
  ScaledSum(Stream stream, float alpha, float beta)
      : Primitive(stream), alpha_(alpha), beta_(beta) {}

  void eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) override {
    auto &x = inputs[0], &y = inputs[1];
    auto& out = outputs[0];
    out.set_data(allocator::malloc(out.nbytes()));
    auto& encoder = cpu::get_command_encoder(stream());
    encoder.set_input_array(x);
    encoder.set_input_array(y);
    encoder.set_output_array(out);
    encoder.dispatch([x_ptr = x.data<float>(), y_ptr = y.data<float>(), out_ptr = out.data<float>(),
                      size = out.size(), shape = out.shape(), x_strides = x.strides(),
                      y_strides = y.strides(), alpha = alpha_, beta = beta_] {
      for (size_t i = 0; i < size; ++i)
        out_ptr[i] = alpha * x_ptr[elem_to_loc(int(i), shape, x_strides)] +
                     beta * y_ptr[elem_to_loc(int(i), shape, y_strides)];
    });
  }
  void eval_gpu(const std::vector<array>&, std::vector<array>&) override {
    throw std::runtime_error("ScaledSum has no GPU implementation.");
  }

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override {
    if (argnums.size() > 1) {
      return {array(primals[0].shape(), primals[0].dtype(),
                    std::make_shared<ScaledSum>(stream(), alpha_, beta_), tangents)};
    }
    return {multiply(array(argnums[0] == 0 ? alpha_ : beta_), tangents[0], stream())};
  }
  std::vector<array> vjp(const std::vector<array>&, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums, const std::vector<array>&) override {
    std::vector<array> vjps;
    for (auto arg : argnums)
      vjps.push_back(multiply(array(arg == 0 ? alpha_ : beta_), cotangents[0], stream()));
    return vjps;
  }
  std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>&,
                                                       const std::vector<int>&) override {
    throw std::runtime_error("ScaledSum has no vmap implementation.");
  }
  const char* name() const override { return "ScaledSum"; }
  bool is_equivalent(const Primitive& other) const override {
    auto& o = static_cast<const ScaledSum&>(other);
    return alpha_ == o.alpha_ && beta_ == o.beta_;
  }
  std::vector<Shape> output_shapes(const std::vector<array>& inputs) override {
    return {inputs[0].shape()};
  }

 private:
  float alpha_, beta_;
};

array scaled_sum(const array& x, const array& y, float alpha, float beta, StreamOrDevice s = {}) {
  auto both = broadcast_arrays({astype(x, float32, s), astype(y, float32, s)}, s);
  return array(both[0].shape(), float32, std::make_shared<ScaledSum>(to_stream(s), alpha, beta),
               both);
}

}  // namespace

TEST_CASE("api: an extension's primitive") {
  array x = transpose(reshape(arange(6.0), {2, 3})), y = ones({2});
  array z = scaled_sum(x, y, 4.0f, 2.0f);
  CHECK(allclose(z, 4.0f * x + 2.0f).item<bool>());
  CHECK(std::string(scaled_sum(x, y, 1, 1).primitive().name()) == "ScaledSum");
  CHECK(dynamic_cast<ScaledSum*>(&scaled_sum(x, y, 1, 1).primitive()) != nullptr);
  auto f = [](const std::vector<array>& v) { return sum(scaled_sum(v[0], v[1], 4, 2)); };
  auto gradients = grad(f, {0, 1})({ones({3}), ones({3})});
  CHECK(sum(gradients[0]).item<float>() == 12);
  CHECK(sum(gradients[1]).item<float>() == 6);
  auto compiled = compile(
      [](const std::vector<array>& v) { return std::vector<array>{scaled_sum(v[0], v[1], 4, 2)}; });
  CHECK(sum(compiled({ones({3}), ones({3})})[0]).item<float>() == 18);
  CHECK_THROWS_AS(vmap([](array v) { return scaled_sum(v, v, 1, 1); })(ones({2, 2})),
                  std::runtime_error);
  CHECK(elem_to_loc(1, x) == 1 * 3);
}
