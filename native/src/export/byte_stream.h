#pragma once

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include "array/dtype_table.h"
#include "mlx/array.h"
#include "primitives/conv.h"
#include "primitives/elementwise_op.h"

namespace mlx::core {

/// The number of values of an enumeration that files hold; they count from 0.
template <typename Enumeration>
inline constexpr int enumerator_count = -1;

/// Values as little-endian bytes.
class ByteWriter {
 public:
  template <typename T>
    requires std::is_arithmetic_v<T>
  void write(T value) {
    append(&value, sizeof(value));
  }
  void write(const std::string& text) {
    write(uint32_t(text.size()));
    append(text.data(), text.size());
  }
  template <typename T>
    requires std::is_enum_v<T>
  void write(T value) {
    write(uint8_t(value));
  }
  void write(Dtype dtype) { write(uint8_t(dtype.val())); }
  /// Operations go by name, so that new ones may be added anywhere.
  void write(ElementwiseOp op) { write(std::string(elementwise_op_name(op))); }
  template <typename T>
  void write(const std::vector<T>& list) {
    write_list(list);
  }
  void write(const Shape& shape) { write_list(shape); }
  void write(const Strides& strides) { write_list(strides); }
  void write(const ConvolutionParameters& p) {
    write_all(p.stride, p.padding_lo, p.padding_hi, p.kernel_dilation, p.input_dilation, p.groups,
              p.flip);
  }
  template <typename... T>
  void write_all(const T&... values) {
    (write(values), ...);
  }
  void append(const void* data, size_t bytes) {
    bytes_.append(static_cast<const char*>(data), bytes);
  }

  const std::string& bytes() const { return bytes_; }

 private:
  template <typename List>
  void write_list(const List& list) {
    write(uint32_t(list.size()));
    for (auto& element : list) write(element);
  }

  std::string bytes_;
};

/// Reads what a ByteWriter wrote. Throws std::out_of_range past the end, and std::invalid_argument
/// for values that nothing is written as.
class ByteReader {
 public:
  ByteReader(const char* data, size_t bytes) : at_(data), end_(data + bytes) {}

  template <typename T>
  T read() {
    T value{};
    read_into(value);
    return value;
  }
  Dtype read_dtype() {
    auto code = read<uint8_t>();
    if (code >= dtype_count) throw std::invalid_argument("an unknown dtype");
    return all_dtypes[code];
  }
  const char* take(size_t bytes) {
    if (size_t(end_ - at_) < bytes) throw std::out_of_range("its end is missing");
    return std::exchange(at_, at_ + bytes);
  }
  bool is_at_end() const { return at_ == end_; }

  template <typename T>
  void read_into(T& value) {
    if constexpr (std::is_same_v<T, ElementwiseOp>) {
      value = elementwise_op_named(read<std::string>());
    } else if constexpr (std::is_enum_v<T>) {
      static_assert(enumerator_count<T> > 0);
      auto code = read<uint8_t>();
      if (code >= enumerator_count<T>) throw std::invalid_argument("an unknown kind of a node");
      value = T(code);
    } else if constexpr (std::is_same_v<T, std::string>) {
      auto size = read<uint32_t>();
      value.assign(take(size), size);
    } else if constexpr (std::is_same_v<T, ConvolutionParameters>) {
      for (auto* list : {&value.stride, &value.padding_lo, &value.padding_hi,
                         &value.kernel_dilation, &value.input_dilation})
        read_into(*list);
      read_into(value.groups);
      read_into(value.flip);
    } else if constexpr (std::is_same_v<T, bool>) {
      value = read<uint8_t>() != 0;
    } else if constexpr (std::is_arithmetic_v<T>) {
      std::memcpy(&value, take(sizeof(T)), sizeof(T));
    } else {
      auto size = read<uint32_t>();
      value.clear();
      for (uint32_t i = 0; i < size; ++i) value.push_back(read<typename T::value_type>());
    }
  }

 private:
  static ElementwiseOp elementwise_op_named(const std::string& name);

  const char* at_;
  const char* end_;
};

template <>
inline Dtype ByteReader::read<Dtype>() {
  return read_dtype();
}

}  // namespace mlx::core
