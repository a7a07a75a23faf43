// The compiler's entry points, with the signatures of NVIDIA's "NVRTC" manual, 13.0.
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>

#include "settings.h"

using fake_cuda::setting;

namespace {

/// As the real one, it takes itself down when the process ends, from its first use on.
std::atomic<bool> is_down{false};
void take_down_at_exit() {
  [[maybe_unused]] static const int registered = std::atexit([] { is_down = true; });
}

const char* const words = "fake.cu(1): error: refused on purpose";
const char image[] = "a kernel that does nothing";

}  // namespace

#pragma GCC visibility push(default)
extern "C" {

int nvrtcVersion(int* major, int* minor) {
  *major = 13;
  *minor = 0;
  return 0;
}
int nvrtcCreateProgram(void** program, const char*, const char*, int, const char* const*,
                       const char* const*) {
  *program = new char;
  return 0;
}
int nvrtcCompileProgram(void*, int, const char* const*) {
  take_down_at_exit();
  fake_cuda::log("compile");
  std::this_thread::sleep_for(std::chrono::milliseconds(setting("FAKE_NVRTC_MS", 0)));
  if (is_down) std::abort();
  return int(setting("FAKE_NVRTC_STATUS", 0));
}
int nvrtcGetCUBINSize(void*, size_t* size) {
  *size = sizeof(image);
  return 0;
}
int nvrtcGetCUBIN(void*, char* to) {
  std::memcpy(to, image, sizeof(image));
  return 0;
}
int nvrtcGetPTXSize(void* program, size_t* size) { return nvrtcGetCUBINSize(program, size); }
int nvrtcGetPTX(void* program, char* to) { return nvrtcGetCUBIN(program, to); }
int nvrtcGetProgramLogSize(void*, size_t* size) {
  *size = std::strlen(words) + 1;
  return 0;
}
int nvrtcGetProgramLog(void*, char* to) {
  std::strcpy(to, words);
  return 0;
}
int nvrtcDestroyProgram(void** program) {
  delete static_cast<char*>(*program);
  *program = nullptr;
  return 0;
}
int nvrtcGetNumSupportedArchs(int* count) {
  *count = 1;
  return 0;
}
int nvrtcGetSupportedArchs(int* architectures) {
  *architectures = 90;
  return 0;
}

}  // extern "C"
#pragma GCC visibility pop
