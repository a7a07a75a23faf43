#include "io/caller_streams.h"

#include "mlx/errors.h"

namespace mlx::core::io {

ReaderSource::ReaderSource(std::shared_ptr<Reader> reader) : reader_(std::move(reader)) {
  if (!reader_) throw std::invalid_argument("[load] The reader is null.");
  name_ = reader_->label();
  if (!reader_->is_open() || !reader_->good())
    throw EngineError("[load] " + name_ + " is not open for reading.");
  begin_ = reader_->tell();
  reader_->seek(0, std::ios_base::end);
  uint64_t end = reader_->tell();
  reader_->seek(int64_t(begin_));
  if (!reader_->good() || end < begin_)
    throw EngineError("[load] Can't find the end of " + name_ + ".");
  size_ = end - begin_;
}

void ReaderSource::read(uint64_t offset, void* out, size_t bytes) const {
  if (bytes == 0) return;
  std::lock_guard lock(mutex_);
  reader_->read(static_cast<char*>(out), bytes, begin_ + offset);
  if (!reader_->good()) throw EngineError("[load] Can't read " + name_ + ".");
}

WriterSink::WriterSink(std::shared_ptr<Writer> writer) : writer_(std::move(writer)) {
  if (!writer_) throw std::invalid_argument("[save] The writer is null.");
  if (!writer_->is_open() || !writer_->good())
    throw EngineError("[save] " + writer_->label() + " is not open for writing.");
}

void WriterSink::write(const void* data, size_t bytes) {
  if (bytes > 0) writer_->write(static_cast<const char*>(data), bytes);
  if (!writer_->good()) throw EngineError("[save] Can't write " + writer_->label() + ".");
}

}  // namespace mlx::core::io
