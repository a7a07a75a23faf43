#include "gpu/generate/elementwise_source.h"

#include <string_view>
#include <vector>

#include "gpu/generate/entry.h"
#include "gpu/generate/kernel_text.h"
#include "gpu/generate/type_name.h"
#include "mlx/errors.h"
#include "mlx/utils.h"
#include "primitives/elementwise.h"

namespace mlx::core::gpu {
namespace {

/// Writes the function `evaluate` and the entry around it.
class ElementwiseWriter {
 public:
  ElementwiseWriter(const ElementwiseProgram& program, const ElementwiseVariant& variant)
      : program_(program), variant_(variant) {
    for (auto dtype : program.inputs) dtypes_.push_back(dtype);
    for (auto& instruction : program.instructions) dtypes_.push_back(instruction.out);
  }

  KernelSource write(Language language) {
    std::string text = evaluate() + arguments();
    Entry entry(name(text), elementwise_threads);
    for (size_t i = 0; i < program_.inputs.size(); ++i) {
      auto type = type_name(program_.inputs[i]);
      if (placement(i) == Placement::value)
        entry.value(type, concat_text("x", i));
      else
        entry.input(type, concat_text("x", i));
    }
    for (size_t i = 0; i < program_.outputs.size(); ++i)
      entry.output(output_type(i), concat_text("y", i));
    entry.value("ElementwiseArguments", "p").body(variant_.dims ? strided_body() : flat_body());
    auto bodies = has_complex_functions()
                      ? kernel_bodies(language, {"elementwise_all", "complex_functions", "pack"})
                  : has_functions() ? kernel_bodies(language, {"elementwise_all", "pack"})
                                    : kernel_bodies(language, {"elementwise", "pack"});
    auto source = entry.source(language, std::move(bodies));
    source.entry = text + source.entry;
    return source;
  }

 private:
  Placement placement(size_t operand) const { return variant_.placements[operand]; }
  Placement output_placement(size_t i) const { return placement(program_.inputs.size() + i); }
  const char* output_type(size_t i) const { return type_name(dtypes_[program_.outputs[i]]); }

  std::string name(const std::string& text) const {
    std::string name = "elementwise";
    for (size_t k = 0; k < program_.instructions.size() && k < 3; ++k)
      name += std::string("_") + elementwise_op_name(program_.instructions[k].op);
    return Entry::name(name, text + variant_.key());
  }

  /// Functions are kept apart, because compilers take time to read them.
  bool has_functions() const {
    using enum ElementwiseOp;
    for (auto& i : program_.instructions) {
      bool is_real = i.in == Dtype::Val::float32 || is_half(i.in);
      switch (i.op) {
        case ArcCos:
        case ArcSin:
        case ArcTan:
        case ArcTan2:
        case ArcCosh:
        case ArcSinh:
        case ArcTanh:
        case Cos:
        case Erf:
        case ErfInv:
        case Log:
        case Log10:
        case Log1p:
        case Log2:
        case LogAddExp:
        case Sin:
        case Tan:
          return true;
        case FloorDivide:
        case Power:
        case Remainder:
          if (is_real) return true;
          break;
        default:
          break;
      }
    }
    return false;
  }
  bool has_complex_functions() const {
    for (auto& i : program_.instructions)
      if (i.in == Dtype::Val::complex64) return true;
    return false;
  }

  std::string operation(const Instruction& instruction) const {
    auto op = instruction.op;
    if (!elementwise_supports_gpu(op, instruction.in) || instruction.out == Dtype::Val::float64)
      throw DtypeError(std::string("[") + elementwise_op_name(op) +
                       "] There is no such operation on " + dtype_name(instruction.in) +
                       " on the GPU.");
    auto value = [&](int i) { return concat_text("v", instruction.operands[i]); };
    if (op == ElementwiseOp::Cast)
      return std::string("convert<") + type_name(instruction.out) + ">(" + value(0) + ")";
    if (op == ElementwiseOp::Select)
      return "Select(" + value(0) + ", " + value(1) + ", " + value(2) + ")";
    // Half types are computed in float32, and every operation rounds to its own dtype.
    bool widened = is_half(instruction.in);
    std::string call = std::string(elementwise_op_name(op)) + "(";
    for (int i = 0; i < arity(op); ++i) {
      if (i > 0) call += ", ";
      call += widened ? "float(" + value(i) + ")" : value(i);
    }
    call += ")";
    return is_half(instruction.out) ? std::string(type_name(instruction.out)) + "(" + call + ")"
                                    : call;
  }

