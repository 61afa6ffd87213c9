# embed_file(<target> <file> <symbol>): makes the bytes of <file> available as
#   namespace troupe { extern const std::string_view <symbol>, <symbol>_sha256; }
# so that the server is one binary. The source is generated again whenever the file changes.
set(embed_file_script ${CMAKE_CURRENT_LIST_DIR}/embed_file_script.cmake)

function(embed_file target file symbol)
  get_filename_component(input ${file} ABSOLUTE)
  set(output ${CMAKE_CURRENT_BINARY_DIR}/embedded_${symbol}.cpp)
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DINPUT=${input} -DOUTPUT=${output} -DSYMBOL=${symbol} -P ${embed_file_script}
    DEPENDS ${input} ${embed_file_script}
    VERBATIM)
  target_sources(${target} PRIVATE ${output})
endfunction()
