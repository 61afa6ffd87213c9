# Finds the C++ Actor Framework where the distribution ships no CMake package for it (0.17.x).
# Components: core io openssl. Targets: CAF::core CAF::io CAF::openssl. Sets CAF_VERSION.
find_package(CAF CONFIG QUIET COMPONENTS ${CAF_FIND_COMPONENTS})
if(CAF_FOUND AND TARGET CAF::core)
  return()
endif()

find_package(Threads REQUIRED)
find_path(CAF_INCLUDE_DIR caf/config.hpp)
mark_as_advanced(CAF_INCLUDE_DIR)

if(CAF_INCLUDE_DIR)
  file(STRINGS "${CAF_INCLUDE_DIR}/caf/config.hpp" caf_version_line REGEX "^#define CAF_VERSION [0-9]+")
  string(REGEX MATCH "[0-9]+$" caf_version_number "${caf_version_line}")
  if(caf_version_number)
    math(EXPR caf_major "${caf_version_number} / 10000")
    math(EXPR caf_minor "${caf_version_number} / 100 % 100")
    math(EXPR caf_patch "${caf_version_number} % 100")
    set(CAF_VERSION "${caf_major}.${caf_minor}.${caf_patch}")
  endif()
endif()

function(caf_import component)
  find_library(CAF_${component}_LIBRARY caf_${component})
  mark_as_advanced(CAF_${component}_LIBRARY)
  if(NOT CAF_${component}_LIBRARY)
    return()
  endif()
  set(CAF_${component}_FOUND TRUE PARENT_SCOPE)
  if(NOT TARGET CAF::${component})
    add_library(CAF::${component} UNKNOWN IMPORTED)
    set_target_properties(CAF::${component} PROPERTIES
      IMPORTED_LOCATION "${CAF_${component}_LIBRARY}"
      INTERFACE_INCLUDE_DIRECTORIES "${CAF_INCLUDE_DIR}"
      INTERFACE_LINK_LIBRARIES "${ARGN}")
  endif()
endfunction()

caf_import(core Threads::Threads)
if("io" IN_LIST CAF_FIND_COMPONENTS OR "openssl" IN_LIST CAF_FIND_COMPONENTS)
  caf_import(io CAF::core)
endif()
if("openssl" IN_LIST CAF_FIND_COMPONENTS)
  find_package(OpenSSL REQUIRED)
  caf_import(openssl CAF::io OpenSSL::SSL)
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(CAF
  REQUIRED_VARS CAF_INCLUDE_DIR CAF_core_LIBRARY
  VERSION_VAR CAF_VERSION
  HANDLE_COMPONENTS)
