#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <string>

#include "exit_scenarios.h"

int main(int argc, char** argv) {
  if (argc == 3 && std::string(argv[1]) == exit_scenario_option) {
    start_exit_scenario(argv[2]);
    return 0;
  }
  test_program = argv[0];
  return doctest::Context(argc, argv).run();
}
