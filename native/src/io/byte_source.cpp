#include "io/byte_source.h"

#include "runtime/thread_pool.h"

namespace mlx::core::io {

void ByteSource::read_array(uint64_t offset, void* out, size_t bytes) const {
  // Several threads, because copying out of the page cache takes longer than memory needs.
  parallel_for(bytes, bytes_per_read, [&](size_t begin, size_t end) {
    read(offset + begin, static_cast<char*>(out) + begin, end - begin);
  });
}

}  // namespace mlx::core::io
