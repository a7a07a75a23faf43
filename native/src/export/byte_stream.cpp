#include "export/byte_stream.h"

namespace mlx::core {

ElementwiseOp ByteReader::elementwise_op_named(const std::string& name) {
  for (int op = 0; op < elementwise_op_count; ++op)
    if (name == elementwise_op_name(ElementwiseOp(op))) return ElementwiseOp(op);
  throw std::invalid_argument("an unknown operation, " + name);
}

}  // namespace mlx::core
