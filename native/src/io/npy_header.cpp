#include <optional>

#include "io/header_checks.h"
#include "io/npy.h"

namespace mlx::core::io {
namespace {

constexpr std::string_view magic = "\x93NUMPY";
/// The magic and two bytes of version.
constexpr size_t prefix_bytes = magic.size() + 2;
constexpr size_t alignment = 64;
/// Much more than the format's three entries need.
constexpr uint64_t most_header_bytes = 1 << 20;

/// Reads the header's text, a Python dictionary of three entries.
class NpyHeaderReader {
 public:
  explicit NpyHeaderReader(const ByteSource& source) : source_(source) {}

  NpyHeader read() {
    text_ = read_text();
    read_dictionary();
    if (!descr_ || !fortran_order_ || !sizes_)
      fail("the header lacks one of descr, fortran_order and shape");
    NpyHeader header;
    set_dtype(header);
    header.fortran_order = *fortran_order_;
    CheckedShape checked;
    if (!check_shape(*sizes_, header.dtype.size(), checked)) fail("its shape is too large");
    header.shape = std::move(checked.shape);
    header.data_offset = data_offset_;
    uint64_t available = source_.size() - data_offset_;
    if (checked.bytes > available)
      fail("shape ", header.shape, " and dtype ", header.dtype, " need ", checked.bytes,
           " bytes but there are ", available);
    return header;
  }

 private:
  template <typename... Parts>
  [[noreturn]] void fail(const Parts&... parts) const {
    throw_unsound("load", source_.name(), "npy", parts...);
  }

  std::string read_text() {
    uint8_t begin[prefix_bytes + 4] = {};
    if (source_.size() < prefix_bytes) fail("it has ", source_.size(), " bytes");
    source_.read(0, begin, prefix_bytes);
    if (std::string_view(reinterpret_cast<char*>(begin), magic.size()) != magic)
      fail("it doesn't begin as one");
    int version = begin[magic.size()];
    if (version < 1 || version > 3) fail("its version is ", version, "; known are 1 to 3");
    size_t length_bytes = version == 1 ? 2 : 4;
    if (source_.size() < prefix_bytes + length_bytes) fail("it ends within the header");
    source_.read(prefix_bytes, begin + prefix_bytes, length_bytes);
    uint64_t length = 0;
    for (size_t i = length_bytes; i-- > 0;) length = length << 8 | begin[prefix_bytes + i];
    data_offset_ = prefix_bytes + length_bytes + length;
    if (data_offset_ > source_.size())
      fail("a header of ", length, " bytes doesn't fit into ", source_.size(), " bytes");
    if (length > most_header_bytes)
      fail("a header of ", length, " bytes is over the limit of ", most_header_bytes);
    std::string text(length, '\0');
    source_.read(prefix_bytes + length_bytes, text.data(), length);
    return text;
  }

  void read_dictionary() {
    expect('{');
    while (!accept('}')) {
      std::string key = read_string();
      expect(':');
      if (key == "descr" && !descr_)
        descr_ = read_descr();
      else if (key == "fortran_order" && !fortran_order_)
        fortran_order_ = read_truth();
      else if (key == "shape" && !sizes_)
        sizes_ = read_sizes();
      else
        fail("its header has the entry ", quoted(key), " which is unknown or stands twice");
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    skip_space();
    if (at_ != text_.size()) fail("its header goes on after the dictionary");
  }

  std::string read_descr() {
    skip_space();
    if (at_ < text_.size() && (text_[at_] == '[' || text_[at_] == '('))
      fail("its elements have fields, which arrays here can't have");
    return read_string();
  }

  void set_dtype(NpyHeader& header) const {
    std::string code = *descr_;
    // "=" would be the order of a machine that nobody knows.
    if (code.starts_with('>')) {
      header.swap_endianness = true;
      code[0] = '<';
    }
    if (code == "|V2") code = "<V2";
    try {
      header.dtype = dtype_from_array_protocol(code);
    } catch (const DtypeError&) {
      fail("no dtype holds its elements, of the type ", quoted(*descr_));
    }
  }

  bool read_truth() {
    skip_space();
    for (bool truth : {false, true}) {
      std::string_view word = truth ? "True" : "False";
      if (std::string_view(text_).substr(at_).starts_with(word)) {
        at_ += word.size();
        return truth;
      }
    }
    fail("its fortran_order is neither True nor False");
  }

  std::vector<uint64_t> read_sizes() {
    std::vector<uint64_t> sizes;
    expect('(');
    while (!accept(')')) {
      sizes.push_back(read_size());
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    return sizes;
  }

  uint64_t read_size() {
    skip_space();
    uint64_t size = 0;
    size_t begin = at_;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_)
      if (__builtin_mul_overflow(size, 10, &size) ||
          __builtin_add_overflow(size, uint64_t(text_[at_] - '0'), &size))
        fail("its shape is too large");
    if (at_ == begin) fail("its shape holds something that is not a size");
    // Python 2 marked long integers.
    if (at_ < text_.size() && text_[at_] == 'L') ++at_;
    return size;
  }

  std::string read_string() {
    skip_space();
    char quote = at_ < text_.size() ? text_[at_] : '\0';
    size_t end = quote == '\'' || quote == '"' ? text_.find(quote, at_ + 1) : std::string::npos;
    if (end == std::string::npos) fail("its header is no dictionary of strings");
    std::string result = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    return result;
  }

  void skip_space() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string::npos)
      ++at_;
  }

  bool accept(char mark) {
    skip_space();
    if (at_ == text_.size() || text_[at_] != mark) return false;
    ++at_;
    return true;
  }

  void expect(char mark) {
    if (!accept(mark)) fail("its header is no dictionary: there is no ", mark, " at byte ", at_);
  }

  const ByteSource& source_;
  std::string text_;
  size_t at_ = 0;
  uint64_t data_offset_ = 0;
  std::optional<std::string> descr_;
  std::optional<bool> fortran_order_;
  std::optional<std::vector<uint64_t>> sizes_;
};

std::string shape_text(const Shape& shape) {
  std::string text = "(";
  for (size_t i = 0; i < shape.size(); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + (shape.size() == 1 ? ",)" : ")");
}

}  // namespace

NpyHeader read_npy_header(const ByteSource& source) { return NpyHeaderReader(source).read(); }

std::string make_npy_header(Dtype dtype, const Shape& shape, bool fortran_order) {
  std::string text = "{'descr': '" + dtype_to_array_protocol(dtype) +
                     "', 'fortran_order': " + (fortran_order ? "True" : "False") +
                     ", 'shape': " + shape_text(shape) + ", }";
  if (shape.size() > 0) {
    // NumPy leaves room for a slowest axis of 20 digits, so that a file can grow in place.
    constexpr size_t room = 21;
    text.append(room - std::to_string(fortran_order ? shape.back() : shape[0]).size(), ' ');
  }
  // The length of version 1 has two bytes.
  constexpr size_t most_of_version_1 = 65535 - alignment;
  bool is_long = text.size() > most_of_version_1;
  size_t length_bytes = is_long ? 4 : 2;
  size_t unpadded = prefix_bytes + length_bytes + text.size() + 1;
  text.append(alignment - unpadded % alignment, ' ');
  text += '\n';
  std::string header(magic);
  header += is_long ? '\2' : '\1';
  header += '\0';
  for (size_t i = 0; i < length_bytes; ++i) header += char(text.size() >> (8 * i));
  return header + text;
}

}  // namespace mlx::core::io
