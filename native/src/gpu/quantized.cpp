#include "gpu/quantized.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include "gpu/generate/entry.h"
#include "gpu/generate/kernel_text.h"
#include "gpu/generate/type_name.h"
#include "gpu/matmul.h"
#include "gpu/reduce.h"
#include "mlx/utils.h"

namespace mlx::core::gpu {
namespace {

constexpr int threads = 256, simd_width = 32, simds = threads / simd_width;
/// With more rows of x than this it is faster to dequantize once for all.
constexpr int64_t few_rows = 8;
/// Rows of w that a simdgroup multiplies at once.
constexpr int outputs_a_simd = 4;
/// Of dequantized numbers that are in memory at once.
constexpr int64_t most_number_bytes = int64_t(256) << 20;

const char* flag(bool value) { return value ? "true" : "false"; }

/// The template's first parameters.
std::string format_text(const Quantization& format) {
  const char* modes[] = {"affine", "mxfp4", "mxfp8", "nvfp4"};
  return concat_text("QuantizationMode::", modes[int(format.mode)], ", ", format.bits, ", ",
                     format.group_size);
}
const char* parameter_type(const QuantizedPlace& matrix) {
  return matrix.format.is_affine() ? type_name(matrix.parameter_dtype) : "uint8_t";
}
int parameter_bytes(const QuantizedPlace& matrix) {
  return matrix.format.is_affine() ? item_size(matrix.parameter_dtype) : 1;
}
/// In modes without biases they are not looked at.
const Place& biases_of(const QuantizedPlace& matrix) {
  return matrix.format.is_affine() ? matrix.biases : matrix.scales;
}

struct Buffer {
  std::string type, name;
  Argument argument;
};

/// A kernel with a thread for each of `count` pieces of work.
void run(Commands& commands, const std::string& name, const std::vector<Buffer>& buffers,
         int64_t count, int64_t columns = 0) {
  if (count == 0) return;
  std::string names, key = name;
  for (auto& buffer : buffers) {
    names += buffer.name + ", ";
    key += " " + buffer.type;
  }
  auto& kernel = commands.kernels().get(key, [&] {
    Entry entry(Entry::name("quantized", key), threads);
    for (auto& buffer : buffers)
      buffer.argument.access() == Access::read ? entry.input(buffer.type, buffer.name)
                                               : entry.output(buffer.type, buffer.name);
    entry.value("QuantizedArguments", "p").body("  " + name + "(" + names + "p, g);\n");
    auto language = commands.device().limits().language;
    return entry.source(language, kernel_bodies(language, {"quantized"}));
  });
  const int64_t numbers[] = {count, columns};
  std::vector<Argument> arguments;
  for (auto& buffer : buffers) arguments.push_back(buffer.argument);
  arguments.push_back(Argument::value(numbers));
  commands.launch(kernel, {uint64_t((count + threads - 1) / threads)}, {threads}, arguments);
}

int64_t volume(std::span<const int32_t> shape) {
  return std::accumulate(shape.begin(), shape.end(), int64_t(1), std::multiplies<>());
}

/// Elements from the first matrix of a batch to the one of that number.
int64_t offset_of(int64_t number, std::span<const int32_t> shape,
                  std::span<const int64_t> strides) {
  int64_t offset = 0;
  for (size_t d = shape.size(); d-- > 0; number /= shape[d])
    offset += number % shape[d] * strides[d];
  return offset;
}

/// Products that decode their matrices as they go.
class DirectProducts {
 public:
  DirectProducts(Commands& commands, const QuantizedProducts& args)
      : commands_(commands),
        args_(args),
        type_(type_name(args.dtype)),
        x_dims_(std::max<size_t>(args.x_shape.size(), 1)),
        w_dims_(std::max<size_t>(args.w_shape.size(), 1)) {}

  void dot_products(Place out) {
    int vectors = args_.m == 1 ? 1 : args_.m <= 4 ? 4 : 8;
    int64_t block = simds * outputs_a_simd;
    launch("quantized_dot_products", concat_text(", ", vectors, ", ", outputs_a_simd), type_, out,
           false, 0,
           {uint64_t((args_.w.rows + block - 1) / block * args_.count),
            uint64_t((args_.m + vectors - 1) / vectors)});
  }

