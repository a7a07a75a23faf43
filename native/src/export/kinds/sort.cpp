#include "primitives/sort.h"

#include "export/kinds/families.h"
#include "export/node_rule.h"
#include "mlx/ops.h"
#include "primitives/partition.h"
#include "primitives/search_sorted.h"

namespace mlx::core {

std::vector<NodeKind> sort_kinds() {
  return {
      kind<ArgPartition>("ArgPartition", 1, made_by([](const Arrays& in, int kth, int axis) {
                           return argpartition(in[0], kth, axis);
                         })),
      kind<ArgSort>("ArgSort", 1,
                    made_by([](const Arrays& in, int axis) { return argsort(in[0], axis); })),
      kind<Partition>("Partition", 1, made_by([](const Arrays& in, int kth, int axis) {
                        return partition(in[0], kth, axis);
                      })),
      kind<SearchSorted>("SearchSorted", 2, made_by([](const Arrays& in, bool right) {
                           return searchsorted(in[0], in[1], right ? "right" : "left");
                         })),
      kind<Sort>("Sort", 1, made_by([](const Arrays& in, int axis) { return sort(in[0], axis); })),
  };
}

}  // namespace mlx::core
