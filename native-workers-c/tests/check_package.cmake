# Installs the library into a folder of its own, and builds and runs a program against it there: with find_package, static
# and shared, and with pkg-config where that is installed.
cmake_minimum_required(VERSION 3.20)

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE failed OUTPUT_VARIABLE said ERROR_VARIABLE said
    OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(failed)
    message(FATAL_ERROR "${ARGN}: ${failed}\n${said}")
  endif()
  set(said "${said}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE "${FOLDER}")
set(prefix "${FOLDER}/installed")
run("${CMAKE_COMMAND}" --install "${BUILD}" --prefix "${prefix}")
run("${CMAKE_COMMAND}" -S "${SOURCE}" -B "${FOLDER}/build" "-DCMAKE_PREFIX_PATH=${prefix}" "-DCMAKE_C_COMPILER=${COMPILER}")
run("${CMAKE_COMMAND}" --build "${FOLDER}/build")
foreach(kind static shared)
  run("${FOLDER}/build/user_${kind}")
endforeach()
run("${CMAKE_COMMAND}" -E env "LD_LIBRARY_PATH=" "${FOLDER}/build/user_shared")

file(GLOB_RECURSE names LIST_DIRECTORIES false RELATIVE "${prefix}/${LIBDIR}" "${prefix}/${LIBDIR}/libjackfield*")
if(NOT "libjackfield.so.0" IN_LIST names OR NOT "libjackfield.a" IN_LIST names)
  message(FATAL_ERROR "installed: ${names} (expected: libjackfield.a and libjackfield.so.0 among them)")
endif()

find_program(PKG_CONFIG pkg-config)
if(NOT PKG_CONFIG)
  return()
endif()
set(ENV{PKG_CONFIG_PATH} "${prefix}/${LIBDIR}/pkgconfig")
run("${PKG_CONFIG}" "--define-variable=prefix=${prefix}" --cflags --libs jackfield)
separate_arguments(flags UNIX_COMMAND "${said}")
run("${COMPILER}" "${SOURCE}/user.c" -o "${FOLDER}/user" ${flags} "-Wl,-rpath,${prefix}/${LIBDIR}")
run("${FOLDER}/user")