  void row_sums(Place out) {
    const int64_t columns = args_.w.columns, block = 8 * simd_width;
    const int64_t blocks = (columns + block - 1) / block;
    const int64_t busy = int64_t(commands_.device().limits().multiprocessors) * 4;
    int64_t splits =
        std::clamp<int64_t>(busy / std::max<int64_t>(blocks * args_.count * args_.m, 1), 1,
                            std::max<int64_t>(args_.w.rows / 64, 1));
    const int64_t chunk = (args_.w.rows + splits - 1) / splits;
    splits = (args_.w.rows + chunk - 1) / chunk;
    const int64_t results = args_.count * args_.m * columns;
    Place parts{commands_.scratch(size_t(splits * results) * sizeof(float))};
    launch("quantized_row_sums", "", "float", parts, true, chunk,
           {uint64_t(blocks * splits * args_.count), uint64_t(args_.m)});
    const int32_t shape[] = {int32_t(splits), int32_t(args_.count * args_.m), int32_t(columns)};
    const int64_t strides[] = {results, columns, 1};
    const int axis = 0;
    reduce(commands_, ReduceOp::sum, {parts, Dtype::Val::float32, shape, strides}, {&axis, 1},
           args_.dtype, out);
  }

 private:
  void launch(const char* name, const std::string& more, const char* out_type, Place out,
              bool has_part, int64_t chunk, Size3 groups) {
    const auto& w = args_.w;
    bool has_indices = args_.lhs != nullptr;
    auto call =
        concat_text(name, "<", format_text(w.format), ", ", flag(has_indices), more,
                    ">(x, codes, scales, biases, lhs, rhs, y, p, ", has_part ? "part, g)" : "g)");
    auto parameters = concat_text("QuantizedProductArguments<", x_dims_, ", ", w_dims_, ">");
    auto key = concat_text(call, type_, parameter_type(w), parameters);
    auto& kernel = commands_.kernels().get(key, [&] {
      Entry entry(Entry::name("quantized_product", key), threads);
      entry.input(type_, "x")
          .input("uint8_t", "codes")
          .input(parameter_type(w), "scales")
          .input(parameter_type(w), "biases")
          .input("int", "lhs")
          .input("int", "rhs")
          .output(out_type, "y")
          .value(parameters, "p");
      if (has_part) entry.shared("float", "part", simds * 8 * simd_width);
      entry.body("  " + call + ";\n");
      auto language = commands_.device().limits().language;
      return entry.source(language, kernel_bodies(language, {"quantized"}));
    });
    std::vector<int64_t> numbers = {
        args_.m,     w.rows, w.columns, volume(args_.x_shape), volume(args_.w_shape),
        args_.count, chunk};
    auto add = [&](auto list, size_t dims, int64_t otherwise) {
      for (auto n : list) numbers.push_back(n);
      numbers.insert(numbers.end(), dims - list.size(), otherwise);
    };
    add(args_.x_shape, x_dims_, 1);
    add(args_.x_strides, x_dims_, 0);
    add(args_.w_shape, w_dims_, 1);
    for (auto* list : {&args_.codes_strides, &args_.scales_strides, &args_.biases_strides})
      add(*list, w_dims_, 0);
    // What is not there is not looked at.
    Argument arguments[] = {args_.x.read(),
                            w.codes.read(),
                            w.scales.read(),
                            biases_of(w).read(),
                            has_indices ? args_.lhs->read() : args_.x.read(),
                            has_indices ? args_.rhs->read() : args_.x.read(),
                            out.write(),
                            {numbers.data(), numbers.size() * sizeof(int64_t)}};
    commands_.launch(kernel, groups, {threads}, arguments);
  }

