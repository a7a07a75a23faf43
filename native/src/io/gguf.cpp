#include "io/gguf.h"

#include <algorithm>
#include <unordered_set>

#include "io/atomic_file.h"
#include "io/gguf_blocks.h"
#include "io/header_checks.h"
#include "io/load.h"
#include "io/open_source.h"
#include "mlx/transforms.h"
#include "runtime/cpu_stream.h"

namespace mlx::core {
namespace {

/// The arrays of a file in its order, each name once.
class Arrays {
 public:
  explicit Arrays(const std::string& file) : file_(file) {}

  void insert(std::string name, array a) {
    if (!names_.insert(name).second)
      io::throw_unsound("load", file_, "gguf", "it has ", io::quoted(name), " twice");
    arrays_.emplace_back(std::move(name), std::move(a));
  }
  detail::Named<array> take() { return std::move(arrays_); }

 private:
  const std::string& file_;
  detail::Named<array> arrays_;
  std::unordered_set<std::string> names_;
};

void insert_packed(Arrays& arrays, const io::GgufTensor& tensor, const array& blocks,
                   Stream stream) {
  auto primitive = std::make_shared<UnpackGguf>(stream, *tensor.blocks);
  auto shapes = primitive->output_shapes({blocks});
  auto outputs =
      array::make_arrays(std::move(shapes), {uint32, float16, float16}, primitive, {blocks});
  constexpr std::string_view suffix = ".weight";
  std::string prefix = tensor.name;
  if (prefix.ends_with(suffix)) prefix.resize(prefix.size() - suffix.size());
  arrays.insert(tensor.name, outputs[0]);
  arrays.insert(prefix + ".scales", outputs[1]);
  arrays.insert(prefix + ".biases", outputs[2]);
}

void insert_blocks(Arrays& arrays, std::shared_ptr<const io::ByteSource> source,
                   const io::GgufTensor& tensor, Stream stream) {
  Shape shape = tensor.shape;
  shape.back() /= ShapeElem(tensor.blocks->values);
  shape.push_back(ShapeElem(tensor.blocks->bytes));
  array blocks(shape, uint8, std::make_shared<Load>(stream, source, tensor.offset, shape), {});
  if (tensor.blocks->affine_bits > 0) return insert_packed(arrays, tensor, blocks, stream);
  auto primitive = std::make_shared<DequantizeGguf>(stream, *tensor.blocks);
  arrays.insert(tensor.name, array(tensor.shape, float16, std::move(primitive), {blocks}));
}

GGUFLoad by_name(detail::GGUFInOrder loaded) {
  return {{loaded.arrays.begin(), loaded.arrays.end()},
          {loaded.metadata.begin(), loaded.metadata.end()}};
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

detail::GGUFInOrder detail::load_gguf_in_order(const FileSource& file, StreamOrDevice s) {
  Stream stream = cpu_stream("load_gguf", s);
  auto source = io::open_source(file);
  auto header = io::read_gguf_header(*source);
  Arrays arrays(source->name());
  for (auto& tensor : header.tensors) {
    if (tensor.blocks) {
      insert_blocks(arrays, source, tensor, stream);
      continue;
    }
    auto primitive = std::make_shared<Load>(stream, source, tensor.offset, tensor.shape);
    arrays.insert(tensor.name, array(tensor.shape, tensor.dtype, std::move(primitive), {}));
  }
  return {arrays.take(), std::move(header.metadata)};
}

GGUFLoad load_gguf(const std::string& file, StreamOrDevice s) {
  return by_name(detail::load_gguf_in_order(file, s));
}

GGUFLoad load_gguf(std::shared_ptr<io::Reader> in_stream, StreamOrDevice s) {
  return by_name(detail::load_gguf_in_order(std::move(in_stream), s));
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

  io::AtomicFile file("save_gguf", io::with_suffix(std::move(name), ".gguf"));
  file.write(std::string_view(header));
  for (auto& [key, a] : sorted) {
    io::write_row_major(file, a);
    std::string padding(io::aligned(a.nbytes(), alignment) - a.nbytes(), '\0');
    file.write(std::string_view(padding));
  }
  file.commit();
}

}  // namespace mlx::core
