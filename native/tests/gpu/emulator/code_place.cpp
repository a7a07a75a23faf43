#include "code_place.h"

#include <dlfcn.h>

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <map>
#include <mutex>
#include <sstream>

namespace mlx::core::gpu::emulator {
namespace {

/// What addr2line says: "file:line" of the innermost function first, then of those that called it.
std::string lines_of(const void* code) {
  static auto& mutex = *new std::mutex;
  static auto& known = *new std::map<const void*, std::string>;
  std::lock_guard lock(mutex);
  auto [found, is_new] = known.try_emplace(code);
  Dl_info info;
  if (!is_new || !dladdr(code, &info) || !info.dli_fname) return found->second;
  // The instruction before the one where a call returns to.
  auto offset = static_cast<const char*>(code) - static_cast<const char*>(info.dli_fbase) - 1;
  std::ostringstream command;
  command << "addr2line -i -e '" << info.dli_fname << "' 0x" << std::hex << offset
          << " 2> /dev/null";
  if (FILE* pipe = popen(command.str().c_str(), "r")) {
    char buffer[512];
    while (size_t got = fread(buffer, 1, sizeof(buffer), pipe)) found->second.append(buffer, got);
    pclose(pipe);
  }
  return found->second;
}

std::string line_of_file(const std::string& path, int number) {
  std::ifstream file(path);
  std::string line;
  for (int i = 0; i < number; ++i)
    if (!std::getline(file, line)) return "";
  auto begin = line.find_first_not_of(" \t");
  return begin == line.npos ? "" : line.substr(begin);
}

}  // namespace

std::string place_of(const void* code) {
  std::istringstream lines(lines_of(code));
  std::string first, line;
  while (std::getline(lines, line)) {
    auto colon = line.rfind(':');
    if (colon == line.npos) continue;
    std::string file = line.substr(0, colon);
    int number = std::atoi(line.c_str() + colon + 1);
    if (number == 0) continue;
    auto words = line_of_file(file, number);
    // The functions of the prelude are called at the place that is meant.
    bool is_helper = words.find("emulator") != words.npos;
    auto slash = file.rfind('/');
    auto text = words.empty() ? file.substr(slash + 1) + ":" + std::to_string(number)
                              : "line " + std::to_string(number) + ": " + words;
    if (first.empty()) first = text;
    if (!is_helper) return text;
  }
  return first.empty() ? "a place that is not known, for there is no addr2line" : first;
}

bool are_one_place(const void* a, const void* b) { return a == b || lines_of(a) == lines_of(b); }

std::string name_of(const void* entry) {
  Dl_info info;
  return dladdr(entry, &info) && info.dli_sname ? info.dli_sname : "unknown";
}

}  // namespace mlx::core::gpu::emulator
