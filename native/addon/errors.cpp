#include "errors.h"

#include <charconv>
#include <cmath>
#include <new>

#include "mlx/errors.h"

namespace mlx::addon {

ErrorRecord describe(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const core::ShapeError& e) {
    return {ErrorKind::shape, e.what()};
  } catch (const core::DtypeError& e) {
    return {ErrorKind::dtype, e.what()};
  } catch (const std::out_of_range& e) {
    return {ErrorKind::range, e.what()};
  } catch (const std::invalid_argument& e) {
    return {ErrorKind::type, e.what()};
  } catch (const std::bad_alloc&) {
    return {ErrorKind::engine,
            "[malloc] Out of memory. Free arrays, use smaller batches or lower the "
            "limits (set_memory_limit, set_cache_limit)."};
  } catch (const std::exception& e) {
    return {ErrorKind::engine, e.what()};
  } catch (...) {
    return {ErrorKind::engine, "An unknown error happened in the engine."};
  }
}

std::string written_out(double number) {
  // Doubles have up to 309 digits before the point.
  char text[512];
  bool is_whole = number == std::trunc(number) && std::abs(number) < 1e21;
  auto format = is_whole ? std::chars_format::fixed : std::chars_format::general;
  return {text, std::to_chars(text, text + sizeof(text), number, format).ptr};
}

}  // namespace mlx::addon
