#pragma once

#include <memory>
#include <vector>

#include "export/byte_stream.h"
#include "mlx/export.h"
#include "mlx/primitives.h"

namespace mlx::core {

/// The primitive's name and parameters. Throws EngineError naming one that files can't hold.
void write_primitive(ByteWriter& out, const Primitive& primitive);
/// Throws std::invalid_argument when there is no such primitive or it doesn't take so many inputs.
std::shared_ptr<Primitive> read_primitive(ByteReader& in, const Stream& stream, size_t inputs);
/// For callbacks: the name as in files, and the parameters.
const char* format_name(const Primitive& primitive);
std::vector<StateT> parameter_list(const Primitive& primitive);

}  // namespace mlx::core
