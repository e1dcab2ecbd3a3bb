# Turns the error-code registry (tab-separated) into a C header: an enum, and a table for the preprocessor.
function(jf_generate_error_codes registry header)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${registry}")
  file(STRINGS "${registry}" lines ENCODING UTF-8)
  set(constants "")
  set(rows "")
  set(last 0)
  foreach(line IN LISTS lines)
    if(line MATCHES "^#" OR line STREQUAL "")
      continue()
    endif()
    if(NOT line MATCHES "^([0-9]+)\t([A-Z][A-Z0-9_]*)\t([a-z]+)\t(yes|no)\t([0-9]+)\t([^\t]+)$")
      message(FATAL_ERROR "${registry}: not a row of the error-code registry: ${line}")
    endif()
    set(number "${CMAKE_MATCH_1}")
    set(name "${CMAKE_MATCH_2}")
    set(retryable "${CMAKE_MATCH_4}")
    string(REPLACE "\\" "\\\\" text "${CMAKE_MATCH_6}")
    string(REPLACE "\"" "\\\"" text "${text}")
    if(NOT number GREATER last)
      message(FATAL_ERROR "${registry}: number ${number} does not follow ${last}")
    endif()
    set(last "${number}")
    string(REPLACE "yes" "true" retryable "${retryable}")
    string(REPLACE "no" "false" retryable "${retryable}")
    string(APPEND constants "    JF_ERROR_${name} = ${number}, /* ${text} */\n")
    string(APPEND rows " \\\n    X(${number}, ${name}, ${retryable}, \"${text}\")")
  endforeach()
  if(last EQUAL 0)
    message(FATAL_ERROR "${registry}: no error code in it")
  endif()
  file(CONFIGURE OUTPUT "${header}" @ONLY CONTENT
"/* Generated from protocol/data/error-codes.tsv: change it there. */
#ifndef JACKFIELD_ERROR_CODES_H
#define JACKFIELD_ERROR_CODES_H

enum jf_error_code {
@constants@};

/* X(number, name, retryable, text) */
#define JF_ERROR_CODES(X)@rows@

#endif
")
endfunction()
