#include "errors.h"

#include <new>

#include "array/number_text.h"
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

std::string written_out(double number) { return core::number_text(number); }

}  // namespace mlx::addon
