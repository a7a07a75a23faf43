#include "gpu/elementwise.h"

#include <algorithm>
#include <cstring>

#include "evaluation/merged_layout.h"
#include "gpu/generate/elementwise_source.h"
#include "gpu/generate/type_name.h"

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
      : program_(program),
        inputs_(inputs),
        outputs_(outputs),
        layout_(merge(shape, inputs, outputs)),
        size_(int64_t(layout_.size())) {
    int64_t farthest = size_;
    for (size_t k = 0; k < layout_.operands(); ++k) farthest = std::max(farthest, layout_.reach(k));
    // Rounded up to whole groups, positions must fit too.
    variant_.wide = farthest > int64_t(INT32_MAX) - (1 << 16);
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
    run(commands, commands.kernels().get(key(), [&] { return source(language); }));
  }
  bool run_if_compiled(Commands& commands) const {
    if (size_ == 0) return true;
    auto language = commands.device().limits().language;
    auto* kernel = commands.kernels().find_soon(key(), [&] { return source(language); });
    if (kernel) run(commands, *kernel);
    return kernel != nullptr;
  }

 private:
  void run(Commands& commands, const Kernel& kernel) const {
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

  static MergedLayout merge(std::span<const int32_t> shape,
                            std::span<const ElementwiseOperand> inputs,
                            std::span<const ElementwiseOperand> outputs) {
    std::vector<MergedLayout::Strides> strides;
    std::vector<int64_t> zeros(shape.size());
    for (auto& input : inputs)
      strides.push_back(input.value ? MergedLayout::Strides(zeros) : input.strides);
    for (auto& output : outputs) strides.push_back(output.strides);
    return MergedLayout(shape, strides);
  }
  Dtype::Val dtype(size_t operand) const {
    if (operand < inputs_.size()) return program_.inputs[operand];
    auto value = program_.outputs[operand - inputs_.size()];
    return value < inputs_.size() ? program_.inputs[value]
                                  : program_.instructions[value - inputs_.size()].out;
  }
  const ElementwiseOperand& operand(size_t k) const {
    return k < inputs_.size() ? inputs_[k] : outputs_[k - inputs_.size()];
  }

  bool is_scalar(size_t k) const {
    for (int d = 0; d < layout_.dims(); ++d)
      if (layout_.stride(k, d) != 0) return false;
    return k < inputs_.size();
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
      else if (!layout_.is_dense(k)) {
        int64_t last = layout_.stride(k, layout_.dims() - 1);
        placement = last == 1                         ? Placement::rows
                    : last == 0 && k < inputs_.size() ? Placement::repeated
                                                      : Placement::strided;
        all_flat = false;
      }
      variant_.placements.push_back(placement);
    }
    variant_.dims = all_flat ? 0 : layout_.dims();
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
      for (int d = 0; placement == Placement::rows && d + 1 < layout_.dims(); ++d)
        if (layout_.stride(k, d) % pack != 0) return false;
    }
    return any && (variant_.dims == 0 || layout_.shape(layout_.dims() - 1) % pack == 0);
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
      numbers.add(d + 1 < dims ? layout_.shape(d) : layout_.shape(d) / pack);
    for (size_t k = 0; k < variant_.placements.size(); ++k) {
      if (!is_strided(variant_.placements[k])) continue;
      for (int d = 0; d < dims; ++d) numbers.add(layout_.stride(k, d) * (d + 1 < dims ? 1 : pack));
    }
    for (size_t k = 0; k < variant_.placements.size(); ++k)
      if (variant_.placements[k] == Placement::strided)
        numbers.add(layout_.stride(k, layout_.dims() - 1));
    return numbers;
  }

  const ElementwiseProgram& program_;
  std::span<const ElementwiseOperand> inputs_, outputs_;
  MergedLayout layout_;
  int64_t size_;
  ElementwiseVariant variant_;
};

}  // namespace

void run_elementwise(Commands& commands, const ElementwiseProgram& program,
                     std::span<const int32_t> shape, std::span<const ElementwiseOperand> inputs,
                     std::span<const ElementwiseOperand> outputs) {
  ElementwiseLaunch(program, shape, inputs, outputs).run(commands);
}

bool run_elementwise_if_compiled(Commands& commands, const ElementwiseProgram& program,
                                 std::span<const int32_t> shape,
                                 std::span<const ElementwiseOperand> inputs,
                                 std::span<const ElementwiseOperand> outputs) {
  return ElementwiseLaunch(program, shape, inputs, outputs).run_if_compiled(commands);
}

std::string elementwise_key(const ElementwiseProgram& program, std::span<const int32_t> shape,
                            std::span<const ElementwiseOperand> inputs,
                            std::span<const ElementwiseOperand> outputs) {
  return ElementwiseLaunch(program, shape, inputs, outputs).key();
}

KernelRequest request_elementwise(Language language, const ElementwiseProgram& program,
                                  std::span<const int32_t> shape,
                                  std::span<const ElementwiseOperand> inputs,
                                  std::span<const ElementwiseOperand> outputs) {
  ElementwiseLaunch launch(program, shape, inputs, outputs);
  return {launch.key(), launch.source(language)};
}

}  // namespace mlx::core::gpu
