#include "gpu/elementwise.h"

#include <algorithm>
#include <cstring>

#include "gpu/generate/elementwise_source.h"
#include "gpu/generate/type_name.h"
#include "gpu/merged_dims.h"

namespace mlx::core::gpu {
namespace {

// Bytes that a thread moves at once, of the widest operand.
constexpr int pack_bytes = 16;

/// Numbers of 32 or 64 bits in a row, as ElementwiseArguments holds them.
class Numbers {
 public:
  explicit Numbers(bool wide) : wide_(wide) {}

  void add(int64_t number) {
    size_t width = wide_ ? 8 : 4, at = bytes_.size();
    auto narrow = int32_t(number);
    bytes_.resize(at + width);
    std::memcpy(bytes_.data() + at, wide_ ? static_cast<void*>(&number) : &narrow, width);
  }
  Argument argument() const { return {bytes_.data(), bytes_.size()}; }

 private:
  bool wide_;
  SmallVector<char, 256> bytes_;
};

/// One run of a program: chooses the kernel and the numbers it gets.
class ElementwiseLaunch {
 public:
  ElementwiseLaunch(const ElementwiseProgram& program, std::span<const int32_t> shape,
                    std::span<const ElementwiseOperand> inputs,
                    std::span<const ElementwiseOperand> outputs)
      : program_(program), inputs_(inputs), outputs_(outputs) {
    std::vector<std::span<const int64_t>> strides;
    std::vector<int64_t> zeros(shape.size());
    for (auto& input : inputs)
      strides.push_back(input.value ? std::span<const int64_t>(zeros) : input.strides);
    for (auto& output : outputs) strides.push_back(output.strides);
    dims_ = merge_dims(shape, strides);
    size_ = dims_.size();
    // Rounded up to whole groups, positions must fit too.
    variant_.wide = std::max(size_, dims_.reach()) > int64_t(INT32_MAX) - (1 << 16);
    place();
  }

  std::string key() const {
    std::string key = "elementwise:" + variant_.key();
    for (auto dtype : program_.inputs) key += char('a' + int(dtype));
    for (auto& i : program_.instructions) {
      key += {char(i.op), char(i.in), char(i.out)};
      for (int k = 0; k < arity(i.op); ++k)
        key += {char(i.operands[k] & 0xff), char(i.operands[k] >> 8)};
    }
    for (auto output : program_.outputs) key += {char(output & 0xff), char(output >> 8)};
    return key;
  }
  KernelSource source(Language language) const {
    return elementwise_source(language, program_, variant_);
  }

  void run(Commands& commands) const {
    if (size_ == 0) return;
    auto language = commands.device().limits().language;
    auto& kernel = commands.kernels().get(key(), [&] { return source(language); });

    std::vector<Argument> arguments;
    for (size_t i = 0; i < inputs_.size(); ++i) {
      if (variant_.placements[i] == Placement::value)
        arguments.emplace_back(inputs_[i].value, size_t(item_size(program_.inputs[i])));
      else
        arguments.push_back(inputs_[i].place.read());
    }
    for (auto& output : outputs_) arguments.push_back(output.place.write());
    auto numbers = this->numbers();
    arguments.push_back(numbers.argument());
    uint64_t packs = uint64_t((size_ + variant_.pack - 1) / variant_.pack);
    commands.launch(kernel, {(packs + elementwise_threads - 1) / elementwise_threads},
                    {elementwise_threads}, arguments);
  }

 private:
  Dtype::Val dtype(size_t operand) const {
    if (operand < inputs_.size()) return program_.inputs[operand];
    auto value = program_.outputs[operand - inputs_.size()];
    return value < inputs_.size() ? program_.inputs[value]
                                  : program_.instructions[value - inputs_.size()].out;
  }
  const ElementwiseOperand& operand(size_t k) const {
    return k < inputs_.size() ? inputs_[k] : outputs_[k - inputs_.size()];
  }

