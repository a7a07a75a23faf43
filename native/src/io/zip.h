#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "io/byte_source.h"

namespace mlx::core::io {

// What readers and writers of ZIP archives share: the records of PKWARE's APPNOTE.TXT 6.3.

namespace zip {

inline constexpr uint32_t local_signature = 0x04034b50;
inline constexpr uint32_t entry_signature = 0x02014b50;
inline constexpr uint32_t end_signature = 0x06054b50;
inline constexpr uint32_t zip64_end_signature = 0x06064b50;
inline constexpr uint32_t zip64_locator_signature = 0x07064b50;
inline constexpr size_t local_bytes = 30;
inline constexpr size_t entry_bytes = 46;
inline constexpr size_t end_bytes = 22;
inline constexpr size_t zip64_end_bytes = 56;
inline constexpr size_t zip64_locator_bytes = 20;
/// The extra field with sizes of 64 bits, and what stands in their places where it is present.
inline constexpr uint16_t zip64_field = 1;
inline constexpr uint32_t in_zip64_field = 0xffffffff;
inline constexpr uint16_t stored = 0;
inline constexpr uint16_t deflated = 8;
inline constexpr uint16_t encrypted_flag = 1;
inline constexpr uint16_t utf8_flag = 1 << 11;

}  // namespace zip

/// A file in an archive.
struct ZipEntry {
  std::string name;
  /// Why its bytes can't be read, or nothing.
  std::string fault;
  bool is_deflated;
  uint32_t crc;
  uint64_t stored_bytes, bytes;
  /// Where its local header begins, and where its bytes do.
  uint64_t header_offset, data_offset;
};

/// The entries of an archive, checked against the file: EngineError unless they lie in it without
/// overlaps and have sizes that their bytes can give.
std::vector<ZipEntry> read_zip_directory(const ByteSource& archive);

/// An entry's bytes; EngineError where it has a fault. Whoever reads it to its end has its checksum
/// compared.
std::shared_ptr<const ByteSource> open_zip_entry(std::shared_ptr<const ByteSource> archive,
                                                 ZipEntry entry);

}  // namespace mlx::core::io
