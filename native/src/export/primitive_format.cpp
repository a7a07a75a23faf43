#include "export/primitive_format.h"

#include "export/node_kinds.h"
#include "mlx/utils.h"
#include "primitives/elementwise_op.h"

namespace mlx::core {
namespace {

bool takes(const NodeKind& kind, const Primitive& primitive, size_t inputs) {
  if (auto op = primitive.fused_op()) return inputs == size_t(arity(*op));
  return inputs >= kind.inputs.least && inputs <= kind.inputs.most;
}

}  // namespace

void write_primitive(ByteWriter& out, const Primitive& primitive) {
  const NodeKind& kind = node_kind_of(primitive);
  out.write(std::string(kind.name));
  kind.write(out, primitive);
}

std::shared_ptr<Primitive> read_primitive(ByteReader& in, const Stream& stream, size_t inputs) {
  auto name = in.read<std::string>();
  const NodeKind& kind = node_kind_named(name);
  auto primitive = kind.read(in, stream);
  if (!takes(kind, *primitive, inputs))
    throw std::invalid_argument(concat_text("a ", name, " of ", inputs, " inputs"));
  return primitive;
}

const char* format_name(const Primitive& primitive) {
  // Elementwise nodes are known by their operation.
  return primitive.fused_op() ? primitive.name() : node_kind_of(primitive).name;
}

std::vector<StateT> parameter_list(const Primitive& primitive) {
  return node_kind_of(primitive).list(primitive);
}

}  // namespace mlx::core
