#pragma once

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include "mlx/io/load.h"

namespace mlx::core::testing {

namespace fs = std::filesystem;

/// A folder that lives as long as a test.
struct Folder {
  fs::path path;
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "mlx-io-XXXXXX").string();
    path = mkdtemp(pattern.data());
  }
  ~Folder() { fs::remove_all(path); }
  std::string operator/(const char* name) const { return (path / name).string(); }
  size_t count() const {
    return size_t(std::distance(fs::directory_iterator(path), fs::directory_iterator()));
  }
};

inline void write_file(const std::string& name, const std::string& contents) {
  std::ofstream(name, std::ios::binary) << contents;
}

inline std::string read_file(const std::string& name) {
  std::ifstream in(name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Bytes in memory, as a program might have its own.
class StringStream : public io::Reader, public io::Writer {
 public:
  explicit StringStream(std::string text = "") : text_(std::move(text)) {}

  const std::string& text() const { return text_; }
  bool is_open() const override { return true; }
  bool good() const override { return good_; }
  size_t tell() override { return position_; }
  void seek(int64_t off, std::ios_base::seekdir way = std::ios_base::beg) override {
    int64_t from = way == std::ios_base::beg   ? 0
                   : way == std::ios_base::cur ? int64_t(position_)
                                               : int64_t(text_.size());
    position_ = size_t(from + off);
  }
  void read(char* data, size_t n) override {
    read(data, n, position_);
    position_ += n;
  }
  void read(char* data, size_t n, size_t offset) override {
    good_ = good_ && offset <= text_.size() && n <= text_.size() - offset;
    if (good_) std::memcpy(data, text_.data() + offset, n);
  }
  void write(const char* data, size_t n) override {
    text_.resize(std::max(text_.size(), position_ + n));
    std::memcpy(text_.data() + position_, data, n);
    position_ += n;
  }
  std::string label() const override { return "a string"; }

 private:
  std::string text_;
  size_t position_ = 0;
  bool good_ = true;
};

}  // namespace mlx::core::testing
