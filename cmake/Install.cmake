# What `cmake --install` puts where: program, libraries, headers, what pkg-config and find_package read, man page, completions.
set(QD_PC "${CMAKE_BINARY_DIR}/qnapdocker.pc")
file(RELATIVE_PATH QD_PC_PREFIX "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
# What the libraries need; the shared one names it itself. libssh2, libcrypto, libsodium and libarchive are opened on first use.
set(QD_PC_REQUIRES "${LUA_MODULE_NAME} libuv libcjson yaml-0.1")
set(QD_PC_LIBS "-ldl -lm -lpthread")
if(LLHTTP_PC_FOUND)
  string(APPEND QD_PC_REQUIRES " libllhttp")
elseif(NOT TARGET qd_llhttp)
  string(PREPEND QD_PC_LIBS "-lllhttp ")
endif()
string(REPLACE " " ";" QD_CMAKE_LIBS "${QD_PC_LIBS}")
file(RELATIVE_PATH QD_LIB_PREFIX "/${CMAKE_INSTALL_LIBDIR}" "/")
configure_file("${CMAKE_SOURCE_DIR}/cmake/qnapdocker.pc.in" "${QD_PC}" @ONLY)
include(CMakePackageConfigHelpers)
configure_file("${CMAKE_SOURCE_DIR}/cmake/qnapdockerConfig.cmake.in" "${CMAKE_BINARY_DIR}/qnapdockerConfig.cmake" @ONLY)
write_basic_package_version_file("${CMAKE_BINARY_DIR}/qnapdockerConfigVersion.cmake" VERSION ${PROJECT_VERSION} COMPATIBILITY AnyNewerVersion)
install(TARGETS qnap-docker qnapdocker_static qnapdocker_shared
  RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(FILES src/qd.h src/qd_lua.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

# Made by the program from its own command tables.
set(QD_GENERATED "${CMAKE_BINARY_DIR}/generated")
add_custom_command(OUTPUT "${QD_GENERATED}/man/qnap-docker.1"
  COMMAND ${CMAKE_COMMAND} -E rm -rf "${QD_GENERATED}"
  COMMAND ${CMAKE_COMMAND} -E make_directory "${QD_GENERATED}/man"
  COMMAND qnap-docker completion bash > "${QD_GENERATED}/qnap-docker"
  COMMAND qnap-docker completion zsh > "${QD_GENERATED}/_qnap-docker"
  COMMAND qnap-docker completion fish > "${QD_GENERATED}/qnap-docker.fish"
  COMMAND qnap-docker __docs --man "${QD_GENERATED}/man"
  DEPENDS qnap-docker VERBATIM)
if(NOT QD_SANITIZE AND NOT QD_COVERAGE)
  add_custom_target(manuals ALL DEPENDS "${QD_GENERATED}/man/qnap-docker.1")
  install(DIRECTORY "${QD_GENERATED}/man/" DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
  install(FILES "${QD_GENERATED}/qnap-docker" DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
  install(FILES "${QD_GENERATED}/_qnap-docker" DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
  install(FILES "${QD_GENERATED}/qnap-docker.fish" DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
endif()
install(FILES "${QD_PC}" DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
install(FILES "${CMAKE_BINARY_DIR}/qnapdockerConfig.cmake" "${CMAKE_BINARY_DIR}/qnapdockerConfigVersion.cmake"
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/qnapdocker)
