{
  "variables": {
    # Homebrew's prefix on macOS; elsewhere the compiler knows its paths.
    "prefix%": "/opt/homebrew",
    # "address,undefined" or "thread": scripts/build-sanitized.mjs passes it.
    "sanitizer%": "",
    # How the engine and the addon are compiled, "files" or "groups": scripts/list-sources.mjs.
    "units%": "files"
  },
  "target_defaults": {
    "include_dirs": ["include", "src"],
    "cflags_cc!": ["-fno-exceptions", "-fno-rtti", "-std=gnu++17", "-std=gnu++20"],
    "cflags_cc": [
      "-std=c++20", "-fexceptions", "-frtti", "-fPIC", "-fvisibility=hidden", "-Wall", "-Wextra"
    ],
    # Contraction and math-errno decide about results and speed: engine.md, "Fused equals unfused".
    "cflags": ["-O3", "-ffp-contract=off", "-fno-math-errno"],
    "xcode_settings": {
      "CLANG_CXX_LANGUAGE_STANDARD": "c++20",
      "CLANG_CXX_LIBRARY": "libc++",
      "GCC_ENABLE_CPP_EXCEPTIONS": "YES",
      "GCC_ENABLE_CPP_RTTI": "YES",
      "GCC_OPTIMIZATION_LEVEL": "3",
      "GCC_SYMBOLS_PRIVATE_EXTERN": "YES",
      "MACOSX_DEPLOYMENT_TARGET": "14.0",
      "OTHER_CFLAGS": ["-ffp-contract=off", "-fno-math-errno", "-I<(prefix)/include"],
      "OTHER_LDFLAGS": ["-L<(prefix)/lib"]
    },
    "conditions": [
      # Highway's functions for NEON are compiled for this and are inlined into nothing else. What it
      # adds to the baseline is used by nothing here.
      ["OS=='linux' and target_arch=='arm64'", {"cflags": ["-march=armv8-a+crypto"]}],
      ["sanitizer!=''", {
        # The last -O counts. Without recovery a finding ends the program, so no test hides it.
        "cflags!": ["-fomit-frame-pointer"],
        "cflags_cc": [
          "-O1", "-g", "-fno-omit-frame-pointer", "-fsanitize=<(sanitizer)",
          "-fno-sanitize-recover=all"
        ],
        "ldflags": ["-fsanitize=<(sanitizer)"]
      }]
    ]
  },
  "targets": [
    {
      "target_name": "mlx",
      "type": "static_library",
      "standalone_static_library": 1,
      # Node has headers of a zlib of its own there.
      "include_dirs!": ["<(node_root_dir)/include/node", "<(node_root_dir)/deps/zlib"],
      "sources": [
        "<!@(node scripts/list-sources.mjs src <(units))",
        "<!@(node scripts/embed-kernels.mjs)"
      ],
      "direct_dependent_settings": {
        "conditions": [
          ["OS=='linux'", {
            "libraries": [
              "-lopenblas", "-lhwy_contrib", "-lhwy", "-l:libz.a", "-lpthread",
              "<!@(node scripts/asmjit-flags.mjs)"
            ]
          }],
          ["OS=='mac'", {
            "libraries": ["-framework Accelerate", "-lhwy_contrib", "-lhwy", "-lz"]
          }]
        ]
      }
    },
    {
      "target_name": "mlx_addon",
      "type": "loadable_module",
      "product_name": "mlx",
      "product_extension": "node",
      "product_prefix": "",
      "dependencies": ["mlx"],
      "defines": ["NAPI_VERSION=8", "NODE_ADDON_API_CPP_EXCEPTIONS"],
      "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")"],
      # node-addon-api casts its callbacks.
      "cflags_cc": ["-Wno-cast-function-type"],
      "sources": ["<!@(node scripts/list-sources.mjs addon <(units))"],
      "conditions": [
        ["OS=='linux'", {
          # Its own copies of the shared libraries lie beside the addon; the threads of the engine
          # outlive the environment that loaded it, so it is never unloaded.
          "ldflags": [
            "-Wl,--disable-new-dtags", "-Wl,-rpath,'$$ORIGIN'", "-Wl,-z,nodelete",
            "-Wl,--version-script=<(module_root_dir)/addon/exports.map", "-static-libstdc++",
            "-Wl,--gc-sections"
          ]
        }]
      ]
    },
    {
      "target_name": "mlx_tests",
      "type": "executable",
      "dependencies": ["mlx"],
      # The engine's speed is not the tests' own; they compile in half the time.
      "cflags_cc": ["-O1"],
      # Small groups, so that a changed test is soon compiled.
      "sources": ["<!@(node scripts/list-sources.mjs tests <(units) 1200)"]
    },
    {
      # A GPU in the host's memory that the addon loads in tests: tests/gpu/README.md.
      "target_name": "mlx_test_gpu",
      "type": "loadable_module",
      "dependencies": ["mlx"],
      "cflags_cc": ["-O1"],
      "conditions": [
        ["OS=='linux'", {"ldflags": ["-Wl,--exclude-libs,ALL", "-Wl,--gc-sections"]}]
      ],
      "sources": [
        "tests/gpu/late_device.cpp",
        "<!@(node scripts/list-sources.mjs tests/gpu/emulator files)",
        "<!@(node scripts/list-sources.mjs tests/gpu/fake_metal files)",
        "<!@(node scripts/list-sources.mjs tests/gpu/library files)"
      ]
    },
    {
      # A CUDA driver and compiler without a card: fake_cuda/README.md.
      "target_name": "fake_cuda",
      "type": "shared_library",
      "sources": ["fake_cuda/cuda.cpp"]
    },
    {
      "target_name": "fake_nccl",
      "type": "shared_library",
      "sources": ["fake_cuda/nccl.cpp"]
    },
    {
      "target_name": "fake_nvrtc",
      "type": "shared_library",
      "sources": ["fake_cuda/nvrtc.cpp"]
    }
  ]
}
