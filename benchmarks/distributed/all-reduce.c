/* What MPI_Allreduce reaches: the median time of a sum of so many floats, and of one of a single
 * float, in microseconds. */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

static int compare(const void* a, const void* b) {
  double x = *(const double*)a, y = *(const double*)b;
  return (x > y) - (x < y);
}

static double median_of(float* in, float* out, int count, int rounds) {
  double* times = malloc(sizeof(double) * rounds);
  for (int i = 0; i < rounds; ++i) {
    double start = MPI_Wtime();
    MPI_Allreduce(in, out, count, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
    times[i] = MPI_Wtime() - start;
  }
  qsort(times, rounds, sizeof(double), compare);
  double median = times[rounds / 2] * 1e6;
  free(times);
  return median;
}

int main(int argc, char** argv) {
  MPI_Init(&argc, &argv);
  int rank, count = atoi(argv[1]), rounds = atoi(argv[2]);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  float *in = malloc(sizeof(float) * count), *out = malloc(sizeof(float) * count);
  for (int i = 0; i < count; ++i) in[i] = 1, out[i] = 0;
  median_of(in, out, count, 2);
  double large = median_of(in, out, count, rounds), small = median_of(in, out, 1, 100 * rounds);
  if (rank == 0) printf("%.1f %.1f\n", large, small);
  MPI_Finalize();
  return 0;
}
