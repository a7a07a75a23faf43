// Puts what C++ programs need into one folder, as `cmake --install` would: headers, the library, and
// the files by which CMake's find_package(mlx) and pkg-config find them. The folder can be moved.
import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asmjitFlags } from './asmjit-flags.mjs';

/** What programs are linked with beside the engine itself. */
export function engineLibraries() {
  const system =
    process.platform === 'darwin'
      ? ['-framework', 'Accelerate', '-L/opt/homebrew/lib', '-lhwy_contrib', '-lhwy', '-lz']
      : ['-lopenblas', '-lhwy_contrib', '-lhwy', '-l:libz.a', '-lpthread'];
  return [...system, ...asmjitFlags()];
}

/** Makes the folder from `native`, which was built. */
export function writeCppPackage(native, folder) {
  const version = versionOfHeaders(join(native, 'include'));
  const libraries = engineLibraries();
  rmSync(folder, { recursive: true, force: true });
  for (const path of ['lib/cmake/mlx', 'lib/pkgconfig'])
    mkdirSync(join(folder, path), { recursive: true });
  cpSync(join(native, 'include'), join(folder, 'include'), { recursive: true });
  copyFileSync(join(native, 'build', 'Release', 'mlx.a'), join(folder, 'lib', 'libmlx.a'));
  copyFileSync(join(native, '..', 'LICENSE'), join(folder, 'LICENSE'));
  const inCMake = join(folder, 'lib', 'cmake', 'mlx');
  writeFileSync(join(inCMake, 'mlx-config.cmake'), cmakeConfig(libraries));
  writeFileSync(join(inCMake, 'mlx-config-version.cmake'), cmakeVersion(version));
  writeFileSync(join(folder, 'lib', 'pkgconfig', 'mlx.pc'), pkgConfig(version, libraries));
}

/** The version of MLX that the headers name. */
function versionOfHeaders(include) {
  const text = readFileSync(join(include, 'mlx', 'version.h'), 'utf8');
  return ['MAJOR', 'MINOR', 'PATCH']
    .map((part) => new RegExp(`MLX_VERSION_${part} (\\d+)`).exec(text)[1])
    .join('.');
}

/** find_package(mlx) and find_package(MLX) both look for a file of this name. */
function cmakeConfig(libraries) {
  return `# Defines the target mlx: the engine, its headers and what it is linked with.
get_filename_component(MLX_PREFIX "\${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
set(MLX_FOUND TRUE)
set(MLX_INCLUDE_DIRS "\${MLX_PREFIX}/include")
set(MLX_LIBRARIES mlx)
if(NOT TARGET mlx)
  add_library(mlx STATIC IMPORTED GLOBAL)
  set_target_properties(mlx PROPERTIES
    IMPORTED_LOCATION "\${MLX_PREFIX}/lib/libmlx.a"
    INTERFACE_INCLUDE_DIRECTORIES "\${MLX_INCLUDE_DIRS}"
    INTERFACE_COMPILE_FEATURES cxx_std_20
    INTERFACE_LINK_LIBRARIES "${libraries.join(';')}")
  add_library(mlx::mlx ALIAS mlx)
endif()
`;
}

function cmakeVersion(version) {
  return `set(PACKAGE_VERSION ${version})
if(PACKAGE_FIND_VERSION VERSION_GREATER PACKAGE_VERSION)
  set(PACKAGE_VERSION_COMPATIBLE FALSE)
else()
  set(PACKAGE_VERSION_COMPATIBLE TRUE)
  if(PACKAGE_FIND_VERSION VERSION_EQUAL PACKAGE_VERSION)
    set(PACKAGE_VERSION_EXACT TRUE)
  endif()
endif()
`;
}

function pkgConfig(version, libraries) {
  return `prefix=\${pcfiledir}/../..

Name: mlx
Description: Arrays, automatic differentiation and neural networks
Version: ${version}
Cflags: -std=c++20 -I\${prefix}/include
Libs: \${prefix}/lib/libmlx.a ${libraries.join(' ')}
`;
}
