#pragma once

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "mlx/io/load.h"

namespace mlx::addon {

/// Bytes that JavaScript gave as a file's contents.
class BytesReader : public core::io::Reader {
 public:
  explicit BytesReader(std::vector<char> bytes) : bytes_(std::move(bytes)) {}

  bool is_open() const override { return true; }
  bool good() const override { return good_; }
  size_t tell() override { return position_; }
  void seek(int64_t off, std::ios_base::seekdir way = std::ios_base::beg) override {
    int64_t from = way == std::ios_base::beg   ? 0
                   : way == std::ios_base::cur ? int64_t(position_)
                                               : int64_t(bytes_.size());
    position_ = size_t(std::clamp<int64_t>(from + off, 0, int64_t(bytes_.size())));
  }
  void read(char* data, size_t n) override {
    read(data, n, position_);
    position_ += n;
  }
  void read(char* data, size_t n, size_t offset) override {
    good_ = offset <= bytes_.size() && n <= bytes_.size() - offset;
    if (good_) std::memcpy(data, bytes_.data() + offset, n);
  }
  std::string label() const override { return "the given bytes"; }

 private:
  std::vector<char> bytes_;
  size_t position_ = 0;
  bool good_ = true;
};

}  // namespace mlx::addon
