#include <algorithm>
#include <unordered_set>

#include "io/header_checks.h"
#include "io/npy.h"
#include "io/open_source.h"
#include "io/zip_writer.h"
#include "runtime/cpu_stream.h"

namespace mlx::core {
namespace {

constexpr std::string_view member_suffix = ".npy";
/// What the format's length of a name can say.
constexpr size_t most_name_bytes = 65535;

std::unordered_map<std::string, array> by_name(detail::Named<detail::NpzMember> members) {
  std::unordered_map<std::string, array> arrays;
  for (auto& [name, member] : members) {
    if (auto* fault = std::get_if<std::string>(&member)) throw EngineError(*fault);
    arrays.emplace(std::move(name), std::get<array>(member));
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
  io::AtomicFile file(compressed ? "savez_compressed" : "savez",
                      io::with_suffix(std::move(name), ".npz"));
  io::ZipWriter archive(file, compressed);
  for (size_t i = 0; i < sorted.size(); ++i)
    archive.add(sorted[i].first + std::string(member_suffix),
                [&](io::ByteSink& sink) { members[i].write(sink); });
  archive.finish();
  file.commit();
}

detail::Named<detail::NpzMember> detail::load_npz_in_order(const FileSource& file,
                                                           StreamOrDevice s) {
  Stream stream = cpu_stream("load_npz", s);
  auto archive = io::open_source(file);
  Named<NpzMember> members;
  std::unordered_set<std::string> names;
  for (auto& entry : io::read_zip_directory(*archive)) {
    std::string name = entry.name;
    if (name.ends_with(member_suffix)) name.resize(name.size() - member_suffix.size());
    if (!names.insert(name).second)
      io::throw_unsound("load", archive->name(), "npz", "it has ", io::quoted(name), " twice");
    members.emplace_back(std::move(name), std::string());
    auto& member = members.back().second;
    try {
      member = io::load_npy(io::open_zip_entry(archive, std::move(entry)), stream);
    } catch (const EngineError& error) {
      member = error.what();
    }
  }
  return members;
}

std::unordered_map<std::string, array> load_npz(const std::string& file, StreamOrDevice s) {
  return by_name(detail::load_npz_in_order(file, s));
}

std::unordered_map<std::string, array> load_npz(std::shared_ptr<io::Reader> in_stream,
                                                StreamOrDevice s) {
  return by_name(detail::load_npz_in_order(std::move(in_stream), s));
}

}  // namespace mlx::core
