#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <unordered_set>

#include "array/dtype_table.h"
#include "io/header_checks.h"
#include "io/little_endian.h"
#include "io/safetensors.h"
#include "mlx/utils.h"

namespace mlx::core::io {
namespace {

using nlohmann::json;

constexpr const char* metadata_key = "__metadata__";
constexpr uint64_t length_bytes = 8;
/// The format's own limit.
constexpr uint64_t most_header_bytes = 100'000'000;

/// MLX keeps 8-bit floats in uint8.
constexpr std::string_view bytes_of_floats = "F8_E4M3";

/// Types of the format that arrays here can't have.
constexpr std::string_view unsupported_dtypes[] = {
    "F4", "F6_E2M3", "F6_E3M2", "F8_E5M2", "F8_E4M3FNUZ", "F8_E5M2FNUZ", "F8_E8M0"};

/// What the entry of an array says.
struct EntryFields {
  std::optional<std::string> dtype;
  std::optional<std::vector<uint64_t>> shape, data_offsets;
};

/// Reads the header's JSON as it is parsed, so that no tree of it is built:
/// {"name": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}, "__metadata__": {...}}
class HeaderReader : public nlohmann::json_sax<json> {
 public:
  explicit HeaderReader(const ByteSource& file) : file_(file) {}

  SafetensorsHeader read() {
    std::string text = read_text();
    data_begin_ = length_bytes + text.size();
    try {
      json::sax_parse(text, this);
    } catch (const json::exception& error) {
      fail_json(error);
    }
    check_cover(header_.entries);
    return std::move(header_);
  }

  // ---- What the parser tells

  bool null() override {
    // Metadata may be missing.
    if (depth_ == 1 && name_ == metadata_key) return true;
    return other();
  }
  bool boolean(bool) override { return other(); }
  bool number_integer(number_integer_t) override { return other(); }
  bool number_float(number_float_t, const string_t&) override { return other(); }
  bool binary(binary_t&) override { return other(); }

  bool number_unsigned(number_unsigned_t value) override {
    if (!numbers_) return other();
    numbers_->push_back(value);
    return true;
  }

  bool string(string_t& value) override {
    if (depth_ == 2 && is_metadata())
      header_.metadata.emplace_back(std::move(key_), std::move(value));
    else if (depth_ == 2 && key_ == "dtype")
      fields_.dtype = std::move(value);
    else
      return other();
    return true;
  }

  bool start_object(size_t) override {
    if (depth_ >= 2) other();
    enter();
    return true;
  }

  bool key(string_t& value) override {
    if (depth_ == 1) {
      if (!names_.insert(value).second) fail("the header names ", quoted(value), " twice");
      name_ = std::move(value);
      fields_ = {};
    } else if (depth_ == 2) {
      if (is_metadata() && !metadata_keys_.insert(value).second)
        fail(metadata_key, " names ", quoted(value), " twice");
      key_ = std::move(value);
    }
    return true;
  }

  bool end_object() override {
    --depth_;
    if (depth_ == 1 && !is_metadata()) header_.entries.push_back(make_entry());
    return true;
  }

  bool start_array(size_t) override {
    bool is_entry = depth_ == 2 && !is_metadata();
    if (is_entry && key_ == "shape")
      numbers_ = &fields_.shape.emplace();
    else if (is_entry && key_ == "data_offsets")
      numbers_ = &fields_.data_offsets.emplace();
    else
      other();
    enter();
    return true;
  }

  bool end_array() override {
    --depth_;
    numbers_ = nullptr;
    return true;
  }

  bool parse_error(size_t, const std::string&, const json::exception& error) override {
    fail_json(error);
  }

 private:
  template <typename... Parts>
  [[noreturn]] void fail(const Parts&... parts) const {
    throw_unsound("load", file_.name(), "safetensors", parts...);
  }
  [[noreturn]] void fail_json(const json::exception& error) const {
    fail("the header is not valid JSON (", error.what(), ")");
  }

  std::string read_text() const {
    if (file_.size() < length_bytes)
      fail("it has ", file_.size(), " bytes, too few for the header's length");
    uint8_t bytes[length_bytes];
    file_.read(0, bytes, length_bytes);
    auto length = read_little_endian<uint64_t>(bytes);
    if (length > file_.size() - length_bytes)
      fail("a header of ", length, " bytes doesn't fit into the file of ", file_.size(), " bytes");
    if (length > most_header_bytes)
      fail("a header of ", length, " bytes is over the limit of ", most_header_bytes);
    std::string text(length, '\0');
    file_.read(length_bytes, text.data(), text.size());
    return text;
  }

  bool is_metadata() const { return name_ == metadata_key; }

  void enter() {
    // The deepest value is a number in an array of an entry of the header; others may hold what
    // nobody knows, but not without end.
    constexpr int most_levels = 3;
    if (++depth_ > most_levels) fail("the header is nested too deeply");
  }

