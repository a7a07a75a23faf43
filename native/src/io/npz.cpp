#include <algorithm>

#include "io/caller_streams.h"
#include "io/file_reader.h"
#include "io/header_checks.h"
#include "io/npy.h"
#include "io/zip_writer.h"
#include "mlx/io.h"

namespace mlx::core {
namespace {

constexpr std::string_view member_suffix = ".npy";
/// What the format's length of a name can say.
constexpr size_t most_name_bytes = 65535;

std::unordered_map<std::string, array> load_from(std::shared_ptr<const io::ByteSource> archive,
                                                 Stream stream) {
  std::unordered_map<std::string, array> arrays;
  for (auto& entry : io::read_zip_directory(*archive)) {
    std::string name = entry.name;
    if (name.ends_with(member_suffix)) name.resize(name.size() - member_suffix.size());
    if (arrays.contains(name))
      io::throw_unsound("load", archive->name(), "npz", "it has ", io::quoted(name), " twice");
    arrays.emplace(name, io::load_npy(io::open_zip_entry(archive, std::move(entry)), stream));
  }
  return arrays;
}

}  // namespace

void save_npz(std::string name, const std::unordered_map<std::string, array>& arrays,
              bool compressed) {
  // By name, so that equal contents make equal files.
  std::vector<std::pair<std::string, array>> sorted(arrays.begin(), arrays.end());
  std::sort(sorted.begin(), sorted.end(), [](auto& a, auto& b) { return a.first < b.first; });
  for (auto& [key, a] : sorted)
    if (key.size() + member_suffix.size() > most_name_bytes)
      throw std::invalid_argument("[savez] The name " + io::quoted(key) + " is too long.");

  std::vector<io::NpyFile> members;
  for (auto& [key, a] : sorted) members.emplace_back(a);
  io::AtomicFile file(io::with_suffix(std::move(name), ".npz"));
  io::ZipWriter archive(file, compressed);
  for (size_t i = 0; i < sorted.size(); ++i)
    archive.add(sorted[i].first + std::string(member_suffix),
                [&](io::ByteSink& sink) { members[i].write(sink); });
  archive.finish();
  file.commit();
}

std::unordered_map<std::string, array> load_npz(const std::string& file, StreamOrDevice s) {
  return load_from(std::make_shared<io::FileReader>(file), to_stream(s, Device::cpu));
}

std::unordered_map<std::string, array> load_npz(std::shared_ptr<io::Reader> in_stream,
                                                StreamOrDevice s) {
  return load_from(std::make_shared<io::ReaderSource>(std::move(in_stream)),
                   to_stream(s, Device::cpu));
}

}  // namespace mlx::core