  static std::string dtype_name(Dtype::Val dtype) {
    return dtype_to_string(Dtype(dtype, uint8_t(item_size(dtype))));
  }

  std::string evaluate() const {
    std::string line, text;
    for (size_t i = 0; i < program_.inputs.size(); ++i)
      line += (i ? ", " : "") + std::string(type_name(program_.inputs[i])) + concat_text(" v", i);
    for (size_t i = 0; i < program_.outputs.size(); ++i)
      line += (line.empty() ? "" : ", ") + ("thread " + std::string(output_type(i))) +
              concat_text("& r", i);
    for (size_t k = 0; k < program_.instructions.size(); ++k) {
      auto& instruction = program_.instructions[k];
      text += "  " + std::string(type_name(instruction.out)) +
              concat_text(" v", program_.inputs.size() + k) + " = " + operation(instruction) +
              ";\n";
    }
    for (size_t i = 0; i < program_.outputs.size(); ++i)
      text += concat_text("  r", i) + concat_text(" = v", program_.outputs[i]) + ";\n";
    return "inline void evaluate(" + line + ") {\n" + text + "}\n";
  }

  std::string arguments() const {
    auto d = std::to_string(variant_.dims);
    std::string number = variant_.wide ? "int64_t" : "int32_t", fields;
    if (variant_.dims) fields += " " + number + " shape[" + d + "];";
    for (size_t k = 0; k < variant_.placements.size(); ++k)
      if (is_strided(placement(k))) fields += " " + number + concat_text(" s", k) + "[" + d + "];";
    for (size_t k = 0; k < variant_.placements.size(); ++k)
      if (placement(k) == Placement::strided)
        fields += " " + number + concat_text(" step", k) + ";";
    return "using Index = " + number + ";\nstruct ElementwiseArguments { " + number + " count;" +
           fields + " };\n";
  }

  std::string load(size_t i) const {
    auto k = std::to_string(i), n = std::to_string(variant_.pack);
    std::string from = "x" + k, place = "o" + k;
    switch (placement(i)) {
      case Placement::dense:
        return "load_pack<" + n + ">(" + from + ", begin)";
      case Placement::rows:
        return "load_pack<" + n + ">(" + from + ", " + place + ")";
      case Placement::repeated:
        return "splat_pack<" + n + ">(" + from + "[" + place + "])";
      case Placement::strided:
        return "gather_pack<" + n + ">(" + from + ", " + place + ", p.step" + k + ")";
      case Placement::scalar:
        return "splat_pack<" + n + ">(" + from + "[0])";
      case Placement::value:
        break;
    }
    return "splat_pack<" + n + ">(" + from + ")";
  }

  std::string store(size_t i) const {
    auto k = std::to_string(program_.inputs.size() + i), n = std::to_string(variant_.pack);
    std::string y = concat_text("y", i), b = concat_text("b", i);
    switch (output_placement(i)) {
      case Placement::dense:
        return "store_pack<" + n + ">(" + y + ", begin, " + b + ")";
      case Placement::rows:
        return "store_pack<" + n + ">(" + y + ", o" + k + ", " + b + ")";
      default:
        return "scatter_pack<" + n + ">(" + y + ", o" + k + ", p.step" + k + ", " + b + ")";
    }
  }

  /// Whole packs: loads, the program on each element, stores.
  std::string pack_body() const {
    auto n = std::to_string(variant_.pack);
    std::string text, call;
    for (size_t i = 0; i < program_.inputs.size(); ++i) {
      auto k = std::to_string(i);
      text += "  const Pack<" + std::string(type_name(program_.inputs[i])) + ", " + n + "> a" + k +
              " = " + load(i) + ";\n";
      call += (call.empty() ? "a" : ", a") + k + ".values[k]";
    }
    for (size_t i = 0; i < program_.outputs.size(); ++i) {
      auto k = std::to_string(i);
      text += "  Pack<" + std::string(output_type(i)) + ", " + n + "> b" + k + ";\n";
      call += (call.empty() ? "b" : ", b") + k + ".values[k]";
    }
    text += "  for (int k = 0; k < " + n + "; ++k) evaluate(" + call + ");\n";
    for (size_t i = 0; i < program_.outputs.size(); ++i) text += "  " + store(i) + ";\n";
    return text;
  }

