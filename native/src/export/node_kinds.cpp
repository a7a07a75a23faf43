#include "export/node_kinds.h"

#include <string_view>
#include <unordered_map>

#include "export/kinds/families.h"
#include "mlx/utils.h"

namespace mlx::core {
namespace {

struct NodeKinds {
  std::vector<NodeKind> all;
  std::unordered_map<std::string_view, const NodeKind*> by_name;
  std::unordered_map<std::type_index, const NodeKind*> by_type;

  NodeKinds() {
    for (auto family : {attention_kinds,   conv_kinds,   creation_kinds,
                        elementwise_kinds, fft_kinds,    graph_kinds,
                        hadamard_kinds,    index_kinds,  join_kinds,
                        linalg_kinds,      matmul_kinds, normalization_kinds,
                        quantized_kinds,   random_kinds, reduce_kinds,
                        rope_kinds,        scan_kinds,   selective_matmul_kinds,
                        shape_kinds,       slice_kinds,  softmax_kinds,
                        sort_kinds}) {
      auto kinds = family();
      all.insert(all.end(), kinds.begin(), kinds.end());
    }
    for (auto& kind : all) {
      by_name.emplace(kind.name, &kind);
      by_type.emplace(kind.type, &kind);
    }
  }
};

/// Never destroyed: other threads may read files while the process exits.
const NodeKinds& node_kinds() {
  static const auto* kinds = new NodeKinds;
  return *kinds;
}

}  // namespace

const std::vector<NodeKind>& all_node_kinds() { return node_kinds().all; }

bool is_node_kind(const Primitive& primitive) {
  return node_kinds().by_type.count(typeid(primitive)) > 0;
}

const NodeKind& node_kind_of(const Primitive& primitive) {
  auto& by_type = node_kinds().by_type;
  auto found = by_type.find(typeid(primitive));
  if (found == by_type.end())
    throw EngineError(
        concat_text("[export_function] A file can't hold the primitive ", primitive.name(), "."));
  return *found->second;
}

const NodeKind& node_kind_named(const std::string& name) {
  auto& by_name = node_kinds().by_name;
  auto found = by_name.find(name);
  if (found == by_name.end()) throw std::invalid_argument("the unknown primitive " + name);
  return *found->second;
}

}  // namespace mlx::core
