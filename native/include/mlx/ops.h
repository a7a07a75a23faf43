#pragma once

// Operations on arrays, by family. Every operation makes a graph node; nothing is computed before
// evaluation. The last parameter says where it will run.
#include "mlx/ops/conv.h"
#include "mlx/ops/creation.h"
#include "mlx/ops/elementwise.h"
#include "mlx/ops/hadamard.h"
#include "mlx/ops/index.h"
#include "mlx/ops/matmul.h"
#include "mlx/ops/products.h"
#include "mlx/ops/quantized.h"
#include "mlx/ops/reduce.h"
#include "mlx/ops/scan.h"
#include "mlx/ops/shape.h"
#include "mlx/ops/softmax.h"
#include "mlx/ops/sort.h"
#include "mlx/ops/window.h"
