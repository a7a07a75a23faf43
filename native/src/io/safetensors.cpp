#include "io/safetensors.h"

#include <algorithm>

#include "io/atomic_file.h"
#include "io/load.h"
#include "io/open_source.h"
#include "mlx/transforms.h"
#include "runtime/cpu_stream.h"

namespace mlx::core {

namespace {

SafetensorsLoad by_name(detail::SafetensorsInOrder loaded) {
  return {{loaded.arrays.begin(), loaded.arrays.end()},
          {loaded.metadata.begin(), loaded.metadata.end()}};
}

/// What a file will hold: evaluated arrays in their order, and the header before them.
struct Contents {
  std::vector<std::pair<std::string, array>> arrays;
  std::string header;

  Contents(const std::unordered_map<std::string, array>& named,
           const std::unordered_map<std::string, std::string>& metadata)
      : arrays(named.begin(), named.end()) {
    // Wide elements first keeps all aligned; then names, so that equal contents make equal files.
    std::sort(arrays.begin(), arrays.end(), [](auto& a, auto& b) {
      auto width_a = a.second.itemsize(), width_b = b.second.itemsize();
      return width_a != width_b ? width_a > width_b : a.first < b.first;
    });
    header = io::make_safetensors_header(arrays, metadata);
    std::vector<array> values;
    for (auto& [key, a] : arrays) values.push_back(a);
    eval(std::move(values));
  }

  void write(io::ByteSink& sink) const {
    sink.write(std::string_view(header));
    for (auto& [key, a] : arrays) io::write_row_major(sink, a);
  }
};

}  // namespace

detail::SafetensorsInOrder detail::load_safetensors_in_order(const FileSource& file,
                                                             StreamOrDevice s) {
  Stream stream = cpu_stream("load_safetensors", s);
  auto source = io::open_source(file);
  auto header = io::read_safetensors_header(*source);
  SafetensorsInOrder loaded{{}, std::move(header.metadata)};
  loaded.arrays.reserve(header.entries.size());
  for (auto& entry : header.entries) {
    auto primitive = std::make_shared<Load>(stream, source, entry.offset, entry.shape);
    loaded.arrays.emplace_back(std::move(entry.name), array(std::move(entry.shape), entry.dtype,
                                                            std::move(primitive), {}));
  }
  return loaded;
}

SafetensorsLoad load_safetensors(const std::string& name, StreamOrDevice s) {
  return by_name(detail::load_safetensors_in_order(name, s));
}

SafetensorsLoad load_safetensors(std::shared_ptr<io::Reader> in_stream, StreamOrDevice s) {
  return by_name(detail::load_safetensors_in_order(std::move(in_stream), s));
}

void save_safetensors(std::string name, std::unordered_map<std::string, array> arrays,
                      std::unordered_map<std::string, std::string> metadata) {
  Contents contents(arrays, metadata);
  io::AtomicFile file("save_safetensors", io::with_suffix(std::move(name), ".safetensors"));
  contents.write(file);
  file.commit();
}

void save_safetensors(std::shared_ptr<io::Writer> out_stream,
                      std::unordered_map<std::string, array> arrays,
                      std::unordered_map<std::string, std::string> metadata) {
  Contents contents(arrays, metadata);
  io::WriterSink sink(std::move(out_stream));
  contents.write(sink);
}

}  // namespace mlx::core
