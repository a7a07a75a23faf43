#include "io/npy.h"

#include "array/raw_booleans.h"
#include "io/atomic_file.h"
#include "io/load.h"
#include "io/open_source.h"
#include "mlx/io.h"
#include "mlx/ops.h"
#include "runtime/cpu_stream.h"

namespace mlx::core {
namespace io {

array load_npy(std::shared_ptr<const ByteSource> source, Stream stream) {
  NpyHeader header = read_npy_header(*source);
  Shape stored = header.shape;
  if (header.fortran_order) std::reverse(stored.begin(), stored.end());
  auto primitive = std::make_shared<Load>(stream, std::move(source), header.data_offset, stored,
                                          header.swap_endianness);
  array loaded(stored, header.dtype, std::move(primitive), {});
  return header.fortran_order ? transpose(loaded, stream) : loaded;
}

NpyFile::NpyFile(array a) : a_(std::move(a)) {
  a_.eval();
  a_ = plain_booleans(a_);
  // As NumPy does, so that a transposed matrix needs no copy.
  fortran_order_ = a_.flags().col_contiguous && !a_.flags().row_contiguous;
  header_ = make_npy_header(a_.dtype(), a_.shape(), fortran_order_);
}

void NpyFile::write(ByteSink& sink) const {
  sink.write(std::string_view(header_));
  if (fortran_order_)
    sink.write(a_.data<void>(), a_.nbytes());
  else
    write_row_major(sink, a_);
}

}  // namespace io

void save(std::string name, array a) {
  io::NpyFile contents(std::move(a));
  io::AtomicFile file("save", io::with_suffix(std::move(name), ".npy"));
  contents.write(file);
  file.commit();
}

void save(std::shared_ptr<io::Writer> out_stream, array a) {
  io::NpyFile contents(std::move(a));
  io::WriterSink sink(std::move(out_stream));
  contents.write(sink);
}

array load(std::string name, StreamOrDevice s) {
  return io::load_npy(io::open_source(std::move(name)), cpu_stream("load", s));
}

array load(std::shared_ptr<io::Reader> in_stream, StreamOrDevice s) {
  return io::load_npy(io::open_source(std::move(in_stream)), cpu_stream("load", s));
}

}  // namespace mlx::core
