# turnout_embed(NAME FUNCTION FILE...): the library turnout_NAME, which holds the files and gives
#
#   std::span<const EmbeddedFile> turnout::FUNCTION();  // pipelines/base/files.h
#
# in the order given, each under its name without folder. Whoever uses it declares the function.
# Nothing but CMake is needed: this file is also the script that writes the source at build time.
#
# The bytes become one string literal of \xNN: no escaping to get wrong, and a compiler takes it in
# much faster than a list of numbers.
if(CMAKE_SCRIPT_MODE_FILE)
  set(literals "")
  set(rows "")
  set(index 0)
  string(REPLACE "|" ";" files "${FILES}")
  foreach(file ${files})
    file(READ ${file} hex HEX)
    string(REGEX REPLACE "(..)" "\\\\x\\1" bytes "${hex}")
    get_filename_component(name ${file} NAME)
    string(APPEND literals "constexpr char kBytes${index}[] = \"${bytes}\";\n")
    string(APPEND rows "    {\"${name}\", {kBytes${index}, sizeof kBytes${index} - 1}},\n")
    math(EXPR index "${index} + 1")
  endforeach()
  file(WRITE ${OUTPUT}
       "// Written by turnout_embed.cmake.\n#include \"pipelines/base/files.h\"\n\n"
       "namespace turnout {\nnamespace {\n${literals}"
       "constexpr EmbeddedFile kFiles[] = {\n${rows}};\n}  // namespace\n\n"
       "std::span<const EmbeddedFile> ${FUNCTION}() {\n  return kFiles;\n}\n\n}  // namespace turnout\n")
  return()
endif()

set(TURNOUT_EMBED_SCRIPT ${CMAKE_CURRENT_LIST_FILE})
function(turnout_embed name function)
  set(files "")
  foreach(file ${ARGN})
    get_filename_component(file ${file} ABSOLUTE)  # relative to the folder that asks
    list(APPEND files ${file})
  endforeach()
  list(JOIN files "|" joined)
  set(output ${CMAKE_CURRENT_BINARY_DIR}/${function}.cc)
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DFUNCTION=${function} -DOUTPUT=${output} "-DFILES=${joined}"
            -P ${TURNOUT_EMBED_SCRIPT}
    DEPENDS ${files} ${TURNOUT_EMBED_SCRIPT}
    VERBATIM)
  add_library(turnout_${name} STATIC ${output})
  turnout_target_options(turnout_${name})
endfunction()
