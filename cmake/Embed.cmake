# Bakes the Lua sources into the program, as text and compiled: one generated C file per Lua file (so that a change rebuilds one), and an
# index sorted by module name with each command's summary and group, so that help needs no command loaded.
function(qd_embed_lua out_sources)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS RELATIVE "${CMAKE_SOURCE_DIR}" lua/*.lua recipes/*.lua stdlib/*.lua)
  list(FILTER files EXCLUDE REGEX "^stdlib/_meta/")
  list(SORT files)
  set(dir "${CMAKE_BINARY_DIR}/embed")
  set(generated "")
  add_executable(embed_file "${CMAKE_SOURCE_DIR}/cmake/embed_file.c")
  target_link_libraries(embed_file PRIVATE PkgConfig::LUA)
  foreach(file IN LISTS files)
    string(REGEX REPLACE "[^A-Za-z0-9]" "_" symbol "${file}")
    set(c "${dir}/${symbol}.c")
    add_custom_command(OUTPUT "${c}"
      COMMAND embed_file "${CMAKE_SOURCE_DIR}/${file}" "${c}" qd_lua_${symbol} "${file}"
      DEPENDS "${CMAKE_SOURCE_DIR}/${file}" embed_file VERBATIM)
    list(APPEND generated "${c}")
  endforeach()
  set(index "${dir}/index.c")
  string(REPLACE ";" "\n" listing "${files}")
  file(GENERATE OUTPUT "${dir}/files.txt" CONTENT "${listing}\n")
  add_custom_command(OUTPUT "${index}"
    COMMAND ${CMAKE_COMMAND} -DROOT=${CMAKE_SOURCE_DIR} -DLIST=${dir}/files.txt -DOUT=${index} -P "${CMAKE_SOURCE_DIR}/cmake/embed_index.cmake"
    DEPENDS ${files} "${dir}/files.txt" "${CMAKE_SOURCE_DIR}/cmake/embed_index.cmake" VERBATIM)
  list(APPEND generated "${index}")
  set(${out_sources} ${generated} PARENT_SCOPE)
endfunction()
