#pragma once

#include <memory>
#include <string>

#include "io/byte_sink.h"
#include "io/byte_source.h"
#include "mlx/array.h"
#include "mlx/stream.h"

namespace mlx::core::io {

/// What an npy file says before its data.
struct NpyHeader {
  Dtype dtype = float32;
  Shape shape;
  /// The first axis varies fastest.
  bool fortran_order = false;
  bool swap_endianness = false;
  /// Where the data begin, counted from the source's begin.
  uint64_t data_offset = 0;
};

/// Reads the header and checks that the data are there. Bytes after them are nobody's.
NpyHeader read_npy_header(const ByteSource& source);

/// The file's bytes up to the data.
std::string make_npy_header(Dtype dtype, const Shape& shape, bool fortran_order);

/// The array of an npy file, whose values are read when they are needed.
array load_npy(std::shared_ptr<const ByteSource> source, Stream stream);

/// An array as an npy file holds it.
class NpyFile {
 public:
  /// Evaluates the array.
  explicit NpyFile(array a);
  uint64_t size() const { return header_.size() + a_.nbytes(); }
  void write(ByteSink& sink) const;

 private:
  array a_;
  bool fortran_order_;
  std::string header_;
};

}  // namespace mlx::core::io
