#include <algorithm>

#include "array/dtype_table.h"
#include "io/gguf.h"
#include "io/header_checks.h"
#include "io/little_endian.h"
#include "mlx/ops.h"

namespace mlx::core::io {
namespace {

constexpr uint32_t version = 3;

// The format's own limits.
constexpr size_t most_bytes_of_name = 64;
constexpr size_t most_bytes_of_key = 65535;

class GgufHeaderWriter {
 public:
  void write_number32(uint32_t value) { append_little_endian<uint32_t>(text_, value); }
  void write_number64(uint64_t value) { append_little_endian<uint64_t>(text_, value); }
  void write_text(std::string_view text) { text_ += text; }
  void write_string(const std::string& text) {
    write_number64(text.size());
    text_ += text;
  }

  void write_metadata(const std::string& key, const GGUFMetaData& value) {
    check_length("The metadata's key", key, most_bytes_of_key);
    write_string(key);
    if (auto* text = std::get_if<std::string>(&value)) {
      write_number32(gguf_string);
      write_string(*text);
    } else if (auto* list = std::get_if<std::vector<std::string>>(&value)) {
      write_number32(gguf_list);
      write_number32(gguf_string);
      write_number64(list->size());
      for (auto& text : *list) write_string(text);
    } else if (auto* values = std::get_if<array>(&value)) {
      write_values(key, *values);
    } else {
      throw std::invalid_argument(
          concat_text("[save_gguf] The metadata ", quoted(key), " hold nothing."));
    }
  }

  void write_tensor(const std::string& name, const array& a, uint64_t offset) {
    check_length("A tensor's name", name, most_bytes_of_name);
    if (a.ndim() > gguf_most_dimensions)
      throw ShapeError(concat_text("[save_gguf] ", quoted(name), " of shape ", a.shape(),
                                   " has more than ", gguf_most_dimensions, " dimensions."));
    write_string(name);
    write_number32(uint32_t(a.ndim()));
    // The format names the fastest dimension first.
    for (size_t i = a.ndim(); i-- > 0;) write_number64(uint64_t(a.shape()[i]));
    write_number32(tensor_type(name, a.dtype()));
    write_number64(offset);
  }

  std::string finish(uint32_t alignment) {
    text_.resize(aligned(text_.size(), alignment), '\0');
    return std::move(text_);
  }

 private:
  static void check_length(const char* what, const std::string& text, size_t most) {
    if (text.empty() || text.size() > most)
      throw std::invalid_argument(concat_text("[save_gguf] ", what, " has 1 to ", most,
                                              " bytes in gguf files, not ", text.size(), ": ",
                                              quoted(text.substr(0, 80)), "."));
  }

  void write_values(const std::string& key, array values) {
    if (values.ndim() > 1)
      throw ShapeError(concat_text("[save_gguf] The metadata ", quoted(key), " of shape ",
                                   values.shape(), " are neither a scalar nor a list."));
    uint32_t type = value_type(key, values.dtype());
    if (values.ndim() == 1) {
      write_number32(gguf_list);
      write_number32(type);
      write_number64(values.size());
    } else {
      write_number32(type);
    }
    values = contiguous(values, false, Device::cpu);
    values.eval();
    text_.append(values.data<char>(), values.nbytes());
  }

  static uint32_t value_type(const std::string& key, Dtype dtype) {
    if (auto type = row_of(dtype).gguf_value) return *type;
    throw DtypeError(concat_text("[save_gguf] The metadata ", quoted(key), " of dtype ", dtype,
                                 " have no type in gguf files."));
  }

  static uint32_t tensor_type(const std::string& name, Dtype dtype) {
    if (auto type = row_of(dtype).gguf_tensor) return *type;
    throw DtypeError(concat_text("[save_gguf] ", quoted(name), " of dtype ", dtype,
                                 " has no type in gguf files, which hold float16, bfloat16, "
                                 "float32, float64 and signed integers."));
  }

  std::string text_;
};

}  // namespace

std::string make_gguf_header(const std::vector<std::pair<std::string, array>>& arrays,
                             const std::unordered_map<std::string, GGUFMetaData>& metadata,
                             uint32_t alignment) {
  std::vector<std::string> keys;
  for (auto& [key, value] : metadata) keys.push_back(key);
  std::sort(keys.begin(), keys.end());

  GgufHeaderWriter writer;
  writer.write_text(gguf_magic);
  writer.write_number32(version);
  writer.write_number64(arrays.size());
  writer.write_number64(keys.size());
  for (auto& key : keys) writer.write_metadata(key, metadata.at(key));
  uint64_t offset = 0;
  for (auto& [name, a] : arrays) {
    writer.write_tensor(name, a, offset);
    offset += aligned(a.nbytes(), alignment);
  }
  return writer.finish(alignment);
}

}  // namespace mlx::core::io
