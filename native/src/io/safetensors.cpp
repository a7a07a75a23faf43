#include "io/safetensors.h"

#include <algorithm>

#include "io/atomic_file.h"
#include "mlx/io.h"
#include "mlx/ops.h"
#include "mlx/transforms.h"
#include "primitives/load.h"

namespace mlx::core {

SafetensorsLoad load_safetensors(const std::string& name, StreamOrDevice s) {
  Stream stream = to_stream(s, Device::cpu);
  auto file = std::make_shared<const io::FileReader>(name);
  auto header = io::read_safetensors_header(*file);
  std::unordered_map<std::string, array> arrays;
  for (auto& entry : header.entries) {
    auto primitive = std::make_shared<Load>(stream, file, entry.offset, entry.shape);
    arrays.emplace(entry.name, array(entry.shape, entry.dtype, std::move(primitive), {}));
  }
  return {std::move(arrays), std::move(header.metadata)};
}

void save_safetensors(std::string name, std::unordered_map<std::string, array> arrays,
                      std::unordered_map<std::string, std::string> metadata) {
  constexpr std::string_view suffix = ".safetensors";
  if (!name.ends_with(suffix)) name += suffix;

  // Wide elements first keeps all aligned; then names, so that equal contents make equal files.
  std::vector<std::pair<std::string, array>> sorted(arrays.begin(), arrays.end());
  std::sort(sorted.begin(), sorted.end(), [](auto& a, auto& b) {
    auto width_a = a.second.itemsize(), width_b = b.second.itemsize();
    return width_a != width_b ? width_a > width_b : a.first < b.first;
  });
  std::string header = io::make_safetensors_header(sorted, metadata);

  std::vector<array> values;
  for (auto& [key, a] : sorted) values.push_back(a);
  eval(std::move(values));

  io::AtomicFile file(name);
  file.write(header.data(), header.size());
  for (auto& [key, a] : sorted) {
    array dense = a.flags().row_contiguous ? a : contiguous(a, false, Device::cpu);
    dense.eval();
    file.write(dense.data<void>(), dense.nbytes());
  }
  file.commit();
}

}  // namespace mlx::core
