#include "errors.h"

#include <new>
#include <string>

#include "mlx/errors.h"
#include "runtime/caching_allocator.h"

namespace mlx::addon {
namespace {

std::string out_of_memory() {
  return "[malloc] Out of memory: the system has no more for what the engine keeps beside arrays, "
         "with " +
         std::to_string(core::allocator::caching_allocator().active_memory()) +
         " bytes of arrays in use and a memory limit of " +
         std::to_string(core::allocator::caching_allocator().memory_limit()) +
         " bytes. Free arrays, use smaller batches or lower the limits (setMemoryLimit, "
         "setCacheLimit).";
}

ErrorRecord describe_whole(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const core::ShapeError& e) {
    return {ErrorKind::shape, e.what()};
  } catch (const core::DtypeError& e) {
    return {ErrorKind::dtype, e.what()};
  } catch (const core::IndexError& e) {
    return {ErrorKind::range, e.what()};
  } catch (const std::out_of_range& e) {
    return {ErrorKind::range, e.what()};
  } catch (const std::invalid_argument& e) {
    return {ErrorKind::type, e.what()};
  } catch (const std::bad_alloc&) {
    return {ErrorKind::engine, out_of_memory()};
  } catch (const std::exception& e) {
    return {ErrorKind::engine, e.what()};
  } catch (...) {
    return {ErrorKind::engine, "An unknown error happened in the engine."};
  }
}

}  // namespace

ErrorRecord describe(const std::exception_ptr& error) {
  try {
    return describe_whole(error);
  } catch (const std::bad_alloc&) {
    // Short enough for a string that allocates nothing.
    return {ErrorKind::engine, "Out of memory."};
  }
}

}  // namespace mlx::addon