  std::string flat_body() const {
    auto n = std::to_string(variant_.pack);
    std::string text = concat_text("  Index begin = (Index(g.tgid.x) * ", elementwise_threads,
                                   " + Index(g.tid.x)) * ", n, ";\n");
    if (variant_.pack == 1) return text + "  if (begin >= p.count) return;\n" + pack_body();
    std::string call;
    for (size_t i = 0; i < program_.inputs.size(); ++i) {
      auto x = concat_text("x", i);
      if (!call.empty()) call += ", ";
      call += placement(i) == Placement::dense    ? x + "[at]"
              : placement(i) == Placement::scalar ? x + "[0]"
                                                  : x;
    }
    std::string results, stores;
    for (size_t i = 0; i < program_.outputs.size(); ++i) {
      auto k = std::to_string(i);
      results += concat_text(" ", output_type(i), " r", k, ";");
      call += (call.empty() ? "r" : ", r") + k;
      stores += " y" + k + "[at] = r" + k + ";";
    }
    return text + "  if (begin > p.count - " + n +
           ") {\n    for (Index at = begin; at < p.count; ++at) {" + results + " evaluate(" + call +
           ");" + stores + " }\n    return;\n  }\n" + pack_body();
  }

  std::string strided_body() const {
    auto n = std::to_string(variant_.pack), threads = std::to_string(elementwise_threads);
    std::string text = "  Index i = Index(g.tgid.x) * " + threads +
                       " + Index(g.tid.x);\n"
                       "  if (i >= p.count) return;\n"
                       "  const Index begin = i * " +
                       n + ";\n";
    std::vector<size_t> strided;
    for (size_t k = 0; k < variant_.placements.size(); ++k)
      if (is_strided(placement(k))) strided.push_back(k);
    for (auto k : strided) text += concat_text("  int64_t o", k) + " = 0;\n";
    // Unsigned division is the faster one.
    std::string number = variant_.wide ? "uint64_t" : "uint32_t";
    for (int d = variant_.dims - 1; d >= 0; --d) {
      auto dim = std::to_string(d);
      if (d > 0)
        text += "  { const Index next = Index(" + number + "(i) / " + number + "(p.shape[" + dim +
                "])); const Index at = i - next * p.shape[" + dim + "]; i = next;";
      else
        text += "  { const Index at = i;";
      for (auto k : strided) {
        auto o = std::to_string(k);
        text += " o" + o + " += int64_t(at) * p.s" + o + "[" + dim + "];";
      }
      text += " }\n";
    }
    return text + pack_body();
  }

  const ElementwiseProgram& program_;
  const ElementwiseVariant& variant_;
  std::vector<Dtype::Val> dtypes_;
};

/// The variant's key, then inputs' dtypes, instructions, and the values that are stored.
std::string listing(const ElementwiseProgram& program, const ElementwiseVariant& variant) {
  std::string text = variant.key() + "\n";
  for (auto dtype : program.inputs) text += concat_text("input ", int(dtype), "\n");
  for (auto& i : program.instructions)
    text += concat_text("make ", int(i.op), " ", int(i.in), " ", int(i.out), " ", i.operands[0],
                        " ", i.operands[1], " ", i.operands[2], "\n");
  for (auto output : program.outputs) text += concat_text("store ", output, "\n");
  return text;
}

}  // namespace

std::string ElementwiseVariant::key() const {
  std::string key;
  key += char('0' + dims);
  key += char('0' + pack);
  key += wide ? 'w' : 'n';
  for (auto placement : placements) key += char(placement);
  return key;
}

bool elementwise_supports_gpu(ElementwiseOp op, Dtype::Val in) {
  return in != Dtype::Val::float64 && elementwise_supports(op, in);
}

KernelSource elementwise_source(Language language, const ElementwiseProgram& program,
                                const ElementwiseVariant& variant) {
  if (language == Language::program) return {"", listing(program, variant), "elementwise"};
  return ElementwiseWriter(program, variant).write(language);
}

}  // namespace mlx::core::gpu