  Commands& commands_;
  const QuantizedProducts& args_;
  const char* type_;
  size_t x_dims_, w_dims_;
};

/// One product with a matrix whose numbers are made first, some rows at a time.
void multiply_dequantized(Commands& commands, const QuantizedProducts& args, Place x,
                          const QuantizedPlace& w, Place out) {
  const int width = item_size(args.dtype);
  const int64_t outputs = args.transpose ? w.rows : w.columns;
  const int64_t rows_at_once =
      std::clamp<int64_t>(most_number_bytes / std::max<int64_t>(w.columns * width, 1), 1, w.rows);
  Place numbers{commands.scratch(size_t(rows_at_once * w.columns * width))};
  for (int64_t first = 0; first < w.rows; first += rows_at_once) {
    const int64_t rows = std::min(rows_at_once, w.rows - first);
    const int64_t groups = w.columns / w.format.group_size;
    QuantizedPlace some = w;
    some.rows = rows;
    some.codes = w.codes.moved(first * w.columns * w.format.bits / 8);
    some.scales = w.scales.moved(first * groups * parameter_bytes(w));
    if (w.format.is_affine()) some.biases = w.biases.moved(first * groups * parameter_bytes(w));
    dequantize(commands, some, args.dtype, numbers);
    MatmulArgs product{};
    product.dtype = args.dtype;
    product.m = args.m;
    product.d_row_stride = outputs;
    if (args.transpose) {
      product.n = rows;
      product.k = w.columns;
      product.a = {x, w.columns, 1, {}};
      product.b = {numbers, 1, w.columns, {}};
      product.d = out.moved(first * width);
    } else {
      product.n = w.columns;
      product.k = rows;
      product.a = {x.moved(first * width), w.rows, 1, {}};
      product.b = {numbers, w.columns, 1, {}};
      product.d = out;
      if (first > 0) product.c = {out, w.columns, 1, {}};
    }
    matmul(commands, product);
  }
}

}  // namespace

void quantize(Commands& commands, Dtype::Val dtype, Place w, const Place* global_scale,
              const QuantizedPlace& to) {
  auto name = concat_text("quantize<", format_text(to.format), ", ", flag(global_scale), ">");
  auto type = type_name(dtype);
  run(commands, name,
      {{type, "x", w.read()},
       {"float", "global", global_scale ? global_scale->read() : w.read()},
       {"uint8_t", "codes", to.codes.write()},
       {parameter_type(to), "scales", to.scales.write()},
       {parameter_type(to), "biases", biases_of(to).write()}},
      to.rows * (to.columns / to.format.group_size));
}

void dequantize(Commands& commands, const QuantizedPlace& from, Dtype::Val dtype, Place out) {
  run(commands, concat_text("dequantize<", format_text(from.format), ">"),
      {{"uint8_t", "codes", from.codes.read()},
       {parameter_type(from), "scales", from.scales.read()},
       {parameter_type(from), "biases", biases_of(from).read()},
       {type_name(dtype), "y", out.write()}},
      from.rows * from.columns / 8, from.columns);
}

void round_to_quantized(Commands& commands, const Quantization& format, Dtype::Val dtype, Place in,
                        int64_t count, const Place* global_scale, Place out) {
  auto name =
      concat_text("round_to_quantized<", format_text(format), ", ", flag(global_scale), ">");
  run(commands, name,
      {{type_name(dtype), "x", in.read()},
       {"float", "global", global_scale ? global_scale->read() : in.read()},
       {type_name(dtype), "y", out.write()}},
      count / format.group_size);
}

void to_fp8(Commands& commands, Dtype::Val dtype, Place in, int64_t count, Place out) {
  run(commands, "to_fp8", {{type_name(dtype), "x", in.read()}, {"uint8_t", "y", out.write()}},
      count);
}
void from_fp8(Commands& commands, Place in, int64_t count, Dtype::Val dtype, Place out) {
  run(commands, "from_fp8", {{"uint8_t", "x", in.read()}, {type_name(dtype), "y", out.write()}},
      count);
}

void multiply_quantized(Commands& commands, const QuantizedProducts& args, Place out) {
  const QuantizedPlace& w = args.w;
  const int64_t outputs = args.transpose ? w.rows : w.columns;
  const int64_t inner = args.transpose ? w.columns : w.rows;
  const int width = item_size(args.dtype);
  if (args.count * args.m * outputs == 0) return;
  if (inner == 0) {
    // Zero has no bits.
    commands.queue().fill(out.memory, out.byte_offset, 0, 1,
                          size_t(args.count * args.m * outputs * width));
    return;
  }
  if (args.m <= few_rows || args.lhs) {
    DirectProducts products(commands, args);
    args.transpose ? products.dot_products(out) : products.row_sums(out);
    return;
  }
  for (int64_t i = 0; i < args.count; ++i) {
    QuantizedPlace own = w;
    own.codes = w.codes.moved(4 * offset_of(i, args.w_shape, args.codes_strides));
    own.scales =
        w.scales.moved(offset_of(i, args.w_shape, args.scales_strides) * parameter_bytes(w));
    if (w.format.is_affine())
      own.biases =
          w.biases.moved(offset_of(i, args.w_shape, args.biases_strides) * parameter_bytes(w));
    multiply_dequantized(commands, args,
                         args.x.moved(offset_of(i, args.x_shape, args.x_strides) * width), own,
                         out.moved(i * args.m * outputs * width));
  }
}

}  // namespace mlx::core::gpu
