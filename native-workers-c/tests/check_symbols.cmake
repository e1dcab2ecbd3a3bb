# What the shared library exports is what symbols.txt lists, which only grows: each of them is a promise.
cmake_minimum_required(VERSION 3.20)

execute_process(COMMAND "${NM}" -D --defined-only "${LIBRARY}" OUTPUT_VARIABLE said RESULT_VARIABLE failed)
if(failed)
  message(FATAL_ERROR "${NM} ${LIBRARY}: ${failed}")
endif()
string(REGEX MATCHALL "[ \t][A-Z] [^ \n]+" found "${said}")
list(TRANSFORM found REPLACE "^[ \t][A-Z] " "")
list(SORT found)
file(STRINGS "${LIST}" expected)
if(NOT found STREQUAL expected)
  set(more ${found})
  set(less ${expected})
  list(REMOVE_ITEM more ${expected})
  list(REMOVE_ITEM less ${found})
  message(FATAL_ERROR "exported and not in ${LIST}: ${more}\nin it and not exported: ${less}")
endif()

# What a library must leave to its program: to print, to end, to start threads.
execute_process(COMMAND "${NM}" -D --undefined-only "${LIBRARY}" OUTPUT_VARIABLE said RESULT_VARIABLE failed)
if(failed OR said MATCHES "[ \t]((_?exit|abort|perror|puts|fputs|putchar|(__)?v?f?d?printf(_chk)?|pthread_create)(@[^\n]*)?)\n")
  message(FATAL_ERROR "${LIBRARY} calls ${CMAKE_MATCH_1}")
endif()
