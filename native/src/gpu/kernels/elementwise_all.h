// All functions of float32.
#include "gpu/kernels/elementwise.h"
#include "gpu/kernels/error_function.h"
#include "gpu/kernels/power.h"
#include "gpu/kernels/trigonometric.h"
