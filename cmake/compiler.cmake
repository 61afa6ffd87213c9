# What every target is compiled with: link your target to troupe::compiler.
add_library(troupe_compiler INTERFACE)
add_library(troupe::compiler ALIAS troupe_compiler)

target_compile_options(troupe_compiler INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Wcast-qual
  -Wno-error=deprecated-declarations -Werror -fno-omit-frame-pointer)
target_compile_definitions(troupe_compiler INTERFACE
  CAF_ENABLE_TYPE_ID_CHECKS
  BOOST_ASIO_NO_DEPRECATED
  BOOST_ASIO_DISABLE_VISIBILITY)

if(TROUPE_SANITIZE)
  # Without what costs a quarter of the time and sees little more: a null pointer and the end of an object are
  # the address sanitizer's, and the fuzzers are compiled with all of it.
  target_compile_options(troupe_compiler INTERFACE
    -fsanitize=address,undefined -fno-sanitize=null,alignment,object-size -fno-sanitize-recover=undefined)
  target_link_options(troupe_compiler INTERFACE -fsanitize=address,undefined)
endif()

if(CMAKE_UNITY_BUILD)
  # Files that are compiled together: one may hide what another has in its unnamed namespace. The
  # other builds, which compile each on its own, have these warnings on.
  target_compile_options(troupe_compiler INTERFACE -Wno-shadow -Wno-subobject-linkage)
endif()

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Precompiled headers carry time stamps; without this sloppiness ccache would never hit. Paths below
  # the project are made relative, and the build folder is no part of the key: what one clone has
  # compiled serves the next. What a file includes is learnt from the compiler, so that nothing is
  # preprocessed twice.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
    CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 CCACHE_DEPEND=1 ${CCACHE})
  target_compile_options(troupe_compiler INTERFACE -fpch-preprocess)
endif()
