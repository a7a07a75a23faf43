#include <doctest/doctest.h>

#include <cstdlib>
#include <string>

#include "exit_scenarios.h"

TEST_CASE("leaving main while others are at work neither hangs nor crashes") {
  for (std::string scenario :
       {"busy streams", "busy BLAS", "idle pool", "waiting task", "late destructors"}) {
    CAPTURE(scenario);
    std::string command = "'" + test_program + "' " + exit_scenario_option + " '" + scenario + "'";
    CHECK(std::system(command.c_str()) == 0);
  }
}
