#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "io/header_checks.h"
#include "io/safetensors.h"
#include "mlx/utils.h"

namespace mlx::core::io {
namespace {

using nlohmann::json;

constexpr const char* metadata_key = "__metadata__";
constexpr uint64_t length_bytes = 8;
/// The format's own limit.
constexpr uint64_t most_header_bytes = 100'000'000;

struct DtypeName {
  const char* name;
  Dtype dtype;
};

/// The first name of a dtype is the one to write. MLX keeps 8-bit floats in uint8.
constexpr DtypeName dtype_names[] = {
    {"BOOL", bool_},    {"U8", uint8},    {"U16", uint16},  {"U32", uint32},    {"U64", uint64},
    {"I8", int8},       {"I16", int16},   {"I32", int32},   {"I64", int64},     {"F16", float16},
    {"BF16", bfloat16}, {"F32", float32}, {"F64", float64}, {"C64", complex64}, {"F8_E4M3", uint8},
};

class HeaderReader {
 public:
  explicit HeaderReader(const ByteSource& file) : file_(file) {}

  SafetensorsHeader read() {
    std::string text = read_text();
    data_begin_ = length_bytes + text.size();
    json header = parse(text);
    SafetensorsHeader result;
    for (auto& [name, value] : header.items()) {
      if (name == metadata_key)
        result.metadata = read_metadata(value);
      else
        result.entries.push_back(read_entry(name, value));
    }
    check_cover(result.entries);
    return result;
  }

 private:
  template <typename... Parts>
  [[noreturn]] void fail(const Parts&... parts) const {
    throw_unsound("load_safetensors", file_.name(), "safetensors", parts...);
  }

  std::string read_text() const {
    if (file_.size() < length_bytes)
      fail("it has ", file_.size(), " bytes, too few for the header's length");
    uint8_t bytes[length_bytes];
    file_.read(0, bytes, length_bytes);
    uint64_t length = 0;
    for (size_t i = length_bytes; i-- > 0;) length = length << 8 | bytes[i];
    if (length > file_.size() - length_bytes)
      fail("a header of ", length, " bytes doesn't fit into the file of ", file_.size(), " bytes");
    if (length > most_header_bytes)
      fail("a header of ", length, " bytes is over the limit of ", most_header_bytes);
    std::string text(length, '\0');
    file_.read(length_bytes, text.data(), text.size());
    return text;
  }

  json parse(const std::string& text) const {
    std::set<std::string> names;
    // The deepest value is a number in an array of an entry of the header. A key is reported with
    // the depth of the object that it opens in.
    auto check = [&](int depth, json::parse_event_t event, json& value) {
      if (depth > 3) fail("the header is nested too deeply");
      if (event == json::parse_event_t::key && depth == 1 &&
          !names.insert(value.get<std::string>()).second)
        fail("the header names ", quoted(value.get<std::string>()), " twice");
      return true;
    };
    try {
      json header = json::parse(text, check);
      if (!header.is_object()) fail("the header is not a JSON object");
      return header;
    } catch (const json::exception& error) {
      fail("the header is not valid JSON (", error.what(), ")");
    }
  }

  std::unordered_map<std::string, std::string> read_metadata(const json& value) const {
    std::unordered_map<std::string, std::string> metadata;
    if (value.is_null()) return metadata;
    if (!value.is_object()) fail(metadata_key, " is not an object");
    for (auto& [key, text] : value.items()) {
      if (!text.is_string()) fail(metadata_key, " has a value that is not a string");
      metadata.emplace(key, text.get<std::string>());
    }
    return metadata;
  }

  SafetensorsEntry read_entry(const std::string& name, const json& value) {
    if (!value.is_object()) fail("the entry ", quoted(name), " is not an object");
    auto field = [&](const char* key) -> const json& {
      auto found = value.find(key);
      if (found == value.end()) fail("the entry ", quoted(name), " has no ", key);
      return *found;
    };
    Dtype dtype = read_dtype(name, field("dtype"));
    auto sizes = read_numbers(name, "shape", field("shape"));
    CheckedShape checked;
    if (!check_shape(sizes, dtype.size(), checked))
      fail("the shape of ", quoted(name), " is too large");
    auto offsets = read_numbers(name, "data_offsets", field("data_offsets"));
    uint64_t data_bytes = file_.size() - data_begin_;
    if (offsets.size() != 2 || offsets[0] > offsets[1])
      fail("the data_offsets of ", quoted(name), " are not a begin and an end");
    if (offsets[1] > data_bytes)
      fail(quoted(name), " ends at byte ", offsets[1], " of ", data_bytes, " bytes of data");
    if (offsets[1] - offsets[0] != checked.bytes)
      fail(quoted(name), " of shape ", checked.shape, " and dtype ", dtype, " needs ",
           checked.bytes, " bytes but has ", offsets[1] - offsets[0]);
    return {name, dtype, std::move(checked.shape), data_begin_ + offsets[0]};
  }

  Dtype read_dtype(const std::string& name, const json& value) const {
    for (auto& known : dtype_names)
      if (value == known.name) return known.dtype;
    fail(quoted(name), " has the unknown dtype ", value.dump().substr(0, 80));
  }

  std::vector<uint64_t> read_numbers(const std::string& name, const char* key,
                                     const json& value) const {
    if (!value.is_array()) fail("the ", key, " of ", quoted(name), " is not a list");
    std::vector<uint64_t> numbers;
    for (auto& number : value) {
      if (!number.is_number_unsigned())
        fail("the ", key, " of ", quoted(name), " holds something that is not a size");
      numbers.push_back(number.get<uint64_t>());
    }
    return numbers;
  }

  /// The format wants each byte to belong to one array.
  void check_cover(std::vector<SafetensorsEntry>& entries) const {
    auto end_of = [](const SafetensorsEntry& entry) {
      uint64_t bytes = entry.dtype.size();
      for (auto size : entry.shape) bytes *= uint64_t(size);
      return entry.offset + bytes;
    };
    std::sort(entries.begin(), entries.end(), [&](auto& a, auto& b) {
      return a.offset != b.offset ? a.offset < b.offset : end_of(a) < end_of(b);
    });
    uint64_t end = data_begin_;
    for (auto& entry : entries) {
      if (entry.offset < end) fail(quoted(entry.name), " overlaps another entry");
      if (entry.offset > end) fail("there is a gap before ", quoted(entry.name));
      end = end_of(entry);
    }
    if (end != file_.size()) fail(file_.size() - end, " bytes at the end belong to no entry");
  }

  const ByteSource& file_;
  uint64_t data_begin_ = 0;
};

const char* dtype_name(Dtype dtype) {
  return std::find_if(std::begin(dtype_names), std::end(dtype_names),
                      [&](auto& known) { return known.dtype == dtype; })
      ->name;
}

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
    header[name] = {{"dtype", dtype_name(a.dtype())},
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
