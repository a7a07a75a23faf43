#include "binder.h"
#include "mlx/ops.h"
#include "mlx/utils.h"

namespace mlx::addon {

using namespace core;

FunctionTable shape_functions() {
  return {
      bind("reshape",
           [](const array& a, Shape shape, StreamOrDevice s) { return reshape(a, shape, s); }),
      bind("unflatten", [](const array& a, int axis, Shape shape,
                           StreamOrDevice s) { return unflatten(a, axis, shape, s); }),
      bind("flatten", [](const array& a, int start, int end,
                         StreamOrDevice s) { return flatten(a, start, end, s); }),
      bind("squeeze", [](const array& a, std::optional<std::vector<int>> axes,
                         StreamOrDevice s) { return axes ? squeeze(a, *axes, s) : squeeze(a, s); }),
      bind("expandDims", [](const array& a, std::vector<int> axes,
                            StreamOrDevice s) { return expand_dims(a, axes, s); }),
      unary<atleast_1d>("atleast1d"),
      unary<atleast_2d>("atleast2d"),
      unary<atleast_3d>("atleast3d"),
      bind("view", [](const array& a, Dtype dtype, StreamOrDevice s) { return view(a, dtype, s); }),
      bind("transpose",
           [](const array& a, std::optional<std::vector<int>> axes, StreamOrDevice s) {
             return axes ? transpose(a, *axes, s) : transpose(a, s);
           }),
      bind("swapaxes", [](const array& a, int axis1, int axis2,
                          StreamOrDevice s) { return swapaxes(a, axis1, axis2, s); }),
      bind("moveaxis", [](const array& a, int source, int destination,
                          StreamOrDevice s) { return moveaxis(a, source, destination, s); }),
      bind("flip", [](const array& a, std::optional<std::vector<int>> axes,
                      StreamOrDevice s) { return axes ? flip(a, *axes, s) : flip(a, s); }),
      bind("broadcastTo",
           [](const array& a, Shape shape, StreamOrDevice s) { return broadcast_to(a, shape, s); }),
      bind("broadcastShapes", [](Shape a, Shape b) { return broadcast_shapes(a, b); }),
      bind("broadcastArrays",
           [](std::vector<array> arrays, StreamOrDevice s) { return broadcast_arrays(arrays, s); }),
      bind("meshgrid", [](std::vector<array> arrays, bool sparse, std::string indexing,
                          StreamOrDevice s) { return meshgrid(arrays, sparse, indexing, s); }),
      bind("slice", [](const array& a, Shape start, Shape stop, Shape strides,
                       StreamOrDevice s) { return slice(a, start, stop, strides, s); }),
      bind("dynamicSlice", [](const array& a, const array& start, std::vector<int> axes, Shape size,
                              StreamOrDevice s) { return slice(a, start, axes, size, s); }),
      bind("sliceUpdate",
           [](const array& a, const array& update, Shape start, Shape stop, Shape strides,
              StreamOrDevice s) { return slice_update(a, update, start, stop, strides, s); }),
      bind("dynamicSliceUpdate",
           [](const array& a, const array& update, const array& start, std::vector<int> axes,
              StreamOrDevice s) { return slice_update(a, update, start, axes, s); }),
      bind("splitParts", [](const array& a, int parts, int axis,
                            StreamOrDevice s) { return split(a, parts, axis, s); }),
      bind("splitAt", [](const array& a, Shape indices, int axis,
                         StreamOrDevice s) { return split(a, indices, axis, s); }),
      bind("unstack",
           [](const array& a, int axis, StreamOrDevice s) { return unstack(a, axis, s); }),
      bind("diagonal", [](const array& a, int offset, int axis1, int axis2,
                          StreamOrDevice s) { return diagonal(a, offset, axis1, axis2, s); }),
      bind("diag", [](const array& a, int k, StreamOrDevice s) { return diag(a, k, s); }),
      bind("trace",
           [](const array& a, int offset, int axis1, int axis2, std::optional<Dtype> dtype,
              StreamOrDevice s) {
             return dtype ? trace(a, offset, axis1, axis2, *dtype, s)
                          : trace(a, offset, axis1, axis2, s);
           }),
      bind("asStrided",
           [](const array& a, Shape shape, Strides strides, double offset, StreamOrDevice s) {
             return as_strided(a, shape, strides, size_t(offset), s);
           }),
      bind("concatenate", [](std::vector<array> arrays, int axis,
                             StreamOrDevice s) { return concatenate(arrays, axis, s); }),
      bind("stack", [](std::vector<array> arrays, int axis,
                       StreamOrDevice s) { return stack(arrays, axis, s); }),
      bind("repeat",
           [](const array& a, int repeats, std::optional<int> axis, StreamOrDevice s) {
             return axis ? repeat(a, repeats, *axis, s) : repeat(a, repeats, s);
           }),
      bind("tile", [](const array& a, std::vector<int> reps,
                      StreamOrDevice s) { return tile(a, reps, s); }),
      bind("roll",
           [](const array& a, Shape shift, std::optional<std::vector<int>> axes, StreamOrDevice s) {
             return axes ? roll(a, shift, *axes, s) : roll(a, shift, s);
           }),
      bind("pad", [](const array& a, std::vector<int> axes, Shape low, Shape high,
                     const array& value, std::string mode,
                     StreamOrDevice s) { return pad(a, axes, low, high, value, mode, s); }),
      bind("depends",
           [](std::vector<array> inputs, std::vector<array> dependencies) {
             return depends(inputs, dependencies);
           }),
  };
}

}  // namespace mlx::addon
