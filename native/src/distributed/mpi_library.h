#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace mlx::core::distributed {

// Declarations of our own, so that no MPI header is needed to build and nothing is linked. Handles
// and the status are as Open MPI's mpi.h has had them from 1.7 to 5.0; the functions are those of
// the MPI standard, 3.1.

namespace mpi {

using Communicator = struct CommunicatorObject*;
using Datatype = struct DatatypeObject*;
using ErrorHandler = struct ErrorHandlerObject*;
using Request = struct RequestObject*;

struct Status {
  int source, tag, error, cancelled;
  size_t bytes;
  /// For versions that would add to it.
  uint64_t reserved[4];
};

constexpr int success = 0, thread_serialized = 2, thread_multiple = 3;

}  // namespace mpi

// One row a function: the member, the symbol, the parameters.
#define MLX_MPI_FUNCTIONS(X)                                                             \
  X(version, MPI_Get_library_version, (char* text, int* length))                         \
  X(is_initialized, MPI_Initialized, (int* flag))                                        \
  X(init, MPI_Init_thread, (int* argc, char*** argv, int wanted, int* provided))         \
  X(query_thread, MPI_Query_thread, (int* provided))                                     \
  X(finalize, MPI_Finalize, ())                                                          \
  X(set_error_handler, MPI_Comm_set_errhandler,                                          \
    (mpi::Communicator communicator, mpi::ErrorHandler handler))                         \
  X(duplicate, MPI_Comm_dup, (mpi::Communicator communicator, mpi::Communicator * copy)) \
  X(rank, MPI_Comm_rank, (mpi::Communicator communicator, int* rank))                    \
  X(size, MPI_Comm_size, (mpi::Communicator communicator, int* size))                    \
  X(send, MPI_Isend,                                                                     \
    (const void* bytes, int count, mpi::Datatype type, int to, int tag,                  \
     mpi::Communicator communicator, mpi::Request* request))                             \
  X(receive, MPI_Irecv,                                                                  \
    (void* bytes, int count, mpi::Datatype type, int from, int tag,                      \
     mpi::Communicator communicator, mpi::Request* request))                             \
  X(test, MPI_Test, (mpi::Request * request, int* flag, mpi::Status* status))            \
  X(cancel, MPI_Cancel, (mpi::Request * request))                                        \
  X(error_text, MPI_Error_string, (int error, char* text, int* length))

/// Open MPI's entry points, found at run time.
struct MpiLibrary {
#define X(member, symbol, parameters) int(*member) parameters = nullptr;
  MLX_MPI_FUNCTIONS(X)
#undef X
  mpi::Communicator world = nullptr;
  mpi::Datatype byte = nullptr;
  mpi::ErrorHandler errors_return = nullptr;

  /// "Message truncated", of a function's result.
  std::string describe(int error) const;
};

/// The library: the file that MLX_MPI_LIBNAME names, or Open MPI where the system keeps libraries.
/// Null when there is none, and then `reason` says why, in a sentence.
const MpiLibrary* find_mpi(std::string* reason = nullptr);

}  // namespace mlx::core::distributed
