#pragma once

#include <string>

/// Tests of leaving main need a process of their own: the test program itself, run with this option
/// and a scenario's name.
inline constexpr const char* exit_scenario_option = "--exit-scenario";
inline std::string test_program;

/// Starts what the scenario has running while main returns.
void start_exit_scenario(const std::string& name);
