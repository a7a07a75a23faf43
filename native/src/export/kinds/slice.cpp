#include "primitives/slice.h"

#include "export/kinds/families.h"
#include "export/node_rule.h"
#include "mlx/ops.h"

namespace mlx::core {

std::vector<NodeKind> slice_kinds() {
  return {
      kind<DynamicSlice>("DynamicSlice", 2,
                         made_by([](const Arrays& in, const Axes& axes, const Shape& size) {
                           return slice(in[0], in[1], axes, size);
                         })),
      kind<DynamicSliceUpdate>("DynamicSliceUpdate", 3,
                               made_by([](const Arrays& in, const Axes& axes) {
                                 return slice_update(in[0], in[1], in[2], axes);
                               })),
      kind<Slice>("Slice", 1,
                  made_by([](const Arrays& in, const Shape& start, const Shape& stop,
                             const Shape& strides) { return slice(in[0], start, stop, strides); })),
      kind<SliceUpdate>("SliceUpdate", 2,
                        made_by([](const Arrays& in, const Shape& start, const Shape& stop,
                                   const Shape& strides) {
                          return slice_update(in[0], in[1], start, stop, strides);
                        })),
  };
}

}  // namespace mlx::core
