#include <unordered_set>

#include "array/dtype_table.h"
#include "io/byte_cursor.h"
#include "io/gguf.h"
#include "io/header_checks.h"
#include "io/little_endian.h"

namespace mlx::core::io {
namespace {

/// Types of the format that arrays here can't have, with their names in ggml.
constexpr std::pair<uint32_t, const char*> unsupported_types[] = {
    {4, "Q4_2"},     {5, "Q4_3"},   {9, "Q8_1"},        {16, "IQ2_XXS"},    {17, "IQ2_XS"},
    {18, "IQ3_XXS"}, {19, "IQ1_S"}, {20, "IQ4_NL"},     {21, "IQ3_S"},      {22, "IQ2_S"},
    {23, "IQ4_XS"},  {29, "IQ1_M"}, {31, "Q4_0_4_4"},   {32, "Q4_0_4_8"},   {33, "Q4_0_8_8"},
    {34, "TQ1_0"},   {35, "TQ2_0"}, {36, "IQ4_NL_4_4"}, {37, "IQ4_NL_4_8"}, {38, "IQ4_NL_8_8"},
    {39, "MXFP4"},   {40, "NVFP4"},
};

class GgufHeaderReader {
 public:
  explicit GgufHeaderReader(const ByteSource& source) : source_(source), cursor_(source) {}

  GgufHeader read() {
    read_begin();
    uint64_t tensors = read_count(), values = read_count();
    GgufHeader header;
    std::unordered_set<std::string> keys;
    for (uint64_t i = 0; i < values; ++i) {
      header.metadata.push_back(read_metadata());
      if (!keys.insert(header.metadata.back().first).second)
        fail("its metadata have ", quoted(header.metadata.back().first), " twice");
    }
    for (uint64_t i = 0; i < tensors; ++i) header.tensors.push_back(read_tensor());
    place_tensors(header.tensors);
    return header;
  }

 private:
  template <typename... Parts>
  [[noreturn]] void fail(const Parts&... parts) const {
    throw_unsound("load", source_.name(), "gguf", parts...);
  }

  void read_bytes(void* out, size_t bytes) {
    if (!cursor_.read(out, bytes)) fail("it ends within the header");
  }

  template <typename T>
  T read_number() {
    uint8_t bytes[sizeof(T)];
    read_bytes(bytes, sizeof(T));
    return read_little_endian<T>(bytes);
  }

  /// The first version counted in 32 bits.
  uint64_t read_count() {
    return version_ == 1 ? read_number<uint32_t>() : read_number<uint64_t>();
  }

  std::string read_string() {
    uint64_t bytes = read_count();
    // Before memory is asked for.
    if (bytes > cursor_.remaining()) fail("a string of ", bytes, " bytes ends outside of it");
    std::string text(bytes, '\0');
    read_bytes(text.data(), bytes);
    return text;
  }

  void read_begin() {
    char magic[4];
    if (!cursor_.read(magic, sizeof magic) || std::string_view(magic, sizeof magic) != gguf_magic)
      fail("it doesn't begin as one");
    version_ = read_number<uint32_t>();
    if (version_ != 0 && (version_ & 0xffff) == 0) fail("its numbers are big-endian");
    if (version_ < 1 || version_ > 3) fail("its version is ", version_, "; known are 1 to 3");
  }

  std::pair<std::string, GGUFMetaData> read_metadata() {
    std::string key = read_string();
    auto type = read_number<uint32_t>();
    auto value = type == gguf_list ? read_list(key) : read_scalar(key, type);
    if (key == gguf_alignment_key) set_alignment(value);
    return {std::move(key), std::move(value)};
  }

  GGUFMetaData read_scalar(const std::string& key, uint32_t type) {
    if (type == gguf_string) return read_string();
    return read_values(key, type, Shape{});
  }

  GGUFMetaData read_list(const std::string& key) {
    auto type = read_number<uint32_t>();
    uint64_t count = read_count();
    if (type == gguf_string) {
      std::vector<std::string> strings;
      for (uint64_t i = 0; i < count; ++i) strings.push_back(read_string());
      return strings;
    }
    if (type == gguf_list) fail("the value of ", quoted(key), " has lists in a list");
    // Each element has a byte at least.
    if (count > cursor_.remaining() || count > uint64_t(std::numeric_limits<ShapeElem>::max()))
      fail("the list ", quoted(key), " of ", count, " values ends outside of it");
    return read_values(key, type, Shape{ShapeElem(count)});
  }

