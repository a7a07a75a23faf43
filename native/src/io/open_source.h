#pragma once

#include "io/caller_streams.h"
#include "io/file_reader.h"
#include "mlx/io_impl.h"

namespace mlx::core::io {

inline std::shared_ptr<const ByteSource> open_source(const detail::FileSource& file) {
  if (auto* name = std::get_if<std::string>(&file)) return FileReader::open(*name);
  return std::make_shared<ReaderSource>(std::get<std::shared_ptr<Reader>>(file));
}

}  // namespace mlx::core::io