  /// A value that isn't what its place asks for, unless the place is one that nobody knows.
  bool other() {
    if (depth_ == 0) fail("the header is not a JSON object");
    if (depth_ == 1 && is_metadata()) fail(metadata_key, " is not an object");
    if (depth_ == 1) fail("the entry ", quoted(name_), " is not an object");
    if (is_metadata()) fail(metadata_key, " has a value that is not a string");
    if (numbers_) fail("the ", key_, " of ", quoted(name_), " holds something that is not a size");
    if (depth_ > 2) return true;
    if (key_ == "dtype") fail(quoted(name_), " has an unknown dtype, which is not a string");
    if (key_ == "shape" || key_ == "data_offsets")
      fail("the ", key_, " of ", quoted(name_), " is not a list");
    return true;
  }

  SafetensorsEntry make_entry() {
    auto require = [&](bool is_there, const char* key) {
      if (!is_there) fail("the entry ", quoted(name_), " has no ", key);
    };
    require(fields_.dtype.has_value(), "dtype");
    require(fields_.shape.has_value(), "shape");
    require(fields_.data_offsets.has_value(), "data_offsets");
    Dtype dtype = read_dtype(*fields_.dtype);
    CheckedShape checked;
    if (!check_shape(*fields_.shape, dtype.size(), checked))
      fail("the shape of ", quoted(name_), " is too large");
    auto& offsets = *fields_.data_offsets;
    uint64_t data_bytes = file_.size() - data_begin_;
    if (offsets.size() != 2 || offsets[0] > offsets[1])
      fail("the data_offsets of ", quoted(name_), " are not a begin and an end");
    if (offsets[1] > data_bytes)
      fail(quoted(name_), " ends at byte ", offsets[1], " of ", data_bytes, " bytes of data");
    if (offsets[1] - offsets[0] != checked.bytes)
      fail(quoted(name_), " of shape ", checked.shape, " and dtype ", dtype, " needs ",
           checked.bytes, " bytes but has ", offsets[1] - offsets[0]);
    return {name_, dtype, std::move(checked.shape), data_begin_ + offsets[0]};
  }

  Dtype read_dtype(const std::string& text) const {
    for (auto& row : dtype_table::rows)
      if (text == row.safetensors) return row.dtype;
    if (text == bytes_of_floats) return uint8;
    for (auto unsupported : unsupported_dtypes)
      if (text == unsupported)
        throw_unsupported("load", file_.name(), quoted(name_), " has the dtype ", text,
                          ", which is not supported");
    fail(quoted(name_), " has the unknown dtype ", quoted(text));
  }

  /// The format wants each byte to belong to one array.
  void check_cover(const std::vector<SafetensorsEntry>& entries) const {
    auto end_of = [](const SafetensorsEntry& entry) {
      uint64_t bytes = entry.dtype.size();
      for (auto size : entry.shape) bytes *= uint64_t(size);
      return entry.offset + bytes;
    };
    std::vector<const SafetensorsEntry*> ordered;
    for (auto& entry : entries) ordered.push_back(&entry);
    std::sort(ordered.begin(), ordered.end(), [&](auto* a, auto* b) {
      return a->offset != b->offset ? a->offset < b->offset : end_of(*a) < end_of(*b);
    });
    uint64_t end = data_begin_;
    for (auto* entry : ordered) {
      if (entry->offset < end) fail(quoted(entry->name), " overlaps another entry");
      if (entry->offset > end) fail("there is a gap before ", quoted(entry->name));
      end = end_of(*entry);
    }
    if (end != file_.size()) fail(file_.size() - end, " bytes at the end belong to no entry");
  }

  const ByteSource& file_;
  uint64_t data_begin_ = 0;
  SafetensorsHeader header_;
  std::unordered_set<std::string> names_, metadata_keys_;
  // Where the parser is: the objects and lists it is in, the array, the field, and its list.
  int depth_ = 0;
  std::string name_, key_;
  EntryFields fields_;
  std::vector<uint64_t>* numbers_ = nullptr;
};

}  // namespace

SafetensorsHeader read_safetensors_header(const ByteSource& file) {
  return HeaderReader(file).read();
}

std::string make_safetensors_header(const std::vector<std::pair<std::string, array>>& arrays,
                                    const std::unordered_map<std::string, std::string>& metadata) {
  json header = json::object();
  if (!metadata.empty()) header[metadata_key] = metadata;
  uint64_t end = 0;
  for (auto& [name, a] : arrays) {
    if (name == metadata_key)
      throw std::invalid_argument(concat_text("[save_safetensors] The name ", metadata_key,
                                              " is reserved for the file's metadata."));
    uint64_t begin = end;
    end += a.nbytes();
    header[name] = {{"dtype", row_of(a.dtype()).safetensors},
                    {"shape", std::vector<int>(a.shape().begin(), a.shape().end())},
                    {"data_offsets", {begin, end}}};
  }
  std::string text;
  try {
    text = header.dump();
  } catch (const json::exception&) {
    throw std::invalid_argument("[save_safetensors] A name or a metadata string is not UTF-8.");
  }
  // Spaces align the data for readers that map the file.
  text.resize((text.size() + 7) / 8 * 8, ' ');
  std::string length(length_bytes, '\0');
  for (size_t i = 0; i < length_bytes; ++i) length[i] = char(uint64_t(text.size()) >> (8 * i));
  return length + text;
}

}  // namespace mlx::core::io