  array read_values(const std::string& key, uint32_t type, Shape shape) {
    Dtype dtype = value_dtype(key, type);
    CheckedShape checked;
    std::vector<uint64_t> sizes(shape.begin(), shape.end());
    if (!check_shape(sizes, dtype.size(), checked) || checked.bytes > cursor_.remaining())
      fail("the value of ", quoted(key), " ends outside of it");
    allocator::Buffer buffer = allocator::malloc(checked.bytes);
    array values(buffer, std::move(shape), dtype);
    auto* bytes = values.data<uint8_t>();
    read_bytes(bytes, checked.bytes);
    // C++ gives no meaning to other values of a bool.
    if (dtype == bool_)
      for (size_t i = 0; i < checked.bytes; ++i) bytes[i] = bytes[i] != 0;
    return values;
  }

  Dtype value_dtype(const std::string& key, uint32_t type) const {
    for (auto& row : dtype_table::rows)
      if (row.gguf_value == type) return row.dtype;
    fail("the value of ", quoted(key), " has the unknown type ", type);
  }

  void set_alignment(const GGUFMetaData& value) {
    auto* number = std::get_if<array>(&value);
    if (!number || number->dtype() != uint32 || number->ndim() != 0)
      fail("its alignment is no number of 32 bits");
    alignment_ = number->item<uint32_t>();
    if (alignment_ == 0 || alignment_ > gguf_most_alignment) fail("its alignment is ", alignment_);
  }

  GgufTensor read_tensor() {
    GgufTensor tensor;
    tensor.name = read_string();
    uint32_t dimensions = read_number<uint32_t>();
    if (dimensions > gguf_most_dimensions)
      fail(quoted(tensor.name), " has ", dimensions, " dimensions; at most ", gguf_most_dimensions,
           " are known");
    // The format names the fastest dimension first.
    std::vector<uint64_t> sizes(dimensions);
    for (size_t i = dimensions; i-- > 0;) sizes[i] = read_count();
    set_type(tensor, read_number<uint32_t>());
    CheckedShape checked;
    // Packed elements take at least a quarter of a byte.
    if (!check_shape(sizes, tensor.blocks ? 1 : tensor.dtype.size(), checked))
      fail("the shape of ", quoted(tensor.name), " is too large");
    tensor.shape = std::move(checked.shape);
    if (tensor.blocks &&
        (tensor.shape.empty() || tensor.shape.back() % ShapeElem(tensor.blocks->values) != 0))
      fail(quoted(tensor.name), " of shape ", tensor.shape, " is packed in blocks of ",
           tensor.blocks->values, " along the last axis");
    tensor.offset = read_number<uint64_t>();
    return tensor;
  }

  void set_type(GgufTensor& tensor, uint32_t type) const {
    for (auto& row : dtype_table::rows)
      if (row.gguf_tensor == type) {
        tensor.dtype = row.dtype;
        return;
      }
    tensor.blocks = find_gguf_block_format(type);
    if (tensor.blocks) return;
    for (auto& [known, name] : unsupported_types)
      if (known == type)
        throw_unsupported("load", source_.name(), quoted(tensor.name), " has the type ", type, ", ",
                          name, ", which is not supported");
    fail(quoted(tensor.name), " has the unknown type ", type);
  }

  static uint64_t bytes_of(const GgufTensor& tensor) {
    uint64_t values = 1;
    for (auto size : tensor.shape) values *= uint64_t(size);
    return tensor.blocks ? values / tensor.blocks->values * tensor.blocks->bytes
                         : values * tensor.dtype.size();
  }

  /// Offsets count from where the data begin, after the header.
  void place_tensors(std::vector<GgufTensor>& tensors) const {
    uint64_t begin = aligned(cursor_.position(), alignment_);
    for (auto& tensor : tensors) {
      uint64_t bytes = bytes_of(tensor);
      uint64_t available = source_.size() > begin ? source_.size() - begin : 0;
      if (tensor.offset > available || bytes > available - tensor.offset)
        fail(quoted(tensor.name), " of ", bytes, " bytes at byte ", tensor.offset,
             " ends outside of ", available, " bytes of data");
      tensor.offset += begin;
    }
  }

  const ByteSource& source_;
  ByteCursor cursor_;
  uint32_t version_ = 0;
  uint32_t alignment_ = gguf_default_alignment;
};

}  // namespace

GgufHeader read_gguf_header(const ByteSource& source) { return GgufHeaderReader(source).read(); }

}  // namespace mlx::core::io