  bool is_dense(size_t k) const {
    int64_t expected = 1;
    for (int d = dims_.dims() - 1; d >= 0; --d) {
      if (dims_.strides[k][size_t(d)] != expected) return false;
      expected *= dims_.shape[size_t(d)];
    }
    return true;
  }
  bool is_scalar(size_t k) const {
    return k < inputs_.size() && std::all_of(
                                     dims_.strides[k].begin(), dims_.strides[k].end(),
                                     [](int64_t stride) { return stride == 0; });
  }

  void place() {
    size_t count = inputs_.size() + outputs_.size();
    bool all_flat = true;
    for (size_t k = 0; k < count; ++k) {
      Placement placement = Placement::dense;
      if (operand(k).value)
        placement = Placement::value;
      else if (is_scalar(k) && size_ != 1)
        placement = Placement::scalar;
      else if (!is_dense(k)) {
        int64_t last = dims_.strides[k].back();
        placement = last == 1                         ? Placement::rows
                    : last == 0 && k < inputs_.size() ? Placement::repeated
                                                      : Placement::strided;
        all_flat = false;
      }
      variant_.placements.push_back(placement);
    }
    variant_.dims = all_flat ? 0 : dims_.dims();
    variant_.pack = choose_pack();
  }

  /// The most elements that move as one: aligned wherever they lie side by side.
  int choose_pack() const {
    int widest = 1;
    for (size_t k = 0; k < variant_.placements.size(); ++k)
      widest = std::max(widest, item_size(dtype(k)));
    int pack = pack_bytes / widest;
    while (pack > 1 && !fits(pack)) pack /= 2;
    return pack;
  }
  bool fits(int pack) const {
    bool any = false;
    for (size_t k = 0; k < variant_.placements.size(); ++k) {
      auto placement = variant_.placements[k];
      if (placement != Placement::dense && placement != Placement::rows) continue;
      any = true;
      if (operand(k).place.byte_offset % size_t(pack * item_size(dtype(k))) != 0) return false;
      for (int d = 0; placement == Placement::rows && d + 1 < dims_.dims(); ++d)
        if (dims_.strides[k][size_t(d)] % pack != 0) return false;
    }
    return any && (variant_.dims == 0 || dims_.shape.back() % pack == 0);
  }

  Numbers numbers() const {
    Numbers numbers(variant_.wide);
    int pack = variant_.pack, dims = variant_.dims;
    if (dims == 0) {
      numbers.add(size_);
      return numbers;
    }
    numbers.add(size_ / pack);
    for (int d = 0; d < dims; ++d)
      numbers.add(d + 1 < dims ? dims_.shape[size_t(d)] : dims_.shape[size_t(d)] / pack);
    for (size_t k = 0; k < variant_.placements.size(); ++k) {
      if (!is_strided(variant_.placements[k])) continue;
      for (int d = 0; d < dims; ++d)
        numbers.add(dims_.strides[k][size_t(d)] * (d + 1 < dims ? 1 : pack));
    }
    for (size_t k = 0; k < variant_.placements.size(); ++k)
      if (variant_.placements[k] == Placement::strided) numbers.add(dims_.strides[k].back());
    return numbers;
  }

  const ElementwiseProgram& program_;
  std::span<const ElementwiseOperand> inputs_, outputs_;
  MergedDims dims_;
  int64_t size_;
  ElementwiseVariant variant_;
};

}  // namespace

void run_elementwise(Commands& commands, const ElementwiseProgram& program,
                     std::span<const int32_t> shape, std::span<const ElementwiseOperand> inputs,
                     std::span<const ElementwiseOperand> outputs) {
  ElementwiseLaunch(program, shape, inputs, outputs).run(commands);
}

KernelRequest request_elementwise(Language language, const ElementwiseProgram& program,
                                  std::span<const int32_t> shape,
                                  std::span<const ElementwiseOperand> inputs,
                                  std::span<const ElementwiseOperand> outputs) {
  ElementwiseLaunch launch(program, shape, inputs, outputs);
  return {launch.key(), launch.source(language)};
}

}  // namespace mlx::core::gpu
