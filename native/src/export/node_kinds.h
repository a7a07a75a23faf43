#pragma once

#include "export/node_kind.h"

namespace mlx::core {

/// Every kind that files can hold.
const std::vector<NodeKind>& all_node_kinds();
/// Whether files can hold the primitive.
bool is_node_kind(const Primitive& primitive);
/// Throws EngineError naming a primitive that files can't hold.
const NodeKind& node_kind_of(const Primitive& primitive);
/// By the name in files; throws std::invalid_argument when there is no such kind.
const NodeKind& node_kind_named(const std::string& name);

}  // namespace mlx::core
