# The worker that README.md shows must be samples/ten_lines.c, word for word: that one is compiled.
file(READ "${README}" readme)
file(READ "${SAMPLE}" sample)
string(FIND "${readme}" "```c\n${sample}```\n" at)
if(at EQUAL -1)
  message(FATAL_ERROR "${README} does not show ${SAMPLE} as it is")
endif()
