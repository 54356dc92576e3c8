# What `cmake --install` puts where: program, libraries, header, pkg-config file, man page, completions.
set(QD_PC "${CMAKE_BINARY_DIR}/qnapdocker.pc")
configure_file("${CMAKE_SOURCE_DIR}/cmake/qnapdocker.pc.in" "${QD_PC}" @ONLY)
install(TARGETS qnap-docker qnapdocker_static qnapdocker_shared
  RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(FILES src/qd.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES "${QD_PC}" DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
