#include "io/gguf.h"

#include <algorithm>

#include "io/atomic_file.h"
#include "io/caller_streams.h"
#include "io/file_reader.h"
#include "io/header_checks.h"
#include "mlx/transforms.h"
#include "primitives/gguf.h"
#include "primitives/load.h"

namespace mlx::core {
namespace {

using Arrays = std::unordered_map<std::string, array>;

void insert(Arrays& arrays, const std::string& file, std::string name, array a) {
  if (!arrays.emplace(name, std::move(a)).second)
    io::throw_unsound("load_gguf", file, "gguf", "it has ", io::quoted(name), " twice");
}

void insert_packed(Arrays& arrays, const std::string& file, const io::GgufTensor& tensor,
                   const array& blocks, Stream stream) {
  auto primitive = std::make_shared<UnpackGguf>(stream, *tensor.blocks);
  auto shapes = primitive->output_shapes({blocks});
  auto outputs =
      array::make_arrays(std::move(shapes), {uint32, float16, float16}, primitive, {blocks});
  constexpr std::string_view suffix = ".weight";
  std::string prefix = tensor.name;
  if (prefix.ends_with(suffix)) prefix.resize(prefix.size() - suffix.size());
  insert(arrays, file, tensor.name, outputs[0]);
  insert(arrays, file, prefix + ".scales", outputs[1]);
  insert(arrays, file, prefix + ".biases", outputs[2]);
}

void insert_blocks(Arrays& arrays, std::shared_ptr<const io::ByteSource> source,
                   const io::GgufTensor& tensor, Stream stream) {
  Shape shape = tensor.shape;
  shape.back() /= ShapeElem(tensor.blocks->values);
  shape.push_back(ShapeElem(tensor.blocks->bytes));
  array blocks(shape, uint8, std::make_shared<Load>(stream, source, tensor.offset, shape), {});
  if (tensor.blocks->affine_bits > 0)
    return insert_packed(arrays, source->name(), tensor, blocks, stream);
  auto primitive = std::make_shared<DequantizeGguf>(stream, *tensor.blocks);
  insert(arrays, source->name(), tensor.name,
         array(tensor.shape, float16, std::move(primitive), {blocks}));
}

GGUFLoad load_from(std::shared_ptr<const io::ByteSource> source, Stream stream) {
  auto header = io::read_gguf_header(*source);
  Arrays arrays;
  for (auto& tensor : header.tensors) {
    if (tensor.blocks) {
      insert_blocks(arrays, source, tensor, stream);
      continue;
    }
    auto primitive = std::make_shared<Load>(stream, source, tensor.offset, tensor.shape);
    insert(arrays, source->name(), tensor.name,
           array(tensor.shape, tensor.dtype, std::move(primitive), {}));
  }
  return {std::move(arrays), std::move(header.metadata)};
}

/// The alignment that the metadata ask for.
uint32_t alignment_of(const std::unordered_map<std::string, GGUFMetaData>& metadata) {
  auto found = metadata.find(std::string(io::gguf_alignment_key));
  if (found == metadata.end()) return io::gguf_default_alignment;
  auto* number = std::get_if<array>(&found->second);
  if (number && number->size() == 1) {
    double value = number->item<double>();
    if (value >= 8 && value <= io::gguf_most_alignment && value == double(uint32_t(value)) &&
        uint32_t(value) % 8 == 0)
      return uint32_t(value);
  }
  throw std::invalid_argument(concat_text("[save_gguf] ", io::gguf_alignment_key,
                                          " must be a multiple of 8 up to ",
                                          io::gguf_most_alignment, "."));
}

}  // namespace

GGUFLoad load_gguf(const std::string& file, StreamOrDevice s) {
  return load_from(std::make_shared<io::FileReader>(file), to_stream(s, Device::cpu));
}

GGUFLoad load_gguf(std::shared_ptr<io::Reader> in_stream, StreamOrDevice s) {
  return load_from(std::make_shared<io::ReaderSource>(std::move(in_stream)),
                   to_stream(s, Device::cpu));
}

void save_gguf(std::string name, std::unordered_map<std::string, array> array_map,
               std::unordered_map<std::string, GGUFMetaData> meta_data) {
  uint32_t alignment = alignment_of(meta_data);
  // The type that the format asks for, whatever came.
  if (meta_data.contains(std::string(io::gguf_alignment_key)))
    meta_data.insert_or_assign(std::string(io::gguf_alignment_key), array(alignment));
  // By name, so that equal contents make equal files.
  std::vector<std::pair<std::string, array>> sorted(array_map.begin(), array_map.end());
  std::sort(sorted.begin(), sorted.end(), [](auto& a, auto& b) { return a.first < b.first; });
  std::string header = io::make_gguf_header(sorted, meta_data, alignment);
  std::vector<array> values;
  for (auto& [key, a] : sorted) values.push_back(a);
  eval(std::move(values));

  io::AtomicFile file(io::with_suffix(std::move(name), ".gguf"));
  file.write(std::string_view(header));
  for (auto& [key, a] : sorted) {
    io::write_row_major(file, a);
    std::string padding(io::aligned(a.nbytes(), alignment) - a.nbytes(), '\0');
    file.write(std::string_view(padding));
  }
  file.commit();
}

}  // namespace mlx::core
